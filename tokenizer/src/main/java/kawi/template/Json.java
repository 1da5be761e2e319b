package kawi.template;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import kawi.tokenizer.OriginText;
import org.jspecify.annotations.Nullable;

/**
 * Writes JSON in the format of Python's {@code json.dumps}, on which models were trained: the separators {@code ", "}
 * and {@code ": "}, keys in insertion order, and non-ASCII characters that are not escaped. Strings keep the origin of
 * their characters; everything else is from outside.
 */
final class Json {

    private final @Nullable String indentation;
    private final String itemSeparator;
    private final String keySeparator;
    private final boolean asciiOnly;
    private final boolean sortKeys;
    private final Budget budget;
    private final OriginText.Builder out = new OriginText.Builder();

    /**
     * @param indentation the indentation for each level, with each item on a separate line; if null, all items are on
     *     one line
     */
    Json(
            @Nullable String indentation,
            String itemSeparator,
            String keySeparator,
            boolean asciiOnly,
            boolean sortKeys,
            Budget budget) {
        this.indentation = indentation;
        this.itemSeparator = itemSeparator;
        this.keySeparator = keySeparator;
        this.asciiOnly = asciiOnly;
        this.sortKeys = sortKeys;
        this.budget = budget;
    }

    OriginText write(Object value) {
        write(value, 0);
        return out.build();
    }

    private void write(Object value, int level) {
        Budget.checkValueDepth(level);
        switch (value) {
            case CharSequence text -> quote(Values.text(text));
            case Sequence sequence when !(sequence instanceof Sequence.Range) -> writeItems(sequence.items(), level);
            case Dict dict -> writeDict(dict, level);
            default -> append(scalar(value));
        }
    }

    private String scalar(Object value) {
        return switch (value) {
            case None _ -> "null";
            case Boolean truth -> truth ? "true" : "false";
            case Long number -> number.toString();
            case BigInteger number -> number.toString();
            case Double number ->
                number.isNaN()
                        ? "NaN"
                        : number.isInfinite() ? number > 0 ? "Infinity" : "-Infinity" : Display.number(number);
            case Undefined undefined ->
                throw new EvaluationException("an undefined value cannot be converted to JSON: " + undefined.problem());
            default ->
                throw new EvaluationException(
                        "a value of type %s cannot be converted to JSON".formatted(Values.typeName(value)));
        };
    }

    private void writeItems(List<Object> items, int level) {
        append("[");
        for (int i = 0; i < items.size(); i++) {
            startItem(i == 0, level + 1);
            write(items.get(i), level + 1);
        }
        end(items.isEmpty(), "]", level);
    }

    private void writeDict(Dict dict, int level) {
        append("{");
        var entries = new ArrayList<>(dict.entries());
        if (sortKeys) {
            entries.sort((a, b) -> Comparison.order(a.key(), b.key(), budget));
        }
        boolean first = true;
        for (var entry : entries) {
            startItem(first, level + 1);
            first = false;
            quote(key(entry.key()));
            append(keySeparator);
            write(entry.value(), level + 1);
        }
        end(entries.isEmpty(), "}", level);
    }

    private OriginText key(Object key) {
        return switch (key) {
            case CharSequence text -> Values.text(text);
            case None _, Boolean _, Long _, BigInteger _, Double _ -> OriginText.outside(scalar(key));
            default ->
                throw new EvaluationException(
                        "a key of type %s cannot be converted to JSON".formatted(Values.typeName(key)));
        };
    }

    private void startItem(boolean first, int level) {
        if (!first) {
            append(itemSeparator);
        }
        newLine(level);
    }

    private void end(boolean empty, String bracket, int level) {
        if (!empty) {
            newLine(level);
        }
        append(bracket);
    }

    private void newLine(int level) {
        if (indentation != null) {
            append("\n");
            append(Arithmetic.repeat(indentation, level, budget));
        }
    }

    private void append(String piece) {
        budget.allocate(piece.length() + 1L);
        out.appendOutside(piece);
    }

    private void quote(OriginText text) {
        append("\"");
        budget.allocate(text.length());
        out.append(text.mapSpans(this::escaped));
        append("\"");
    }

    private String escaped(String text) {
        var out = new StringBuilder(text.length() + 8);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\f' -> out.append("\\f");
                case '\b' -> out.append("\\b");
                default -> {
                    if (c < 0x20 || (asciiOnly && c > 0x7E)) {
                        out.append("\\u%04x".formatted((int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        return out.toString();
    }
}
