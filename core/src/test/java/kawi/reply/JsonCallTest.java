package kawi.reply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonCallTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"name\": \"f\", \"arguments\": {\"a\": 1.50, \"b\": 1e5}}      | {\"a\":1.50,\"b\":1e5}",
                "{'name': 'f', 'arguments': {'on': True, 'x': None}}              | {\"on\":true,\"x\":null}",
                "{{\"name\": \"f\", \"arguments\": {{\"a\": 1}}}}                 | {\"a\":1}",
                "{\"name\": \"f\", \"parameters\": {\"a\": 1,},}                  | {\"a\":1}",
                "{\"name\": \"f\", \"arguments\": \"{\\\"a\\\": 1}\"}             | {\"a\":1}",
                "{\"name\": \"f\", \"arguments\": \"{'a': None}\"}                | {\"a\":null}",
                "{\"arguments\": null, \"name\": \"f\"}                           | {}",
                "{\"name\": \"f\"}                                                | {}",
                "{\"name\": \"f\", \"arguments\": {\"code\": \"a¶\tb\"}}          | {\"code\":\"a\\n\\tb\"}",
            })
    void callsAreReadAsModelsWriteThem(String text, String arguments) throws JsonCall.Malformed {
        assertEquals(new JsonCall("f", arguments), JsonCall.parse(text.replace("¶", "\n")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"arguments\": {}}                        | the call's JSON object has no \"name\" that is a string",
                "{\"name\": 1}                              | the call's JSON object has no \"name\" that is a string",
                "[]                                         | the call's JSON object has no \"name\" that is a string",
                "{\"name\": \"f\", \"arguments\": [1]}      | the call's \"arguments\" are not a JSON object",
                "{\"name\": \"f\", \"arguments\": \"[1]\"}  | the call's \"arguments\" are a string that holds no JSON object",
                "{\"name\": \"f\", \"arguments\": \"a=1\"}  | the call's \"arguments\" are a string that holds no JSON object",
                "{\"name\": \"f\", \"name\": \"g\"}         "
                        + "| the call is not well-formed JSON: line 1, column 23: a second value for the same property",
                "{\"name\": \"f\"                           "
                        + "| the call is not well-formed JSON: line 1, column 13: expected a comma or the end of the object",
            })
    void whatIsNoCallIsSaidToBeNone(String text, String reason) {
        assertEquals(
                reason,
                assertThrows(JsonCall.Malformed.class, () -> JsonCall.parse(text))
                        .reason());
    }
}
