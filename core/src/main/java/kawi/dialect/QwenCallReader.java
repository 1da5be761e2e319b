package kawi.dialect;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kawi.reply.CallPart;
import kawi.reply.JsonCall;
import kawi.reply.MalformedCall;
import kawi.reply.OfferedTools;
import kawi.reply.ParsedCall;
import org.jspecify.annotations.Nullable;

/**
 * Reads the calls in a text that begins with one, up to the end of the thought or of the reply.
 *
 * <pre>
 * &lt;tool_call>
 * &lt;function=NAME>
 * &lt;parameter=P>
 * VALUE
 * &lt;/parameter>
 * &lt;/function>
 * &lt;/tool_call>
 * </pre>
 *
 * <p>or with JSON objects inside {@code <tool_call>}. README.md states which deviations are understood. All others are
 * refused: a call is never read with a part of its markup in a value, or without a part of a value. What follows a call
 * is evidence of where it ends, so the calls are read only when all of the text is known.
 */
final class QwenCallReader {

    private final String text;
    private final List<CallTag> tags;
    private final CallEnds ends;
    private final boolean inThought;
    private final OfferedTools tools;

    /** What has ended, for messages: the thought or the reply. */
    private final String whole;

    private final List<CallPart> parts = new ArrayList<>();
    private boolean regular = true;

    /** The position up to which the text has been read. */
    private int position;
    /** The index of the first tag after {@link #position}. */
    private int index;

    /** The position and the part at which the current series of calls, without text between them, begins. */
    private int seriesStart;

    private int seriesPart;
    private boolean inSeries;

    /** The position at which the current call begins. */
    private int callStart;
    /** The index of a tag that is not after {@link #callStart}, or of the first after it. */
    private int callIndex;

    /**
     * @param text begins with {@code <tool_call>} or {@code <function=}
     * @param whole what ends with the text: "the thought" or "the reply"
     */
    QwenCallReader(String text, boolean inThought, String whole, OfferedTools tools) {
        this.text = text;
        this.tags = CallTag.of(text);
        this.ends = new CallEnds(text, tags);
        this.inThought = inThought;
        this.whole = whole;
        this.tools = tools;
        read();
    }

    /** What the text consists of. */
    List<CallPart> parts() {
        return parts;
    }

    /** Whether the text consists of calls only, all of them understood. */
    boolean isCalls() {
        return parts.stream().allMatch(part -> part instanceof CallPart.Understood || isBlank(part));
    }

    private static boolean isBlank(CallPart part) {
        return part instanceof CallPart.Text(String text) && CallTag.isSpace(text, 0, text.length());
    }

    /** Whether the text consists of calls only, all of them written like in the chat template. */
    boolean isRegular() {
        return regular && isCalls();
    }

    private void read() {
        readCall();
        while (index < tags.size()) {
            CallTag tag = tags.get(index);
            if (beginsCall(index)) {
                addText(position, position + CallFrame.lengthBefore(text.substring(position, tag.start())));
                position = tag.start();
                readCall();
            } else if (tag.isEnd()) {
                takeStrayEnd(tag);
            } else if (tag.kind() == CallTag.Kind.CALL) {
                addText(position, tag.start());
                skipTo(tag.end());
            } else if (isAfterCall(tag) && tag.isOfOtherFormat()) {
                skipTo(tag.end());
            } else if (isAfterCall(tag) && tag.kind() == CallTag.Kind.PARAMETER) {
                refuseSeries(text.length(), "there is a parameter after the end of the call");
            } else {
                index++;
            }
        }
        addRest();
    }

    /** Adds the text after the last call; it may end in an incomplete tag. */
    private void addRest() {
        int at = text.lastIndexOf('<');
        boolean cut = at >= position
                && CallTag.isSpace(text, Math.max(position, text.lastIndexOf('\n', at)), at)
                && Arrays.stream(QwenTag.values()).anyMatch(tag -> tag.text.startsWith(text.substring(at)));
        if (!cut) {
            addText(position, text.length());
            return;
        }
        addText(position, at);
        if (!text.startsWith("</", at) && at + 1 < text.length()) {
            parts.add(refused(at, text.length(), whole + " ended in the tag of a call"));
        }
    }

