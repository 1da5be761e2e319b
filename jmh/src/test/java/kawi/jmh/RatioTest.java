package kawi.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RatioTest {

    private static final List<JmhResult> REFERENCES = List.of(reference(Ratio.READ, 40e9), reference(Ratio.COPY, 10e9));

    private static JmhResult reference(String subject, double perSecond) {
        return new JmhResult(subject, "", 1, perSecond, new TreeMap<>());
    }

    private static JmhResult result(String tier, int tokens, double perSecond, Map<String, Double> counters) {
        return new JmhResult("X.y", tier, tokens, perSecond, new TreeMap<>(counters));
    }

    private static Map<String, Double> ratios(JmhResult... results) {
        List<JmhResult> all = new ArrayList<>(REFERENCES);
        all.addAll(List.of(results));
        Map<String, Double> ratios = new TreeMap<>();
        Ratio.of(all).forEach((ratio, value) -> ratios.put(ratio.subject() + " " + ratio.terms(), value));
        return ratios;
    }

    @Test
    void tiersAreDividedByScalar() {
        assertEquals(
                Map.of("X.y vector : scalar", 4.0, "X.y assembled : scalar", 10.0),
                ratios(
                        result("scalar", 1, 2, Map.of()),
                        result("vector", 1, 8, Map.of()),
                        result("assembled", 1, 20, Map.of())));
    }

    @Test
    void oneTokenIsDividedByReadBandwidth() {
        assertEquals(
                Map.of("X.y vector : memory read", 0.5),
                ratios(result("vector", 1, 1, Map.of("weightBytes", 20e9, "multiplyAdds", 30e9))));
    }

    @Test
    void severalTokensAreDividedByCopyBandwidth() {
        assertEquals(
                Map.of("X.y vector : memory copy", 3.0),
                ratios(result("vector", 64, 1, Map.of("weightBytes", 20e9, "multiplyAdds", 30e9))));
    }

    @Test
    void packingIsDividedByCopyBandwidth() {
        assertEquals(
                Map.of("X.y vector : memory copy", 0.2), ratios(result("vector", 1, 1, Map.of("packedBytes", 2e9))));
    }

    @Test
    void withoutAReferenceThereIsNoRatio() {
        assertEquals(Map.of(), Ratio.of(List.of(result("vector", 1, 1, Map.of("weightBytes", 1.0)))));
    }

    @Test
    void aThroughputOfZeroHasNoRatio() {
        assertEquals(Map.of(), ratios(result("scalar", 1, 0, Map.of()), result("vector", 1, 5, Map.of())));
    }
}
