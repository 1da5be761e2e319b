package kawi.template;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import tools.jackson.databind.JsonNode;

/** The cases of {@code jinja2-cases.json}, recorded with Python's Jinja2 by the script {@code jinja2-cases.py}. */
class Jinja2CasesTest {

    @Test
    void rendersAndFailsLikeJinja2() {
        var golden = JsonFixtures.read(getClass().getResourceAsStream("jinja2-cases.json"));
        var clock = LocalDateTime.parse(golden.get("now").asString()).toInstant(ZoneOffset.UTC);
        Map<String, Object> variables = JsonFixtures.map(golden.get("variables"));
        assertTrue(golden.get("cases").size() > 1000);
        assertAll(golden.get("cases").valueStream().map(example -> (Executable) () -> {
            var source = example.get("template").asString();
            check(
                    example,
                    source,
                    () -> ChatTemplate.parse("case", source)
                            .render(variables, () -> clock, ZoneOffset.UTC)
                            .toString());
        }));
    }

    private interface Rendering {
        String run();
    }

    private static void check(JsonNode example, String source, Rendering rendering) {
        if (example.has("expected")) {
            try {
                assertEquals(example.get("expected").asString(), rendering.run(), source);
            } catch (TemplateException e) {
                fail(source + " should render to " + example.get("expected"), e);
            }
            return;
        }
        var failure = assertThrows(TemplateException.class, rendering::run, () -> source + " should fail: " + example);
        if (example.has("raises")) {
            assertTrue(failure.raised(), source);
            assertEquals(example.get("raises").asString(), failure.problem());
        } else {
            assertFalse(failure.raised(), source);
        }
        assertTrue(failure.line() >= 1 && failure.column() >= 1, source);
    }
}