    private boolean beginsCall(int i) {
        CallTag tag = tags.get(i);
        return switch (tag.kind()) {
            case CALL -> !inThought || CallValue.beginsCall(text, tags, i);
            case FUNCTION -> beginsFunction(i) || (tag.beginsLine() && isWithoutEnd(tag));
            default -> false;
        };
    }

    /** Whether a function without {@code <tool_call>} is more than the mention of a tag. */
    private boolean beginsFunction(int i) {
        CallTag tag = tags.get(i);
        boolean known = tools.has(String.valueOf(tag.name()))
                && i + 1 < tags.size()
                && tags.get(i + 1).follows()
                && tags.get(i + 1).kind() != CallTag.Kind.OTHER_END;
        return tag.problemOfName() == null && (known || CallValue.beginsFunction(tags, i));
    }

    /** Whether a tag has the name of a tool, but no end. */
    private boolean isWithoutEnd(CallTag tag) {
        int line = text.indexOf('\n', tag.end());
        return tag.name() == null
                && line >= 0
                && tools.has(text.substring(tag.end(), line).strip());
    }

    /** Whether only white space is between the last call, or what was dropped after it, and a tag. */
    private boolean isAfterCall(CallTag tag) {
        return !(last() instanceof CallPart.Text) && CallTag.isSpace(text, position, tag.start());
    }

    private @Nullable CallPart last() {
        return parts.isEmpty() ? null : parts.getLast();
    }

    /** An end tag outside of calls: it is dropped, unless it shows that a call before it ended later than assumed. */
    private void takeStrayEnd(CallTag tag) {
        if (isAfterCall(tag) && !(tag.kind() == CallTag.Kind.PARAMETER_END && endsMore(index + 1))) {
            regular = false;
            skipTo(tag.end());
        } else if (tag.kind() == CallTag.Kind.CALL_END) {
            addText(position, tag.start());
            skipTo(tag.end());
        } else if (isAfterCall(tag) || (tag.beginsLine() && tag.endsLine())) {
            int end = index + 1;
            while (endsMore(end)) {
                end++;
            }
            refuseSeries(tags.get(end - 1).end(), "there are more end tags after the end of the call");
        } else {
            index++;
        }
    }

    /** Whether the tag at {@code i} continues a run of end tags. */
    private boolean endsMore(int i) {
        return i < tags.size() && tags.get(i).follows() && tags.get(i).isEnd();
    }

    /** Refuses the calls since the last text, with the text up to {@code to}. */
    private void refuseSeries(int to, String reason) {
        parts.subList(seriesPart, parts.size()).clear();
        parts.add(refused(seriesStart, to, reason));
        skipTo(to);
    }

    /** Continues at {@code to}, which is before tags that have been read if they are not part of a refused call. */
    private void skipTo(int to) {
        position = to;
        while (index > 0 && tags.get(index - 1).start() >= to) {
            index--;
        }
        while (index < tags.size() && tags.get(index).start() < to) {
            index++;
        }
    }

    private void addText(int from, int to) {
        if (from < to) {
            String part = text.substring(from, to);
            boolean blank = CallTag.isSpace(text, from, to);
            parts.add(new CallPart.Text(last() instanceof CallPart.Text || blank ? part : CallFrame.textAfter(part)));
            regular &= blank;
            inSeries &= blank;
        }
    }

    private static CallPart.Refused refused(String text, String reason) {
        return new CallPart.Refused(new MalformedCall(text, reason));
    }

    private CallPart.Refused refused(int from, int to, String reason) {
        return refused(text.substring(from, to), reason);
    }

