package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RemainingTimeTest {

    /** The time for tokens {@code [from, to)} at 1 ms and 2 microseconds for each token before, in nanoseconds. */
    private static long nanos(int from, int to) {
        return 1_000_000L * (to - from) + 1_000L * ((long) to * to - (long) from * from);
    }

    private static double seconds(Optional<Duration> time) {
        return time.orElseThrow().toNanos() * 1e-9;
    }

    /** The average of the first tenth would be a tenth of the truth. */
    @Test
    void attentionGrowsWithDepth() {
        int end = 262_144;
        RemainingTime rest = new RemainingTime(0, end, 7);
        for (int at = 256; at <= 26_368; at += 256) {
            Optional<Duration> time = rest.at(at, 7 + nanos(0, at));
            assertEquals(at < 256 * RemainingTime.MIN_PIECES, time.isEmpty());
            if (at >= 4096) {
                double expected = nanos(at, end) * 1e-9;
                assertEquals(expected, seconds(time), expected * 1e-3);
            }
        }
    }

    @Test
    void aPromptThatContinuesBeginsAtItsDepth() {
        RemainingTime rest = new RemainingTime(100_000, 200_000, 0);
        Optional<Duration> time = Optional.empty();
        for (int at = 100_256; at <= 110_240; at += 256) {
            time = rest.at(at, nanos(100_000, at));
        }
        double expected = nanos(110_240, 200_000) * 1e-9;
        assertEquals(expected, seconds(time), expected * 1e-2);
        assertEquals(Optional.empty(), rest.at(200_000, nanos(100_000, 200_000)), "nothing is left");
    }

    @Test
    void withoutAttentionItIsTheAverage() {
        RemainingTime rest = new RemainingTime(0, 10_000, 0);
        Optional<Duration> time = Optional.empty();
        for (int at = 100; at <= 5000; at += 100) {
            time = rest.at(at, at * 1_000_000L);
        }
        assertEquals(5, seconds(time), 1e-6);
    }

    /** Pieces that become faster are no reason to expect that the rest takes no time. */
    @Test
    void itIsNeverNegative() {
        RemainingTime rest = new RemainingTime(0, 100_000, 0);
        long now = 0;
        for (int at = 256; at <= 25_600; at += 256) {
            now += 256_000_000_000L / at;
            Optional<Duration> time = rest.at(at, now);
            assertTrue(time.isEmpty() || !time.get().isNegative(), time.toString());
        }
        assertTrue(seconds(rest.at(25_856, now + 10_000_000)) > 0);
    }
}
