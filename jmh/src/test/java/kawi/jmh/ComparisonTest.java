package kawi.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import kawi.jmh.Comparison.Verdict;
import org.junit.jupiter.api.Test;

class ComparisonTest {

    private static final Ratio A = new Ratio("Row.rmsNorm tokens=64", "vector : scalar");
    private static final Ratio B = new Ratio("Delta.recur tokens=1", "vector : memory read");

    private static SortedMap<Ratio, Double> ratios(Map<Ratio, Double> ratios) {
        return new TreeMap<>(ratios);
    }

    private static Comparison compared(double before, double now) {
        return Comparison.of(ratios(Map.of(A, before)), ratios(Map.of(A, now)), ratio -> true);
    }

    private static void assertVerdict(Verdict expected, Comparison comparison) {
        assertEquals(1, comparison.lines().size());
        assertEquals(expected, comparison.lines().getFirst().verdict());
    }

    @Test
    void aLossIsMoreThanFifteenPercent() {
        assertVerdict(Verdict.SAME, compared(8, 6.81));
        assertVerdict(Verdict.LOSS, compared(8, 6.79));
        assertTrue(compared(8, 6.81).passed());
        assertFalse(compared(8, 6.79).passed());
    }

    @Test
    void aGainIsTheInverseOfALoss() {
        assertVerdict(Verdict.SAME, compared(6.81, 8));
        assertVerdict(Verdict.GAIN, compared(6.79, 8));
        assertTrue(compared(6.79, 8).passed());
    }

    @Test
    void expectedRatiosThatWereNotMeasuredAreMissing() {
        Comparison comparison = Comparison.of(ratios(Map.of(A, 8.0)), ratios(Map.of()), ratio -> true);
        assertVerdict(Verdict.MISSING, comparison);
        assertFalse(comparison.passed());
    }

    @Test
    void otherRatiosThatWereNotMeasuredAreIgnored() {
        Comparison comparison =
                Comparison.of(ratios(Map.of(A, 8.0, B, 0.5)), ratios(Map.of(B, 0.5)), ratio -> ratio.equals(B));
        assertVerdict(Verdict.SAME, comparison);
        assertTrue(comparison.passed());
    }

    @Test
    void ratiosThatAreNotInTheBaselineAreNew() {
        Comparison comparison = Comparison.of(ratios(Map.of()), ratios(Map.of(A, 8.0)), ratio -> true);
        assertVerdict(Verdict.NEW, comparison);
        assertTrue(comparison.passed());
    }

    @Test
    void tableHasALineForEachRatioAndASummary() {
        Comparison comparison = Comparison.of(ratios(Map.of(A, 8.0, B, 0.5)), ratios(Map.of(A, 4.0)), ratio -> true);
        assertEquals("""
                subject                ratio                  baseline        now   change
                Delta.recur tokens=1   vector : memory read     0.5000          -        -  MISSING
                Row.rmsNorm tokens=64  vector : scalar           8.000      4.000    -50 %  LOSS

                2 ratios: 1 lost (more than 15 % below the baseline), 1 missing, 0 gained, 0 new
                """, comparison.table());
    }
}
