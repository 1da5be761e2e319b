package kawi.dialect;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import kawi.reply.CallParser;
import kawi.reply.JsonCall;
import kawi.reply.JsonObjectScanner;
import kawi.reply.MalformedCall;
import kawi.reply.ParsedCall;
import kawi.reply.ReplyParser;
import kawi.reply.ReplySink;
import org.jspecify.annotations.Nullable;

/**
 * One tool call, from its first tag to its last:
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
 * <p>or with a JSON object inside {@code <tool_call>}. Small models omit some of this, so the following may be missing:
 * {@code <tool_call>}, either of the last two tags, the {@code </parameter>} of the last parameter, any newline.
 * Several functions may share one {@code <tool_call>}.
 */
final class QwenCallParser implements CallParser {

    // The end of a value. Values are raw text without escapes: they may contain source code, markup, even the
    // description of a call. A single tag therefore does not end a value; two in a row, separated only by white space,
    // do:
    //
    //   </parameter> and then <parameter= or </function> or </tool_call> </function> and then </tool_call> or the end
    //   of the reply, if the value has no </parameter> at all
    //
    // A value may quote a whole call: <tool_call> followed by <function= opens one, </function> followed by
    // </tool_call> closes it, and nothing in between ends the value. (A quoted call without its <tool_call> does end
    // the value early. The text after it then does not continue the call, and is reported or shown, not discarded.) One
    // newline on either side belongs to the tags, as in the chat template.
    //
    // Decisions are made for each character, with the latest tag kept in fields, so that no text is read twice. Only if
    // a call ends at a tag that does not belong to it, or the text turns out not to be a call, the white space and the
    // tag are returned to the caller: rest().

    private enum State {
        OPEN,
        FUNCTION_NAME,
        BODY,
        PARAMETER_NAME,
        VALUE,
        JSON,
        CLOSED,
        GARBAGE
    }

    private static final int MAX_NAME_LENGTH = 256;
    private static final Set<QwenTag> ALL = EnumSet.range(QwenTag.CALL, QwenTag.PARAMETER_END);
    private static final Set<QwenTag> ALL_AND_THINK_END = EnumSet.range(QwenTag.THINK_END, QwenTag.PARAMETER_END);

    /** Whether the call began with {@code <tool_call>}. */
    private final boolean element;

    private final boolean inThought;
    private final ReplySink sink;
    private final StringBuilder raw = new StringBuilder();
    private final QwenTag.Matcher tag = new QwenTag.Matcher();

    private State state;
    /** Whether the text may still turn out not to be a call. */
    private boolean tentative;

    private boolean isText;
    /** The length of the part of {@link #raw} that belongs to the call, once it has ended. */
    private int end;

    private String function = "";
    private String parameter = "";
    private final Map<String, String> values = new LinkedHashMap<>();
    private @Nullable JsonCall json;
    private @Nullable String problem;

    /** The start of the current name, value or JSON object. */
    private int start;

    /** In a value: the last tag, if only white space has followed it, and its start. */
    private @Nullable QwenTag last;

    private int lastStart;
    private int quotedCalls;
    /** Whether the value has had a {@code </parameter>}. */
    private boolean closed;

    private final JsonObjectScanner object = new JsonObjectScanner();

    /** @param opening the tag that was just read, {@link QwenTag#CALL} or {@link QwenTag#FUNCTION} */
    QwenCallParser(QwenTag opening, boolean inThought, ReplySink sink) {
        this.element = opening == QwenTag.CALL;
        this.inThought = inThought;
        this.sink = sink;
        raw.append(opening.text);
        start = raw.length();
        state = element ? State.OPEN : State.FUNCTION_NAME;
        tentative = !element || inThought;
    }

    @Override
    public boolean isText() {
        return isText;
    }

    @Override
    public String rest() {
        return raw.substring(end);
    }

    @Override
    public Step accept(char c) {
        raw.append(c);
        if (state == State.JSON && object.accept(c)) {
            tag.reset();
            closeJson();
            return Step.MORE;
        }
        if (tag.isActive()) {
            if (tag.accept(c)) {
                QwenTag complete = tag.complete();
                return complete == null ? Step.MORE : take(complete, raw.length() - complete.text.length());
            }
            tag.reset();
            if (other('<') == Step.ENDED) {
                return Step.ENDED;
            }
        }
        if (c == '<') {
            tag.begin(inThought ? ALL_AND_THINK_END : ALL);
            return Step.MORE;
        }
        return ReplyParser.isSpace(c) ? space(c) : other(c);
    }

    @Override
    public void finish() {
        if (state == State.VALUE && endsWithFunction()) {
            endValue(lastStart);
            state = State.CLOSED;
            end = raw.length();
        }
        switch (state) {
            case CLOSED -> deliver();
            case GARBAGE -> malformed(raw.length());
            default -> {
                // A single tag in a thought is ordinary text, but a function without its tag is an incomplete call.
                if (!(tentative && element)) {
                    problem = "the reply ended " + place();
                    malformed(raw.length());
                }
            }
        }
    }

