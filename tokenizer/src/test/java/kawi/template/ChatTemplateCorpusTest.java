package kawi.template;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kawi.tokenizer.OriginText;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/**
 * The prompts of {@code chat-templates.json}, recorded with Hugging Face transformers by the script
 * {@code chat-templates.py}: templates in the style of many models, in conversations whose texts resemble control
 * tokens.
 */
class ChatTemplateCorpusTest {

    private final JsonNode golden = JsonFixtures.read(getClass().getResourceAsStream("chat-templates.json"));
    private final LocalDateTime now = LocalDateTime.parse(golden.get("now").asString());

    @TestFactory
    List<DynamicTest> promptsAreThoseOfTransformers() {
        List<DynamicTest> tests = new ArrayList<>();
        for (var example : golden.get("cases")) {
            var name = example.get("template").asString();
            var conversation = example.get("conversation").asString();
            tests.add(DynamicTest.dynamicTest(name + ", " + conversation, () -> {
                var source = golden.get("templates").get(name).asString();
                check(example, ChatTemplate.parse(name, source), variables(conversation));
            }));
        }
        assertEquals(132, tests.size());
        return tests;
    }

    private Map<String, @Nullable Object> variables(String conversation) {
        Map<String, @Nullable Object> variables = new HashMap<>();
        golden.get("tokens")
                .properties()
                .forEach(token -> variables.put(
                        token.getKey(), OriginText.ofTemplate(token.getValue().asString())));
        variables.put("tools", null);
        variables.put("documents", null);
        variables.put("add_generation_prompt", true);
        variables.putAll(JsonFixtures.map(golden.get("conversations").get(conversation)));
        return variables;
    }

    private void check(JsonNode example, ChatTemplate template, Map<String, @Nullable Object> variables) {
        if (example.has("expected")) {
            var prompt = render(template, variables);
            assertEquals(example.get("expected").asString(), prompt.toString());
            for (int i = 0; i < prompt.spans(); i++) {
                var own = prompt.toString().substring(prompt.spanStart(i), prompt.spanEnd(i));
                assertFalse(own.chars().anyMatch(c -> c >= 'Α' && c <= 'ω'), own);
            }
            return;
        }
        var failure = assertThrows(TemplateException.class, () -> render(template, variables));
        assertEquals(example.has("raises"), failure.raised(), failure.getMessage());
        if (failure.raised()) {
            assertEquals(example.get("raises").asString(), failure.problem());
        }
    }

    private OriginText render(ChatTemplate template, Map<String, @Nullable Object> variables) {
        return template.render(variables, () -> now.toInstant(ZoneOffset.UTC), ZoneOffset.UTC);
    }
}
