package kawi.constraint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ToolCallGrammarTest {

    private static final ToolSignature WEATHER = new ToolSignature("weather", """
            {"type":"object","properties":{
               "city":{"type":"string"},
               "days":{"type":"integer","minimum":1,"maximum":14},
               "unit":{"enum":["C","F"]},
               "tags":{"type":"array","items":{"type":"string"}}},
             "required":["city"]}""");
    private static final ToolSignature NOW = new ToolSignature("now", "{\"type\":\"object\",\"properties\":{}}");

    /** Whether a text is calls: its tags as added tokens, the rest byte by byte. */
    private static boolean accepts(Grammar grammar, String text) {
        var answer = new Constrained(grammar, TestVocabulary.SMALL.trie());
        for (int token : TestVocabulary.SMALL.tokenizer().encodeWithSpecials(text)) {
            if (!answer.allows(token)) {
                return false;
            }
            answer.accept(token);
        }
        return answer.mayEnd();
    }

    private static String call(String function, String... parameters) {
        var call = new StringBuilder("<tool_call>\n<function=" + function + ">\n");
        for (int i = 0; i < parameters.length; i += 2) {
            call.append("<parameter=%s>\n%s\n</parameter>\n".formatted(parameters[i], parameters[i + 1]));
        }
        return call + "</function>\n</tool_call>";
    }

    @Test
    void oneCall() {
        Grammar grammar = Grammar.toolCalls(TestVocabulary.QWEN, List.of(WEATHER, NOW), false);
        for (String call : List.of(
                call("weather", "city", "Oslo"),
                call("weather", "city", ""),
                call(
                        "weather",
                        "city",
                        "a <b>\n\"c\" </param\n\n</paramete> é🪁\n",
                        "days",
                        "14",
                        "unit",
                        "F",
                        "tags",
                        "[\"x\\n\", \"</parameter>\"]"),
                call("now"))) {
            assertTrue(accepts(grammar, call), call);
        }
        for (String call : List.of(
                call("weather"),
                call("weather", "days", "3"),
                call("weather", "city", "Oslo", "days", "15"),
                call("weather", "days", "3", "city", "Oslo"),
                call("weather", "city", "Oslo", "unit", "\"F\""),
                call("weather", "city", "Oslo\n</parameter>"),
                call("weather", "city", "</parameter>"),
                call("other"),
                call("now") + "\n" + call("now"),
                "x" + call("now"))) {
            assertFalse(accepts(grammar, call), call);
        }
    }

    @Test
    void severalCalls() {
        Grammar grammar = Grammar.toolCalls(TestVocabulary.QWEN, List.of(WEATHER, NOW), true);
        assertTrue(accepts(grammar, call("now") + "\n" + call("weather", "city", "Oslo") + "\n" + call("now")));
        assertFalse(accepts(grammar, call("now") + call("now")));
        assertFalse(accepts(grammar, ""));
    }

    @Test
    void tagsAreTheAddedTokens() {
        var answer = new Constrained(
                Grammar.toolCalls(TestVocabulary.QWEN, List.of(NOW), false), TestVocabulary.SMALL.trie());
        assertFalse(answer.allows('<'));
        answer.accept(TestVocabulary.SMALL.tokenizer().id("<tool_call>").orElseThrow());
        assertFalse(
                answer.allows(TestVocabulary.SMALL.tokenizer().id("<tool_call>").orElseThrow()));
        for (byte b : "\n<function=now>\n</function>\n".getBytes(StandardCharsets.UTF_8)) {
            answer.accept(b);
        }
        assertFalse(answer.allows('<'));
        assertEquals(1, answer.minimumTokens());
        answer.accept(TestVocabulary.SMALL.tokenizer().id("</tool_call>").orElseThrow());
        assertTrue(answer.mustEnd());
    }

    @Test
    void withoutAddedTokensTagsAreSpelled() {
        TestVocabulary demo = TestVocabulary.demo();
        Grammar grammar = Grammar.toolCalls(TestVocabulary.QWEN, List.of(NOW), false);
        String text = call("now");
        RandomAnswer.follow(grammar, demo, demo.tokenizer().encodeWithSpecials(text), text);
    }

    @Test
    void textParametersKeepToTheirSchema() {
        var tool = new ToolSignature(
                "t",
                "{\"properties\":{\"p\":{\"type\":\"string\",\"pattern\":\"^[a-z]+$\"},\"l\":{\"type\":\"string\",\"minLength\":2,\"maxLength\":3},\"d\":{\"type\":\"string\",\"format\":\"date\"}}}");
        Grammar grammar = Grammar.toolCalls(TestVocabulary.QWEN, List.of(tool), false);
        assertTrue(accepts(grammar, call("t", "p", "abc", "l", "é\"\n", "d", "2024-02-29")));
        assertFalse(accepts(grammar, call("t", "p", "ab1")));
        assertFalse(accepts(grammar, call("t", "l", "abcd")));
        assertFalse(accepts(grammar, call("t", "d", "2023-02-29")));
    }

    @Test
    void randomCallsAreWellFormed() {
        Grammar grammar = Grammar.toolCalls(TestVocabulary.QWEN, List.of(WEATHER, NOW), true);
        Pattern one = Pattern.compile(
                "<tool_call>\n<function=(?:now>\n|weather>\n<parameter=city>\n(?s:.*?)\n</parameter>\n(<parameter=days>\n([1-9]|1[0-4])\n</parameter>\n)?(<parameter=unit>\n[CF]\n</parameter>\n)?(<parameter=tags>\n\\[.*\\]\n</parameter>\n)?)</function>\n</tool_call>");
        Pattern all = Pattern.compile(one + "(\n" + one + ")*");
        var random = new Random(11);
        for (int i = 0; i < 150; i++) {
            String text = new String(RandomAnswer.of(grammar, TestVocabulary.SMALL, random, i), StandardCharsets.UTF_8);
            assertTrue(all.matcher(text).matches(), text);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "a>b;{};a tool cannot be named",
                "t;{\"type\":\"array\"};expected the schema of an object",
                "t;{\"properties\":{\"a b\":{}}};a parameter cannot be named",
                "t;{\"required\":[\"x\"],\"additionalProperties\":false};x is required and excluded",
                "t;{\"properties\":{\"x\":{}},\"minProperties\":1};not supported for the parameters",
                "t;{\"properties\":{\"x\":{\"type\":\"string\",\"const\":\"a\\n</parameter>\"}}};contains the end of a parameter",
                "t;{\"properties\":{\"x\":{\"type\":\"strin\"}}};at /properties/x/type",
                "t;nonsense;parameters of tool t: JSON Schema: this is not valid JSON"
            })
    void saysWhatItRefuses(String name, String schema, String message) {
        var e = assertThrows(
                GrammarException.class,
                () -> Grammar.toolCalls(TestVocabulary.QWEN, List.of(new ToolSignature(name, schema)), false));
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    @Test
    void refusesNoToolsAndTwoOfAName() {
        assertThrows(GrammarException.class, () -> Grammar.toolCalls(TestVocabulary.QWEN, List.of(), true));
        assertThrows(GrammarException.class, () -> Grammar.toolCalls(TestVocabulary.QWEN, List.of(NOW, NOW), true));
    }
}
