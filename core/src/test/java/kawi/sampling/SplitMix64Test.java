package kawi.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SplitMix64Test {

    @Test
    void returnsThePublishedOutputs() {
        // The outputs published for this seed, for example at rosettacode.org/wiki/Pseudo-random_numbers/Splitmix64.
        var random = new SplitMix64(1234567);
        long[] published = {
            6457827717110365317L,
            3203168211198807973L,
            Long.parseUnsignedLong("9817491932198370423"),
            4593380528125082431L,
            Long.parseUnsignedLong("16408922859458223821"),
        };
        for (long expected : published) {
            assertEquals(expected, random.nextLong());
        }
    }

    @Test
    void isEqualToSplittableRandom() {
        for (long seed : new long[] {0, 1, -1, 42, Long.MIN_VALUE}) {
            var ours = new SplitMix64(seed);
            var theirs = new SplittableRandom(seed);
            for (int i = 0; i < 100; i++) {
                assertEquals(theirs.nextLong(), ours.nextLong());
            }
        }
    }

    @Test
    void doublesAreBelowOne() {
        var random = new SplitMix64(3);
        double sum = 0;
        for (int i = 0; i < 100_000; i++) {
            double u = random.nextDouble();
            assertTrue(u >= 0 && u < 1);
            sum += u;
        }
        assertEquals(0.5, sum / 100_000, 0.005);
    }
}