    private Step space(char c) {
        boolean inName = state == State.FUNCTION_NAME || (state == State.PARAMETER_NAME && c == '\n');
        return inName ? fail("the name of a " + kindOfName() + " does not end with >") : Step.MORE;
    }

    /** Accepts a character that is neither white space nor part of a tag. */
    private Step other(char c) {
        switch (state) {
            case OPEN -> {
                if (c != '{') {
                    return fail("<tool_call> is followed by neither <function= nor a JSON object");
                }
                beginJson();
            }
            case FUNCTION_NAME, PARAMETER_NAME -> {
                return inName(c);
            }
            case BODY -> {
                return fail("there is text between the parameters of function " + function);
            }
            case VALUE -> last = null;
            case CLOSED -> {
                if (c != '{' || json == null || !element) {
                    deliver();
                    return Step.ENDED;
                }
                deliver();
                raw.delete(0, raw.length() - 1);
                beginJson();
            }
            case JSON, GARBAGE -> {}
        }
        return Step.MORE;
    }

    private Step take(QwenTag tag, int at) {
        if (tag == QwenTag.THINK_END && state != State.CLOSED) {
            return endsWithThought(at);
        }
        return switch (state) {
            case OPEN -> takeWhenOpen(tag, at);
            case FUNCTION_NAME, PARAMETER_NAME -> {
                Step step = fail("the name of a " + kindOfName() + " does not end with >");
                yield step == Step.MORE ? take(tag, at) : step;
            }
            case BODY -> takeInBody(tag, at);
            case VALUE -> takeInValue(tag, at);
            case JSON -> {
                if (tag == QwenTag.CALL_END && (!object.inString() || beginsLine(at))) {
                    problem = "the call's JSON object is not closed";
                    yield malformed(raw.length());
                }
                yield Step.MORE;
            }
            case CLOSED -> takeWhenClosed(tag, at);
            case GARBAGE -> {
                if (tag == QwenTag.CALL) {
                    yield malformed(at);
                }
                yield tag == QwenTag.CALL_END || (tag == QwenTag.FUNCTION_END && !element)
                        ? malformed(raw.length())
                        : Step.MORE;
            }
        };
    }

    private Step takeWhenOpen(QwenTag tag, int at) {
        switch (tag) {
            case FUNCTION -> {
                tentative = false;
                beginName(State.FUNCTION_NAME);
            }
            // A repeated tag: the second one counts.
            case CALL -> raw.delete(0, at);
            default -> {
                Step step = fail("<tool_call> is followed by neither <function= nor a JSON object");
                return step == Step.MORE ? take(tag, at) : step;
            }
        }
        return Step.MORE;
    }

    private Step takeInBody(QwenTag tag, int at) {
        switch (tag) {
            case PARAMETER -> {
                begin();
                beginName(State.PARAMETER_NAME);
            }
            case FUNCTION_END -> {
                begin();
                state = State.CLOSED;
                end = raw.length();
            }
            case CALL_END -> {
                begin();
                end = raw.length();
                deliver();
                return Step.ENDED;
            }
            default -> {
                Step step = fail("there is text between the parameters of function " + function);
                return step == Step.MORE ? take(tag, at) : step;
            }
        }
        return Step.MORE;
    }

    private Step takeInValue(QwenTag tag, int at) {
        QwenTag before = last;
        int beforeAt = lastStart;
        last = tag;
        lastStart = at;
        if (before == QwenTag.CALL && tag == QwenTag.FUNCTION) {
            quotedCalls++;
        } else if (quotedCalls > 0) {
            quotedCalls -= before == QwenTag.FUNCTION_END && tag == QwenTag.CALL_END ? 1 : 0;
        } else if (before == QwenTag.PARAMETER_END
                && (tag == QwenTag.PARAMETER || tag == QwenTag.FUNCTION_END || tag == QwenTag.CALL_END)) {
            endValue(beforeAt);
            return takeInBody(tag, at);
        } else if (before == QwenTag.FUNCTION_END && tag == QwenTag.CALL_END) {
            if (closed) {
                problem = "there is text after the </parameter> of " + parameter;
                return malformed(raw.length());
            }
            endValue(beforeAt);
            return takeInBody(tag, at);
        } else if (tag == QwenTag.PARAMETER_END) {
            closed = true;
        }
        return Step.MORE;
    }

