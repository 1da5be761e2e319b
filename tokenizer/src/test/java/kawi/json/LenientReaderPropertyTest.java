package kawi.json;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Whatever Python writes of a value with {@code repr}, {@code json.dumps} or a template that doubles braces is read.
 */
class LenientReaderPropertyTest {

    @Property
    void jsonIsReadAsStrictly(@ForAll("values") JsonValue value) {
        assertEquals(value, JsonSyntax.LENIENT.parse(value.toString()));
        assertEquals(
                value.toString(), JsonSyntax.LENIENT.parse(value.toString()).toString());
    }

    @Property
    void reprIsReadBack(@ForAll("values") JsonValue value) {
        assertEquals(value, JsonSyntax.LENIENT.parse(repr(value, "[", "]", false)));
    }

    @Property
    void tuplesAndDoubledBracesAreReadBack(@ForAll("values") JsonValue value) {
        assertEquals(value, JsonSyntax.LENIENT.parse(repr(value, "(", ",)", true)));
    }

    /** The value as Python writes it, with lists between other brackets. */
    private static String repr(JsonValue value, String open, String close, boolean doubled) {
        return switch (value) {
            case JsonObject object ->
                object.properties().stream()
                        .map(property ->
                                quoted(property.getKey()) + ": " + repr(property.getValue(), open, close, doubled))
                        .collect(Collectors.joining(", ", doubled ? "{{" : "{", doubled ? "}}" : "}"));
            case JsonArray array ->
                array.isEmpty()
                        ? open + close.substring(close.length() - 1)
                        : array.values().stream()
                                .map(element -> repr(element, open, close, doubled))
                                .collect(Collectors.joining(", ", open, close));
            case JsonString string -> quoted(string.value());
            case JsonBoolean truth -> truth.booleanValue() ? "True" : "False";
            case JsonNull _ -> "None";
            default -> value.toString();
        };
    }

    /** Python's {@code repr} of a string: double quotes only if there is a single one in it and no double one. */
    private static String quoted(String text) {
        char quote = text.contains("'") && !text.contains("\"") ? '"' : '\'';
        var repr = new StringBuilder().append(quote);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '\n' -> repr.append("\\n");
                case '\r' -> repr.append("\\r");
                case '\t' -> repr.append("\\t");
                case '\\' -> repr.append("\\\\");
                default -> {
                    boolean printable = !Character.isISOControl(c) && Character.getType(c) != Character.SURROGATE;
                    if (c == quote) {
                        repr.append('\\').append(quote);
                    } else if (printable) {
                        repr.appendCodePoint(c);
                    } else {
                        repr.append(c < 256 ? "\\x%02x".formatted(c) : "\\u%04x".formatted(c));
                    }
                }
            }
        });
        return repr.append(quote).toString();
    }

    @Provide
    Arbitrary<JsonValue> values() {
        return values(4);
    }

    private static Arbitrary<JsonValue> values(int depth) {
        Arbitrary<String> texts = Arbitraries.oneOf(
                Arbitraries.strings().ofMaxLength(8),
                Arbitraries.strings().withChars("'\"\\nrxu{}[](), :T\n\t\u0000").ofMaxLength(8),
                Arbitraries.of("None", "True", "null", "{{x}}", "it's", "\\d+", "a\nb", "😀", "\ud800"));
        Arbitrary<JsonValue> scalars = Arbitraries.oneOf(
                texts.map(JsonString::new),
                Arbitraries.longs().map(JsonNumber::of),
                Arbitraries.doubles().map(number -> JsonNumber.of(BigDecimal.valueOf(number))),
                Arbitraries.of(
                        JsonBoolean.TRUE, JsonBoolean.FALSE, JsonNull.NULL, JsonNumber.of(new BigDecimal("1E+400"))));
        if (depth == 0) {
            return scalars;
        }
        return Arbitraries.oneOf(
                scalars,
                values(depth - 1).list().ofMaxSize(3).map(JsonArray::new),
                Arbitraries.maps(texts, values(depth - 1)).ofMaxSize(3).map(properties -> {
                    var object = JsonObject.builder();
                    properties.forEach(object::put);
                    return object.build();
                }));
    }
}
