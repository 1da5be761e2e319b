package kawi.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** A damaged file is either rejected with a {@link TokenizerException} or read as a working tokenizer. */
class DamagedFilesPropertyTest {

    private static final String FILE =
            new String(TestTokenizers.resource("demo-tokenizer.json"), StandardCharsets.UTF_8);
    private static final String[] REPLACEMENTS = {
        "null",
        "-1",
        "1e9",
        "[[[",
        "}",
        "\"",
        ",",
        "99999999999999999999",
        "true",
        "\\ud800",
        "\u0000",
        "7",
        "[]",
        "{}",
        " ",
        ""
    };

    @Property(tries = 400)
    void aDamagedFileIsRejectedOrRead(@ForAll long seed) {
        var random = new Random(seed);
        var file = new StringBuilder(FILE);
        for (int n = random.nextInt(3); n >= 0; n--) {
            // The settings are at the beginning and would rarely be hit otherwise.
            int at = random.nextInt(random.nextBoolean() ? 6000 : file.length() - 8);
            file.replace(at, at + random.nextInt(8), REPLACEMENTS[random.nextInt(REPLACEMENTS.length)]);
        }
        if (random.nextInt(10) == 0) {
            file.setLength(random.nextInt(file.length()));
        }
        byte[] bytes = file.toString().getBytes(StandardCharsets.UTF_8);
        for (int n = random.nextInt(3); n > 0; n--) {
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        try {
            var tokenizer = Tokenizer.fromJson(bytes, null, "damaged.json");
            // Changed settings may insert or omit white space.
            String decoded = tokenizer.decode(tokenizer.encodeWithSpecials("Hello, <think>!"));
            assertEquals("Hello,<think>!", decoded.replace(" ", ""));
        } catch (TokenizerException e) {
            assertEquals(-1, e.getMessage().indexOf('\n'), e.getMessage());
        }
    }
}
