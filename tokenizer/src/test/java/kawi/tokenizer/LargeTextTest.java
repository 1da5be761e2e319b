package kawi.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Encodes texts of a megabyte, and splits shorter ones by all expressions, which would not terminate in time with a
 * quadratic algorithm, on a stack that recursion would overflow.
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

    /** The expressions of all families, for which no limit of steps applies. */
    @ParameterizedTest
    @MethodSource("texts")
    void splittingKeepsAllBytes(String text) throws Exception {
        String repaired = ArbitraryText.repaired(text.substring(0, Math.min(text.length(), 1 << 17)));
        byte[] expected = repaired.getBytes(StandardCharsets.UTF_8);
        onSmallStack(() -> {
            for (PreTokenizerFamily family : PreTokenizerFamily.ALL) {
                var bytes = new ByteArrayOutputStream();
                family.preTokenizer().splitter(bytes::writeBytes).accept(repaired);
                assertArrayEquals(expected, bytes.toByteArray(), family.names().toString());
            }
        });
    }

    @ParameterizedTest
    @MethodSource("texts")
    void decodingReversesEncoding(String text) throws Exception {
        onSmallStack(() -> {
            var tokenizer = TestTokenizers.DEMO;
            String expected = ArbitraryText.normalized(text);
            assertEquals(expected, tokenizer.decode(tokenizer.encodeWithSpecials(text)));
            assertEquals(expected, tokenizer.decode(tokenizer.encode(OriginText.outside(text))));
        });
    }

    private static void onSmallStack(Runnable task) throws Exception {
        var work = new FutureTask<Void>(task, null);
        var thread = new Thread(null, work, "small stack", STACK_BYTES);
        thread.start();
        work.get();
    }
}
