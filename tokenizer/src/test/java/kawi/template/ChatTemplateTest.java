package kawi.template;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Renders conversations with the templates of models, and tests the public API: variables and errors. */
class ChatTemplateTest {

    private static String render(String source, Map<String, ?> variables) {
        return ChatTemplate.parse("test", source).render(variables).toString();
    }

    private static void check(
            ChatTemplate template, Map<String, ?> variables, JsonNode expected, @Nullable JsonNode raises) {
        if (raises == null) {
            assertEquals(expected.asString(), template.render(variables).toString());
        } else {
            var raised = assertThrows(TemplateException.class, () -> template.render(variables));
            assertTrue(raised.raised());
            assertEquals(raises.asString(), raised.problem());
        }
    }

    private static ChatTemplate demoTemplate() throws IOException {
        try (var source = ChatTemplateTest.class.getResourceAsStream("demo-chat-template.jinja")) {
            var text = new String(Objects.requireNonNull(source).readAllBytes(), StandardCharsets.UTF_8);
            return ChatTemplate.parse("demo", text);
        }
    }

    @TestFactory
    List<DynamicTest> demoConversations() throws IOException {
        var template = demoTemplate();
        List<DynamicTest> tests = new ArrayList<>();
        for (var conversation : JsonFixtures.read(getClass().getResourceAsStream("demo-conversations.json"))
                .get("conversations")) {
            tests.add(DynamicTest.dynamicTest(
                    conversation.get("name").asString(),
                    () -> check(
                            template,
                            JsonFixtures.map(conversation.get("variables")),
                            conversation.path("expected"),
                            conversation.get("raises"))));
        }
        assertEquals(15, tests.size());
        return tests;
    }

    @TestFactory
    List<DynamicTest> qwenConversations() throws IOException {
        var folder = Path.of(System.getProperty("kawi.shared", "missing"), "tokenizers");
        Assumptions.assumeTrue(Files.isDirectory(folder), "no Qwen3.5 templates: " + folder.toAbsolutePath());
        List<DynamicTest> tests = new ArrayList<>();
        for (var kind : List.of("think", "nothink")) {
            var file = folder.resolve("qwen35-chat-template-default-" + kind + ".jinja");
            var template = ChatTemplate.parse(file.getFileName().toString(), Files.readString(file));
            try (var fixtures = Files.newInputStream(folder.resolve("qwen35-chat-fixtures.json"))) {
                for (var conversation : JsonFixtures.read(fixtures).get("cases")) {
                    var variables = JsonFixtures.map(conversation.get("kwargs"));
                    variables.put("messages", JsonFixtures.value(conversation.get("messages")));
                    var expected = conversation.get("default_" + kind);
                    tests.add(DynamicTest.dynamicTest(
                            kind + ": " + conversation.get("name").asString(),
                            () -> check(
                                    template,
                                    variables,
                                    expected,
                                    expected.isNull() ? conversation.get("error") : null)));
                }
            }
        }
        assertEquals(52, tests.size());
        return tests;
    }

    @Test
    void errorsHaveAPosition() {
        var syntax = assertThrows(
                TemplateException.class, () -> ChatTemplate.parse("my.jinja", "é😀\n  {% if x %}\n {{ a b }}"));
        assertEquals("my.jinja", syntax.template());
        assertEquals(3, syntax.line());
        assertEquals(7, syntax.column());
        assertEquals("chat template my.jinja, line 3, column 7: expected '}}', found 'b'", syntax.getMessage());

        var filter = assertThrows(TemplateException.class, () -> ChatTemplate.parse("t", "{{ 'é😀' | frobnicate }}"));
        assertEquals("unknown filter 'frobnicate'", filter.problem());
        assertEquals(11, filter.column());

        var tag = assertThrows(TemplateException.class, () -> ChatTemplate.parse("t", "\n{% include 'x' %}"));
        assertEquals("the tag 'include' is not supported in chat templates", tag.problem());
        assertEquals(2, tag.line());

        var missing = assertThrows(
                TemplateException.class,
                () -> render("{% macro m(x) %}\n{{ x.y.z }}{% endmacro %}{{ m({}) }}", Map.of()));
        assertEquals("'dict object' has no attribute 'y'", missing.problem());
        assertEquals(2, missing.line());
        assertFalse(missing.raised());

        var method = assertThrows(TemplateException.class, () -> render("{{ 'x'.casefold() }}", Map.of()));
        assertEquals("the method 'casefold' of str is not supported", method.problem());
    }

    @Test
    void raisedMessagesAreUnchanged() {
        var raised = assertThrows(
                TemplateException.class,
                () -> render("\n {{ raise_exception('Roles must alternate: ' ~ n) }}", Map.of("n", 3)));
        assertTrue(raised.raised());
        assertEquals("Roles must alternate: 3", raised.problem());
        assertEquals("chat template test, line 2, column 20: Roles must alternate: 3", raised.getMessage());
    }

    @Test
    void acceptsJsonLikeValues() {
        Map<String, @Nullable Object> variables = new LinkedHashMap<>();
        variables.put("string", "é");
        variables.put("bool", true);
        variables.put("int", 1);
        variables.put("long", 1L << 40);
        variables.put("big", BigInteger.ONE.shiftLeft(64));
        variables.put("float", 0.5f);
        variables.put("double", 0.1);
        variables.put("nothing", null);
        variables.put("list", Arrays.asList(1, null, "x"));
        variables.put("map", Map.of("k", List.of()));
        assertEquals(
                "['é', True, 1, 1099511627776, 18446744073709551616, 0.5, 0.1, None, [1, None, 'x'], {'k': []}]",
                render("{{ [string, bool, int, long, big, float, double, nothing, list, map] }}", variables));
    }

    @Test
    void rejectsOtherValuesWithTheirPath() {
        assertEquals(
                "messages[1].content: java.lang.StringBuilder is not supported as a template variable; use String,"
                        + " Boolean, Integer, Long, BigInteger, Float, Double, null, Iterable or Map",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> render(
                                        "",
                                        Map.of("messages", List.of(Map.of(), Map.of("content", new StringBuilder())))))
                        .getMessage());
        assertEquals(
                "tools[0]: keys must be strings, but one is a java.lang.Integer",
                assertThrows(IllegalArgumentException.class, () -> render("", Map.of("tools", List.of(Map.of(1, 2)))))
                        .getMessage());
        List<Object> cycle = new ArrayList<>();
        cycle.add(cycle);
        assertThrows(IllegalArgumentException.class, () -> render("", Map.of("cycle", cycle)));
    }

    @Test
    void variablesAreCopied() {
        List<Object> list = new ArrayList<>(List.of(1));
        var items = new Iterable<Object>() {
            @Override
            public java.util.Iterator<Object> iterator() {
                return list.iterator();
            }
        };
        assertEquals("[1][1]", render("{{ items }}{{ items }}", Map.of("items", items)));
    }

    @Test
    void isSafeForUseByMultipleThreads() throws Exception {
        var template = demoTemplate();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> prompts = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                var message = Map.of("role", "user", "content", "Question " + i);
                prompts.add(threads.submit(() ->
                        template.render(Map.of("messages", List.of(message))).toString()));
            }
            for (int i = 0; i < 200; i++) {
                assertEquals(
                        "<|im_start|>user\nQuestion " + i + "<|im_end|>\n",
                        prompts.get(i).get());
            }
        }
    }
}
