package kawi.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class GgufStringsTest {

    private static final byte[] TWO = {2, 0, 0, 0, 0, 0, 0, 0, 'a', 'b', 1, 0, 0, 0, 0, 0, 0, 0, 'c'};

    @Test
    void lengthsPrecedeStrings() {
        assertTrue(Arrays.equals(TWO, GgufStrings.of(List.of("ab", "c")).bytes()));
        assertEquals(2, new GgufStrings(TWO, 2).count());
    }

    @Test
    void reportsInvalidLengths() {
        assertRejected(
                "string 1 of 2 at byte 10 extends beyond the end of the array of 18 bytes", Arrays.copyOf(TWO, 18), 2);
        assertRejected(
                "string 1 of 2 at byte 10 extends beyond the end of the array of 17 bytes", Arrays.copyOf(TWO, 17), 2);
        assertRejected("1 strings end at byte 10 of 19", TWO, 1);
        for (int i = 0; i < 8; i++) {
            byte[] huge = TWO.clone();
            huge[i] = -1;
            assertRejected("string 0 of 2 at byte 0 extends beyond the end of the array of 19 bytes", huge, 2);
        }
    }

    @Test
    void reportsTokensThatAreNotUtf8() {
        byte[] tokens = {2, 0, 0, 0, 0, 0, 0, 0, 'a', (byte) 0xC3};
        byte[] merges = {3, 0, 0, 0, 0, 0, 0, 0, 'a', ' ', (byte) 0xC3};
        GgufStrings none = GgufStrings.of(List.of());
        assertEquals(
                "x.gguf: tokenizer.ggml.tokens[0] is not UTF-8",
                assertThrows(TokenizerException.class, () -> read(new GgufStrings(tokens, 1), none))
                        .getMessage());
        assertEquals(
                "x.gguf: tokenizer.ggml.merges[0] is not UTF-8",
                assertThrows(
                                TokenizerException.class,
                                () -> read(GgufStrings.of(List.of("a")), new GgufStrings(merges, 1)))
                        .getMessage());
    }

    private static Tokenizer read(GgufStrings tokens, GgufStrings merges) {
        return Tokenizer.fromGguf("x.gguf", "gpt2", "qwen35", tokens, new int[] {1}, merges);
    }

    private static void assertRejected(String message, byte[] bytes, int count) {
        var e = assertThrows(TokenizerException.class, () -> new GgufStrings(bytes, count));
        assertEquals(message, e.getMessage());
    }
}
