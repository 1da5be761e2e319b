package kawi.architecture;

import kawi.kernels.Rotation;

/**
 * How a model extends the rotary position embedding to more positions than it was trained on, with the names and the
 * arithmetic of transformers ({@code modeling_rope_utils.py} [1]).
 *
 * <pre>
 *    f[j] = theta^(-2j / rotaryDims)                     frequencies without scaling, j &lt; rotaryDims / 2
 *    linear:  f[j] / factor
 *    yarn:    f[j] / factor * r[j] + f[j] * (1 - r[j])   r: from 0 at the pair that turns betaFast times within the
 *                                                        original context to 1 at the one that turns betaSlow times
 * </pre>
 *
 * Cosines and sines are multiplied by {@link #magnitude}, which for YaRN is {@code 0.1 ln(factor) + 1} unless the model
 * says otherwise.
 *
 * <p>[1] {@code _compute_linear_scaling_rope_parameters} and {@code _compute_yarn_parameters} of transformers 5.18;
 * Peng et al., YaRN: Efficient Context Window Extension of Large Language Models, 2023
 */
public sealed interface RopeScaling {

    /** Positions as they are. */
    RopeScaling NONE = new Linear(1, 1);

    /** The factor of all cosines and sines. */
    double magnitude();

    /** The frequencies in radians per position, one for each rotated pair. */
    double[] frequencies(int rotaryDims, double theta);

    /** The longest sequence of a model whose configuration declares {@code declared} positions. */
    int contextLength(int declared);

    /** The positions that a model was trained on whose longest sequence with this scaling is {@code contextLength}. */
    int originalLength(int contextLength);

    /** A few words for users: {@code none}, {@code yarn, factor 4, from 262144 positions}. */
    String describe();

    /** Rejects values that are out of range. */
    void check(SizeCheck check, double theta);

    /** All frequencies divided by a factor; none if the factor is 1. */
    record Linear(double factor, double magnitude) implements RopeScaling {

        @Override
        public double[] frequencies(int rotaryDims, double theta) {
            double[] frequencies = Rotation.frequencies(rotaryDims, theta);
            if (factor != 1) {
                for (int j = 0; j < frequencies.length; j++) {
                    frequencies[j] /= factor;
                }
            }
            return frequencies;
        }

        @Override
        public int contextLength(int declared) {
            return extended(declared, factor);
        }

        @Override
        public int originalLength(int contextLength) {
            return (int) Math.round(contextLength / factor);
        }

        @Override
        public String describe() {
            String scaled = factor == 1 ? "none" : "linear, factor " + number(factor);
            return magnitude == 1 ? scaled : scaled + ", attention factor " + number(magnitude);
        }

        @Override
        public void check(SizeCheck check, double theta) {
            checkFactors(check, factor, magnitude);
        }
    }

    /**
     * YaRN.
     *
     * @param originalLength positions that the model was trained on
     * @param betaFast turns within them from which on a frequency is not scaled; up to {@code betaSlow} turns it is
     *     divided by the factor
     * @param truncate whether the bounds of the ramp are rounded outwards to whole pairs
     */
    record Yarn(double factor, double magnitude, int originalLength, double betaFast, double betaSlow, boolean truncate)
            implements RopeScaling {

        /** The default of {@link #betaFast}. */
        public static final double BETA_FAST = 32;

        /** The default of {@link #betaSlow}. */
        public static final double BETA_SLOW = 1;

        /** Keeps the ramp from a division by zero where its bounds meet. */
        private static final double NARROWEST_RAMP = 0.001;

        /** {@code 0.1 multiplier ln(factor) + 1}, the magnitude that the authors of YaRN found best. */
        public static double magnitude(double factor, double multiplier) {
            return factor <= 1 ? 1 : 0.1 * multiplier * StrictMath.log(factor) + 1;
        }

        @Override
        public double[] frequencies(int rotaryDims, double theta) {
            double[] frequencies = Rotation.frequencies(rotaryDims, theta);
            double low = pairThatTurns(betaFast, rotaryDims, theta);
            double high = pairThatTurns(betaSlow, rotaryDims, theta);
            if (truncate) {
                low = Math.floor(low);
                high = Math.ceil(high);
            }
            low = Math.max(low, 0);
            high = Math.min(high, rotaryDims - 1);
            double width = low == high ? NARROWEST_RAMP : high - low;
            for (int j = 0; j < frequencies.length; j++) {
                double ramp = Math.clamp((j - low) / width, 0.0, 1.0);
                frequencies[j] = frequencies[j] / factor * ramp + frequencies[j] * (1 - ramp);
            }
            return frequencies;
        }

        /** The pair, in general between two, whose frequency makes so many turns within the original positions. */
        private double pairThatTurns(double turns, int rotaryDims, double theta) {
            return rotaryDims * StrictMath.log(originalLength / (turns * 2 * Math.PI)) / (2 * StrictMath.log(theta));
        }

        @Override
        public int contextLength(int declared) {
            return Math.max(declared, extended(originalLength, factor));
        }

        @Override
        public int originalLength(int contextLength) {
            return originalLength;
        }

        /** What is not usual is part of it, since it tells models with the same weights apart. */
        @Override
        public String describe() {
            StringBuilder text =
                    new StringBuilder("yarn, factor %s, from %d positions".formatted(number(factor), originalLength));
            if (magnitude != magnitude(factor, 1)) {
                text.append(", attention factor ").append(number(magnitude));
            }
            if (betaFast != BETA_FAST || betaSlow != BETA_SLOW) {
                text.append(", beta ").append(number(betaFast)).append(" to ").append(number(betaSlow));
            }
            return text.append(truncate ? "" : ", bounds not rounded").toString();
        }

        @Override
        public void check(SizeCheck check, double theta) {
            checkFactors(check, factor, magnitude);
            check.require(theta > 1, "YaRN needs a rope theta above 1, but it is %s".formatted(theta));
            check.require(
                    originalLength > 0,
                    "the original context length of YaRN is %d, but must be positive".formatted(originalLength));
            check.require(
                    betaSlow > 0 && betaFast > betaSlow && betaFast < Double.POSITIVE_INFINITY,
                    "the bounds of YaRN, beta_fast %s and beta_slow %s, are not positive and in descending order"
                            .formatted(betaFast, betaSlow));
        }
    }

    private static void checkFactors(SizeCheck check, double factor, double magnitude) {
        check.require(
                factor >= 1 && factor <= SizeCheck.MAX_SIZE,
                "the rope scaling factor is %s, but must be from 1 to %d".formatted(factor, SizeCheck.MAX_SIZE));
        check.require(
                magnitude > 0 && magnitude < SizeCheck.MAX_SIZE,
                "the attention factor of the rope scaling is %s, but must be a positive number".formatted(magnitude));
    }

    private static int extended(int length, double factor) {
        return (int) Math.min(Integer.MAX_VALUE, Math.round(length * factor));
    }

    private static String number(double value) {
        return value == Math.rint(value) ? String.valueOf(Math.round(value)) : String.valueOf(value);
    }
}
