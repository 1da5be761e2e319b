package kawi.tokenizer;

import java.util.Arrays;
import java.util.function.UnaryOperator;

/**
 * Text that knows the origin of its characters: the chat template, or outside, such as the text of a user or the result
 * of a tool. {@link Tokenizer#encode(OriginText)} recognizes added tokens only within text of the template, so
 * {@code <|im_end|>} is a control token if the template wrote it and ten characters if a user did.
 *
 * <p>The origin is a property of positions, not of characters: nothing is inserted into the text, and programs that
 * process it see exactly what the caller gave. Operations preserve the origin of each character. Where that is not
 * possible, the result is from outside.
 *
 * <p>Immutable. Two texts with the same characters are not equal in the sense of {@link Object#equals}; compare their
 * strings.
 */
public final class OriginText implements CharSequence {

    private static final int[] NONE = {};

    /** The empty text. */
    public static final OriginText EMPTY = outside("");

    private final String text;
    /**
     * The spans of the template: the start of each one, and its end, which is less than the start of the next. Empty
     * for a text that is wholly from outside.
     */
    private final int[] spans;

    private OriginText(String text, int[] spans) {
        this.text = text;
        this.spans = spans;
    }

    /** Returns a text written by the template. */
    public static OriginText ofTemplate(String text) {
        return new OriginText(text, text.isEmpty() ? NONE : new int[] {0, text.length()});
    }

    /** Returns a text from outside. */
    public static OriginText outside(String text) {
        return new OriginText(text, NONE);
    }

    /** Whether no character is from outside. */
    public boolean isOfTemplate() {
        return text.isEmpty() || (spans.length == 2 && spans[0] == 0 && spans[1] == text.length());
    }

    /** Whether no character was written by the template. */
    public boolean isOutside() {
        return spans.length == 0;
    }

    /** The number of spans written by the template. */
    public int spans() {
        return spans.length / 2;
    }

    /**
     * Returns the end of the span of the template that has the character at an offset; the offset itself if the
     * character is from outside.
     */
    public int endOfSpan(int offset) {
        int border = firstAbove(offset);
        return (border & 1) == 1 ? spans[border] : offset;
    }

    /** The offset of the first character of a span of the template. */
    public int spanStart(int span) {
        return spans[2 * span];
    }

    /** The offset after the last character of a span of the template. */
    public int spanEnd(int span) {
        return spans[2 * span + 1];
    }

    @Override
    public int length() {
        return text.length();
    }

    @Override
    public char charAt(int index) {
        return text.charAt(index);
    }

    @Override
    public OriginText subSequence(int start, int end) {
        return substring(start, end);
    }

    /** Returns the text from {@code start}. */
    public OriginText substring(int start) {
        return substring(start, text.length());
    }

    /** Returns the text from {@code start} to {@code end}. Takes no time for the spans before and after it. */
    public OriginText substring(int start, int end) {
        if (start == 0 && end == text.length()) {
            return this;
        }
        String part = text.substring(start, end);
        if (spans.length == 0 || part.isEmpty()) {
            return outside(part);
        }
        // The first border after the start, and the first one that is not before the end; an odd index is an end.
        int first = firstAbove(start);
        int last = firstAbove(end - 1);
        boolean startsInSpan = (first & 1) == 1;
        boolean endsInSpan = (last & 1) == 1;
        int[] inner = new int[last - first + (startsInSpan ? 1 : 0) + (endsInSpan ? 1 : 0)];
        int count = 0;
        if (startsInSpan) {
            inner[count++] = 0;
        }
        for (int i = first; i < last; i++) {
            inner[count++] = spans[i] - start;
        }
        if (endsInSpan) {
            inner[count] = end - start;
        }
        return new OriginText(part, inner);
    }

    /** The index of the first border that is greater than {@code offset}. */
    private int firstAbove(int offset) {
        int found = Arrays.binarySearch(spans, offset);
        return found >= 0 ? found + 1 : -found - 1;
    }

