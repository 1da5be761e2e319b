package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sizes of passes on simulated machines, whose passes take a computed time. */
class PassSizeTest {

    private static final int PROMPT = 4096;

    /**
     * A machine on which reading the weights takes {@code weights} nanoseconds and computing a row a microsecond, in
     * tiles of 8 rows, and attention takes time for each position before a row.
     */
    private record Machine(double weights) {
        double nanos(int singles, int rows, int depth, int promptDepth) {
            int all = singles + rows;
            double compute = 1000.0 * (all <= 8 ? all : (all + 7) / 8 * 8);
            return Math.max(weights, compute)
                    + 0.1 * Math.min(weights, compute)
                    + 0.1 * ((double) singles * depth + (double) rows * promptDepth);
        }
    }

    /** Prompts that are read while other sequences decode. */
    private static final class Run {
        private final Machine machine;
        private final int singles;
        private final Random random;
        private final PassSize size = new PassSize();
        private int depth = 100;
        private double longest;
        private double usual;
        private double total;
        private double fastest;

        Run(Machine machine, int singles, int seed) {
            this.machine = machine;
            this.singles = singles;
            this.random = new Random(seed);
        }

        /** What is measured: a few passes take much longer, and none less. */
        private long measured(double nanos) {
            return (long)
                    (nanos * (random.nextInt(32) == 0 ? 1.6 : 1) * Math.exp(0.05 * Math.abs(random.nextGaussian())));
        }

        /** Passes before a prompt arrives, the last of which compete with its encoding. */
        void decode(int passes, double slowdown) {
            for (int i = 0; i < passes; i++) {
                double nanos = machine.nanos(singles, 0, depth++, 0);
                size.record(singles, 0, measured(i < passes - 2 ? nanos : slowdown * nanos));
            }
        }

        void read(int prompt) {
            for (int at = 0; at < prompt; ) {
                int rows = size.mustMeasure(singles) ? 0 : Math.min(prompt - at, size.piece(singles));
                rows = Math.min(rows, Scheduler.MAX_ROWS - singles);
                double nanos = machine.nanos(singles, rows, depth, at);
                double alone = machine.nanos(singles, 0, depth++, 0);
                longest = Math.max(longest, nanos / alone);
                usual += alone;
                total += nanos;
                at += rows;
                size.record(singles, rows, measured(nanos));
            }
            fastest += prompt * 1000.0;
        }
    }

    @ParameterizedTest
    @CsvSource({"8, 1, 1", "8, 4, 1.8", "16, 1, 1.8", "16, 4, 1", "16, 8, 1.8", "30, 1, 1", "30, 4, 1.8", "30, 8, 1"})
    void otherAnswersKeepAThirdOfTheirSpeedAndHaveNoLongGaps(int weights, int singles, double slowdown) {
        for (int seed = 0; seed < 25; seed++) {
            Run run = new Run(new Machine(1000.0 * weights), singles, seed);
            run.decode(30, slowdown);
            run.read(PROMPT);
            run.decode(10, slowdown);
            run.read(PROMPT / 7);
            run.decode(4, slowdown);
            run.read(PROMPT);
            String figures = "seed %d: longest gap %.2f, speed %.2f, prompt %.2f"
                    .formatted(seed, run.longest, run.usual / run.total, run.fastest / run.total);
            assertTrue(run.longest < 3.6, figures);
            assertTrue(run.usual / run.total > 0.38, figures);
            // The prompt gets its share of the time, except for what is lost to tiles that are not full.
            assertTrue(run.fastest / run.total > 0.45, figures);
        }
    }

    @Test
    void aPromptGetsARowHoweverSlowRowsAre() {
        PassSize size = new PassSize();
        size.record(2, 0, 1000);
        for (int i = 0; i < 10; i++) {
            int rows = size.piece(2);
            size.record(2, rows, 1000 + rows * 50_000L);
        }
        assertEquals(1, size.piece(2));
    }

    @Test
    void whatIsUsualIsMeasuredBeforeRowsAreAdmittedAndFromTimeToTime() {
        PassSize size = new PassSize();
        assertTrue(size.mustMeasure(3));
        size.record(3, 0, 1000);
        int[] between = new int[4];
        for (int i = 0; i < 4; i++) {
            while (!size.mustMeasure(3)) {
                size.record(3, size.piece(3), 2500);
                between[i]++;
            }
            size.record(3, 0, 1000);
        }
        assertEquals("[8, 16, 32, 32]", Arrays.toString(between));
    }

    @Test
    void theShortRestOfAPromptMeasuresNothing() {
        PassSize size = new PassSize();
        size.record(1, 0, 10_000);
        for (int i = 0; i < 20; i++) {
            int rows = size.piece(1);
            size.record(1, rows, 10_000 + 500 * rows);
        }
        int before = size.piece(1);
        assertEquals(30, before, 2);
        for (int i = 0; i < 10; i++) {
            size.record(1, 2, 9_000);
        }
        assertEquals(before, size.piece(1));
    }

    @Test
    void aMedianIsThatOfTheNewestMeasurements() {
        MovingMedian median = new MovingMedian(3);
        assertEquals(0, median.value());
        median.add(5);
        median.add(9);
        assertEquals(5, median.value());
        median.add(7);
        assertEquals(7, median.value());
        median.add(1);
        median.add(2);
        assertEquals(2, median.value());
        assertEquals(3, median.count());
    }
}
