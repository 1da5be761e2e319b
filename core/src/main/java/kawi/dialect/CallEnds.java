package kawi.dialect;

import java.util.ArrayList;
import java.util.List;
import kawi.reply.JsonObjectScanner;
import kawi.reply.ReplyParser;
import org.jspecify.annotations.Nullable;

/** Finds where the parts of calls end, in a text with known tags. */
final class CallEnds {

    /** The number of objects whose end is looked for after {@code </tool_call>}. */
    private static final int MAX_LOOKAHEADS = 64;

    private final String text;
    private final List<CallTag> tags;
    private int lookaheads;

    CallEnds(String text, List<CallTag> tags) {
        this.text = text;
        this.tags = tags;
    }

    /**
     * The end of a JSON object.
     *
     * @param position after the object, or after the {@code </tool_call>} that comes before its end
     * @param isClosed whether the object is closed
     */
    record ObjectEnd(int position, boolean isClosed) {}

    /** The position of the first character at or after {@code from} that is not white space. */
    int skipSpace(int from) {
        int at = from;
        while (at < text.length() && ReplyParser.isSpace(text.charAt(at))) {
            at++;
        }
        return at;
    }

    /**
     * The end of the object that begins at {@code start}, or null if the text ends before it.
     *
     * @param index the index of a tag that is not after the first one inside the object
     */
    @Nullable ObjectEnd ofObject(int start, int index) {
        JsonObjectScanner scanner = new JsonObjectScanner();
        scanner.begin();
        ObjectEnd otherwise = null;
        int i = index;
        for (int at = start + 1; at < text.length(); at++) {
            if (scanner.accept(text.charAt(at))) {
                boolean closed = otherwise == null || text.startsWith(QwenTag.CALL_END.text, skipSpace(at + 1));
                return closed ? new ObjectEnd(at + 1, true) : otherwise;
            }
            while (i < tags.size() && tags.get(i).start() < at) {
                i++;
            }
            boolean ends =
                    i < tags.size() && tags.get(i).start() == at && tags.get(i).kind() == CallTag.Kind.CALL_END;
            if (ends && otherwise == null && (!scanner.inString() || tags.get(i).beginsLine())) {
                otherwise = new ObjectEnd(tags.get(i).end(), false);
                // A string may contain the tag on a line of its own, although not in well-formed JSON.
                if (!scanner.inString() || ++lookaheads > MAX_LOOKAHEADS) {
                    return otherwise;
                }
            }
        }
        return otherwise;
    }

    /**
     * What follows an object.
     *
     * @param position of the next object in the same {@code <tool_call>}, otherwise the end of that
     */
    record AfterObject(int position, boolean isObject) {}

    /**
     * What follows the object that ends at {@code end}.
     *
     * @param index the index of the first tag after it
     */
    AfterObject afterObject(int end, int index) {
        int at = end;
        int i = index;
        while (true) {
            int next = skipSpace(at);
            if (next == text.length() || text.charAt(next) == '{') {
                return next == text.length() ? new AfterObject(at, false) : new AfterObject(next, true);
            }
            if ("}],;".indexOf(text.charAt(next)) >= 0) {
                at = next + 1;
            } else if (i < tags.size() && tags.get(i).start() == next) {
                CallTag tag = tags.get(i++);
                if (!tag.isEnd() && tag.kind() != CallTag.Kind.OTHER_END) {
                    return new AfterObject(at, false);
                }
                at = tag.end();
                if (tag.kind() == CallTag.Kind.CALL_END) {
                    return new AfterObject(at, false);
                }
            } else {
                return new AfterObject(ofElement(at, i), false);
            }
        }
    }

    /**
     * The end of the {@code <tool_call>} whose function or object ends at {@code end}: if text follows, it is dropped
     * if {@code </tool_call>} is the next tag; otherwise that tag is missing.
     *
     * @param index the index of the first tag after {@code end}
     */
    int ofElement(int end, int index) {
        int i = index;
        while (i < tags.size() && tags.get(i).kind() == CallTag.Kind.OTHER_END) {
            i++;
        }
        return i < tags.size() && tags.get(i).kind() == CallTag.Kind.CALL_END
                ? tags.get(i).end()
                : end;
    }

    /**
     * The end of the call that begins at {@code start}, which is where its tags have been closed, or the end of the
     * text if its tags do not match.
     *
     * @param index the index of a tag that is not after {@code start}
     */
    int ofBalanced(int start, int index) {
        List<CallTag> open = new ArrayList<>();
        for (int i = index; i < tags.size(); i++) {
            CallTag tag = tags.get(i);
            if (tag.start() < start || tag.kind() == CallTag.Kind.OTHER_END) {
                continue;
            }
            boolean call = tag.kind() == CallTag.Kind.CALL && CallValue.beginsCall(text, tags, i);
            if (call && open.size() == 1 && open.getFirst().kind() == CallTag.Kind.CALL) {
                return tag.start();
            }
            if (open.isEmpty() || call || tag.kind() == CallTag.Kind.FUNCTION || tag.kind() == CallTag.Kind.PARAMETER) {
                open.add(tag);
            } else if (tag.isEnd()) {
                if (tag.kind() == CallTag.Kind.CALL_END && open.getLast().kind() == CallTag.Kind.FUNCTION) {
                    open.removeLast();
                }
                if (open.isEmpty() || !tag.ends(open.getLast())) {
                    return open.isEmpty() ? tag.end() : text.length();
                }
                open.removeLast();
                if (open.isEmpty()) {
                    return tag.end();
                }
            }
        }
        return text.length();
    }
}
