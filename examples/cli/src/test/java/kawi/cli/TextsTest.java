package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class TextsTest {

    private static final String FOX = "\uD83E\uDD8A";

    @Test
    void aTextIsShortenedToSixtyCharactersHoweverLongTheirCodeIs() {
        assertEquals("a".repeat(60), Texts.shortened("a".repeat(60)));
        assertEquals("a".repeat(60) + "...", Texts.shortened("a".repeat(61)));
        assertEquals(FOX.repeat(31), Texts.shortened(FOX.repeat(31)));
        assertEquals(FOX.repeat(60), Texts.shortened(FOX.repeat(60)));
        assertEquals(FOX.repeat(60) + "...", Texts.shortened(FOX.repeat(60) + "a"));
    }
}
