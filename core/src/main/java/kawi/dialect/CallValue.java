package kawi.dialect;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the end of the value of a parameter.
 *
 * <p>A value is raw text without escapes: it may contain source code, markup, even a whole call. Where it ends is
 * decided by the runs of end tags after it, a run being end tags with only white space between them, and by the tags
 * inside it, which are paired. README.md states the rules.
 */
final class CallValue {

    /** The greatest number of end tags in a run. */
    private static final int MAX_RUN = 16;

    /** The greatest number of searches for what an end tag of another format closes. */
    private static final int MAX_SEARCHES = 64;

    private static final String UNCLEAR = "it is not clear which tag ends parameter %s of function %s";

    private final String text;
    private final List<CallTag> tags;
    private final String function;
    private final CallTag parameter;
    private final int parameterIndex;
    /** The names of the parameters that the tool has and the call has not had. */
    private final Set<String> missing;

    /** Whether a line break follows the opening tag, so that the tags of the value are not among its text. */
    private final boolean block;

    private final Deque<CallTag> open = new ArrayDeque<>();

    /**
     * The index of the first tag at the beginning of a line inside the value that begins a missing parameter, or -1.
     */
    private int firstMissing = -1;
    /** Whether a missing parameter begins inside the value, but not at the beginning of a line. */
    private boolean mentionsMissing;
    /** The index after the last end tag that matches an opening tag on the same line, or -1. */
    private int endOfPair = -1;
    /** Whether the value contains an end tag at the end of a line that ends nothing. */
    private boolean hasLoneEnd;

    private int searches;

    private String value = "";
    private int next;
    private @Nullable String problem;
    private boolean regular;
    private boolean isOpen;

    /**
     * @param index the index of the tag that begins the parameter
     * @param missing the names of the parameters that the tool has and the call has not had, except this one
     */
    CallValue(String text, List<CallTag> tags, int index, String function, Set<String> missing) {
        this.text = text;
        this.tags = tags;
        this.function = function;
        this.parameter = tags.get(index);
        this.parameterIndex = index;
        this.missing = missing;
        int from = parameter.end();
        this.block = text.startsWith("\n", from) || text.startsWith("\r\n", from);
        find(index + 1);
    }

    /** The value; its opening and its end tag have each had their line break. */
    String value() {
        return value;
    }

    /** The index of the first tag after the value and its end tags, except for the end of the function. */
    int next() {
        return next;
    }

    /** The reason why it is not known where the value ends, or null if it is known. */
    @Nullable String problem() {
        return problem;
    }

    /** Whether the text ended inside the value. */
    boolean isOpen() {
        return isOpen;
    }

    /** Whether the value is written like in the chat template. */
    boolean isRegular() {
        return regular && !hasLoneEnd;
    }

    /** Whether the value contains an end tag that ends nothing, unless the beginning of a parameter is missing. */
    boolean hasLoneEnd() {
        return hasLoneEnd;
    }

    private void find(int from) {
        if (from < tags.size()
                && tags.get(from).follows()
                && tags.get(from).kind() == CallTag.Kind.PARAMETER
                && String.valueOf(tags.get(from).name()).equals(parameter.name())) {
            refuse("parameter %s of function %s begins twice");
            return;
        }
        int i = from;
        while (i < tags.size()) {
            CallTag tag = tags.get(i);
            if (tag.kind() == CallTag.Kind.OTHER_END) {
                i++;
            } else if (!tag.isEnd()) {
                i = passOpening(i);
            } else {
                int end = endOfRun(i);
                if (!isMention(i, end) && takeRun(i, end)) {
                    return;
                }
                i = end;
            }
        }
        isOpen = true;
        problem = "ended in parameter %s of function %s".formatted(parameter.name(), function);
    }

    private int passOpening(int i) {
        CallTag tag = tags.get(i);
        mentionsMissing |=
                tag.kind() == CallTag.Kind.PARAMETER && tag.name() == null && missing.contains(restOfLine(tag));
        boolean begins = switch (tag.kind()) {
            case CALL -> beginsCall(text, tags, i);
            case FUNCTION -> tag.name() != null && beginsFunction(tags, i);
            case PARAMETER -> tag.name() != null;
            default -> false;
        };
        if (!begins) {
            return i + 1;
        }
        boolean isMissing = open.isEmpty() && tag.kind() == CallTag.Kind.PARAMETER && missing.contains(tag.name());
        if (tag.beginsLine()) {
            if (isMissing && firstMissing < 0) {
                firstMissing = i;
            }
            open.push(tag);
            return i + 1;
        }
        int pair = endOfPairInLine(i);
        mentionsMissing |= isMissing && (pair < 0 || !block);
        endOfPair = pair;
        return pair < 0 ? i + 1 : pair;
    }

