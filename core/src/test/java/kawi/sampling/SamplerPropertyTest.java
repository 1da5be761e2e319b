package kawi.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import kawi.Sampling;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.statistics.Statistics;

/** Compares the sampler with {@link ReferenceSampler}: the same candidates with the same probabilities. */
class SamplerPropertyTest {

    private static final int MAX_IDS = 40;

    @Provide
    Arbitrary<float[]> logits() {
        var smooth = Arbitraries.floats().between(-9, 9).ofScale(4);
        var tied = Arbitraries.integers().between(-4, 4).map(i -> i / 2f);
        var masked = Arbitraries.just(Float.NEGATIVE_INFINITY);
        return Arbitraries.oneOf(
                vocabulary(smooth),
                vocabulary(tied),
                vocabulary(
                        Arbitraries.frequencyOf(net.jqwik.api.Tuple.of(3, smooth), net.jqwik.api.Tuple.of(1, masked))),
                vocabulary(
                        Arbitraries.frequencyOf(net.jqwik.api.Tuple.of(3, tied), net.jqwik.api.Tuple.of(1, masked))));
    }

    private static Arbitrary<float[]> vocabulary(Arbitrary<Float> logit) {
        return logit.array(float[].class).ofMinSize(1).ofMaxSize(MAX_IDS);
    }

    @Provide
    Arbitrary<Sampling> filters() {
        return Combinators.combine(
                        offOr(1.0, Arbitraries.of(0.0, 0.3, 0.7, 2.0, 50.0)),
                        offOr(0, Arbitraries.integers().between(1, MAX_IDS + 2)),
                        offOr(1.0, openUnit()),
                        offOr(0.0, openUnit()),
                        offOr(1.0, openUnit()))
                .as((temperature, topK, topP, minP, typicalP) -> Sampling.defaults()
                        .temperature(temperature)
                        .topK(topK)
                        .topP(topP)
                        .minP(minP)
                        .typicalP(typicalP));
    }

    @Provide
    Arbitrary<Sampling> penalties() {
        var biases = Arbitraries.maps(
                        Arbitraries.integers().between(0, 4),
                        Arbitraries.of(Float.NEGATIVE_INFINITY, -3f, -0.1f, 0f, 2.5f))
                .ofMaxSize(3);
        return Combinators.combine(
                        offOr(1.0, Arbitraries.of(0.7, 1.1, 1.3, 3.0)),
                        offOr(0.0, Arbitraries.of(-1.0, 0.4, 1.5, 2.0)),
                        offOr(0.0, Arbitraries.of(-0.5, 0.25, 0.6)),
                        offOr(Sampling.WHOLE_SEQUENCE, Arbitraries.integers().between(1, 30)),
                        offOr(Map.of(), biases))
                .as((repetition, presence, frequency, window, bias) -> Sampling.defaults()
                        .repetitionPenalty(repetition)
                        .presencePenalty(presence)
                        .frequencyPenalty(frequency)
                        .penaltyWindow(window)
                        .logitBias(bias));
    }

    private static Arbitrary<Double> openUnit() {
        return Arbitraries.doubles().between(0.001, 0.999).ofScale(5);
    }

    private static <T> Arbitrary<T> offOr(T off, Arbitrary<T> on) {
        return Arbitraries.oneOf(Arbitraries.just(off), on);
    }

    @Property(tries = 3000)
    void filtersAndTemperatureMatchTheReference(@ForAll("logits") float[] logits, @ForAll("filters") Sampling options) {
        Assume.that(anyLeft(logits));
        check(logits, options, new int[0], new int[0]);
    }

    @Property(tries = 1500)
    void penaltiesMatchTheReference(
            @ForAll("logits") float[] logits,
            @ForAll("penalties") Sampling options,
            @ForAll("filters") Sampling filters,
            @ForAll List<Byte> promptBytes,
            @ForAll List<Byte> outputBytes) {
        Assume.that(anyLeft(logits));
        Assume.that(options.logitBias().keySet().stream().allMatch(id -> id < logits.length));
        float[] biased = logits.clone();
        options.logitBias().forEach((id, bias) -> biased[id] += bias);
        Assume.that(anyLeft(biased));
        var all = new Sampling(
                filters.temperature(),
                filters.topK(),
                filters.topP(),
                filters.minP(),
                filters.typicalP(),
                options.repetitionPenalty(),
                options.presencePenalty(),
                options.frequencyPenalty(),
                options.penaltyWindow(),
                options.logitBias(),
                OptionalLong.empty());
        check(logits, all, ids(promptBytes, logits.length), ids(outputBytes, logits.length));
    }

    private static void check(float[] logits, Sampling options, int[] prompt, int[] output) {
        var expected = ReferenceSampler.distribution(logits, options, prompt, output);
        Statistics.label("decided by rounding").collect(expected.margin() < ReferenceSampler.CLOSE);
        Assume.that(expected.margin() >= ReferenceSampler.CLOSE);
        var sampler = new Sampler(options, logits.length, new BitSet(), List.of(), prompt);
        for (int token : output) {
            sampler.accept(token);
        }
        double sum = 0;
        for (int id = 0; id < logits.length; id++) {
            double probability = expected.probabilities()[id];
            if (probability > 1e-8) {
                // The draw is the inverse of the cumulative distribution over ids, so both ends of each step show it.
                assertEquals(id, sampler.sample(logits.clone(), sum + 1e-9), "start of the interval");
                assertEquals(id, sampler.sample(logits.clone(), sum + probability - 1e-9), "end of the interval");
            }
            sum += probability;
        }
        double lastBelowOne = Math.nextDown(1.0);
        assertTrue(expected.probabilities()[sampler.sample(logits.clone(), 0)] > 0);
        assertTrue(expected.probabilities()[sampler.sample(logits.clone(), lastBelowOne)] > 0);
    }

    private static boolean anyLeft(float[] logits) {
        for (float logit : logits) {
            if (logit > Float.NEGATIVE_INFINITY) {
                return true;
            }
        }
        return false;
    }

    private static int[] ids(List<Byte> bytes, int vocabulary) {
        return bytes.stream().mapToInt(b -> Math.floorMod(b, vocabulary)).toArray();
    }
}
