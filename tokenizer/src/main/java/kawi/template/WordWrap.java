package kawi.template;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Pattern;
import kawi.tokenizer.OriginText;

/**
 * The filter {@code wordwrap}, which wraps each line of a text as Python's {@code textwrap.wrap} does.
 *
 * <p>A line is split into chunks that are not broken: words, parts of words after hyphens, dashes, and white space.
 * Lines are filled with chunks; white space at the end of a line, and at the start of all but the first, is dropped.
 */
final class WordWrap {

    private static final String SPACE = "[\\t\\n\\u000B\\f\\r ]";
    private static final String NO_SPACE = "[^\\t\\n\\u000B\\f\\r ]";
    private static final String LETTER = "[\\w&&[^\\d]]";
    private static final String WORD = "[\\w!\"'&.,?]";

    private static final Pattern CHUNK = Pattern.compile(
            SPACE + "+"
                    + "|(?<=" + WORD + ")-{2,}(?=\\w)"
                    + "|" + NO_SPACE + "+?(?:"
                    + "-(?:(?<=" + LETTER + "{2}-)|(?<=" + LETTER + "-" + WORD + "-))(?=" + LETTER + "-?" + LETTER + ")"
                    + "|(?=" + SPACE + "|\\z)"
                    + "|(?<=" + WORD + ")(?=-{2,}\\w))",
            Pattern.UNICODE_CHARACTER_CLASS);

    private static final Pattern SIMPLE_CHUNK = Pattern.compile(SPACE + "+|" + NO_SPACE + "+");

    private final long width;
    private final boolean breakLongWords;
    private final boolean breakOnHyphens;
    private final Budget budget;

    private WordWrap(long width, boolean breakLongWords, boolean breakOnHyphens, Budget budget) {
        this.width = width;
        this.breakLongWords = breakLongWords;
        this.breakOnHyphens = breakOnHyphens;
        this.budget = budget;
    }

    static Object filter(Object value, Arguments arguments, Budget budget) {
        var bound = arguments.bind("wordwrap", 0, "width", "break_long_words", "wrapstring", "break_on_hyphens");
        if (!(value instanceof CharSequence text)) {
            throw new EvaluationException("wordwrap: expected a string, found " + Values.typeName(value));
        }
        long width = bound.integer(0, 79);
        if (width <= 0) {
            throw new EvaluationException("wordwrap: the width is %d; it must be positive".formatted(width));
        }
        var wrap = new WordWrap(width, Values.truth(bound.get(1, true)), Values.truth(bound.get(3, true)), budget);
        var separator = bound.get(2) == None.NONE ? OriginText.outside("\n") : bound.text(2, OriginText.EMPTY);
        var wrapped = new OriginText.Builder();
        boolean first = true;
        for (var paragraph : CodePoints.lines(Values.text(text), false, budget)) {
            var lines = wrap.lines(paragraph);
            for (var line : lines.isEmpty() ? List.of(OriginText.EMPTY) : lines) {
                budget.allocate((long) separator.length() + line.length());
                if (!first) {
                    wrapped.append(separator);
                }
                wrapped.append(line);
                first = false;
            }
        }
        return wrapped.build();
    }

    private List<OriginText> lines(OriginText paragraph) {
        var chunks = chunks(paragraph);
        List<OriginText> lines = new ArrayList<>();
        while (!chunks.isEmpty()) {
            List<OriginText> line = new ArrayList<>();
            long length = 0;
            if (isBlank(chunks.element()) && !lines.isEmpty()) {
                chunks.remove();
            }
            while (!chunks.isEmpty() && length + length(chunks.element()) <= width) {
                length += length(chunks.element());
                line.add(chunks.remove());
            }
            if (!chunks.isEmpty() && length(chunks.element()) > width) {
                addPartOfLongWord(chunks, line, width - length);
            }
            if (!line.isEmpty() && isBlank(line.getLast())) {
                line.removeLast();
            }
            if (!line.isEmpty()) {
                var joined = new OriginText.Builder();
                line.forEach(joined::append);
                lines.add(joined.build());
            }
        }
        return lines;
    }

    /** Moves as much of a chunk that is longer than a line to the line as there is room for. */
    private void addPartOfLongWord(Deque<OriginText> chunks, List<OriginText> line, long room) {
        if (breakLongWords) {
            var chunk = chunks.remove();
            var text = chunk.toString();
            int end = text.offsetByCodePoints(0, (int) room);
            if (breakOnHyphens) {
                int hyphen = text.substring(0, end).lastIndexOf('-');
                if (hyphen > 0 && text.substring(0, hyphen).chars().anyMatch(c -> c != '-')) {
                    end = hyphen + 1;
                }
            }
            line.add(chunk.substring(0, end));
            chunks.push(chunk.substring(end));
        } else if (line.isEmpty()) {
            line.add(chunks.remove());
        }
    }

    private Deque<OriginText> chunks(OriginText paragraph) {
        budget.allocate(paragraph.length());
        Deque<OriginText> chunks = new ArrayDeque<>();
        var matcher = (breakOnHyphens ? CHUNK : SIMPLE_CHUNK).matcher(paragraph.toString());
        while (matcher.find()) {
            budget.allocate(Budget.OBJECT);
            chunks.add(paragraph.substring(matcher.start(), matcher.end()));
        }
        return chunks;
    }

    private long length(OriginText chunk) {
        return CodePoints.length(chunk.toString(), budget);
    }

    private static boolean isBlank(OriginText chunk) {
        return CodePoints.skipWhitespace(chunk, 0) == chunk.length();
    }
}
