package kawi.template;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import tools.jackson.databind.JsonNode;

/** Any template is either rendered or rejected with a {@link TemplateException} that has a position and a message. */
class ChatTemplatePropertyTest {

    private final JsonNode golden = JsonFixtures.read(getClass().getResourceAsStream("jinja2-cases.json"));
    private final Map<String, Object> variables = JsonFixtures.map(golden.get("variables"));
    private final List<String> sources = new ArrayList<>();

    ChatTemplatePropertyTest() throws IOException {
        golden.get("cases")
                .forEach(example -> sources.add(example.get("template").asString()));
        try (var demo = getClass().getResourceAsStream("demo-chat-template.jinja")) {
            var text = new String(Objects.requireNonNull(demo).readAllBytes(), StandardCharsets.UTF_8);
            for (int i = 0; i < 100; i++) {
                sources.add(text);
            }
        }
    }

    private void rendersOrFails(String source) {
        try {
            ChatTemplate.parse("random", source).render(variables);
        } catch (TemplateException e) {
            assertTrue(e.line() >= 1 && e.column() >= 1, source);
            assertTrue(e.raised() || !e.problem().isEmpty(), source);
        }
    }

    @Property(tries = 4000)
    void damagedTemplates(@ForAll("damaged") String source) {
        rendersOrFails(source);
    }

    @Provide
    Arbitrary<String> damaged() {
        var positions = Arbitraries.doubles().between(0, 1);
        return Combinators.combine(
                        Arbitraries.of(sources),
                        Arbitraries.of(sources),
                        positions,
                        positions,
                        Arbitraries.integers().between(0, 4),
                        fragment())
                .as(ChatTemplatePropertyTest::damage);
    }

    private static String damage(String source, String other, double at, double until, int kind, String fragment) {
        int start = (int) (Math.min(at, until) * source.length());
        int end = (int) (Math.max(at, until) * source.length());
        int near = Math.min(source.length(), start + 1 + (end - start) % 7);
        return switch (kind) {
            case 0 -> source.substring(0, start);
            case 1 -> source.substring(0, start) + source.substring(near);
            case 2 -> source.substring(0, start) + fragment + source.substring(near);
            case 3 -> source.substring(0, start) + source.substring(start, end).repeat(2) + source.substring(end);
            default -> source.substring(0, start) + other.substring((int) (at * other.length()));
        };
    }

    @Property(tries = 4000)
    void randomExpressions(@ForAll("expressions") String expression) {
        rendersOrFails("{{ " + expression + " }}");
        rendersOrFails("{% for x in " + expression + " %}{{ x }}{{ loop.last }}{% endfor %}");
    }

    @Provide
    Arbitrary<String> expressions() {
        return expressions(3);
    }

    private static Arbitrary<String> expressions(int depth) {
        if (depth == 0) {
            return atom();
        }
        var inner = expressions(depth - 1);
        return Arbitraries.oneOf(
                inner,
                Combinators.combine(inner, operator(), inner).as((a, op, b) -> a + op + b),
                Combinators.combine(inner, suffix()).as((a, b) -> "(" + a + ")" + b),
                Combinators.combine(inner, suffix(), suffix()).as((a, b, c) -> "(" + a + ")" + b + c),
                inner.list().ofMaxSize(3).map(items -> "[" + String.join(", ", items) + "]"),
                Combinators.combine(inner, inner).as((a, b) -> "{" + a + ": " + b + "}"));
    }

    private static Arbitrary<String> atom() {
        return Arbitraries.of(
                "s",
                "empty",
                "n",
                "neg",
                "f",
                "big",
                "yes",
                "nothing",
                "list",
                "words",
                "dict",
                "emoji",
                "users",
                "missing",
                "messages",
                "tools",
                "0",
                "1",
                "-3",
                "1.5",
                "1e308",
                "'a'",
                "'%s %5d'",
                "'{} {:>5}'",
                "''",
                "none",
                "true",
                "()",
                "(1,)",
                "range(5)",
                "namespace(a=1)",
                "2 ** 63",
                "'\\ud800'",
                "'é😀'",
                "dict.items()",
                "list|map('string')");
    }

