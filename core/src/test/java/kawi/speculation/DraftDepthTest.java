package kawi.speculation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DraftDepthTest {

    private static final double UNIT = 20e6;

    /** Decodes with a head whose guesses are correct with given probabilities, and given costs. */
    private static final class Simulation {

        final DraftStatistics statistics = new DraftStatistics();
        DraftDepth depth = new DraftDepth(statistics, DraftStatistics.MAX_DEPTH);
        final SplittableRandom random = new SplittableRandom(7);
        double row;
        double guess;
        /** The probability that a guess is correct, and what the head states. */
        double acceptance;

        double stated;
        double noise;

        Simulation(double row, double guess, double acceptance) {
            this.row = row;
            this.guess = guess;
            this.acceptance = acceptance;
            stated = acceptance;
        }

        /** Returns the tokens per time of a pass over one row. */
        double rate(int tokens) {
            double time = 0;
            int made = 0;
            float[] confidence = new float[DraftStatistics.MAX_DEPTH];
            while (made < tokens) {
                int guesses = depth.guesses(0);
                Arrays.fill(confidence, (float) stated);
                time += guesses * guess;
                statistics.guesses(guesses, nanos(guesses * guess));
                int verified = guesses == 0 ? 0 : depth.depth(Source.HEAD, confidence, guesses, 0);
                int accepted = 0;
                while (accepted < verified && random.nextDouble() < acceptance) {
                    accepted++;
                }
                double cost = 1 + verified * row;
                time += cost;
                statistics.pass(1 + verified, nanos(cost));
                depth.verified(Source.HEAD, verified, accepted);
                made += 1 + accepted;
            }
            return made / time;
        }

        private long nanos(double cost) {
            return (long) (cost * UNIT * (1 + noise * (random.nextDouble() - 0.5)));
        }

        /** The rate of the best constant depth. */
        double best() {
            double best = 1;
            for (int d = 1; d <= DraftStatistics.MAX_DEPTH; d++) {
                double tokens = (1 - Math.pow(acceptance, d + 1)) / (1 - acceptance);
                best = Math.max(best, tokens / (1 + d * (row + guess)));
            }
            return best;
        }
    }

    @Test
    void hopelessGuessesCostLessThanThreePercent() {
        for (double row : new double[] {0.03, 0.08, 0.25, 0.6}) {
            for (double guess : new double[] {0.03, 0.07, 0.4}) {
                for (double stated : new double[] {0, 0.5, 0.95}) {
                    var simulation = new Simulation(row, guess, 0);
                    simulation.stated = stated;
                    double rate = simulation.rate(256);
                    assertTrue(rate > 0.97, () -> row + " " + guess + " " + stated + ": " + rate);
                    double later = simulation.rate(2000);
                    assertTrue(later > 0.985, () -> row + " " + guess + " " + stated + ": " + later);
                }
            }
        }
    }

    @Test
    void theNextSequenceBeginsWithWhatOthersHaveShown() {
        var simulation = new Simulation(0.08, 0.07, 0);
        simulation.rate(1000);
        simulation.depth = new DraftDepth(simulation.statistics, DraftStatistics.MAX_DEPTH);
        double rate = simulation.rate(32);
        assertTrue(rate > 0.98, () -> "rate " + rate);
    }

    @Test
    void theRateIsCloseToThatOfTheBestDepth() {
        for (double acceptance : new double[] {0.3, 0.5, 0.7, 0.8, 0.9, 0.97}) {
            for (double row : new double[] {0.03, 0.08, 0.3}) {
                for (double noise : new double[] {0, 0.3}) {
                    var simulation = new Simulation(row, 0.05, acceptance);
                    simulation.noise = noise;
                    double rate = simulation.rate(4000);
                    double best = simulation.best();
                    assertTrue(
                            rate > 0.93 * best,
                            () -> acceptance + ", " + row + ", " + noise + ": " + rate + " of " + best);
                }
            }
        }
    }

    @Test
    void recoversWhenAcceptanceReturns() {
        var simulation = new Simulation(0.08, 0.05, 0);
        simulation.rate(3000);
        simulation.acceptance = 0.85;
        simulation.stated = 0.85;
        simulation.rate(300);
        double rate = simulation.rate(1000);
        double best = simulation.best();
        assertTrue(rate > 0.9 * best, () -> rate + " of " + best);
        simulation.acceptance = 0;
        double loss = simulation.rate(400);
        assertTrue(loss > 0.95, () -> "rate " + loss);
    }

    @Test
    void guessesThatAreNotWorthVerifyingAreNoLongerMade() {
        // The head knows that its guesses are wrong.
        var simulation = new Simulation(0.3, 0.3, 0);
        simulation.stated = 0.05;
        simulation.rate(200);
        double rate = simulation.rate(500);
        assertTrue(rate > 0.985, () -> "rate " + rate);
    }

    @Test
    void followsTheConfidenceOfALookup() {
        var statistics = new DraftStatistics();
        var depth = new DraftDepth(statistics, 6);
        float[] sure = {0.9f, 0.9f, 0.9f, 0.9f, 0.9f, 0.9f, 0.9f, 0.9f};
        float[] unsure = {0.05f, 0.9f, 0.9f, 0.9f};
        float[] falling = {0.9f, 0.9f, 0.01f, 0.01f};
        assertEquals(0, depth.depth(Source.LOOKUP, sure, 8, 0), "the first pass measures one row");
        statistics.pass(1, 20_000_000);
        for (int i = 0; i < 20; i++) {
            statistics.pass(9, 30_000_000);
            statistics.pass(1, 20_000_000);
        }
        assertEquals(6, depth.depth(Source.LOOKUP, sure, 8, 0), "the limit");
        assertEquals(3, depth.depth(Source.LOOKUP, sure, 3, 0));
        assertEquals(0, depth.depth(Source.LOOKUP, unsure, 1, 0));
        assertEquals(2, depth.depth(Source.LOOKUP, falling, 4, 0));
        for (int i = 0; i < 40; i++) {
            statistics.pass(2, 40_000_000);
            statistics.pass(1, 20_000_000);
        }
        assertEquals(0, depth.depth(Source.LOOKUP, unsure, 1, 0), "a row costs as much as a pass");
    }

    @Test
    void aSlowFirstPassDoesNotPreventGuesses() {
        var statistics = new DraftStatistics();
        var depth = new DraftDepth(statistics, 8);
        float[] sure = {0.9f, 0.9f, 0.9f, 0.9f, 0.9f, 0.9f, 0.9f, 0.9f};
        statistics.pass(1, 20_000_000);
        statistics.pass(2, 60_000_000);
        assertEquals(8, depth.depth(Source.LOOKUP, sure, 8, 0));
        statistics.pass(9, 90_000_000);
        assertTrue(depth.depth(Source.LOOKUP, sure, 8, 0) >= 4);
    }

    @Test
    void costsAreMeasuredOrExtrapolated() {
        var statistics = new DraftStatistics();
        statistics.pass(1, 20_000_000);
        statistics.pass(3, 24_000_000);
        assertEquals((1.16 + 1.2) / 2, statistics.cost(3), 1e-9, "the average with the cost that was expected");
        for (int i = 0; i < 80; i++) {
            statistics.pass(1, 20_000_000);
            statistics.pass(3, 24_000_000);
        }
        assertEquals(1.2, statistics.cost(3), 1e-4);
        assertEquals(1.3, statistics.cost(4), 1e-4);
        double before = statistics.cost(3);
        statistics.pass(1, 2_000_000_000);
        assertEquals(before, statistics.cost(3), 1e-9);
        statistics.pass(500, 1);
        statistics.guesses(4, 6_000_000);
        assertTrue(
                statistics.guessCost() < 0.08 && statistics.guessCost() > 0.03, "a pause of two seconds counts little");
    }
}
