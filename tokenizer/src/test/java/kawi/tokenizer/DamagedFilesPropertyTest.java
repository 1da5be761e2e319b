package kawi.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * A damaged file is refused with a {@link TokenizerException} or makes a tokenizer that works; nothing else happens.
 */
class DamagedFilesPropertyTest {

    private static final String FILE =
            new String(TestTokenizers.resource("demo-tokenizer.json"), StandardCharsets.UTF_8);
    private static final String[] WRONG = {
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
        "\uFDD1",
        ""
    };

    @Property(tries = 400)
    void aDamagedFileIsRefusedOrRead(@ForAll long seed) {
        var random = new Random(seed);
        var file = new StringBuilder(FILE);
        for (int n = random.nextInt(3); n >= 0; n--) {
            // the settings are at the beginning and would hardly be hit otherwise
            int at = random.nextInt(random.nextBoolean() ? 6000 : file.length() - 8);
            file.replace(at, at + random.nextInt(8), WRONG[random.nextInt(WRONG.length)]);
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
            assertEquals("Hello, <think>!", tokenizer.decode(tokenizer.encodeWithSpecials("Hello, <think>!")));
        } catch (TokenizerException e) {
            assertEquals(-1, e.getMessage().indexOf('\n'), e.getMessage());
        }
    }
}
