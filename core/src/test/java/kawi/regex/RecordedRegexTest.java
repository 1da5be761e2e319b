package kawi.regex;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import kawi.json.JsonSyntax;
import kawi.json.JsonValue;
import org.junit.jupiter.api.Test;

/** Patterns and texts of our own with the verdicts of Node.js; the file says how they were recorded. */
class RecordedRegexTest {

    private static JsonValue recorded() throws IOException {
        try (InputStream file =
                Objects.requireNonNull(RecordedRegexTest.class.getResourceAsStream("ecmascript.json"))) {
            return JsonSyntax.STRICT.parse(new String(file.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private static void findsWhatNodeFinds(String patterns, String texts) throws IOException {
        JsonValue recorded = recorded();
        List<String> differences = new ArrayList<>();
        int compared = 0;
        for (var pattern : recorded.path(patterns).properties()) {
            Regex regex = Regex.parse(pattern.getKey(), _ -> {});
            String expected = pattern.getValue().stringValue();
            for (int i = 0; i < expected.length(); i++) {
                String text = recorded.path(texts).path(i).stringValue();
                compared++;
                if (regex.isFoundIn(text, _ -> {}) != (expected.charAt(i) == '1')) {
                    differences.add("%s in %s: expected %c"
                            .formatted(pattern.getKey(), RegexException.quote(text), expected.charAt(i)));
                }
            }
        }
        assertEquals(List.of(), differences, compared + " compared");
    }

    @Test
    void patternsOfEveryKind() throws IOException {
        findsWhatNodeFinds("patterns", "texts");
    }

    @Test
    void generatedPatterns() throws IOException {
        findsWhatNodeFinds("generated", "shortTexts");
    }
}
