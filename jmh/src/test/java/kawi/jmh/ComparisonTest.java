package kawi.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kawi.jmh.Comparison.Verdict;
import org.junit.jupiter.api.Test;

class ComparisonTest {

    private static final Measurement A = new Measurement("Row.rmsNorm tokens=64", "vector512");
    private static final Measurement B = new Measurement("Delta.recur tokens=1", "assembled");

    private static Comparison with(Map<Measurement, Double> before) {
        return new Comparison(new TreeMap<>(before), 0.12);
    }

    private static Comparison compared(double before, double now) {
        Comparison comparison = with(Map.of(A, before));
        comparison.add(A, now);
        return comparison;
    }

    @Test
    void aLossIsMoreThanTheTolerance() {
        assertEquals(Verdict.SAME, compared(8, 7.05).verdict(A));
        assertEquals(Verdict.LOSS, compared(8, 7.03).verdict(A));
        assertTrue(compared(8, 7.05).passed());
        assertFalse(compared(8, 7.03).passed());
        assertEquals(List.of(A), compared(8, 7.03).with(Verdict.LOSS));
    }

    @Test
    void aLossOfAFifthIsOne() {
        assertFalse(compared(1, 0.8).passed());
    }

    @Test
    void aGainIsTheInverseOfALoss() {
        assertEquals(Verdict.SAME, compared(7.05, 8).verdict(A));
        assertEquals(Verdict.GAIN, compared(7.03, 8).verdict(A));
        assertTrue(compared(7.03, 8).passed());
    }

    @Test
    void theBestOfRepeatedMeasurementsCounts() {
        Comparison comparison = compared(8, 5);
        comparison.add(A, 7.9);
        comparison.add(A, 6);
        assertEquals(Verdict.SAME, comparison.verdict(A));
        assertTrue(comparison.passed());
    }

    @Test
    void whatCouldNotBeMeasuredIsMissingIfItIsInTheBaseline() {
        Comparison comparison = with(Map.of(A, 8.0));
        comparison.addMissing(A);
        comparison.addMissing(B);
        assertEquals(List.of(A), comparison.with(Verdict.MISSING));
        assertFalse(comparison.passed());
    }

    @Test
    void whatIsNotMeasuredIsIgnored() {
        Comparison comparison = with(Map.of(A, 8.0, B, 0.5));
        comparison.add(B, 0.5);
        assertEquals(Verdict.SAME, comparison.verdict(B));
        assertTrue(comparison.passed());
    }

    @Test
    void whatIsNotInTheBaselineIsNew() {
        Comparison comparison = with(Map.of());
        comparison.add(A, 8);
        assertEquals(Verdict.NEW, comparison.verdict(A));
        assertTrue(comparison.passed());
    }

    @Test
    void everyMeasurementIsALineAndAllTogetherAreOne() {
        Comparison comparison = with(Map.of(A, 8.0));
        comparison.add(A, 4);
        comparison.add(B, 0.123456);
        assertEquals(
                """
                measurement                                   tier        baseline        now   change
                Row.rmsNorm tokens=64                         vector512      8.000      4.000    -50 %  LOSS
                Delta.recur tokens=1                          assembled          -     0.1235        -  new
                2 measurements: 1 lost (more than 12 % below the baseline), 0 missing, 0 gained, 1 new""",
                String.join("\n", Comparison.head(), comparison.line(A), comparison.line(B), comparison.summary()));
    }
}
