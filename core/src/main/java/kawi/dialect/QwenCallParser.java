package kawi.dialect;

import java.util.List;
import kawi.reply.CallParser;
import kawi.reply.CallPart;
import kawi.reply.MalformedCall;
import kawi.reply.OfferedTools;
import kawi.reply.ReplyParser;

/**
 * Decides whether a tag begins a call, and collects its text until it is known where the call ends. A
 * {@link QwenCallReader} then reads the text.
 *
 * <p>In an answer that is the end of the reply, because the text after a call may show that it ended later than it
 * seemed to, or the beginning of a thought directly after calls. In a thought, whose text is only for information, it
 * is the end of the first call if that is written without any deviation, otherwise the end of the thought.
 */
final class QwenCallParser implements CallParser {

    private static final int MAX_NAME_LENGTH = 256;

    /** The number of times that the end of a call is looked for in a thought before its end is awaited. */
    private static final int MAX_ATTEMPTS = 64;

    private enum State {
        /** After {@code <tool_call>} in a thought, where it may only be a mention. */
        OPENED,
        /** In the name after {@code <function=} without {@code <tool_call>}. */
        NAME,
        /** After such a function's tag, which may only be a mention. */
        NAMED,
        CALL
    }

    private final boolean element;
    private final boolean inThought;
    private final OfferedTools tools;
    private final StringBuilder raw = new StringBuilder();

    private State state;
    /** The position at which the name or the next tag begins. */
    private int start;

    private int attempts;
    private List<CallPart> parts = List.of();
    /** The length of the text that the parts consist of. */
    private int end;

    /** @param opening the tag that was just read, {@link QwenTag#CALL} or {@link QwenTag#FUNCTION} */
    QwenCallParser(QwenTag opening, boolean inThought, OfferedTools tools) {
        this.element = opening == QwenTag.CALL;
        this.inThought = inThought;
        this.tools = tools;
        raw.append(opening.text);
        start = raw.length();
        state = !element ? State.NAME : inThought ? State.OPENED : State.CALL;
    }

    @Override
    public List<CallPart> parts() {
        return parts;
    }

    @Override
    public String rest() {
        return raw.substring(end);
    }

    @Override
    public Step accept(char c) {
        raw.append(c);
        return switch (state) {
            case OPENED -> opened(c);
            case NAME -> name(c);
            case NAMED -> named(c);
            case CALL -> c == '>' ? tagInCall() : Step.MORE;
        };
    }

    @Override
    public void finish() {
        end = raw.length();
        switch (state) {
            case OPENED -> parts = List.of();
            case NAME -> refuse("the reply ended in the name of a function");
            case NAMED -> refuse("the reply ended inside function " + name());
            case CALL -> parts = reader("the reply").parts();
        }
    }

    private void refuse(String reason) {
        parts = List.of(new CallPart.Refused(new MalformedCall(raw.toString(), reason)));
    }

    private QwenCallReader reader(String whole) {
        return new QwenCallReader(raw.substring(0, end), inThought, whole, tools);
    }

    private Step opened(char c) {
        if (ReplyParser.isSpace(c) && start == raw.length() - 1) {
            start = raw.length();
            return Step.MORE;
        }
        String tag = raw.substring(start);
        if (tag.equals("{") || tag.equals("<function=") || tag.equals("<function ")) {
            state = State.CALL;
        } else if (!"<function".startsWith(tag)) {
            end = QwenTag.CALL.text.length();
            return Step.ENDED;
        }
        return Step.MORE;
    }

    private Step name(char c) {
        if (c == '>') {
            state = State.NAMED;
            boolean named = raw.length() - 1 > start;
            start = raw.length();
            return named ? Step.MORE : text();
        }
        if (ReplyParser.isSpace(c) && tools.has(raw.substring(start, raw.length() - 1))) {
            state = State.CALL; // without the end of its tag
            return Step.MORE;
        }
        boolean valid = CallTag.isOfFunctionName(c) || c == '"' || c == '\'';
        return valid && raw.length() - start <= MAX_NAME_LENGTH ? Step.MORE : text();
    }

    private String name() {
        return raw.substring(QwenTag.FUNCTION.text.length(), raw.indexOf(">"));
    }

    private Step named(char c) {
        if (ReplyParser.isSpace(c) && start == raw.length() - 1) {
            start = raw.length();
            return Step.MORE;
        }
        String tag = raw.substring(start);
        boolean known = tools.has(name());
        boolean may = false;
        for (QwenTag next : QwenTag.values()) {
            boolean follows = next == QwenTag.PARAMETER || next == QwenTag.FUNCTION_END;
            if (follows || (known && next != QwenTag.THINK && next != QwenTag.THINK_END)) {
                if (next.text.equals(tag)) {
                    state = State.CALL;
                    return tagInCall();
                }
                may |= next.text.startsWith(tag);
            }
        }
        if (known && QwenDialect.FRAMES.contains(tag)) {
            state = State.CALL;
            return Step.MORE;
        }
        may |= known && QwenDialect.FRAMES.stream().anyMatch(frame -> frame.startsWith(tag));
        return may ? Step.MORE : text();
    }

    /** The tag was ordinary text: its first character is, and the rest is parsed again. */
    private Step text() {
        parts = List.of(new CallPart.Text(raw.substring(0, 1)));
        end = 1;
        return Step.ENDED;
    }

    private Step tagInCall() {
        if (inThought) {
            if (endsWith(QwenTag.THINK_END)) {
                end = raw.length() - QwenTag.THINK_END.text.length();
                parts = reader("the thought").parts();
                return Step.ENDED;
            }
            boolean mayEnd = endsWith(QwenTag.CALL_END) || (!element && endsWith(QwenTag.FUNCTION_END));
            return mayEnd && endsBefore(raw.length(), true) ? Step.ENDED : Step.MORE;
        }
        if (!endsWith(QwenTag.THINK)) {
            return Step.MORE;
        }
        int before = raw.length() - QwenTag.THINK.text.length();
        return endsBefore(before, false) ? Step.ENDED : Step.MORE;
    }

    /** Ends the text at a position, if it consists of calls only. */
    private boolean endsBefore(int position, boolean regular) {
        if (attempts++ == MAX_ATTEMPTS) {
            attempts--;
            return false;
        }
        end = position;
        while (ReplyParser.isSpace(raw.charAt(end - 1))) {
            end--;
        }
        QwenCallReader reader = reader("the reply");
        if (regular ? reader.isRegular() : reader.isCalls()) {
            parts = reader.parts();
            return true;
        }
        return false;
    }

    private boolean endsWith(QwenTag tag) {
        int from = raw.length() - tag.text.length();
        return from >= 0 && raw.indexOf(tag.text, from) == from;
    }
}
