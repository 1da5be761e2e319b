package kawi.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.text.Normalizer;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Texts of a megabyte that a quadratic merge, normaliser or scan would not finish, on a stack that recursion would overflow. */
class BigTextTest {

    private static final int STACK = 256 << 10;

    @SuppressWarnings("ImmutableEnumChecker") // suppliers of constants
    enum BigText {
        ONE_LETTER(() -> "a".repeat(1 << 20)),
        ONE_CHINESE_CHARACTER(() -> "\u4E2D".repeat(1 << 19)),
        SPACES(() -> " ".repeat(1 << 20)),
        SPACES_THEN_LETTER(() -> " ".repeat(1 << 20) + "x"),
        LINE_ENDS(() -> "\n".repeat(1 << 20)),
        SPACES_AND_LINE_ENDS(() -> " \n\t".repeat(1 << 18)),
        PUNCTUATION(() -> "!".repeat(1 << 20)),
        DIGITS(() -> "7".repeat(1 << 20)),
        APOSTROPHES(() -> "'s".repeat(1 << 19)),
        ANGLES(() -> "<".repeat(1 << 20)),
        BROKEN_OFF_TOKENS(() -> "<|im_start|".repeat(1 << 16)),
        TOKENS(() -> "<|im_start|>".repeat(1 << 16)),
        SENTINELS(() -> "\uFDD1".repeat(1 << 19)),
        RANDOM_LETTERS(() -> random('a', 'z' + 1)),
        RANDOM_UNICODE(() -> random(0, Character.MAX_CODE_POINT + 1));

        final Supplier<String> text;

        BigText(Supplier<String> text) {
            this.text = text;
        }

        private static String random(int from, int to) {
            var text = new StringBuilder();
            new Random(7)
                    .ints(1 << 20, from, to)
                    .filter(c -> c < 0xD800 || c > 0xDFFF)
                    .forEach(text::appendCodePoint);
            return text.toString();
        }
    }

    @ParameterizedTest
    @EnumSource
    void goesThereAndBack(BigText big) throws Exception {
        String text = big.text.get();
        var work = new FutureTask<Void>(() -> {
            var tokenizer = TestTokenizers.DEMO;
            String expected = Normalizer.normalize(text, Normalizer.Form.NFC);
            assertEquals(expected, tokenizer.decode(tokenizer.encodeWithSpecials(text)));
            assertEquals(expected, tokenizer.decode(tokenizer.encodeRendered(tokenizer.shield(text))));
            return null;
        });
        var thread = new Thread(null, work, "small stack", STACK);
        thread.start();
        work.get();
    }
}
