package kawi.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import kawi.tokenizer.AddedTokenMatcher.Parts;
import kawi.tokenizer.AddedTokenMatcher.Scope;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class NormalizedScopeTest {

    private static final Normalization NFC = new Normalization.Form(Normalizer.Form.NFC);

    private static final AddedTokenMatcher TOKENS =
            new AddedTokenMatcher(Map.of("<\u00E9>", new AddedToken(1, "<\u00E9>", false)));

    /** The offsets, in the normalized text, of tokens if none is recognized in {@code [outsideFrom, outsideTo)}. */
    private static List<Integer> tokensAt(String text, int outsideFrom, int outsideTo) {
        Scope scope = at -> at < outsideFrom ? outsideFrom : at < outsideTo ? at : Integer.MAX_VALUE;
        String normal = NFC.apply(text);
        var found = new ArrayList<Integer>();
        TOKENS.split(normal, NormalizedScope.of(text, normal, scope, NFC::apply), new Parts() {
            private int done;

            @Override
            public void text(int from, int to) {
                done = to;
            }

            @Override
            public void token(AddedToken token) {
                found.add(done);
                done += token.text().length();
            }
        });
        return found;
    }

    @Example
    void findsTokensOutsideTheExcludedPart() {
        String text = "<e\u0301> e\u0301 <e\u0301>";
        assertEquals(List.of(0, 6), tokensAt(text, 5, 7));
        assertEquals(List.of(6), tokensAt(text, 0, 7));
        assertEquals(List.of(0), tokensAt(text, 5, 12));
        assertEquals(List.of(), tokensAt(text, 0, 12));
        assertEquals(List.of(6), tokensAt(text, 3, 5), "a part of the first token is excluded");
        assertEquals(List.of(0, 6), tokensAt(text, 12, 12));
        assertEquals(List.of(0), tokensAt("<\u00E9> <\u00E9>", 5, 7), "text in normal form");
    }

    @Example
    void findsNoTokenIfAPartChangesAnother() {
        assertEquals(List.of(), tokensAt("<e\u0301> <e\u0301>", 7, 9), "an excluded mark joins a letter");
    }

    @Property(tries = 1000)
    void noTokenHasAnExcludedCharacter(@ForAll long seed) {
        var random = new Random(seed);
        var parts = new String[3];
        for (int i = 0; i < parts.length; i++) {
            var part = new StringBuilder();
            for (int n = random.nextInt(6); n > 0; n--) {
                part.append(List.of("<e\u0301>", "<\u00E9>", "<", "e", "\u0301", "\u00E9", ">", "o\u0302\u0323")
                        .get(random.nextInt(8)));
            }
            parts[i] = part.toString();
        }
        int from = parts[0].length();
        int to = from + parts[1].length();
        String normal = NFC.apply(parts[0]);
        int excludedFrom = normal.length();
        int excludedTo = excludedFrom + NFC.apply(parts[1]).length();
        for (int at : tokensAt(String.join("", parts), from, to)) {
            assertTrue(at + 3 <= excludedFrom || at >= excludedTo, "a token at " + at);
        }
    }
}