    private String restOfLine(CallTag tag) {
        int line = text.indexOf('\n', tag.end());
        return line < 0 ? "" : text.substring(tag.end(), line).strip();
    }

    /** Whether a parameter or the end of the function follows the tag of a function. */
    static boolean beginsFunction(List<CallTag> tags, int i) {
        if (i + 1 == tags.size() || !tags.get(i + 1).follows()) {
            return false;
        }
        CallTag.Kind next = tags.get(i + 1).kind();
        return next == CallTag.Kind.PARAMETER || next == CallTag.Kind.FUNCTION_END;
    }

    /** Whether the tag {@code <tool_call>} at an index is followed by a function or an object. */
    static boolean beginsCall(String text, List<CallTag> tags, int i) {
        int end = tags.get(i).end();
        int at = end;
        while (at < text.length() && CallTag.isSpace(text, at, at + 1)) {
            at++;
        }
        return text.startsWith("{", at)
                || (i + 1 < tags.size()
                        && tags.get(i + 1).start() == at
                        && tags.get(i + 1).kind() == CallTag.Kind.FUNCTION);
    }

    /** The index after the end tag that matches the opening tag at {@code i} on the same line, or -1. */
    private int endOfPairInLine(int i) {
        Deque<CallTag> pairs = new ArrayDeque<>();
        int line = text.indexOf('\n', tags.get(i).end());
        for (int j = i; j < tags.size() && (line < 0 || tags.get(j).start() < line); j++) {
            CallTag tag = tags.get(j);
            if (tag.isEnd()) {
                if (!tag.ends(pairs.peek())) {
                    return -1;
                }
                pairs.pop();
            } else if (tag.kind() != CallTag.Kind.OTHER_END) {
                pairs.push(tag);
            }
            if (pairs.isEmpty()) {
                return j + 1;
            }
        }
        return -1;
    }

    /** The index after the run of end tags that begins at {@code i}. */
    private int endOfRun(int i) {
        int end = i + 1;
        while (end < tags.size()
                && tags.get(end).follows()
                && (tags.get(end).isEnd() || tags.get(end).kind() == CallTag.Kind.OTHER_END)) {
            end++;
        }
        return end;
    }

    /** Whether a run of end tags is in the midst of a line of text. */
    private boolean isMention(int from, int to) {
        return !tags.get(from).beginsLine()
                && !tags.get(to - 1).endsLine()
                && (block || isSetOff(tags.get(from).start(), tags.get(to - 1).end()))
                && !(find(CallTag.Kind.PARAMETER_END, from, to) >= 0 && find(CallTag.Kind.CALL_END, from, to) >= 0);
    }

    /** Whether a part of a value without line breaks at its tags is separated from the words around it. */
    private boolean isSetOff(int from, int to) {
        return !Character.isWhitespace(text.charAt(parameter.end()))
                && " \t\"'`([".indexOf(text.charAt(from - 1)) >= 0
                && " \t\"'`)].,;:!?".indexOf(text.charAt(to)) >= 0;
    }

    /** Processes a run of end tags. Returns whether the end of the value, or a problem, was found. */
    private boolean takeRun(int from, int to) {
        int i = from;
        while (i < to && !open.isEmpty()) {
            CallTag tag = tags.get(i);
            if (tag.isEnd()) {
                if (!tag.ends(open.peek()) && isOfObject(open.peek())) {
                    open.pop(); // a mention of the tag before a brace
                    continue;
                }
                if (!tag.ends(open.peek())) {
                    return endBeforeMissing("the tags inside of parameter %s of function %s do not match");
                }
                open.pop();
            }
            i++;
        }
        while (i < to && tags.get(i).kind() == CallTag.Kind.OTHER_END) {
            i++;
        }
        if (i == to) {
            return false;
        }
        boolean pairedInRun = i > from;
        return switch (tags.get(i).kind()) {
            case PARAMETER_END -> takeParameterEnd(i, to);
            case FUNCTION_END -> takeFunctionEnd(i, to, pairedInRun);
            default -> takeCallEnd(i, to);
        };
    }

