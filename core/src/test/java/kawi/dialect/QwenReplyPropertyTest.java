package kawi.dialect;

import static java.time.Duration.ofSeconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import kawi.reply.MalformedCall;
import kawi.reply.ParsedCall;
import kawi.reply.ReplyParser;
import kawi.reply.ReplySink;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class QwenReplyPropertyTest {

    /** A value with these tags may be the end of the call and the beginning of another. */
    private static final Pattern TWO_CALLS = Pattern.compile("</tool_call>(\\s|<[^<>]*>)*<tool_call>\\s*\\{");

    /** One function and its arguments, in the order the model gives them. */
    record Call(String name, Map<String, String> values) {

        /** As the chat template prints it. */
        String rendered() {
            var text = new StringBuilder("<tool_call>\n<function=" + name + ">\n");
            values.forEach(
                    (parameter, value) -> text.append("<parameter=" + parameter + ">\n" + value + "\n</parameter>\n"));
            return text + "</function>\n</tool_call>";
        }

        String shown() {
            return Heard.show(new ParsedCall(name, new ParsedCall.Parameters(new LinkedHashMap<>(values)), ""));
        }
    }

    @Provide
    Arbitrary<Call> call() {
        Arbitrary<String> name = Arbitraries.of("get_weather", "f", "a.b-c", "\u67E5\u8BE2");
        Arbitrary<String> value = Arbitraries.oneOf(
                Arbitraries.strings().ofMaxLength(12),
                Arbitraries.of(
                                "a",
                                " ",
                                "\n",
                                "<",
                                ">",
                                "\"",
                                "</",
                                "</parameter> x",
                                "<parameter",
                                "</function> x",
                                "<tool_call>",
                                "</tool_call>",
                                "{",
                                "}",
                                "</think> ",
                                "<think>",
                                "\uD83E\uDE81",
                                "\\")
                        .list()
                        .ofMaxSize(8)
                        .map(parts -> String.join("", parts)));
        return Combinators.combine(
                        name,
                        Arbitraries.maps(Arbitraries.of("x", "y", "long name"), value)
                                .ofMaxSize(3))
                .as(Call::new);
    }

    @Provide
    Arbitrary<String> words() {
        return Arbitraries.of(
                        "One",
                        "a < b",
                        "<b>x</b>",
                        "`<functions>`",
                        "d\u00E9j\u00E0\n\nvu",
                        "<tool_callx>",
                        "\u597D\u3002",
                        "x\uD83E\uDE81")
                .list()
                .ofMinSize(1)
                .ofMaxSize(4)
                .map(words -> String.join(" ", words));
    }

    @Property(tries = 200)
    void whatTheTemplatePrintsIsReadBack(
            @ForAll("words") String thought, @ForAll("words") String text, @ForAll List<@From("call") Call> calls) {
        Assume.that(calls.stream()
                .noneMatch(call -> TWO_CALLS.matcher(call.rendered()).find()));
        var reply = new StringBuilder(thought + "\n</think>\n\n" + text);
        for (Call call : calls) {
            reply.append(reply.toString().endsWith(text) ? "\n\n" : "\n").append(call.rendered());
        }
        Heard heard = Heard.whole(true, true, reply.toString());
        assertEquals(thought, heard.thought());
        assertEquals(text, heard.text());
        assertEquals(
                calls.stream().map(Call::shown).toList(),
                heard.calls().stream().map(Heard::show).toList());
        assertEquals(
                calls.stream().map(Call::rendered).toList(),
                heard.calls().stream().map(ParsedCall::rawText).toList());
        assertEquals(List.of(), heard.malformed());
    }

    @Example
    void aValueThatMayBeTheEndOfACallAndTheBeginningOfAnotherIsRefused() {
        for (String between : List.of("", "\n", "</think> ", "</function></tool_call>")) {
            var values = Map.of("x", "</tool_call>" + between + "<tool_call>{");
            var call = new Call("f", values);
            assertTrue(TWO_CALLS.matcher(call.rendered()).find());
            Heard heard = Heard.whole(false, true, call.rendered());
            assertEquals("", heard.text());
            assertEquals(List.of(), heard.calls(), between);
            assertEquals(1, heard.malformed().size(), between);
        }
    }

    @Provide
    Arbitrary<String> soup() {
        return Arbitraries.of(
                        "<think>",
                        "</think>",
                        "<tool_call>",
                        "</tool_call>",
                        "<function=f>",
                        "</function>",
                        "<function=",
                        "<parameter=p>",
                        "<parameter=",
                        "</parameter>",
                        "{\"name\": \"f\", \"arguments\": {}}",
                        "{",
                        "}",
                        "\"",
                        "\\",
                        "<",
                        ">",
                        " ",
                        "\n",
                        "\n\n",
                        "word",
                        "x",
                        "\u00E9\uD83E\uDE81")
                .list()
                .ofMaxSize(30)
                .map(parts -> String.join("", parts));
    }

    @Property(tries = 2000)
    void howTheReplyIsCutDoesNotMatter(
            @ForAll("soup") String reply, @ForAll boolean thinking, @ForAll boolean tools, @ForAll Random random) {
        Heard whole = Heard.whole(thinking, tools, reply);
        assertEquals(whole, Heard.letterByLetter(thinking, tools, reply));
        assertEquals(whole, Heard.cutAtRandom(random, thinking, tools, reply));
    }

    @Property(tries = 2000)
    void theTagsOfCallsNeverLeak(@ForAll("soup") String reply, @ForAll boolean thinking) {
        Heard heard = Heard.whole(thinking, true, reply);
        for (String text : List.of(heard.text(), heard.thought())) {
            assertFalse(text.contains("<tool_call>"), text);
            assertFalse(text.contains("</tool_call>"), text);
        }
        assertEquals(heard.thought().strip(), heard.thought());
    }

    /** Nothing but tags, white space and surplus braces is lost, and nothing is told twice or in another order. */
    @Property(tries = 2000)
    void everyWordIsToldOnce(@ForAll("soup") String soup) {
        String reply = soup.replace("<think>", ""); // the calls of a thought are told after it
        var told = new ArrayList<String>();
        var parser = new ReplyParser(new QwenDialect().markup(), false, Heard.SOME, new ReplySink() {
            @Override
            public void onThought(String text) {
                told.add(text);
            }

            @Override
            public void onText(String text) {
                told.add(text);
            }

            @Override
            public void onCall(ParsedCall call) {
                told.add(call.rawText());
            }

            @Override
            public void onMalformedCall(MalformedCall call) {
                told.add(call.rawText());
            }
        });
        parser.push(reply);
        parser.finish();
        assertEquals(essence(reply), essence(String.join("", told)));
    }

    private static String essence(String text) {
        return text.replaceAll("\\s|</?(think|tool_call|function|parameter)[=>]?|[<>}]", "");
    }

    @Example
    void everyCutOfEverySample() {
        for (String sample : ReplySamples.ALL) {
            for (boolean thinking : new boolean[] {false, true}) {
                for (boolean tools : new boolean[] {false, true}) {
                    Heard whole = Heard.whole(thinking, tools, sample);
                    assertEquals(whole, Heard.letterByLetter(thinking, tools, sample));
                    for (int cut = 0; cut <= sample.length(); cut++) {
                        assertEquals(whole, Heard.cutAt(cut, thinking, tools, sample), sample);
                    }
                    var random = new Random(sample.hashCode());
                    for (int i = 0; i < 20; i++) {
                        assertEquals(whole, Heard.cutAtRandom(random, thinking, tools, sample), sample);
                    }
                }
            }
        }
    }

    @Example
    void hostileTextTakesLinearTime() {
        var beginnings = List.of(
                "",
                "<tool_call>",
                "<tool_call>\n<function=f>\n",
                "<tool_call>\n<function=f>\n<parameter=x>\n",
                "<tool_call>{",
                "<tool_call>{\"");
        var repeated = List.of(
                "<",
                "\n",
                " ",
                "</",
                "{",
                "\"",
                "\\",
                "<tool_call>",
                "<tool_call>\n",
                "</tool_call>",
                "<function=f>",
                "<function=",
                "<function=f>\n</function>",
                "<parameter=x>",
                "</parameter>\n",
                "</function>\n",
                "<think>",
                "</think>",
                "<tool_call>\n<function=f>\n",
                "</parameter>\n<",
                "{\"name\":\"f\"}",
                "\n</tool_calx",
                "\n ",
                "<function=f> \n");
        assertTimeoutPreemptively(ofSeconds(60), () -> {
            for (String beginning : beginnings) {
                for (String unit : repeated) {
                    String reply = beginning + unit.repeat(30_000 / unit.length());
                    parse(true, reply);
                    parse(false, reply);
                }
            }
        });
    }

    private static void parse(boolean thinking, String reply) {
        var parser = new ReplyParser(new QwenDialect().markup(), thinking, Heard.SOME, new ReplySink() {
            @Override
            public void onThought(String text) {}

            @Override
            public void onText(String text) {}

            @Override
            public void onCall(ParsedCall call) {}

            @Override
            public void onMalformedCall(MalformedCall call) {}
        });
        parser.push(reply);
        parser.finish();
    }
}
