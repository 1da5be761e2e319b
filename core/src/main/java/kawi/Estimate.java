package kawi;

import java.util.Locale;

/**
 * A measured value.
 *
 * @param value the measurement
 * @param error its standard error; 0 if there were too few samples to estimate it
 */
public record Estimate(double value, double error) {

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.6f +/- %.6f", value, error);
    }
}
