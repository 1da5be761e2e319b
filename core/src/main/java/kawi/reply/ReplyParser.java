package kawi.reply;

import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells thought, answer and tool calls of a reply apart while it is written, in the format of Qwen3.5.
 *
 * <p>The text may come in pieces of any size; what the sink hears does not depend on them, except for how its text is
 * divided. Text is held back only as long as it may still become a tag, or white space that belongs to nobody. Time is
 * linear in the length of the reply, and so is the memory for the longest call.
 *
 * <ul>
 *   <li>A thought ends at the first {@code </think>} and loses the white space at both its ends; blank lines after it
 *       belong to neither side. A thought that is never closed is all the reply. {@code <think>} opens a thought as
 *       long as there is no answer yet; a second thought follows the first after a blank line. In the text of an
 *       answer the two tags are words like any other.
 *   <li>Without tools the tags of calls are ordinary text.
 *   <li>With tools, {@code <tool_call>} in an answer always begins a call, malformed if need be. In a thought, where
 *       models talk about their tags, it does if {@code <function=} or <code>{</code> follows; otherwise it is dropped.
 *       {@code <function=NAME>} without it begins a call if the name is one and {@code <parameter=} or
 *       {@code </function>} follows; otherwise it is text. A lone {@code </tool_call>} is dropped.
 *   <li>{@code </think>} ends an unfinished call in a thought together with the thought.
 *   <li>White space between text and call belongs to neither; between two texts with calls in between, that after the
 *       last call stays (or, if there is none, that before the first), so that words do not run together.
 * </ul>
 *
 * <p>The form of a call, and where its values end, is told in {@link CallParser}.
 */
public final class ReplyParser {

    private static final Set<Tag> NONE = EnumSet.noneOf(Tag.class);
    private static final Set<Tag> OF_CALLS = EnumSet.of(Tag.CALL, Tag.CALL_END, Tag.FUNCTION);
    private static final Set<Tag> CLOSERS = EnumSet.of(Tag.FUNCTION_END, Tag.PARAMETER_END);

    private final boolean tools;
    private final ReplySink sink;

    private final Tag.Matcher tag = new Tag.Matcher();
    /** Text of the current kind that the sink is to hear at the end of this piece. */
    private final StringBuilder out = new StringBuilder();
    /** White space that is emitted only if more text follows. */
    private final StringBuilder space = new StringBuilder();

    private @Nullable CallParser call;
    private boolean thinking;
    /** Whether this thought, or the answer, has no text yet. */
    private boolean blank = true;
    /** Whether there was a thought with text before this one. */
    private boolean thoughtBefore;
    /** Whether blank lines before the answer's first text are to be dropped. */
    private boolean afterMarkup;
    /** Whether nothing but white space has come since a call. */
    private boolean afterCall;
    /** Whether {@link #space} stood before a call, so that the next white space replaces it. */
    private boolean spaceBeforeCall;

    private boolean finished;

    /**
     * @param thinking whether the reply begins inside a thought: the prompt ends with {@code <think>\n}
     * @param tools whether tools are offered
     */
    public ReplyParser(boolean thinking, boolean tools, ReplySink sink) {
        this.thinking = thinking;
        this.tools = tools;
        this.sink = sink;
    }

    /** Takes the next piece of the reply. */
    public void push(CharSequence piece) {
        if (finished) {
            throw new IllegalStateException("the reply is finished; a new one needs a new parser");
        }
        feed(piece);
        emit();
    }

    /** Ends the reply: emits what was held back, as text or as a malformed call. */
    public void finish() {
        if (finished) {
            return;
        }
        finished = true;
        if (call != null) {
            call.finish();
            call = null;
            afterCall = true;
        } else if (tag.isActive()) {
            literal(tag.reset());
        }
        boolean dropped = thinking || afterCall || (blank && afterMarkup);
        if (!dropped) {
            out.append(space);
        }
        emit();
    }

    /** Whether the reply is inside a thought now. */
    public boolean isThinking() {
        return thinking;
    }

    private void feed(CharSequence text) {
        for (int i = 0; i < text.length(); i++) {
            accept(text.charAt(i));
        }
    }

    private void accept(char c) {
        if (call != null) {
            if (call.accept(c) != CallParser.Step.MORE) {
                leave(call);
            }
            return;
        }
        if (tag.isActive()) {
            if (tag.accept(c)) {
                Tag complete = tag.complete();
                if (complete != null) {
                    take(complete);
                }
                return;
            }
            literal(tag.reset());
        }
        if (c == '<') {
            tag.begin(expected());
            if (tag.isActive()) {
                return;
            }
        }
        if (isSpace(c) && (thinking || tools || blank)) {
            if (spaceBeforeCall) {
                space.setLength(0);
                spaceBeforeCall = false;
            }
            space.append(c);
        } else {
            literal(c);
        }
    }

    private Set<Tag> expected() {
        if (!tools && !thinking && !blank) {
            return NONE;
        }
        var expected = EnumSet.noneOf(Tag.class);
        if (thinking || blank) {
            expected.add(Tag.THINK_END);
        }
        if (blank) {
            expected.add(Tag.THINK);
        }
        if (tools) {
            expected.addAll(OF_CALLS);
            if (afterCall) {
                expected.addAll(CLOSERS);
            }
        }
        return expected;
    }

    private void take(Tag tag) {
        switch (tag) {
            case THINK -> {
                if (!thinking) {
                    change(true);
                }
                space.setLength(0);
            }
            case THINK_END -> {
                if (thinking) {
                    change(false);
                }
                space.setLength(0);
                afterMarkup = true;
            }
            case CALL, FUNCTION -> {
                emit();
                call = new CallParser(tag, thinking, sink);
            }
            case CALL_END, FUNCTION_END, PARAMETER_END, PARAMETER -> passMarkup();
        }
    }

    private void change(boolean thinking) {
        emit();
        if (this.thinking) {
            thoughtBefore |= !blank;
        }
        this.thinking = thinking;
        blank = true;
        afterCall = false;
        spaceBeforeCall = false;
    }

    private void passMarkup() {
        afterCall = true;
        afterMarkup = true;
        spaceBeforeCall = true;
    }

    /** Goes on with the text after what was, or was not, a call. */
    private void leave(CallParser left) {
        call = null;
        if (left.isText()) {
            literal('<');
        } else {
            passMarkup();
        }
        feed(left.rest());
    }

    private void literal(CharSequence text) {
        for (int i = 0; i < text.length(); i++) {
            literal(text.charAt(i));
        }
    }

    private void literal(char c) {
        if (!blank) {
            out.append(space);
        } else if (thinking) {
            out.append(thoughtBefore ? "\n\n" : "");
        } else {
            out.append(space, afterMarkup ? space.lastIndexOf("\n") + 1 : 0, space.length());
        }
        out.append(c);
        space.setLength(0);
        blank = false;
        afterCall = false;
        spaceBeforeCall = false;
    }

    private void emit() {
        if (out.isEmpty()) {
            return;
        }
        String text = out.toString();
        out.setLength(0);
        if (thinking) {
            sink.onThought(text);
        } else {
            sink.onText(text);
        }
    }

    static boolean isSpace(char c) {
        return c == ' ' || c == '\n' || c == '\t' || c == '\r';
    }
}
