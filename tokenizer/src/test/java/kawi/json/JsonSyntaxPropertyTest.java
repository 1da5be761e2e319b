package kawi.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;

/** Jackson's data binding, which only tests have, accepts the same texts and writes them in the same way. */
class JsonSyntaxPropertyTest {

    private static final JsonMapper JACKSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS, DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    @Property(tries = 3000)
    void readsAndWritesAsJacksonDoes(@ForAll("texts") String text) {
        String expected;
        try {
            var node = JACKSON.readTree(text);
            expected = node.isMissingNode() ? "refused" : JACKSON.writeValueAsString(node);
        } catch (JacksonException | NumberFormatException e) {
            expected = "refused";
        }
        String found;
        try {
            found = JsonSyntax.STRICT.parse(text).toString();
        } catch (JsonException e) {
            found = "refused";
            assertTrue(e.getMessage().matches("(?s)line \\d+, column \\d+: .+"), e.getMessage());
            assertFalse(e.getMessage().contains("REDACTED") || e.getMessage().contains("Source"), e.getMessage());
        }
        // numbers are written as they were, so 1e3 is not yet Jackson's 1E+3
        assertEquals(
                expected, found.equals("refused") ? found : JACKSON.writeValueAsString(JACKSON.readTree(found)), text);
    }

    /** Texts of pieces that often are JSON, and often nearly. */
    @Provide
    Arbitrary<String> texts() {
        Arbitrary<String> scalars = Arbitraries.of(
                "1",
                "-0",
                "1.50",
                "1e3",
                "1E-7",
                "true",
                "null",
                "\"a\"",
                "\"\\u00e9\\n/\"",
                "\"\u2028\"",
                "01",
                "'a'",
                "\"");
        Arbitrary<String> values = Arbitraries.lazyOf(
                () -> scalars,
                () -> scalars,
                () -> parts().map(parts -> "[" + String.join(",", parts) + "]"),
                () -> parts().map(parts -> "{\"k\":" + String.join(", \"l\" : ", parts) + "}"),
                () -> parts().map(parts -> String.join(" ", parts)));
        return values;
    }

    private Arbitrary<List<String>> parts() {
        return texts().list().ofMaxSize(3);
    }
}