    /** Whether a tag begins a call that is an object, inside of which there are no tags. */
    private boolean isOfObject(CallTag tag) {
        int at = tag.end();
        while (at < text.length() && CallTag.isSpace(text, at, at + 1)) {
            at++;
        }
        return tag.kind() == CallTag.Kind.CALL && text.startsWith("{", at);
    }

    /** A run that begins with {@code </parameter>}. */
    private boolean takeParameterEnd(int from, int to) {
        int function = find(CallTag.Kind.FUNCTION_END, from, to);
        int call = find(CallTag.Kind.CALL_END, from, to);
        if (to - from > MAX_RUN || hasEndOfText(from, to)) {
            return refuse(UNCLEAR);
        }
        if (function < 0 && call < 0) {
            if (textFollows(to)) {
                hasLoneEnd = true;
                return false;
            }
            if (to == tags.size()) {
                return false;
            }
            if (tags.get(to).kind() != CallTag.Kind.PARAMETER) {
                return refuse("another call begins after parameter %s of function %s");
            }
        }
        if (firstMissing >= 0 || mentionsMissing) {
            return refuse("it is not clear where parameter %s of function %s ends, as another one begins inside of it");
        }
        regular = find(CallTag.Kind.PARAMETER_END, from + 1, to) < 0 && find(CallTag.Kind.OTHER_END, from, to) < 0;
        int end = function >= 0 && call >= 0 ? Math.min(function, call) : Math.max(function, call);
        return end(from, end < 0 ? to : end);
    }

    /** Whether another function or call begins at a tag. */
    private boolean beginsOther(int i) {
        return (tags.get(i).kind() == CallTag.Kind.FUNCTION && tags.get(i).name() != null)
                || (tags.get(i).kind() == CallTag.Kind.CALL && beginsCall(text, tags, i));
    }

    /** Whether a run contains an end tag of the value's own markup before another {@code </parameter>}. */
    private boolean hasEndOfText(int from, int to) {
        boolean other = false;
        for (int i = from; i < to; i++) {
            CallTag tag = tags.get(i);
            if (tag.kind() == CallTag.Kind.OTHER_END) {
                other |= !tag.isOfOtherFormat() || isOpenedInValue(tag);
            } else if (other && tag.kind() == CallTag.Kind.PARAMETER_END) {
                return true;
            }
        }
        return false;
    }

    /** A run that begins with {@code </function>}: the end of the parameter is missing, or comes after it. */
    private boolean takeFunctionEnd(int from, int to, boolean pairedInRun) {
        int parameter = find(CallTag.Kind.PARAMETER_END, from, to);
        int call = find(CallTag.Kind.CALL_END, from, to);
        if (call < 0 && textFollows(to)) {
            hasLoneEnd = true;
            return false;
        }
        if (call < 0 && to < tags.size() && tags.get(to).kind() == CallTag.Kind.PARAMETER) {
            return refuse("parameter %s of function %s is followed by the end of the function and a parameter");
        }
        boolean swapped = parameter == from + 1 && find(CallTag.Kind.FUNCTION_END, parameter, to) < 0;
        if (parameter >= 0 && !swapped) {
            return refuse(UNCLEAR);
        }
        if (firstMissing >= 0) {
            return endBeforeMissing("");
        }
        boolean paired = pairedInRun || (from == endOfPair && tags.get(from).follows());
        if (paired || mentionsMissing) {
            return refuse("the tags inside of parameter %s of function %s do not match");
        }
        return end(from, from);
    }

    /** Whether text follows the run that ends before {@code to}, which may be the mention of a tag. */
    private boolean textFollows(int to) {
        if (to == tags.size()) {
            return !CallTag.isSpace(text, tags.get(to - 1).end(), text.length());
        }
        CallTag next = tags.get(to);
        return !next.follows() || (next.kind() != CallTag.Kind.PARAMETER && !beginsOther(to));
    }

    /** A run that begins with {@code </tool_call>}: text, if it does not end the call without its other tags. */
    private boolean takeCallEnd(int from, int to) {
        int i = from;
        while (i < to
                && (tags.get(i).kind() == CallTag.Kind.CALL_END || tags.get(i).kind() == CallTag.Kind.OTHER_END)) {
            i++;
        }
        if (i < to && tags.get(i).kind() == CallTag.Kind.PARAMETER_END) {
            boolean swapped = find(CallTag.Kind.FUNCTION_END, i, to) >= 0 && find(CallTag.Kind.CALL_END, i, to) < 0;
            return swapped ? refuse(UNCLEAR) : takeParameterEnd(i, to);
        }
        if (!textFollows(to)) {
            return refuse("parameter %s of function %s is not closed");
        }
        hasLoneEnd |= i < to;
        return false;
    }

