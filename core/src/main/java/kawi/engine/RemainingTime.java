package kawi.engine;

import java.time.Duration;
import java.util.Optional;

/**
 * Estimates how long the rest of a prompt will take. A token at depth {@code x} costs
 *
 * <pre>
 *    c(x) = a + b x                                   matrices, and attention to all tokens before it
 *    rest = a (L - x) + b (L^2 - x^2) / 2             of a prompt that ends at depth L
 * </pre>
 *
 * so the second half of a long prompt takes much longer than the first, and an average of what has been measured is far
 * too low. {@code a} and {@code b} are those of the weighted least squares over the pieces that have been processed, not
 * negative. The weight of a piece falls as others follow it, because the speed of a machine changes.
 */
final class RemainingTime {

    /** With fewer pieces, there is no estimate. */
    static final int MIN_PIECES = 4;

    /** The factor of the weight with each piece: the last hundred or so count. */
    private static final double DECAY = 0.99;

    private final int from;
    private final int end;
    private int depth;
    private long time;
    private int pieces;

    // Weighted sums over the pieces, of depths x and costs of a token y.
    private double n;
    private double x;
    private double y;
    private double xx;
    private double xy;

    /**
     * @param from the depth of the first token that is processed
     * @param end the depth at which the prompt ends
     * @param now the time in nanoseconds
     */
    RemainingTime(int from, int end, long now) {
        this.from = from;
        this.end = end;
        this.depth = from;
        this.time = now;
    }

    /** Records that the tokens before {@code depth} have been processed, and estimates how long the others take. */
    Optional<Duration> at(int depth, long now) {
        if (depth > this.depth) {
            record(depth - this.depth, (this.depth + depth) / 2.0 - from, now - time);
            this.depth = depth;
            this.time = now;
        }
        return pieces < MIN_PIECES || depth == end ? Optional.empty() : Optional.of(rest());
    }

    private void record(int tokens, double at, long nanos) {
        pieces++;
        double cost = (double) nanos / tokens;
        n = n * DECAY + tokens;
        x = x * DECAY + tokens * at;
        y = y * DECAY + tokens * cost;
        xx = xx * DECAY + tokens * at * at;
        xy = xy * DECAY + tokens * at * cost;
    }

    private Duration rest() {
        double spread = n * xx - x * x;
        double b = spread <= 0 ? 0 : Math.max(0, (n * xy - x * y) / spread);
        double a = (y - b * x) / n;
        if (a < 0) { // the line through the origin
            a = 0;
            b = xy / xx;
        }
        double first = depth - from;
        double last = end - from;
        return Duration.ofNanos(Math.round(a * (last - first) + b * (last * last - first * first) / 2));
    }
}