    /** Returns this text followed by another. */
    public OriginText concat(OriginText other) {
        if (other.text.isEmpty()) {
            return this;
        }
        if (text.isEmpty()) {
            return other;
        }
        if (spans.length == 0 && other.spans.length == 0) {
            return outside(text.concat(other.text));
        }
        boolean joined = spans.length > 0
                && other.spans.length > 0
                && spans[spans.length - 1] == text.length()
                && other.spans[0] == 0;
        int kept = spans.length - (joined ? 1 : 0);
        int skipped = joined ? 1 : 0;
        int[] all = Arrays.copyOf(spans, kept + other.spans.length - skipped);
        for (int i = skipped; i < other.spans.length; i++) {
            all[kept + i - skipped] = other.spans[i] + text.length();
        }
        return new OriginText(text.concat(other.text), all);
    }

    /** Returns this text {@code count} times. */
    public OriginText repeat(int count) {
        if (spans.length == 0) {
            return outside(text.repeat(count));
        }
        if (isOfTemplate()) {
            return ofTemplate(text.repeat(count));
        }
        var repeated = new Builder();
        for (int i = 0; i < count; i++) {
            repeated.append(this);
        }
        return repeated.build();
    }

    /**
     * Returns the text to which a function converts this text. If the function converts each span as it does when all
     * are converted together, the results have the origin of their spans; otherwise the result is from outside, unless
     * all of this text is the template's.
     */
    public OriginText map(UnaryOperator<String> function) {
        String whole = function.apply(text);
        if (spans.length == 0) {
            return outside(whole);
        }
        if (isOfTemplate()) {
            return ofTemplate(whole);
        }
        OriginText parts = mapSpans(function);
        return parts.text.equals(whole) ? parts : outside(whole);
    }

    /** Returns the text to which a function converts this text, which it converts character by character. */
    public OriginText mapSpans(UnaryOperator<String> function) {
        if (spans.length == 0) {
            return outside(function.apply(text));
        }
        var mapped = new Builder();
        int done = 0;
        for (int i = 0; i < spans.length; i += 2) {
            mapped.appendOutside(function.apply(text.substring(done, spans[i])));
            mapped.appendOfTemplate(function.apply(text.substring(spans[i], spans[i + 1])));
            done = spans[i + 1];
        }
        return mapped.appendOutside(function.apply(text.substring(done))).build();
    }

    /** Returns the characters. */
    @Override
    public String toString() {
        return text;
    }

    /** Concatenates texts. */
    public static final class Builder {

        private final StringBuilder text = new StringBuilder();
        private final IntList spans = new IntList(8);

        /** Appends a text. */
        public Builder append(OriginText piece) {
            return append(piece, 0, piece.length());
        }

        /** Appends a part of a text. */
        public Builder append(OriginText piece, int start, int end) {
            int[] borders = piece.spans;
            for (int i = borders.length == 0 ? 0 : piece.firstAbove(start) & ~1; i < borders.length; i += 2) {
                int from = Math.max(borders[i], start);
                int to = Math.min(borders[i + 1], end);
                if (from >= to) {
                    break;
                }
                span(text.length() + from - start, text.length() + to - start);
            }
            text.append(piece.text, start, end);
            return this;
        }

        /** Appends text from outside. */
        public Builder appendOutside(String piece) {
            text.append(piece);
            return this;
        }

        /** Appends text written by the template. */
        public Builder appendOfTemplate(String piece) {
            if (!piece.isEmpty()) {
                span(text.length(), text.length() + piece.length());
                text.append(piece);
            }
            return this;
        }

        private void span(int start, int end) {
            if (spans.size() > 0 && spans.last() == start) {
                spans.removeLast();
            } else {
                spans.add(start);
            }
            spans.add(end);
        }

        /** The number of characters so far. */
        public int length() {
            return text.length();
        }

        /** Returns the text. */
        public OriginText build() {
            return new OriginText(text.toString(), spans.toArray());
        }
    }
}