    private Step takeWhenClosed(QwenTag tag, int at) {
        switch (tag) {
            case CALL_END -> {
                end = raw.length();
                deliver();
                return Step.ENDED;
            }
            case FUNCTION_END, PARAMETER_END -> end = raw.length();
            case FUNCTION -> {
                deliver();
                if (!element) {
                    return Step.ENDED;
                }
                raw.delete(0, at);
                beginName(State.FUNCTION_NAME);
            }
            case PARAMETER -> {
                problem = "there is a parameter after the end of function " + function;
                state = State.GARBAGE;
            }
            default -> {
                deliver();
                return Step.ENDED;
            }
        }
        return Step.MORE;
    }

    private void beginName(State kind) {
        state = kind;
        start = raw.length();
    }

    private Step inName(char c) {
        boolean ofFunction = state == State.FUNCTION_NAME;
        if (c == '>') {
            String name = raw.substring(start, raw.length() - 1);
            if (name.isBlank()) {
                return fail("the name of a " + kindOfName() + " is empty");
            }
            if (ofFunction) {
                function = name;
                state = State.BODY;
                if (!tentative) {
                    sink.onCallBegin(function);
                }
            } else {
                parameter = name;
                beginValue();
            }
            return Step.MORE;
        }
        if (raw.length() - start > MAX_NAME_LENGTH) {
            return fail("the name of a " + kindOfName() + " is longer than " + MAX_NAME_LENGTH + " characters");
        }
        if (ofFunction && !Character.isLetterOrDigit(c) && !Character.isSurrogate(c) && "_-.:/$".indexOf(c) < 0) {
            return fail("the name of a function has a character that names do not have: " + c);
        }
        return Step.MORE;
    }

    private void beginValue() {
        state = State.VALUE;
        start = raw.length();
        last = null;
        closed = false;
    }

    private void endValue(int at) {
        int from = start < at && raw.charAt(start) == '\n' ? start + 1 : start;
        int to = from < at && raw.charAt(at - 1) == '\n' ? at - 1 : at;
        String value = raw.substring(from, to);
        String other = values.put(parameter, value);
        if (other != null && !other.equals(value)) {
            problem = "parameter " + parameter + " is given twice with different values";
        }
        state = State.BODY;
    }

    /** Whether a value's last parameter is not closed, but its function is. */
    private boolean endsWithFunction() {
        return last == QwenTag.FUNCTION_END && quotedCalls == 0 && !closed;
    }

    /** Called once the text is certain to be a call. */
    private void begin() {
        if (tentative) {
            tentative = false;
            sink.onCallBegin(function);
        }
    }

    private void beginJson() {
        tentative = false;
        state = State.JSON;
        start = raw.length() - 1;
        object.begin();
    }

    private void closeJson() {
        try {
            json = JsonCall.parse(raw.substring(start));
        } catch (JsonCall.Malformed e) {
            problem = e.reason();
        }
        state = State.CLOSED;
        end = raw.length();
    }

    /** Whether only spaces are between {@code at} and the preceding newline, which cannot be inside a JSON string. */
    private boolean beginsLine(int at) {
        int i = at - 1;
        while (raw.charAt(i) == ' ' || raw.charAt(i) == '\t') {
            i--;
        }
        return raw.charAt(i) == '\n';
    }

    private Step endsWithThought(int at) {
        if (state == State.VALUE && endsWithFunction()) {
            endValue(lastStart);
            end = at;
            deliver();
            return Step.ENDED;
        }
        if (tentative) {
            return fail("");
        }
        if (problem == null) {
            problem = "the thought ended " + place();
        }
        return malformed(at);
    }

    private Step fail(String reason) {
        if (tentative) {
            isText = !element;
            end = element ? QwenTag.CALL.text.length() : 1;
            return Step.ENDED;
        }
        problem = reason;
        state = State.GARBAGE;
        return Step.MORE;
    }

    private Step malformed(int end) {
        this.end = end;
        sink.onMalformedCall(new MalformedCall(raw.substring(0, end), Objects.requireNonNull(problem), inThought));
        return Step.ENDED;
    }

    /** Passes the call that ends at {@link #end} to the sink and resets the fields. */
    private void deliver() {
        if (problem != null) {
            malformed(end);
        } else if (json != null) {
            var arguments = new ParsedCall.Json(json.arguments());
            sink.onCall(new ParsedCall(json.name(), arguments, raw.substring(0, end), inThought));
        } else {
            var arguments = new ParsedCall.Parameters(new LinkedHashMap<>(values));
            sink.onCall(new ParsedCall(function, arguments, raw.substring(0, end), inThought));
        }
        problem = null;
        json = null;
        values.clear();
    }

    private String kindOfName() {
        return state == State.FUNCTION_NAME ? "function" : "parameter";
    }

    private String place() {
        return switch (state) {
            case FUNCTION_NAME -> "in the name of a function";
            case PARAMETER_NAME -> "in the name of a parameter of function " + function;
            case VALUE -> "in parameter " + parameter + " of function " + function;
            case BODY -> "inside function " + function;
            default -> "inside a call";
        };
    }
}
