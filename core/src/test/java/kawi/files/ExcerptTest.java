package kawi.files;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ExcerptTest {

    @Test
    void printableTextStaysAsItIs() {
        assertEquals("blk.0.ffn_down.weight ꦏ 🪁", Excerpt.of("blk.0.ffn_down.weight ꦏ 🪁"));
    }

    @Test
    void whatMovesOrHidesIsEscaped() {
        assertEquals("a\\u{A}\\u{1B}[0m\\u{202E}\\u{2028}\\u{D800}", Excerpt.of("a\n\u001b[0m\u202e\u2028\ud800"));
    }

    @Test
    void longTextIsCut() {
        assertEquals("x".repeat(100) + "…", Excerpt.of("x".repeat(1_000_000)));
        assertEquals("x".repeat(100), Excerpt.of("x".repeat(100)));
    }

    @Test
    void bytesAreShownTwice() {
        assertEquals("50 4b 00 ff \"PK..\"", Excerpt.of(new byte[] {'P', 'K', 0, -1}));
    }
}
