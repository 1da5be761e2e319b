package kawi.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import kawi.LogitsProcessor;
import kawi.Sampling;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SamplerTest {

    private static final float BANNED = Float.NEGATIVE_INFINITY;
    private static final int[] NO_PROMPT = {};

    private static Sampler sampler(Sampling options, int vocabulary) {
        return new Sampler(options, vocabulary, new BitSet(), List.of(), NO_PROMPT);
    }

    @Test
    void greedyChoosesTheLowestIdWithTheLargestLogit() {
        assertEquals(2, sampler(Sampling.greedy(), 5).sample(new float[] {1, BANNED, 3, 3, 2}));
        assertEquals(1, sampler(Sampling.greedy(), 3).sample(new float[] {BANNED, -3e38f, BANNED}));
        // Zeros of different sign are equal.
        assertEquals(0, sampler(Sampling.greedy(), 2).sample(new float[] {-0f, 0f}));
    }

    @Test
    void tiesAreBrokenByLowerId() {
        float[] tied = {1, 2, 2, -0f, 2, 0f};
        for (double u = 0; u < 1; u += 0.01) {
            assertTrue(sampler(Sampling.defaults().topK(2), 6).sample(tied.clone(), u) <= 2);
            assertTrue(List.of(1, 2)
                    .contains(sampler(Sampling.defaults().topP(0.5), 6).sample(tied.clone(), u)));
            int withZeros =
                    sampler(Sampling.defaults().topK(5).temperature(9), 6).sample(tied.clone(), u);
            assertNotEquals(5, withZeros);
        }
    }

    @Test
    void zerosOfDifferentSignAreEqual() {
        float[] zeros = {-0f, 0f, 5};
        for (var options :
                List.of(Sampling.defaults().topK(2), Sampling.defaults().topP(0.99))) {
            assertEquals(0, sampler(options, 3).sample(zeros.clone(), 0));
            assertEquals(0, sampler(options.temperature(1000), 3).sample(zeros.clone(), 0.49));
            assertEquals(2, sampler(options.temperature(1000), 3).sample(zeros.clone(), 0.51));
        }
    }

    @Test
    void intervalsOfTheDrawAreClosedBelowAndOpenAbove() {
        float[] equal = {BANNED, 1, 1, BANNED};
        assertEquals(1, sampler(Sampling.defaults(), 4).sample(equal.clone(), 0));
        assertEquals(1, sampler(Sampling.defaults(), 4).sample(equal.clone(), Math.nextDown(0.5)));
        assertEquals(2, sampler(Sampling.defaults(), 4).sample(equal.clone(), 0.5));
        assertEquals(2, sampler(Sampling.defaults(), 4).sample(equal.clone(), Math.nextDown(1.0)));
    }

    @Test
    void temperatureZeroAppliesTypicalSampling() {
        // The most probable token is the least typical one, so typical sampling removes it before the choice.
        float[] logits = {0, 0.1f, 5, 0, 0, 0, 0, 0, 0, 0};
        var typical = Sampling.defaults().typicalP(0.2);
        double[] cold = ReferenceSampler.distribution(logits, typical.temperature(1e-3), NO_PROMPT, NO_PROMPT)
                .probabilities();
        int limit = sampler(typical.temperature(0), 10).sample(logits.clone());
        assertEquals(1, cold[limit], 1e-9);
        assertEquals(
                2, sampler(Sampling.greedy().topK(3).topP(0.1).minP(0.9), 10).sample(logits.clone()));
    }

    static List<Sampling> largeCases() {
        var d = Sampling.defaults();
        return List.of(
                d.temperature(0.6),
                d.topK(20).topP(0.95),
                d.topK(5000).minP(0.001),
                d.topP(0.95).temperature(3),
                d.minP(0.05));
    }

    @ParameterizedTest
    @MethodSource("largeCases")
    void largeVocabulariesMatchTheReference(Sampling options) {
        int vocabulary = 248_320;
        var random = new Random(5);
        for (boolean tied : new boolean[] {false, true}) {
            float[] logits = new float[vocabulary];
            for (int i = 0; i < vocabulary; i++) {
                double logit = 2.5 * random.nextGaussian() + (i % 9973 == 0 ? 8 : 0);
                logits[i] = (float) (tied ? Math.rint(4 * logit) / 4 : logit);
            }
            Arrays.fill(logits, 248_077, vocabulary, BANNED);
            var expected = ReferenceSampler.distribution(logits, options, NO_PROMPT, NO_PROMPT);
            var sampler = sampler(options, vocabulary);
            int compared = 0;
            for (int i = 0; i < 60; i++) {
                double u = random.nextDouble();
                int id = expected.draw(u);
                if (id >= 0) {
                    assertEquals(id, sampler.sample(logits.clone(), u));
                    compared++;
                }
            }
            assertTrue(compared > 40);
        }
    }

    @Test
    void typicalSamplingOfALargeVocabularyMatchesTheReference() {
        // The reference compares each kept candidate with each removed one, so the vocabulary is smaller here.
        float[] logits = new float[5000];
        var random = new Random(6);
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) (2.5 * random.nextGaussian());
        }
        var options = Sampling.defaults().typicalP(0.4);
        var expected = ReferenceSampler.distribution(logits, options, NO_PROMPT, NO_PROMPT);
        var sampler = sampler(options, logits.length);
        for (int i = 0; i < 200; i++) {
            double u = random.nextDouble();
            int id = expected.draw(u);
            if (id >= 0) {
                assertEquals(id, sampler.sample(logits.clone(), u));
            }
        }
    }

    @Test
    void frequenciesFollowTheDistribution() {
        float[] logits = {1, 0, -1, 2.5f, BANNED, 2, -3};
        var options = Sampling.defaults().temperature(1.3).topP(0.97).seed(11);
        double[] expected = ReferenceSampler.distribution(logits, options, NO_PROMPT, NO_PROMPT)
                .probabilities();
        int[] counts = new int[logits.length];
        int draws = 200_000;
        var sampler = sampler(options, logits.length);
        for (int i = 0; i < draws; i++) {
            counts[sampler.sample(logits.clone())]++;
        }
        for (int id = 0; id < logits.length; id++) {
            double deviation = Math.sqrt(draws * expected[id] * (1 - expected[id]));
            assertEquals(draws * expected[id], counts[id], 4 * deviation, "count of id " + id);
        }
    }

    static List<Sampling> options() {
        var d = Sampling.defaults();
        return List.of(
                d.temperature(0.5),
                d.topK(3),
                d.topP(0.7),
                d.minP(0.3),
                d.typicalP(0.6),
                d.repetitionPenalty(1.5),
                d.presencePenalty(1),
                d.frequencyPenalty(0.5),
                d.logitBias(Map.of(2, -1f)),
                d.repetitionPenalty(1.5).penaltyWindow(2),
                d.presencePenalty(1).penaltyWindow(2));
    }

    @ParameterizedTest
    @MethodSource("options")
    void everyOptionChangesTheDistribution(Sampling options) {
        var without =
                options.penaltyWindow() == 2 ? options.penaltyWindow(Sampling.WHOLE_SEQUENCE) : Sampling.defaults();
        assertFalse(Arrays.equals(steps(without), steps(options)), "the distribution must differ");
    }

    /** The ids drawn for a thousand equidistant random numbers, that is, the distribution in tenths of a percent. */
    private static int[] steps(Sampling options) {
        float[] logits = {2, 1.5f, 1, 0.5f, 0.25f, -1};
        var sampler = new Sampler(options, logits.length, new BitSet(), List.of(), new int[] {0, 1, 1});
        for (int token : new int[] {2, 2, 2, 3, 4}) {
            sampler.accept(token);
        }
        return IntStream.range(0, 1000)
                .map(i -> sampler.sample(logits.clone(), i / 1000.0))
                .toArray();
    }

    @Test
    void aBiasOfNegativeInfinityExcludesTheToken() {
        var sampler = sampler(Sampling.greedy().logitBias(1, BANNED), 3);
        assertEquals(2, sampler.sample(new float[] {1, 9, 3}));
    }

    @Test
    void forbiddenIdsAreNeverProduced() {
        var forbidden = new BitSet();
        forbidden.set(1);
        forbidden.set(4, 6);
        LogitsProcessor resurrect = (tokens, logits) -> logits[5] = 100;
        var sampler = new Sampler(
                Sampling.defaults().logitBias(4, 50f).temperature(5), 6, forbidden, List.of(resurrect), NO_PROMPT);
        var seen = new BitSet();
        for (int i = 0; i < 1000; i++) {
            // The logits of padding are ignored, even NaN.
            seen.set(sampler.sample(new float[] {1, Float.NaN, 1, 1, 20, 30}));
        }
        assertEquals("{0, 2, 3}", seen.toString());
    }

    @Test
    void processorsRunInOrderWithPromptAndOutput() {
        var calls = new ArrayList<String>();
        LogitsProcessor first = (tokens, logits) -> {
            calls.add("first " + list(tokens) + " after " + tokens.promptLength() + ", " + logits[0]);
            logits[0] = 7;
        };
        LogitsProcessor second = (tokens, logits) -> {
            calls.add("second " + list(tokens) + " after " + tokens.promptLength() + ", " + logits[0]);
            logits[0] = BANNED;
        };
        var options = Sampling.greedy().logitBias(0, 1f).presencePenalty(0.5);
        var sampler = new Sampler(options, 3, new BitSet(), List.of(first, second), new int[] {2, 1});
        assertEquals(1, sampler.sample(new float[] {5, 2, 1}));
        sampler.accept(0);
        assertEquals(1, sampler.sample(new float[] {5, 2, 1}));
        assertEquals(
                List.of(
                        "first [2, 1] after 2, 6.0",
                        "second [2, 1] after 2, 7.0",
                        "first [2, 1, 0] after 2, 5.5",
                        "second [2, 1, 0] after 2, 7.0"),
                calls);
    }

    private static List<Integer> list(LogitsProcessor.Tokens tokens) {
        assertThrows(IndexOutOfBoundsException.class, () -> tokens.get(tokens.length()));
        assertThrows(IndexOutOfBoundsException.class, () -> tokens.get(-1));
        return IntStream.range(0, tokens.length()).mapToObj(tokens::get).toList();
    }

    @Test
    void longSequencesHaveCorrectHistoryAndPenalties() {
        int vocabulary = 3000;
        var random = new Random(8);
        int[] prompt = random.ints(2500, 0, vocabulary).toArray();
        int[] output = random.ints(2500, 0, vocabulary).toArray();
        var options = Sampling.greedy()
                .repetitionPenalty(1.2)
                .presencePenalty(0.7)
                .frequencyPenalty(0.3)
                .penaltyWindow(4000);
        LogitsProcessor check = (tokens, logits) -> {
            assertEquals(5000, tokens.length());
            assertEquals(prompt[2499], tokens.get(2499));
            assertEquals(output[2499], tokens.get(4999));
            float[] expected = new float[vocabulary];
            for (int id = 0; id < vocabulary; id++) {
                expected[id] = (id % 17 - 8) / 3f;
            }
            assertArrayEquals(penalized(expected, options, prompt, output), logits);
        };
        var sampler = new Sampler(options, vocabulary, new BitSet(), List.of(check), prompt);
        for (int token : output) {
            sampler.accept(token);
        }
        float[] logits = new float[vocabulary];
        for (int id = 0; id < vocabulary; id++) {
            logits[id] = (id % 17 - 8) / 3f;
        }
        sampler.sample(logits);
    }

    private static float[] penalized(float[] logits, Sampling options, int[] prompt, int[] output) {
        var history = new TokenHistory(prompt);
        for (int token : output) {
            history.add(token);
        }
        int start = history.length() - options.penaltyWindow();
        for (int id = 0; id < logits.length; id++) {
            int all = 0;
            int generated = 0;
            for (int p = start; p < history.length(); p++) {
                if (history.get(p) == id) {
                    all++;
                    generated += p >= prompt.length ? 1 : 0;
                }
            }
            double logit = logits[id];
            if (all > 0) {
                logit = logit > 0 ? logit / options.repetitionPenalty() : logit * options.repetitionPenalty();
            }
            if (generated > 0) {
                logit -= generated * options.frequencyPenalty() + options.presencePenalty();
            }
            logits[id] = (float) logit;
        }
        return logits;
    }

    @Test
    void theSameSeedProducesTheSameTokens() {
        var options = Sampling.defaults().temperature(2);
        var unseeded = sampler(options, 1000);
        int[] tokens = run(unseeded);
        assertArrayEquals(tokens, run(sampler(options.seed(unseeded.seed()), 1000)));
        assertFalse(Arrays.equals(tokens, run(sampler(options, 1000))));
        assertTrue(unseeded.seed() >= 0 && unseeded.seed() < 1L << 53);
        assertEquals(-3, sampler(options.seed(-3), 1000).seed());
    }

    @Test
    void seedsAreStableAcrossVersions() {
        // Computed by a Python 3 script with the same definition: logits as in run(), SplitMix64, full sorts, math.exp.
        var options = Sampling.defaults().temperature(1.5).seed(2026);
        assertArrayEquals(
                new int[] {853, 474, 670, 392, 793, 726, 950, 803, 327, 230, 336, 903, 314, 280, 638, 159},
                run(sampler(options, 1000)));
        assertArrayEquals(
                new int[] {831, 500, 670, 405, 786, 732, 935, 815, 319, 232, 336, 915, 340, 266, 601, 158},
                run(sampler(options.topK(40).topP(0.9), 1000)));
        assertArrayEquals(
                new int[] {852, 474, 670, 392, 787, 726, 950, 803, 326, 226, 336, 903, 314, 273, 635, 158},
                run(sampler(options.topP(0.95).minP(0.02).presencePenalty(1.5), 1000)));
        assertArrayEquals(
                new int[] {851, 474, 670, 392, 793, 719, 955, 803, 326, 226, 336, 902, 308, 273, 634, 158},
                run(sampler(options.typicalP(0.9).repetitionPenalty(1.3), 1000)));
    }

    /** Samples 16 tokens of a vocabulary of 1000. */
    private static int[] run(Sampler sampler) {
        return IntStream.range(0, 16)
                .map(step -> {
                    float[] logits = new float[1000];
                    for (int id = 0; id < logits.length; id++) {
                        logits[id] = (id * 7919 + step * 104_729) % 1009 / 100f;
                    }
                    int token = sampler.sample(logits);
                    sampler.accept(token);
                    return token;
                })
                .toArray();
    }

    @Test
    void compiledAndInterpretedCodeChooseTheSameTokens() {
        float[] logits = new float[3000];
        for (int id = 0; id < logits.length; id++) {
            logits[id] = id * 7919 % 1009 / 70f;
        }
        for (var options : List.of(
                Sampling.defaults(),
                Sampling.defaults().topP(0.8).typicalP(0.9),
                Sampling.defaults().topK(50))) {
            var sampler = sampler(options, logits.length);
            int[] early = IntStream.range(0, 50)
                    .map(i -> sampler.sample(logits.clone(), i / 50.0))
                    .toArray();
            for (int i = 0; i < 3000; i++) {
                sampler.sample(logits.clone(), 0.5);
            }
            int[] late = IntStream.range(0, 50)
                    .map(i -> sampler.sample(logits.clone(), i / 50.0))
                    .toArray();
            assertArrayEquals(early, late);
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
    void nanAndPositiveInfinityAreRejected(float bad) {
        for (var options : List.of(
                Sampling.greedy(), Sampling.defaults(), Sampling.defaults().topK(1))) {
            var sampler = new Sampler(options, 4, new BitSet(), List.of(), new int[] {1, 2});
            var failure = assertThrows(IllegalStateException.class, () -> sampler.sample(new float[] {1, 5, bad, 2}));
            assertEquals(
                    "cannot sample token 2 of the sequence: the logit of id 2 is " + bad
                            + "; logits must be finite or negative infinity",
                    failure.getMessage());
        }
    }

    @Test
    void samplingWithoutCandidatesFails() {
        LogitsProcessor banAll = (tokens, logits) -> Arrays.fill(logits, BANNED);
        for (var options : List.of(Sampling.greedy(), Sampling.defaults().topP(0.5))) {
            var sampler = new Sampler(options, 4, new BitSet(), List.of(banAll), NO_PROMPT);
            var failure = assertThrows(IllegalStateException.class, () -> sampler.sample(new float[4]));
            assertEquals(
                    "cannot sample token 0 of the sequence: all 4 ids are excluded (every logit is negative infinity)",
                    failure.getMessage());
        }
    }

    @Test
    void idsOutsideTheVocabularyAreRejected() {
        var beyond = new BitSet();
        beyond.set(10);
        var none = new BitSet();
        List<Runnable> rejections = List.of(
                () -> new Sampler(Sampling.defaults(), 10, beyond, List.of(), NO_PROMPT),
                () -> new Sampler(Sampling.defaults().logitBias(10, 1f), 10, none, List.of(), NO_PROMPT),
                () -> new Sampler(Sampling.defaults(), 10, none, List.of(), new int[] {3, 10}),
                () -> new Sampler(Sampling.defaults(), 10, none, List.of(), new int[] {-1}),
                () -> sampler(Sampling.defaults(), 10).accept(10),
                () -> sampler(Sampling.defaults(), 10).accept(-1));
        for (var rejection : rejections) {
            var failure = assertThrows(IllegalArgumentException.class, rejection::run);
            String message = String.valueOf(failure.getMessage());
            assertTrue(message.endsWith("is outside the vocabulary (0 to 9)"), message);
        }
        var wrongLength = assertThrows(
                IllegalArgumentException.class,
                () -> sampler(Sampling.defaults(), 10).sample(new float[9]));
        assertEquals("cannot sample from 9 logits: the vocabulary has 10 ids", wrongLength.getMessage());
    }
}
