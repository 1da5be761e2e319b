package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.jline.reader.EOFError;
import org.jline.reader.Parser.ParseContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageParserTest {

    @ParameterizedTest
    @ValueSource(strings = {"a\\", "a\\\nb\\", "\"\"\"", "\"\"\"a\nb", "\"\"\"\"", "\"\"\"\"\""})
    void goesOn(String typed) {
        assertThrows(EOFError.class, () -> new MessageParser().parse(typed, typed.length(), ParseContext.ACCEPT_LINE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "it's \"quoted", "a\nb", "\"\"\"\"\"\"", "\"\"\"\na\n\"\"\""})
    void isComplete(String typed) {
        assertEquals(
                typed,
                new MessageParser()
                        .parse(typed, typed.length(), ParseContext.ACCEPT_LINE)
                        .line());
    }

    @Test
    void whatOnlySaysThatItGoesOnIsNoPartOfTheMessage() {
        assertEquals("a\nb", MessageParser.message("a\\\nb"));
        assertEquals("a\nb \\ c", MessageParser.message("\"\"\"\na\nb \\ c\n\"\"\""));
        assertEquals("one", MessageParser.message("\"\"\"one\"\"\""));
        assertEquals("", MessageParser.message("\"\"\"\"\"\""));
        assertEquals("", MessageParser.message("\"\"\"\n\"\"\""));
        assertEquals("say \"\"\" here", MessageParser.message("say \"\"\" here"));
    }
}
