package kawi.reply;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Separates the thought, the answer and the tool calls of a streamed reply, according to the markup of its dialect.
 *
 * <p>The text may arrive in pieces of any size. They determine how the text that the sink receives is divided, but
 * nothing else. Text is held back only while it may still become a tag, while it is white space that may have to be
 * dropped next to one, or while a {@link CallParser} needs it to know where a call ends. Time is linear in the length
 * of the reply, and so is memory.
 *
 * <ul>
 *   <li>A thought ends at the first {@link Tag.Kind#THOUGHT_END} and is stripped of leading and trailing white space;
 *       blank lines after it belong to neither side. A thought that is never closed is all of the reply. {@link
 *       Tag.Kind#THOUGHT_BEGIN} opens a thought if there is no answer yet; a second thought follows the first after a
 *       blank line. In the text of an answer both tags are ordinary text.
 *   <li>Without tools the tags of calls are ordinary text.
 *   <li>With tools, {@link Tag.Kind#CALL_BEGIN} begins a call, unless the dialect's {@link CallParser} rejects it.
 *       {@link Tag.Kind#CALL_END} without a call is dropped, and so is {@link Tag.Kind#CALL_PART_END} directly after
 *       one, and both {@link Tag.Kind#CALL_PART_END} and {@link Tag.Kind#CALL_FRAME} on the lines directly before one.
 *   <li>White space between text and call belongs to neither. Between two texts separated by calls, the white space
 *       after the last call is kept, or, if there is none, that before the first, so that words remain separated.
 *   <li>A call in the answer counts. A call in a thought is a draft if the thought is closed and the answer has text or
 *       a call; otherwise, that is, if the thought is never closed or nothing follows it, the model has taken the
 *       thought for the answer, and the call counts. Of several thoughts the last one with a call replaces the others.
 *       The same applies to malformed calls. The sink receives calls only once they count: those of a thought at the
 *       end of the reply.
 * </ul>
 */
public final class ReplyParser {

    private final Tag[] tags;
    /** The characters with which tags begin. */
    private final String tagStarts;

    private final CallParser.Factory calls;
    private final OfferedTools tools;
    private final ReplySink sink;

    /** Text that may become a tag. */
    private final StringBuilder held = new StringBuilder();
    /** Text of the current kind that the sink receives at the end of this piece. */
    private final StringBuilder out = new StringBuilder();
    /** White space that is emitted only if more text follows. */
    private final StringBuilder space = new StringBuilder();

    /** A frame that is dropped if a call follows, with the text after it; empty if there is none. */
    private final StringBuilder frame = new StringBuilder();

    private @Nullable CallParser call;

    /** The calls of the last thought with any, which count unless an answer follows. */
    private final List<CallPart> drafts = new ArrayList<>();
    /** Whether {@link #drafts} belong to a thought that has been closed. */
    private boolean draftsClosed;
    /** The number of tags in this thought that would begin a call, but only mention it, and have not been ended. */
    private int mentions;

    private boolean thinking;
    /** Whether this thought, or the answer, has no text yet. */
    private boolean blank = true;
    /** Whether there was a thought with text before this one. */
    private boolean thoughtBefore;
    /** Whether blank lines before the answer's first text are to be dropped. */
    private boolean afterMarkup;
    /** Whether only white space has followed the last call. */
    private boolean afterCall;
    /** Whether {@link #space} precedes a call, so that the next white space replaces it. */
    private boolean spaceBeforeCall;

    private boolean finished;

    /**
     * @param thinking whether the reply begins inside a thought opened by the prompt
     * @param tools the tools that are offered
     */
    public ReplyParser(ReplyMarkup markup, boolean thinking, OfferedTools tools, ReplySink sink) {
        this.tags = markup.tags().toArray(Tag[]::new);
        this.tagStarts =
                markup.tags().stream().map(tag -> tag.text().substring(0, 1)).collect(Collectors.joining());
        this.calls = markup.calls();
        this.thinking = thinking;
        this.tools = tools;
        this.sink = sink;
    }

    /** Accepts the next piece of the reply. */
    public void push(CharSequence piece) {
        if (finished) {
            throw new IllegalStateException("the reply is finished; a new one needs a new parser");
        }
        feed(piece);
        emit();
    }

    /** Ends the reply: emits the text held back, as text or as a malformed call. */
    public void finish() {
        if (finished) {
            return;
        }
        finished = true;
        if (call != null) {
            call.finish();
            accept(call.parts());
            call = null;
        } else if (endsInCall()) {
            frame.setLength(0);
            emit();
            count(new CallPart.Refused(new MalformedCall(held.toString(), "the reply ended in the tag of a call")));
            passMarkup();
        } else {
            unframe();
            literal(held);
        }
        held.setLength(0);
        boolean dropped = thinking || afterCall || (blank && afterMarkup);
        if (!dropped) {
            out.append(space);
        }
        emit();
        drafts.forEach(this::deliver);
    }

    /** Whether the text held back, at the beginning of a line, is the beginning of a tag that begins a call. */
    private boolean endsInCall() {
        if (tools.isEmpty() || held.length() < (blank ? 2 : 1) || !isLineStart()) {
            return false;
        }
        for (Tag tag : tags) {
            if (tag.kind() == Tag.Kind.CALL_BEGIN && beginsWithHeld(tag.text())) {
                return true;
            }
        }
        return false;
    }

    private boolean isLineStart() {
        return blank || afterCall || space.indexOf("\n") >= 0;
    }

    /**
     * Notifies the parser that the answer has begun, but is not passed to it because it has no markup. The calls of the
     * thought were drafts.
     */
    public void answered() {
        drafts.clear();
    }

    /** Notifies the parser, before the reply, that it continues a thought or an answer that has text. */
    public void resume() {
        blank = false;
    }

    /** Whether the reply is currently inside a thought. */
    public boolean isThinking() {
        return thinking;
    }

    /** Whether a thought would begin here if its tag came next. */
    public boolean mayThink() {
        return !thinking && blank && call == null;
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
        if (held.isEmpty() && tagStarts.indexOf(c) < 0) {
            text(c);
            return;
        }
        held.append(c);
        boolean pending = false;
        for (Tag tag : tags) {
            if (isExpected(tag.kind()) && beginsWithHeld(tag.text())) {
                if (tag.text().length() == held.length()) {
                    held.setLength(0);
                    take(tag);
                    return;
                }
                pending = true;
            }
        }
        if (!pending) {
            releaseFirst();
        }
    }

    private boolean isExpected(Tag.Kind kind) {
        return switch (kind) {
            case THOUGHT_BEGIN -> blank && frame.isEmpty();
            case THOUGHT_END -> thinking || (blank && frame.isEmpty());
            case CALL_BEGIN, CALL_END -> !tools.isEmpty();
            case CALL_PART_END, CALL_FRAME -> !tools.isEmpty() && isLineStart();
        };
    }

    private boolean beginsWithHeld(String tag) {
        if (tag.length() < held.length()) {
            return false;
        }
        for (int i = held.length() - 1; i >= 0; i--) {
            if (tag.charAt(i) != held.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Releases the first character of the text held back, which begins no tag; a tag may begin after it. */
    private void releaseFirst() {
        char first = held.charAt(0);
        String rest = held.length() == 1 ? "" : held.substring(1);
        held.setLength(0);
        text(first);
        feed(rest);
    }

    /** Accepts a character that is not part of a tag. */
    private void text(char c) {
        if (!frame.isEmpty()) {
            char before = frame.charAt(frame.length() - 1);
            if (isSpace(c) || (Character.isLetter(c) && !isSpace(before) && before != '>')) {
                frame.append(c);
                return;
            }
            unframe();
        }
        if (isSpace(c) && (thinking || !tools.isEmpty() || blank)) {
            if (spaceBeforeCall) {
                space.setLength(0);
                spaceBeforeCall = false;
            }
            space.append(c);
        } else {
            literal(c);
        }
    }

    /** Emits a frame that is not followed by a call as text. */
    private void unframe() {
        String text = frame.toString();
        frame.setLength(0);
        for (int i = 0; i < text.length(); i++) {
            text(text.charAt(i));
        }
    }

    private void take(Tag tag) {
        switch (tag.kind()) {
            case THOUGHT_BEGIN, THOUGHT_END, CALL_END -> unframe();
            case CALL_BEGIN, CALL_PART_END, CALL_FRAME -> {}
        }
        switch (tag.kind()) {
            case THOUGHT_BEGIN -> {
                if (!thinking) {
                    change(true);
                }
                space.setLength(0);
            }
            case THOUGHT_END -> {
                if (thinking) {
                    change(false);
                }
                space.setLength(0);
                afterMarkup = true;
            }
            case CALL_BEGIN -> {
                emit();
                call = calls.begin(tag.text(), thinking, tools);
            }
            case CALL_END -> {
                if (thinking && !afterCall) {
                    takeEndInThought();
                }
                passMarkup();
            }
            case CALL_PART_END, CALL_FRAME -> {
                if (tag.kind() == Tag.Kind.CALL_PART_END && afterCall) {
                    passMarkup();
                } else {
                    frame.append(tag.text());
                }
            }
        }
    }

    /**
     * The end of a call after the text of a thought: unless a tag was mentioned, the calls ended later than assumed.
     */
    private void takeEndInThought() {
        if (mentions > 0) {
            mentions--;
        } else if (!draftsClosed) {
            drafts.replaceAll(ReplyParser::withoutEnd);
        }
    }

    private static CallPart withoutEnd(CallPart draft) {
        return draft instanceof CallPart.Understood(ParsedCall(var name, var arguments, var rawText))
                ? new CallPart.Refused(
                        new MalformedCall(rawText, "the text after the call of " + name + " ends a call a second time"))
                : draft;
    }

    private void change(boolean thinking) {
        emit();
        if (this.thinking) {
            thoughtBefore |= !blank;
            draftsClosed = true;
            mentions = 0;
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

    /** Continues with the text after a call, or after text that was not a call. */
    private void leave(CallParser parser) {
        call = null;
        accept(parser.parts());
        feed(parser.rest());
    }

    private void accept(List<CallPart> parts) {
        boolean isText = !parts.isEmpty() && parts.getFirst() instanceof CallPart.Text;
        if (isText) {
            unframe();
        } else {
            frame.setLength(0);
            passMarkup();
            mentions += thinking && parts.isEmpty() ? 1 : 0;
        }
        for (int part = 0; part < parts.size(); part++) {
            if (parts.get(part) instanceof CallPart.Text(String text)) {
                if (part > 0) {
                    passMarkup();
                }
                for (int i = 0; i < text.length(); i++) {
                    text(text.charAt(i));
                }
            } else {
                emit();
                count(parts.get(part));
                passMarkup();
            }
        }
    }

    private void count(CallPart part) {
        if (!thinking) {
            drafts.clear();
            deliver(part);
            return;
        }
        if (draftsClosed) {
            drafts.clear();
            draftsClosed = false;
        }
        drafts.add(part);
    }

    private void deliver(CallPart part) {
        switch (part) {
            case CallPart.Text text -> throw new IllegalStateException("text is not delivered as a call");
            case CallPart.Understood(ParsedCall parsed) -> sink.onCall(parsed);
            case CallPart.Refused(MalformedCall malformed) -> sink.onMalformedCall(malformed);
        }
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
        if (!thinking) {
            drafts.clear();
        }
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

    /** Whether a character is white space in markup: a space, a tab or a line terminator. */
    public static boolean isSpace(char c) {
        return c == ' ' || c == '\n' || c == '\t' || c == '\r';
    }
}