    private void readCall() {
        if (!inSeries) {
            seriesStart = position;
            seriesPart = parts.size();
            inSeries = true;
        }
        callStart = position;
        callIndex = index;
        CallTag tag = tags.get(index);
        if (tag.kind() == CallTag.Kind.FUNCTION) {
            readFunctions(false);
            return;
        }
        // If the tag is repeated, the last one begins the call.
        while (index + 1 < tags.size()
                && tags.get(index + 1).kind() == CallTag.Kind.CALL
                && tags.get(index + 1).follows()) {
            index++;
            callStart = tags.get(index).start();
            regular = false;
        }
        position = tags.get(index).end();
        index++;
        skipOtherFormats();
        int at = ends.skipSpace(position);
        if (text.startsWith("{", at)) {
            readObjects(at);
        } else if (index < tags.size()
                && tags.get(index).start() == at
                && tags.get(index).kind() == CallTag.Kind.FUNCTION) {
            readFunctions(true);
        } else if (at == text.length()) {
            refuseRest(whole + " ended inside a call");
        } else {
            refuseCall("<tool_call> is followed by neither <function= nor a JSON object");
        }
    }

    /** Skips end tags of other formats, if only white space is before them. */
    private void skipOtherFormats() {
        while (index < tags.size()
                && tags.get(index).isOfOtherFormat()
                && tags.get(index).start() == ends.skipSpace(position)) {
            position = tags.get(index).end();
            index++;
            regular = false;
        }
    }

    /** Reads the function at {@link #index}, and those that follow it inside the same {@code <tool_call>}. */
    private void readFunctions(boolean element) {
        do {
            CallTag tag = tags.get(index);
            String problem = tag.problemOfName();
            if (problem != null) {
                refuseName(tag, "function", problem);
                return;
            }
            index++;
            position = tag.end();
            while (index < tags.size()
                    && tags.get(index).kind() == CallTag.Kind.FUNCTION
                    && tags.get(index).start() == ends.skipSpace(position)
                    && String.valueOf(tag.name()).equals(tags.get(index).name())) {
                position = tags.get(index).end();
                index++;
                regular = false;
            }
        } while (readFunction(String.valueOf(tags.get(index - 1).name()), element));
    }

    private void refuseName(CallTag tag, String where, String problem) {
        if (tag.name() == null && text.indexOf('\n', tag.end()) < 0 && text.indexOf('<', tag.end()) < 0) {
            refuseRest(whole + " ended in the name of a " + where);
        } else {
            refuseCall(problem);
        }
    }

    /** Reads a function after its tag. Returns whether another one follows inside the same {@code <tool_call>}. */
    private boolean readFunction(String function, boolean element) {
        Map<String, String> values = new LinkedHashMap<>();
        Set<String> missing = new LinkedHashSet<>(tools.parametersOf(function));
        String problem = null;
        boolean hasLoneEnd = false;
        while (true) {
            skipOtherFormats();
            int at = ends.skipSpace(position);
            if (at == text.length()) {
                refuseRest(whole + " ended inside function " + function);
                return false;
            }
            CallTag tag = index < tags.size() ? tags.get(index) : null;
            if (tag == null || tag.start() != at) {
                return refuseBody(function, at);
            }
            if (tag.endsFunction(function)) {
                break;
            }
            if (tag.kind() != CallTag.Kind.PARAMETER) {
                return refuseBody(function, at);
            }
            String name = String.valueOf(tag.name());
            String problemOfName = tag.problemOfName();
            if (problemOfName != null) {
                refuseName(tag, "parameter of function " + function, problemOfName);
                return false;
            }
            missing.remove(name);
            CallValue value = new CallValue(text, tags, index, function, missing);
            if (value.problem() != null) {
                if (value.isOpen()) {
                    refuseRest(whole + " " + value.problem());
                } else {
                    refuseCall(value.problem());
                }
                return false;
            }
            regular &= value.isRegular();
            hasLoneEnd |= value.hasLoneEnd();
            String other = values.put(name, value.value());
            if (other != null && !other.equals(value.value())) {
                problem = "parameter " + name + " is given twice with different values";
            }
            index = value.next();
            position = tags.get(index).start();
        }
        if (hasLoneEnd && !missing.isEmpty()) {
            refuseCall("the value of a parameter of function %s contains </parameter>, and parameter %s is missing"
                    .formatted(function, missing.iterator().next()));
            return false;
        }
        return endFunction(function, values, problem, element);
    }

    private boolean refuseBody(String function, int at) {
        if (endsInTag(at)) {
            refuseRest(whole + " ended inside function " + function);
        } else {
            refuseCall("there is text between the parameters of function " + function);
        }
        return false;
    }

