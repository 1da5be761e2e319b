package kawi.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Encodes texts of a megabyte, which would not terminate in time with a quadratic algorithm, on a stack that recursion
 * would overflow.
 */
class LargeTextTest {

    private static final int STACK_BYTES = 256 << 10;

    static Stream<Arguments> texts() {
        return Stream.of(
                text("one letter", "a".repeat(1 << 20)),
                text("one Chinese character", "\u4E2D".repeat(1 << 19)),
                text("spaces", " ".repeat(1 << 20)),
                text("spaces then letter", " ".repeat(1 << 20) + "x"),
                text("line terminators", "\n".repeat(1 << 20)),
                text("spaces and line terminators", " \n\t".repeat(1 << 18)),
                text("punctuation", "!".repeat(1 << 20)),
                text("digits", "7".repeat(1 << 20)),
                text("apostrophes", "'s".repeat(1 << 19)),
                text("angles", "<".repeat(1 << 20)),
                text("truncated tokens", "<|im_start|".repeat(1 << 16)),
                text("tokens", "<|im_start|>".repeat(1 << 16)),
                text("random letters", random('a', 'z' + 1).repeat(4)),
                text("random unicode", random(0, Character.MAX_CODE_POINT + 1)));
    }

    private static Arguments text(String name, String text) {
        return Arguments.argumentSet(name, text);
    }

    private static String random(int from, int to) {
        var text = new StringBuilder();
        new Random(7)
                .ints(1 << 18, from, to)
                .filter(c -> c < 0xD800 || c > 0xDFFF)
                .forEach(text::appendCodePoint);
        return text.toString();
    }

    @ParameterizedTest
    @MethodSource("texts")
    void decodingReversesEncoding(String text) throws Exception {
        var work = new FutureTask<Void>(() -> {
            var tokenizer = TestTokenizers.DEMO;
            String expected = ArbitraryText.normalized(text);
            assertEquals(expected, tokenizer.decode(tokenizer.encodeWithSpecials(text)));
            assertEquals(expected, tokenizer.decode(tokenizer.encode(OriginText.outside(text))));
            return null;
        });
        var thread = new Thread(null, work, "small stack", STACK_BYTES);
        thread.start();
        work.get();
    }
}
