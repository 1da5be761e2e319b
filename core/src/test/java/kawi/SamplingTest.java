package kawi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SamplingTest {

    private static final Sampling DEFAULTS = Sampling.defaults();

    @Test
    void defaultsAreTheModelsOwnDistribution() {
        assertEquals(
                new Sampling(1, 0, 1, 0, 1, 1, 0, 0, Sampling.WHOLE_SEQUENCE, Map.of(), OptionalLong.empty()),
                DEFAULTS);
        assertEquals(DEFAULTS.temperature(0), Sampling.greedy());
    }

    @Test
    void everyWitherChangesItsOwnOptionOnly() {
        var all = DEFAULTS.temperature(0.5)
                .topK(3)
                .topP(0.25)
                .minP(0.125)
                .typicalP(0.75)
                .repetitionPenalty(1.5)
                .presencePenalty(2)
                .frequencyPenalty(-1)
                .penaltyWindow(64)
                .logitBias(Map.of(5, 1f))
                .logitBias(6, Float.NEGATIVE_INFINITY)
                .seed(-7);
        var biases = Map.of(5, 1f, 6, Float.NEGATIVE_INFINITY);
        assertEquals(new Sampling(0.5, 3, 0.25, 0.125, 0.75, 1.5, 2, -1, 64, biases, OptionalLong.of(-7)), all);
        List<UnaryOperator<Sampling>> backToDefault = List.of(
                s -> s.temperature(1),
                s -> s.topK(0),
                s -> s.topP(1),
                s -> s.minP(0),
                s -> s.typicalP(1),
                s -> s.repetitionPenalty(1),
                s -> s.presencePenalty(0),
                s -> s.frequencyPenalty(0),
                s -> s.penaltyWindow(Sampling.WHOLE_SEQUENCE),
                s -> s.logitBias(Map.of()),
                s -> s.seed(OptionalLong.empty()));
        Sampling rest = all;
        for (var change : backToDefault) {
            assertNotEquals(rest, change.apply(rest));
            rest = change.apply(rest);
        }
        assertEquals(DEFAULTS, rest);
    }

    @Test
    void laterChangesOfTheGivenMapDoNotCount() {
        var biases = new HashMap<>(Map.of(1, 2f));
        Sampling sampling = DEFAULTS.logitBias(biases);
        biases.put(3, 4f);
        assertEquals(Map.of(1, 2f), sampling.logitBias());
    }

    static List<UnaryOperator<Sampling>> refused() {
        var refused = new java.util.ArrayList<UnaryOperator<Sampling>>();
        double infinity = Double.POSITIVE_INFINITY;
        DoubleStream.of(-0.1, Double.NaN, infinity).forEach(v -> refused.add(s -> s.temperature(v)));
        DoubleStream.of(0, -0.1, 1.01, Double.NaN, infinity).forEach(v -> {
            refused.add(s -> s.topP(v));
            refused.add(s -> s.typicalP(v));
        });
        DoubleStream.of(-0.1, 1.01, Double.NaN, infinity).forEach(v -> refused.add(s -> s.minP(v)));
        DoubleStream.of(0, -1, Double.NaN, infinity).forEach(v -> refused.add(s -> s.repetitionPenalty(v)));
        DoubleStream.of(Double.NaN, infinity, -infinity).forEach(v -> {
            refused.add(s -> s.presencePenalty(v));
            refused.add(s -> s.frequencyPenalty(v));
        });
        refused.add(s -> s.topK(-1));
        refused.add(s -> s.penaltyWindow(0));
        refused.add(s -> s.penaltyWindow(-1));
        refused.add(s -> s.logitBias(-1, 1f));
        refused.add(s -> s.logitBias(1, Float.NaN));
        refused.add(s -> s.logitBias(1, Float.POSITIVE_INFINITY));
        return refused;
    }

    @ParameterizedTest
    @MethodSource("refused")
    void valuesOutOfRangeAreRefused(UnaryOperator<Sampling> change) {
        assertThrows(IllegalArgumentException.class, () -> change.apply(DEFAULTS));
    }

    @Test
    void refusalsNameOptionValueAndRange() {
        assertEquals(
                "topP is 1.5; it must be above 0 and at most 1 (keep all tokens)",
                assertThrows(IllegalArgumentException.class, () -> DEFAULTS.topP(1.5))
                        .getMessage());
        assertEquals(
                "logitBias of token 9 is NaN; it must be a finite number or negative infinity (ban the token)",
                assertThrows(IllegalArgumentException.class, () -> DEFAULTS.logitBias(9, Float.NaN))
                        .getMessage());
    }
}
