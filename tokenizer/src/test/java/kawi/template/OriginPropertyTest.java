package kawi.template;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import kawi.tokenizer.OriginText;
import kawi.tokenizer.Tokenizer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Whatever a template does with text from outside, the result is from outside. Only text from outside has Greek
 * letters, and only it has the word {@code end} and with it {@code <|im_end|>}, whole or in part.
 */
class OriginPropertyTest {

    private static final Tokenizer TOKENIZER = tokenizer();
    private static final int START = TOKENIZER.id("<|im_start|>").orElseThrow();
    private static final int END = TOKENIZER.id("<|im_end|>").orElseThrow();

    private static Tokenizer tokenizer() {
        try (var json = OriginPropertyTest.class.getResourceAsStream("/kawi/tokenizer/demo-tokenizer.json")) {
            return Tokenizer.fromJson(Objects.requireNonNull(json).readAllBytes(), null, "demo-tokenizer.json");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Property(tries = 3000, edgeCases = EdgeCasesMode.NONE)
    void textFromOutsideStaysOutside(
            @ForAll("templates") String source, @ForAll("texts") String one, @ForAll("texts") String two) {
        var template = ChatTemplate.parse("random", source);
        OriginText prompt;
        try {
            prompt = template.render(variables(one, two));
        } catch (TemplateException e) {
            return; // such as a format that does not fit
        }
        for (int span = 0; span < prompt.spans(); span++) {
            var own = prompt.toString().substring(prompt.spanStart(span), prompt.spanEnd(span));
            assertFalse(own.chars().anyMatch(c -> c > 0x7F), () -> source + " wrote " + own);
            assertFalse(own.contains("end"), () -> source + " wrote " + own);
        }
        int[] ids = TOKENIZER.encode(prompt);
        assertFalse(Arrays.stream(ids).anyMatch(id -> id == END), () -> source + " rendered " + prompt);
        assertEquals(prompt.toString(), TOKENIZER.decode(ids));
    }

    private static Map<String, Object> variables(String one, String two) {
        Map<String, Object> keyed = new LinkedHashMap<>();
        keyed.put(one, two);
        keyed.put("k" + two, List.of(one, 7, true));
        return Map.of("one", one, "two", two, "dict", keyed, "list", List.of(one, two, one));
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.of(
                        "<|im_end|>", "<|im_", "end|>", "α", "Ωβ ", "\n", "  ", "'", "\"", "%s", "{}", "<", "&", "\\")
                .list()
                .ofMaxSize(6)
                .map(parts -> String.join("", parts));
    }

    @Provide
    Arbitrary<String> templates() {
        var expression = expressions(3);
        return Combinators.combine(
                        expression,
                        expression,
                        Arbitraries.of(
                                "{{ A }}<|im_{{ B }}",
                                "{{ A ~ B }}",
                                "{% set x %}{{ A }}<|im_{% endset %}{{ x }}{{ B }}",
                                "{% set x | upper | lower %}{{ A }}{{ B }}{% endset %}{{ x | trim }}",
                                "{% macro m(p, q='<|im_') %}{{ q }}{{ p }}{% endmacro %}{{ m(A) }}{{ m(B, q=A) }}",
                                "{% filter replace('<', '<|im_') %}{{ A }}{{ B }}{% endfilter %}",
                                "{% for x in [A, B] %}{{ x }}{{ loop.index }}{% endfor %}",
                                "{% for k, v in dict.items() %}{{ k }}{{ v }}{{ A }}{% endfor %}{{ B }}",
                                "{% set ns = namespace(s='') %}{% for c in A | string %}"
                                        + "{% set ns.s = ns.s + c %}{% endfor %}{{ ns.s }}{{ B }}",
                                "{% macro m() %}{{ caller(A) }}{% endmacro %}{% call(x) m() %}<|im_{{ x }}{% endcall %}"
                                        + "{{ B }}",
                                "{% for x in [[A], B] recursive %}{{ loop(x) if x is not string else x }}{% endfor %}"))
                .as((a, b, shape) -> shape.replace("A", "(" + a + ")").replace("B", "(" + b + ")"));
    }

    private static Arbitrary<String> expressions(int depth) {
        var atom = Arbitraries.of(
                "one",
                "two",
                "dict",
                "list",
                "'<|im_'",
                "'<|im_start|>'",
                "'start|>'",
                "'%s<|im_start|>%r'",
                "'{}<|im_{!r:>9}'",
                "' x '",
                "3");
        if (depth == 0) {
            return atom;
        }
        var inner = expressions(depth - 1);
        var suffix = Arbitraries.of(
                " | upper",
                " | lower",
                " | title",
                " | capitalize",
                " | trim",
                " | string",
                " | list | join",
                " | reverse | list | join",
                " | string | reverse",
                " | tojson",
                " | tojson(indent=2)",
                " | tojson(ensure_ascii=true)",
                " | e",
                " | forceescape",
                " | safe",
                " | urlencode",
                " | striptags",
                " | string | indent",
                " | string | indent('<|im_', true)",
                " | string | wordwrap(4)",
                " | string | truncate(9, true, '<|im_')",
                " | center(30)",
                " | replace('<|im_', '<|im_start|>')",
                " | replace(one, '<|im_')",
                " | replace('<', two)",
                " | replace('', '|')",
                " | join('<|im_')",
                " | join(one)",
                " | map('upper') | join(two)",
                " | first",
                " | last",
                " | default('x')",
                " | items | list",
                " | string | list | batch(2) | map('join', '<') | join",
                " | string | list | sort | join",
                " | string | list | unique | join",
                " | format(one, two)",
                " | string | format('<|im_', two)",
                " | xmlattr",
                " | string | list | groupby(0) | map('first') | join",
                "[1:]",
                "[:-1]",
                "[::-1]",
                "[::2]",
                "[0]",
                ".split('<') | join('<|im_')",
                ".rsplit(two, 1) | join",
                ".partition('|') | join",
                ".splitlines() | join('<|im_')",
                ".strip('<')",
                ".removeprefix('<|im_')",
                ".ljust(20, '<')",
                ".zfill(20)",
                ".expandtabs()",
                ".swapcase()",
                ".title()",
                ".join(list)",
                ".format(one, two)",
                ".replace('im', 'IM', 1)",
                " % (one, two)",
                " % two",
                " * 2");
        return Arbitraries.oneOf(
                atom,
                Combinators.combine(inner, suffix).as((a, b) -> "(" + a + ")" + b),
                Combinators.combine(inner, suffix, suffix).as((a, b, c) -> "((" + a + ")" + b + ")" + c),
                Combinators.combine(inner, inner).as((a, b) -> "(" + a + ") ~ (" + b + ")"),
                Combinators.combine(inner, inner).as((a, b) -> "(" + a + ") + (" + b + ")"),
                Combinators.combine(inner, inner).as((a, b) -> "[" + a + ", {" + b + ": " + a + "}]"));
    }

    @Example
    void textOfTheTemplateStaysTheTemplates() {
        var source = """
                {%- set start = '<|im_' ~ 'start' + '|>' %}
                {%- set block %}<|im_start|>{{ one }}<|im_start|>{% endset %}
                {%- macro turn(role) %}{{ start ~ role }}{% endmacro %}
                {{- block | trim ~ turn('user') ~ ['<|im_start|>', one] | join ~ ('%s<|im_start|>' % one) }}
                {{- '<|im_start|>{}'.format(one) ~ '<|im_start|>x' | replace('x', one) ~ block[:12] ~ block[-12:] }}
                {{- (one ~ '<|im_start|>').split(one) | last ~ '  <|im_start|>  ' | trim ~ '<|im_start|>' * 2 }}
                {{- {'role': '<|im_start|>'} | tojson ~ ['<|im_start|>'] ~ '<|im_' ~ 'START|>' | lower }}
                {{- one | indent('<|im_start|>', true) ~ '<|im_start|>' | list | join }}""";
        var prompt = ChatTemplate.parse("own", source).render(variables("α", "β"));
        int[] ids = TOKENIZER.encode(prompt);
        int written = prompt.toString().split("<\\|im_start\\|>", -1).length - 1;
        assertEquals(18, written);
        assertEquals(written, Arrays.stream(ids).filter(id -> id == START).count());
    }

    @Example
    void numbersAndConstantsAreTheTemplates() {
        var prompt = ChatTemplate.parse("own", "{{ 1 ~ true ~ none ~ 2.5 ~ [] | length ~ '%d' % 3 }}")
                .render(Map.of());
        assertTrue(prompt.isOfTemplate(), prompt.toString());
    }

    @Example
    void whatIsComputedFromAFormatHasItsOrigin() {
        var outside = ChatTemplate.parse("own", "{{ strftime_now(one) }}").render(Map.of("one", "%Y<|im_end|>"));
        assertTrue(outside.isOutside());
        assertTrue(ChatTemplate.parse("own", "{{ strftime_now('%Y') }}")
                .render(Map.of())
                .isOfTemplate());
    }
}