    /** Whether the text ends with an incomplete tag at a position. */
    private boolean endsInTag(int at) {
        return text.charAt(at) == '<' && text.indexOf('>', at) < 0 && text.indexOf('\n', at) < 0;
    }

    /** Ends a function at the tag at {@link #index}. Returns whether another one follows in the same element. */
    private boolean endFunction(
            String function, Map<String, String> values, @Nullable String problem, boolean element) {
        CallTag tag = tags.get(index);
        int end = tag.end();
        index++;
        boolean closed = tag.kind() == CallTag.Kind.CALL_END;
        regular &= !closed;
        while (!closed
                && index < tags.size()
                && ends.skipSpace(end) == tags.get(index).start()) {
            CallTag next = tags.get(index);
            if (next.kind() == CallTag.Kind.PARAMETER && element) {
                refuseCall("there is a parameter after the end of function " + function);
                return false;
            }
            if (!next.isEnd() && next.kind() != CallTag.Kind.OTHER_END) {
                break;
            }
            if (next.kind() == CallTag.Kind.OTHER_END && !element && !next.isOfOtherFormat()) {
                break;
            }
            closed = next.kind() == CallTag.Kind.CALL_END;
            regular &= closed;
            end = next.end();
            index++;
        }
        boolean more = !closed
                && element
                && index < tags.size()
                && ends.skipSpace(end) == tags.get(index).start()
                && tags.get(index).kind() == CallTag.Kind.FUNCTION;
        if (!closed && element && !more) {
            end = ends.ofElement(end, index);
            regular = false;
        }
        var arguments = new ParsedCall.Parameters(new LinkedHashMap<>(values));
        addCall(new ParsedCall(function, arguments, text.substring(callStart, end)), problem);
        skipTo(end);
        callStart = more ? tags.get(index).start() : end;
        return more;
    }

    private void addCall(ParsedCall call, @Nullable String problem) {
        parts.add(problem == null ? new CallPart.Understood(call) : refused(call.rawText(), problem));
    }

    /** Reads the JSON object that begins at {@code start}, and those that follow it in the same element. */
    private void readObjects(int start) {
        int object = start;
        while (true) {
            CallEnds.ObjectEnd objectEnd = ends.ofObject(object, index);
            if (objectEnd == null) {
                refuseRest(whole + " ended inside a call");
                return;
            }
            int end = objectEnd.position();
            if (!objectEnd.isClosed()) {
                parts.add(refused(callStart, end, "the call's JSON object is not closed"));
                skipTo(end);
                return;
            }
            String problem = null;
            ParsedCall call = new ParsedCall("", new ParsedCall.Json("{}"), "");
            try {
                JsonCall json = JsonCall.parse(text.substring(object, end));
                call = new ParsedCall(json.name(), new ParsedCall.Json(json.arguments()), "");
            } catch (JsonCall.Malformed e) {
                problem = e.reason();
            }
            skipTo(end);
            CallEnds.AfterObject after = ends.afterObject(end, index);
            boolean more = after.isObject();
            regular &= !more && text.startsWith(QwenTag.CALL_END.text, ends.skipSpace(end));
            int to = more ? end : after.position();
            addCall(new ParsedCall(call.name(), call.arguments(), text.substring(callStart, to)), problem);
            skipTo(to);
            if (!more) {
                if (index < tags.size()
                        && ends.skipSpace(position) == tags.get(index).start()
                        && tags.get(index).kind() == CallTag.Kind.FUNCTION) {
                    callStart = tags.get(index).start();
                    readFunctions(true);
                }
                return;
            }
            object = after.position();
            callStart = object;
        }
    }

    /** Refuses the current call, whose values cannot be delimited: so it is not known where it ends. */
    private void refuseRest(@Nullable String reason) {
        parts.add(refused(callStart, text.length(), String.valueOf(reason)));
        position = text.length();
        index = tags.size();
    }

    /** Refuses the current call up to its end, which is where its tags have been closed. */
    private void refuseCall(String reason) {
        int end = ends.ofBalanced(callStart, callIndex);
        parts.add(refused(callStart, end, reason));
        skipTo(end);
    }
}
