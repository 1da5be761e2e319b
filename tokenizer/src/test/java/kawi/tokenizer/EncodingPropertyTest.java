package kawi.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import kawi.tokenizer.TestTokenizers.GgufArrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class EncodingPropertyTest {

    private static final GgufArrays DEMO_ARRAYS =
            GgufArrays.of(TestTokenizers.JSON.readTree(TestTokenizers.resource("demo-tokenizer.json")), 5);
    private static final ReferenceBpe DEMO_REFERENCE = new ReferenceBpe(DEMO_ARRAYS.merges());

    @Property(tries = 1000)
    void decodingReturnsTheNormalizedText(@ForAll("texts") String text) {
        String expected = ArbitraryText.normalized(ArbitraryText.repaired(text));
        assertEquals(expected, TestTokenizers.DEMO.decode(TestTokenizers.DEMO.encode(text)));
    }

    @Property(tries = 500)
    void isEqualToTheDefinition(@ForAll("texts") String text) {
        String normal = ArbitraryText.normalized(ArbitraryText.repaired(text));
        var expected = new ArrayList<String>();
        PreTokenizerFamily.QWEN35
                .preTokenizer()
                .splitter(piece -> expected.addAll(DEMO_REFERENCE.tokens(new String(piece, StandardCharsets.UTF_8))))
                .accept(normal);
        assertEquals(expected, spellings(DEMO_ARRAYS, TestTokenizers.DEMO.encode(text)));
    }

    @Property(tries = 500)
    void jsonAndGgufAgree(@ForAll("texts") String text) {
        var gguf = DEMO_ARRAYS.tokenizer();
        assertArrayEquals(TestTokenizers.DEMO.encode(text), gguf.encode(text));
        assertArrayEquals(TestTokenizers.DEMO.encodeWithSpecials(text), gguf.encodeWithSpecials(text));
    }

    /** Random merges of three letters, with which nearly every pair is merged, and short and long pieces. */
    @Property(tries = 500)
    void isEqualToTheDefinitionForRandomMerges(@ForAll long seed) {
        var random = new Random(seed);
        List<String> merges = randomMerges(random);
        var arrays = TestTokenizers.small("qwen2", merges, List.of());
        var tokenizer = arrays.tokenizer();
        var reference = new ReferenceBpe(merges);
        for (int n = 0; n < 4; n++) {
            String piece = randomLetters(random, n % 2 == 0 ? 60 : 400);
            var expected = reference.tokens(piece);
            assertEquals(expected, spellings(arrays, tokenizer.encode(piece)));
            assertEquals(expected, spellings(arrays, tokenizer.encode(piece)), "the second time");
            for (String token : expected) {
                assertEquals(reference.tokens(token), spellings(arrays, tokenizer.encode(token)), "a token as a piece");
            }
        }
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.oneOf(ArbitraryText.texts(20), ArbitraryText.texts(200));
    }

    private static List<String> spellings(GgufArrays arrays, int[] ids) {
        var spellings = new ArrayList<String>();
        for (int id : ids) {
            spellings.add(arrays.tokens().get(id));
        }
        return spellings;
    }

    private static List<String> randomMerges(Random random) {
        var tokens = new ArrayList<>(List.of("a", "b", "c"));
        var merges = new LinkedHashSet<String>();
        for (int n = random.nextInt(40); n > 0; n--) {
            String left = tokens.get(random.nextInt(tokens.size()));
            String right = tokens.get(random.nextInt(tokens.size()));
            if (!tokens.contains(left + right)) {
                tokens.add(left + right);
                merges.add(left + " " + right);
            }
        }
        return List.copyOf(merges);
    }

    private static String randomLetters(Random random, int maxLength) {
        var letters = new StringBuilder();
        for (int n = 1 + random.nextInt(maxLength); n > 0; n--) {
            letters.append((char) ('a' + random.nextInt(3)));
        }
        return letters.toString();
    }
}