    private int find(CallTag.Kind kind, int from, int to) {
        for (int i = from; i < to; i++) {
            if (tags.get(i).kind() == kind) {
                return i;
            }
        }
        return -1;
    }

    /** The value ends where the next parameter begins, because its end tag is missing. */
    private boolean endBeforeMissing(String otherwise) {
        if (firstMissing < 0) {
            return refuse(otherwise);
        }
        open.clear();
        return end(firstMissing, firstMissing);
    }

    /**
     * Ends the value before the tag at {@code index}.
     *
     * @param next the index of the next tag to be read
     */
    private boolean end(int index, int next) {
        int to = tags.get(index).start();
        boolean closed = tags.get(index).kind() == CallTag.Kind.PARAMETER_END;
        CallTag before = tags.get(index - 1);
        boolean otherEnd = before.kind() == CallTag.Kind.OTHER_END
                && tags.get(index).follows()
                && !isOpenedInValue(before)
                && before.start() >= parameter.end();
        boolean named = otherEnd && (before.isOfOtherFormat() || isNamedLikeParameter(before));
        boolean repeated = otherEnd && !closed && before.follows() && isUnopenedEnd(tags.get(index - 2));
        if ((closed ? named : otherEnd && !named) || repeated || beginsWithOtherEnd()) {
            return refuse(UNCLEAR);
        }
        if (!closed && hasLoneEnd) {
            return refuse("there is text after the end of parameter %s of function %s");
        }
        if (!closed && before.isEnd() && tags.get(index).follows() && index == firstMissing) {
            return refuse(UNCLEAR);
        }
        value = trimmed(otherEnd && !closed ? before.start() : to);
        if (!closed && value.endsWith("\n")) {
            return refuse("parameter %s of function %s is not closed, and it is not clear where it ends");
        }
        this.next = next;
        return true;
    }

    /** Whether a tag before the end of the value is an end tag of another format that closes nothing in the value. */
    private boolean isUnopenedEnd(CallTag tag) {
        return tag.start() >= parameter.end()
                && tag.kind() == CallTag.Kind.OTHER_END
                && tag.isOfOtherFormat()
                && !isOpenedInValue(tag);
    }

    /** Whether the first line of the value is an end tag of another format, which may belong to what is before it. */
    private boolean beginsWithOtherEnd() {
        CallTag first = tags.get(parameterIndex + 1);
        return first.follows() && first.endsLine() && isUnopenedEnd(first);
    }

    private boolean isNamedLikeParameter(CallTag tag) {
        return String.valueOf(parameter.name()).toLowerCase(Locale.ROOT).equals(tag.name());
    }

    /** Whether an end tag of another format closes a tag inside the value. */
    private boolean isOpenedInValue(CallTag tag) {
        if (++searches > MAX_SEARCHES) {
            return true;
        }
        String opening = "<" + tag.name();
        int open = 0;
        for (int at = text.indexOf(opening, parameter.end()); at >= 0 && at < tag.start(); ) {
            int after = at + opening.length();
            if (" \t\r\n>=/".indexOf(text.charAt(after)) >= 0) {
                open++;
            }
            at = text.indexOf(opening, after);
        }
        for (CallTag other : tags) {
            boolean before = other.start() >= parameter.end() && other.start() < tag.start();
            if (before
                    && other.kind() == CallTag.Kind.OTHER_END
                    && String.valueOf(other.name()).equals(tag.name())) {
                open--;
            }
        }
        return open > 0;
    }

    private String trimmed(int end) {
        int from = parameter.end();
        boolean feed = text.startsWith("\n", from);
        from += feed ? 1 : text.startsWith("\r\n", from) ? 2 : 0;
        if (from >= end) {
            return "";
        }
        int to = end;
        if (text.charAt(to - 1) == '\n') {
            to--;
            if (!feed && to > from && text.charAt(to - 1) == '\r') {
                to--;
            }
        }
        return text.substring(from, to);
    }

    private boolean refuse(String reason) {
        problem = reason.formatted(parameter.name(), function);
        return true;
    }
}
