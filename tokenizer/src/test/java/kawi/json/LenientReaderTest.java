package kawi.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LenientReaderTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'colour': 'blue', 'size': 14, 'on': True, 'x': None} | {\"colour\":\"blue\",\"size\":14,\"on\":true,\"x\":null}",
                "[True, False, None, true, false, null]  | [true,false,null,true,false,null]",
                "{'a': [1, 'x',],}                       | {\"a\":[1,\"x\"]}",
                "['it\\'s', \"it's\", 'say \"x\"']       | [\"it's\",\"it's\",\"say \\\"x\\\"\"]",
                "['\\x41\\u00e9\\U0001F600', '\\a\\v\\0\\'\\\"\\\\\\/'] | [\"Aé😀\",\"\\u0007\\u000B\\u0000'\\\"\\\\/\"]",
                "[\"\\d+\\.\\s\", r'\\d\\n', u'x']       | [\"\\\\d+\\\\.\\\\s\",\"\\\\d\\\\n\",\"x\"]",
                "[\"\"\"say \"x\" to 'y'\"\"\", '''''', \"\"] | [\"say \\\"x\\\" to 'y'\",\"\",\"\"]",
                "[(1, 2), (1,), (), (3), ('a')]          | [[1,2],[1],[],3,\"a\"]",
                "[{1, 2}, {'a'}, {}, {1,}]               | [[1,2],[\"a\"],{},[1]]",
                "{1: 'a', 2.5: 'b', True: 'c', None: 'd'} | {\"1\":\"a\",\"2.5\":\"b\",\"true\":\"c\",\"null\":\"d\"}",
                "{{\"a\": 1}}                            | {\"a\":1}",
                "{{\"a\": {{\"b\": {{}}}}}}              | {\"a\":{\"b\":{}}}",
                "{{\"a\": {\"b\": {}}}}                  | {\"a\":{\"b\":{}}}",
                "[{{'a': 1}}, {'b': 2}]                  | [{\"a\":1},{\"b\":2}]",
                "[1e5, 1E+5, 1e-05, 1.10, -0, +5, .5, 5., -.5, 123456789012345678901] "
                        + "| [1e5,1E+5,1e-05,1.10,-0,5,0.5,5,-0.5,123456789012345678901]",
                "{\"a\":1,\"a\":1.0}                     | {\"a\":1.0}",
            })
    void whatCanMeanOneThingIsRead(String text, String json) {
        assertEquals(json, JsonSyntax.LENIENT.parse(text).toString());
    }

    @Test
    void lineBreaksAndTabsMayStandInStrings() {
        assertEquals(
                "{\"code\":\"a\\n\\tb\\r\\n\"}",
                JsonSyntax.LENIENT.parse("{\"code\":\"a\n\tb\r\n\"}").toString());
        assertEquals("\"ab\"", JsonSyntax.LENIENT.parse("'a\\\nb'").toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{a: 1}",
                "[1,,2]",
                "[,]",
                "[1 2]",
                "['a' 'b']",
                "{'a' 1}",
                "{'a': 1 'b': 2}",
                "{'a': 1}}",
                "{{'a': 1}",
                "{{'a', 'b'}}",
                "{1, 2",
                "{{1}: 2}",
                "{(1, 2): 3}",
                "[1",
                "'a",
                "'it's'",
                "01",
                "1_000",
                "0x1F",
                "1j",
                "1e",
                "--1",
                "-",
                ".",
                "NaN",
                "Infinity",
                "nan",
                "undefined",
                "TRUE",
                "nullx",
                "b'a'",
                "f'{a}'",
                "'\\1'",
                "'\\012'",
                "'\\N{DASH}'",
                "'\\xg1'",
                "'\\U00110000'",
                "{} {}",
                "{\"a\":1,\"a\":2}",
                "[1] x",
                "1e99999999999",
                "Decimal('1.5')",
            })
    void whatCanMeanTwoThingsOrNoneIsRefused(String text) {
        var message = assertThrows(JsonException.class, () -> JsonSyntax.LENIENT.parse(text))
                .getMessage();
        assertTrue(message.startsWith("line 1, column "), message);
    }

    @Test
    void depthAndLengthAreLimited() {
        for (var text : new String[] {
            "[".repeat(100_000), "{".repeat(100_000), "{'a':".repeat(100_000), "(".repeat(100_000), "{ ".repeat(100_000)
        }) {
            var message = assertTimeoutPreemptively(
                    Duration.ofSeconds(20),
                    () -> assertThrows(JsonException.class, () -> JsonSyntax.LENIENT.parse(text))
                            .getMessage());
            assertTrue(message.endsWith("values are nested more than 500 deep"), message);
        }
        var deep = "[".repeat(JsonSyntax.MAX_DEPTH) + "]".repeat(JsonSyntax.MAX_DEPTH);
        assertEquals(deep, JsonSyntax.LENIENT.parse(deep).toString());
        assertThrows(JsonException.class, () -> JsonSyntax.LENIENT.parse("9".repeat(1001)));
    }
}
