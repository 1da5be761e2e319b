package kawi.template;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Templates that would not terminate, exhaust the memory or overflow the stack are rejected with a message. */
class MaliciousTemplateTest {

    private static final long SMALL_STACK = 512 << 10;

    /** Parses and renders on a thread with a small stack and returns the exception thrown, if any. */
    private static @Nullable Throwable run(String source, Map<String, ?> variables) throws InterruptedException {
        var thrown = new AtomicReference<@Nullable Throwable>();
        var thread = new Thread(
                null,
                () -> {
                    try {
                        ChatTemplate.parse("malicious", source).render(variables);
                    } catch (Throwable e) {
                        thrown.set(e);
                    }
                },
                "small stack",
                SMALL_STACK);
        thread.start();
        thread.join();
        return thrown.get();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // time
                "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
                "{% macro m() %}{% for i in range(9) %}{{ caller() }}{% endfor %}{% endmacro %}"
                        + "{% macro r(n) %}{% if n %}{{ r(n - 1) }}{{ r(n - 1) }}{% endif %}{% endmacro %}{{ r(40) }}",
                "{% set ns = namespace(x='a') %}{% for i in range(99999) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
                "{% set x = 'a' * 1000000 %}{% set y = 'a' * 500000 ~ 'b' %}{% for i in range(100000) %}{{ y in x }}{% endfor %}",
                "{% set x = 'a' * 3000000 %}{% for i in range(100000) %}{% if x == x[:] %}{% endif %}{% endfor %}",
                "{% set x = 'é' * 3000000 %}{% for i in range(100000) %}{{ x[-1] }}{% endfor %}",
                "{% set x = range(100000)|list %}{% for i in x %}{{ -1 in x }}{% endfor %}",
                "{% set x = range(100000)|list %}{% for i in x %}{{ x|sum }}{% endfor %}",
                "{% set x = range(100000)|list %}{% for i in x %}{{ x == x }}{% endfor %}",
                "{% set x = range(100000)|list %}{% for i in x %}{{ x|reverse|list|sort|length }}{% endfor %}",
                "{% set x = 'a' * 1000000 %}{% for i in range(100000) %}{{ x.count('ab') + x.find('b') }}{% endfor %}",
                "{% set x = 'a' * 1000000 %}{% for i in range(100000) %}{{ x.isalpha() }}{{ x|wordcount }}{% endfor %}",
                "{% set x = ' ' * 8000000 ~ 'a' %}{% for i in range(100000) %}{% for j in range(100) %}{% if x.strip() == x|trim %}{% endif %}{% endfor %}{% endfor %}",
                "{% set x = 'a.' * 1000000 %}{% for i in range(100000) %}{% for j in range(100) %}{% set y = [1]|map(attribute=x) %}{% endfor %}{% endfor %}",
                "{% set x = 'a' * 8000000 %}{% for i in range(100000) %}{% for j in range(100) %}{% set y = i[x ~ j] %}{% endfor %}{% endfor %}",
                "{% set x = range(100000)|list %}{% for i in x %}{% for j in range(100) %}{% set d = dict(x|batch(2)) %}{% for k in d %}{% break %}{% endfor %}{% endfor %}{% endfor %}",
                "{% set ns = namespace(x=[]) %}{% for i in range(1000) %}{% set ns.x = ns.x + [(i, 31 * (1000 - i))] %}{% endfor %}{% for i in range(100000) %}{{ ns.x|unique|list|length }}{% endfor %}",
                "{% for i in range(100000) %}{{ 5e-324 < 10 ** 4000 and (10 ** 4000 + i) / 7 ** 4730 }}{% endfor %}",
                "{% set ns = namespace(x=[]) %}{% for i in range(9999) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ('x'|safe).join(ns.x) }}",
                // memory
                "{{ 'a' * 1000000000 }}",
                "{{ 'a' * 99999999999999999999 }}",
                "{{ [1] * 1000000000 }}",
                "{{ ([[]] * 1000) * 1000000 }}",
                "{% set ns = namespace(x=[1]) %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
                "{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x = ns.x.replace('a', ns.x) %}{% endfor %}",
                "{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x = ns.x.join(ns.x) %}{% endfor %}",
                "{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x = [ns.x, ns.x]|join(ns.x) %}{% endfor %}",
                "{% set ns = namespace(x=[1]) %}{% for i in range(99) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
                "{% set ns = namespace(x=[1]) %}{% for i in range(99) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x|tojson }}",
                "{% set ns = namespace(x=[1]) %}{% for i in range(99) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x == ns.x + [] }}",
                "{% set ns = namespace(x=(1,)) %}{% for i in range(99) %}{% set ns.x = (ns.x, ns.x) %}{% endfor %}{{ {ns.x: 1} }}",
                "{{ '%1000000000d' % 1 }}",
                "{{ '%*d' % (99999999999, 1) }}",
                "{{ '%.1000000000f' % 1 }}",
                "{{ '{:1000000000}'.format('x') }}",
                "{{ '{:{}}'.format('x', 99999999999) }}",
                "{{ 'x'.center(1000000000) }}",
                "{{ 'x'.ljust(1000000000000) }}",
                "{{ 'x'.zfill(1000000000) }}",
                "{{ '\\t'.expandtabs(1000000000) }}",
                "{{ 'a\\nb'|indent(1000000000) }}",
                "{{ [1]|tojson(indent=1000000000) }}",
                "{{ [1]|batch(1000000000, 1)|list }}",
                "{{ [1]|slice(1000000000)|list }}",
                "{{ range(1000000000) }}",
                "{{ 9 ** 999999999 }}",
                "{% set ns = namespace(x=9) %}{% for i in range(99) %}{% set ns.x = ns.x * ns.x %}{% endfor %}",
                "{% set ns = namespace(x={}) %}{% for i in range(99999) %}{% set ns.x = dict(ns.x, **{'k' ~ i: 1}) %}{% endfor %}",
                "{% for i in range(99999) %}{{ 'x' * 1000 }}{% endfor %}",
                "{% macro m(n) %}{{ 'x' * n }}{{ m(n * 2) }}{% endmacro %}{{ m(1) }}",
                // stack
                "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
                "{% macro m(x) %}{% call m(x) %}{{ caller() }}{% endcall %}{% endmacro %}{% call m(1) %}{% endcall %}",
                "{% macro m(x=m()) %}{% endmacro %}{{ m() }}",
                "{% set ns = namespace(x=[]) %}{% for i in range(9999) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}",
                "{% set ns = namespace(x=[]) %}{% for i in range(9999) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x|tojson }}",
                "{% set ns = namespace(x=[], y=[]) %}{% for i in range(9999) %}{% set ns.x = [ns.x] %}{% set ns.y = [ns.y] %}{% endfor %}{{ ns.x == ns.y }}{{ ns.x < ns.y }}",
                "{% set ns = namespace(x=(1,)) %}{% for i in range(9999) %}{% set ns.x = (ns.x,) %}{% endfor %}{{ [ns.x]|unique|list }}",
                "{% set ns = namespace(x=[1]) %}{% for i in range(9999) %}{% set ns.x = ns.x|map('string') %}{% endfor %}{{ ns.x|list }}",
                "{% set ns = namespace(x=[1]) %}{% for i in range(9999) %}{% set ns.x = ns.x|select %}{% endfor %}{% for i in ns.x %}{% endfor %}",
                "{% set ns = namespace() %}{% set ns.self = ns %}{{ ns }}",
                "{{ '{:{:{:{}}}}'.format(1, 2, 3, 4) }}",
            })
    void areRejectedWithAMessage(String source) {
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(30), () -> {
            var thrown = assertInstanceOf(TemplateException.class, run(source, Map.of()), source);
            assertTrue(!thrown.raised() && !thrown.problem().isEmpty());
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(",
                "[",
                "{1:",
                "-",
                "not ",
                "a[",
                "a(",
                "a if ",
                "a if b else ",
                "a|d(",
                "a is eq ",
                "(a or ",
                "a is divisibleby(",
                "a + ",
                "a ~ ",
                "a ** ",
                "a < ",
                "a and ",
                "a.b.",
                "a|d|",
                "a()(",
                "a[0]["
            })
    void deepExpressionsAreRejected(String opening) throws InterruptedException {
        for (int depth : List.of(150, 20_000)) {
            var thrown = run("{{ " + opening.repeat(depth), Map.of());
            assertInstanceOf(TemplateException.class, thrown, opening);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1 + ", "1 ~ ", "1 * ", "1 or ", "1 and ", "1 == ", "1 if 1 else ", "not ", "- "})
    void longChainsAreEvaluatedOrRejected(String link) throws InterruptedException {
        var thrown = run("{{ " + link.repeat(50_000) + "1 }}", Map.of());
        assertTrue(thrown == null || thrown instanceof TemplateException, () -> link + thrown);
        assertEquals(null, run("{{ " + link.repeat(60) + "1 }}", Map.of()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% if 1 %}",
                "{% for i in [1] %}",
                "{% set x %}",
                "{% filter upper %}",
                "{% with %}",
                "{% macro m() %}",
                "{% generation %}",
                "{% if 1 %}{% else %}",
                "{% if 0 %}{% elif 1 %}"
            })
    void deepBlocksAreRejected(String block) throws InterruptedException {
        assertInstanceOf(TemplateException.class, run(block.repeat(20_000), Map.of()), block);
    }

    @Test
    void suffixChainsAreRejected() throws InterruptedException {
        assertInstanceOf(TemplateException.class, run("{{ 'a'" + "|upper".repeat(50_000) + " }}", Map.of()));
        assertInstanceOf(TemplateException.class, run("{{ x" + ".a".repeat(50_000) + " }}", Map.of()));
        assertInstanceOf(TemplateException.class, run("{{ x" + "()".repeat(50_000) + " }}", Map.of()));
        assertInstanceOf(TemplateException.class, run("{{ 'a'" + "[0]".repeat(50_000) + " }}", Map.of()));
        assertEquals(null, run("{{ 'a'" + "|upper".repeat(100) + " }}", Map.of()));
    }

    @Test
    void timeDoesNotDependOnTheNumberOfNames() {
        var sets = new StringBuilder();
        var parameters = new StringBuilder("p");
        for (int i = 0; i < 20_000; i++) {
            sets.append("{% set v").append(i).append("=1 %}");
            parameters.append(",q").append(i);
        }
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(30), () -> {
            assertInstanceOf(
                    TemplateException.class,
                    run(
                            "{% for i in range(100000) %}{% for j in range(100) %}{% continue %}" + sets
                                    + "{% endfor %}{% endfor %}",
                            Map.of()));
            assertInstanceOf(
                    TemplateException.class,
                    run(
                            "{% macro m(" + parameters
                                    + ") %}{% endmacro %}{% for i in range(100000) %}{{ m() }}{% endfor %}",
                            Map.of()));
        });
    }

    @Test
    void hugeTemplatesAreRejected() {
        var problem = assertThrows(TemplateException.class, () -> ChatTemplate.parse("huge", "x".repeat(2 << 20)))
                .problem();
        assertEquals("the template has 2097152 characters; the maximum is 1048576", problem);
    }

    @Test
    void hugeNumbersAreRejected() throws InterruptedException {
        assertInstanceOf(TemplateException.class, run("{{ " + "9".repeat(100_000) + " }}", Map.of()));
        assertEquals(null, run("{{ ('9' * 100000)|int }}", Map.of()));
        assertEquals(null, run("{{ ('9_' * 2000 ~ '9')|int }}{{ ('1_' * 2000 ~ '1e5')|float }}", Map.of()));
    }

    @Test
    void largeConversationsAreWithinTheLimits() {
        var message = Map.of("role", "user", "content", "word ".repeat(2_000));
        var messages = java.util.Collections.nCopies(1_000, message);
        var source =
                "{% for m in messages %}{% set content = m.content|trim %}{% if '</think>' in content %}x{% endif %}"
                        + "{{ '<|im_start|>' + m.role + '\\n' + content + '<|im_end|>' + '\\n' }}{% endfor %}";
        var prompt = ChatTemplate.parse("large", source).render(Map.of("messages", messages));
        assertEquals(1_000 * ("<|im_start|>user\n<|im_end|>\n".length() + 9_999), prompt.length());
    }
}
