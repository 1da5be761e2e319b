package kawi.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class DecodingPropertyTest {

    /** The rows of Unicode 16, table 3-7: the ranges of the bytes of every well-formed sequence. */
    private static final int[][] WELL_FORMED = {
        {0x00, 0x7F},
        {0xC2, 0xDF, 0x80, 0xBF},
        {0xE0, 0xE0, 0xA0, 0xBF, 0x80, 0xBF},
        {0xE1, 0xEC, 0x80, 0xBF, 0x80, 0xBF},
        {0xED, 0xED, 0x80, 0x9F, 0x80, 0xBF},
        {0xEE, 0xEF, 0x80, 0xBF, 0x80, 0xBF},
        {0xF0, 0xF0, 0x90, 0xBF, 0x80, 0xBF, 0x80, 0xBF},
        {0xF1, 0xF3, 0x80, 0xBF, 0x80, 0xBF, 0x80, 0xBF},
        {0xF4, 0xF4, 0x80, 0x8F, 0x80, 0xBF, 0x80, 0xBF},
    };

    private static final Tokenizer DEMO = TestTokenizers.DEMO;

    @Property(tries = 2000)
    void streamedPartsAreEqualToTheWhole(@ForAll("ids") List<Integer> ids, @ForAll boolean skipSpecial) {
        var decoder = DEMO.decoder(skipSpecial);
        var streamed = new StringBuilder();
        for (int id : ids) {
            String part = decoder.feed(id);
            assertEquals(ArbitraryText.repaired(part), part, "unpaired surrogate");
            streamed.append(part);
        }
        streamed.append(decoder.finish());
        assertEquals(DEMO.decode(array(ids), skipSpecial), streamed.toString());
        assertEquals("", decoder.finish(), "the decoder is reset");
    }

    @Property(tries = 2000)
    void malformedUtf8IsReplacedByMaximalSubparts(@ForAll("ids") List<Integer> ids) {
        var bytes = new ByteArrayOutputStream();
        ids.forEach(id -> bytes.writeBytes(DEMO.bytes(id)));
        assertEquals(decodeByTable(bytes.toByteArray()), DEMO.decode(array(ids)));
    }

    @Property(tries = 500)
    void aCharacterIsReturnedWithItsLastByte(@ForAll("texts") String text) {
        var decoder = DEMO.decoder(false);
        ArbitraryText.repaired(text).codePoints().mapToObj(Character::toString).forEach(character -> {
            byte[] utf8 = character.getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < utf8.length; i++) {
                int id = DEMO.id(String.valueOf(ByteAlphabet.encode(utf8[i] & 0xFF)))
                        .getAsInt();
                assertEquals(i + 1 < utf8.length ? "" : character, decoder.feed(id));
            }
        });
        assertEquals("", decoder.finish());
    }

    @Example
    void specialTokensAreOmittedOnRequest() {
        int[] ids = DEMO.encodeWithSpecials("<|im_start|>a<think>b</think><|im_end|>");
        assertEquals("<|im_start|>a<think>b</think><|im_end|>", DEMO.decode(ids));
        assertEquals("a<think>b</think>", DEMO.decode(ids, true));
        assertFalse(DEMO.isSpecial(DEMO.id("<think>").getAsInt()));
    }

    @Example
    void idsOutsideTheVocabularyAreRejected() {
        for (int id : new int[] {-1, DEMO.vocabularySize(), Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            var e = assertThrows(IllegalArgumentException.class, () -> DEMO.decode(new int[] {id}));
            assertEquals("token id " + id + " is outside the vocabulary (0 to 2047)", e.getMessage());
            assertThrows(IllegalArgumentException.class, () -> DEMO.decode(new int[] {id}, true));
            assertThrows(IllegalArgumentException.class, () -> DEMO.bytes(id));
        }
    }

    /**
     * Mostly single bytes, so that sequences are split and joined at random, with some longer and some added tokens.
     */
    @Provide
    Arbitrary<List<Integer>> ids() {
        var bytes = Arbitraries.integers()
                .between(0, 255)
                .map(b -> DEMO.id(String.valueOf(ByteAlphabet.encode(b))).getAsInt());
        var leads = Arbitraries.of(0xE0, 0xE4, 0xED, 0xEF, 0xF0, 0xF4, 0xF5, 0xC0, 0xC3, 0xA0, 0x80, 0x9F, 0x90, 0x8F)
                .map(b -> DEMO.id(String.valueOf(ByteAlphabet.encode(b))).getAsInt());
        var any = Arbitraries.integers().between(0, DEMO.vocabularySize() - 1);
        var added = Arbitraries.integers().between(2035, DEMO.vocabularySize() - 1);
        return Arbitraries.oneOf(bytes, leads, leads, any, added).list().ofMaxSize(40);
    }

    @Provide
    Arbitrary<String> texts() {
        return ArbitraryText.texts(20);
    }

    private static int[] array(List<Integer> ids) {
        return ids.stream().mapToInt(i -> i).toArray();
    }

    private static String decodeByTable(byte[] bytes) {
        var text = new StringBuilder();
        for (int at = 0; at < bytes.length; ) {
            int longest = 0;
            boolean complete = false;
            for (int[] row : WELL_FORMED) {
                int n = 0;
                while (n < row.length / 2
                        && at + n < bytes.length
                        && (bytes[at + n] & 0xFF) >= row[2 * n]
                        && (bytes[at + n] & 0xFF) <= row[2 * n + 1]) {
                    n++;
                }
                longest = Math.max(longest, n);
                complete |= n == row.length / 2;
            }
            text.append(complete ? new String(bytes, at, longest, StandardCharsets.UTF_8) : "\uFFFD");
            at += Math.max(1, longest);
        }
        return text.toString();
    }
}