    private static Arbitrary<String> operator() {
        return Arbitraries.of(
                " + ",
                " - ",
                " * ",
                " / ",
                " // ",
                " % ",
                " ** ",
                " ~ ",
                " == ",
                " != ",
                " < ",
                " >= ",
                " in ",
                " not in ",
                " and ",
                " or ",
                " if ",
                ", ");
    }

    private static Arbitrary<String> suffix() {
        return Arbitraries.of(
                "|upper",
                "|list",
                "|length",
                "|first",
                "|last",
                "|join('-')",
                "|tojson",
                "|tojson(indent=2)",
                "|sort",
                "|unique|list",
                "|map('upper')|list",
                "|selectattr('age')|list",
                "|sum",
                "|max",
                "|int",
                "|float",
                "|round",
                "|abs",
                "|reverse",
                "|items|list",
                "|dictsort",
                "|string",
                "|e",
                "|safe",
                "|title",
                "|trim",
                "|indent",
                "|batch(2)|list",
                "|slice(2)|list",
                "|groupby('age')",
                "|truncate(5)",
                "|replace('a', s)",
                "|default('d', true)",
                "|format(1)",
                ".split()",
                ".split('l')",
                ".upper()",
                ".items()",
                ".get('a')",
                ".a.x",
                "[0]",
                "[-1]",
                "[1:]",
                "[::-1]",
                "[::2]",
                "[none]",
                "['a']",
                "(1)",
                ".format(1, n)",
                ".index(1)",
                ".count('l')",
                ".join(words)",
                ".strip('Hd')",
                ".replace('', '-')",
                ".splitlines()",
                ".center(9)",
                ".zfill(8)",
                " is string",
                " is sequence",
                " is eq 1",
                " is in list",
                " is divisibleby 2",
                " is odd");
    }

    private static Arbitrary<String> fragment() {
        return Arbitraries.oneOf(
                Arbitraries.of(
                        "{{",
                        "}}",
                        "{%",
                        "%}",
                        "{#",
                        "#}",
                        "-%}",
                        "{%-",
                        "'",
                        "\"",
                        "\\",
                        "(",
                        ")",
                        "[",
                        "]",
                        "{",
                        "}",
                        "|",
                        ".",
                        ",",
                        "~",
                        "**",
                        "is",
                        "not",
                        "if",
                        "else",
                        "for",
                        "in",
                        "{% if 1 %}",
                        "{% endif %}",
                        "{% endfor %}",
                        "{% break %}",
                        "{% raw %}",
                        "loop.",
                        "\u0000",
                        "\ud800",
                        "😀",
                        "9999999999999999999",
                        "1e999",
                        "\n",
                        "\r\n",
                        " "),
                Arbitraries.strings().ofMaxLength(3));
    }

    @Property(tries = 2000)
    void textOutsideOfTagsIsUnchanged(@ForAll String text) {
        var harmless = text.replace("{", "").replace("\r", "");
        var expected = harmless.endsWith("\n") ? harmless.substring(0, harmless.length() - 1) : harmless;
        assertEquals(
                expected, ChatTemplate.parse("text", harmless).render(Map.of()).toString());
    }

    @Property(tries = 1000)
    void stringsAreUnchangedByDisplayAndJson(@ForAll String text) {
        var variables = Map.of("text", text);
        assertEquals(
                text, ChatTemplate.parse("text", "{{ text }}").render(variables).toString());
        assertEquals(
                text,
                JsonFixtures.parse(ChatTemplate.parse("json", "{{ text|tojson }}")
                        .render(variables)
                        .toString()));
        assertEquals(
                text,
                JsonFixtures.parse(ChatTemplate.parse("json", "{{ text|tojson(true) }}")
                        .render(variables)
                        .toString()));
    }
}
