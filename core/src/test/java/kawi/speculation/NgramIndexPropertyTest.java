package kawi.speculation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class NgramIndexPropertyTest {

    private static final int MAX_TOKENS = 64;

    /** The definition, with searches over all tokens that are remembered. */
    private static final class Reference {

        final List<Integer> tokens = new ArrayList<>();
        int source = -1;
        int matched;
        int followed;
        int difference = -1;
        int sinceDifference;

        void text(int[] text) {
            prompt(text);
            tokens.add(-1);
        }

        void prompt(int[] text) {
            Arrays.stream(text).forEach(tokens::add);
            source = -1;
        }

        void add(int token) {
            sinceDifference++;
            if (source >= 0) {
                if (tokens.get(source) == token) {
                    source++;
                    matched = Math.min(matched + 1, NgramIndex.MAX_MATCH);
                    followed++;
                } else {
                    if (followed >= NgramIndex.MIN_FOLLOWED) {
                        difference = source;
                        sinceDifference = 1;
                    }
                    source = -1;
                }
            }
            tokens.add(token);
            if (source >= 0 && !isGuess(source)) {
                source = -1;
            }
        }

        List<Integer> lookup(int max) {
            if (source < 0) {
                search();
            }
            List<Integer> guesses = new ArrayList<>();
            List<Integer> all = new ArrayList<>(tokens);
            for (int i = source; source >= 0 && guesses.size() < max && all.get(i) >= 0; i++) {
                guesses.add(all.get(i));
                all.add(all.get(i));
            }
            return guesses;
        }

        private void search() {
            followed = 0;
            matched = 0;
            int first = Math.max(1, tokens.size() - MAX_TOKENS + 1);
            for (int q = tokens.size() - 1; q >= first; q--) {
                if (isGuess(q) && match(q) >= NgramIndex.MIN_MATCH && match(q) > matched) {
                    source = q;
                    matched = match(q);
                }
            }
            if (difference < 0
                    || sinceDifference > NgramIndex.RESUME_WITHIN
                    || matched >= NgramIndex.SUFFICIENT_MATCH) {
                return;
            }
            int place = -1;
            int longest = 0;
            for (int q = difference; q <= difference + NgramIndex.RESUME_WITHIN; q++) {
                if (isGuess(q) && match(q) > longest) {
                    place = q;
                    longest = match(q);
                }
            }
            if (place < 0 && sinceDifference == 1 && isGuess(difference + 1)) {
                place = difference + 1;
            }
            if (place >= 0 && longest + 1 >= matched) {
                source = place;
                matched = longest;
            }
        }

        private boolean isGuess(int q) {
            return q < tokens.size() && q >= tokens.size() - MAX_TOKENS && tokens.get(q) >= 0;
        }

        private int match(int q) {
            int n = tokens.size();
            int m = 0;
            while (m < NgramIndex.MAX_MATCH
                    && q - 1 - m >= Math.max(0, n - MAX_TOKENS)
                    && tokens.get(q - 1 - m) >= 0
                    && tokens.get(q - 1 - m).equals(tokens.get(n - 1 - m))) {
                m++;
            }
            return m;
        }
    }

    @Property(tries = 500)
    void guessesWhatTheDefinitionGuesses(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 12) int alphabet,
            @ForAll @IntRange(max = 3) int texts) {
        var random = new SplittableRandom(seed);
        var index = new NgramIndex(MAX_TOKENS, 0);
        var reference = new Reference();
        for (int i = 0; i < texts; i++) {
            int[] text = text(random, alphabet);
            index.addText(text);
            reference.text(text);
        }
        int[] prompt = text(random, alphabet);
        index.add(prompt, 0, prompt.length);
        reference.prompt(prompt);
        int[] out = new int[8];
        for (int step = 0; step < 60; step++) {
            int max = random.nextInt(9);
            List<Integer> expected = reference.lookup(max);
            int count = index.lookup(out, max);
            assertEquals(expected, Arrays.stream(out, 0, count).boxed().toList());
            int right = count == 0 ? 0 : random.nextInt(count + 1);
            for (int i = 0; i < right; i++) {
                index.add(out[i]);
                reference.add(out[i]);
            }
            int token = random.nextInt(alphabet);
            index.add(token);
            reference.add(token);
        }
    }

    private static int[] text(SplittableRandom random, int alphabet) {
        return random.ints(random.nextInt(40), 0, alphabet).toArray();
    }
}
