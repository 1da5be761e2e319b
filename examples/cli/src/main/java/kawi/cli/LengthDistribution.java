package kawi.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A distribution of lengths in tokens, as written in options of {@link LoadCommand}. */
sealed interface LengthDistribution {

    /** The forms, for the help. */
    String FORMS =
            "N, uniform:MIN-MAX, lognormal:MEDIAN,SIGMA[,MAX] or a list of lengths and weights such as 32*7,512*3";

    /** A lognormal distribution without a maximum ends at this multiple of the median. */
    int DEFAULT_MAX_MEDIANS = 8;

    int sample(SplittableRandom random);

    /** Returns the greatest possible length. */
    int max();

    /** Every length with the same probability. */
    record Uniform(int min, int max) implements LengthDistribution {
        @Override
        public int sample(SplittableRandom random) {
            return random.nextInt(min, max + 1);
        }
    }

    /** The logarithm of the length is normally distributed around that of the median, up to the maximum. */
    record Lognormal(int median, double sigma, int max) implements LengthDistribution {
        @Override
        public int sample(SplittableRandom random) {
            double length = median * Math.exp(sigma * random.nextGaussian());
            return Math.clamp(Math.round(length), 1, max);
        }
    }

    /** Some lengths, each with a weight. */
    record Weighted(List<Integer> lengths, List<Double> weights) implements LengthDistribution {
        @Override
        public int sample(SplittableRandom random) {
            double at = random.nextDouble()
                    * weights.stream().mapToDouble(Double::doubleValue).sum();
            for (int i = 0; i < lengths.size() - 1; i++) {
                at -= weights.get(i);
                if (at < 0) {
                    return lengths.get(i);
                }
            }
            return lengths.getLast();
        }

        @Override
        public int max() {
            return lengths.stream().mapToInt(Integer::intValue).max().orElseThrow();
        }
    }

    /**
     * Reads a distribution.
     *
     * @param option the option, for the message
     */
    static LengthDistribution parse(String text, String option) {
        try {
            Matcher uniform = Pattern.compile("uniform:(\\d+)-(\\d+)").matcher(text);
            if (uniform.matches()) {
                return checked(new Uniform(length(uniform.group(1)), length(uniform.group(2))), text, option);
            }
            Matcher lognormal =
                    Pattern.compile("lognormal:(\\d+),([\\d.]+)(?:,(\\d+))?").matcher(text);
            if (lognormal.matches()) {
                int median = length(lognormal.group(1));
                int max = lognormal.group(3) == null
                        ? Math.multiplyExact(median, DEFAULT_MAX_MEDIANS)
                        : length(lognormal.group(3));
                return checked(new Lognormal(median, Double.parseDouble(lognormal.group(2)), max), text, option);
            }
            if (text.matches("\\d+(\\*[\\d.]+)?(,\\d+(\\*[\\d.]+)?)*")) {
                List<Integer> lengths = new ArrayList<>();
                List<Double> weights = new ArrayList<>();
                for (String part : text.split(",", -1)) {
                    String[] pair = part.split("\\*", 2);
                    lengths.add(length(pair[0]));
                    weights.add(pair.length == 1 ? 1 : Double.parseDouble(pair[1]));
                }
                return checked(new Weighted(List.copyOf(lengths), List.copyOf(weights)), text, option);
            }
        } catch (ArithmeticException | NumberFormatException e) {
            throw invalid(text, option);
        }
        throw invalid(text, option);
    }

    private static int length(String digits) {
        return Integer.parseInt(digits);
    }

    private static LengthDistribution checked(LengthDistribution distribution, String text, String option) {
        boolean valid = switch (distribution) {
            case Uniform(int min, int max) -> min >= 1 && min <= max && max < Integer.MAX_VALUE;
            case Lognormal(int median, double sigma, int max) -> median >= 1 && sigma >= 0 && max >= median;
            case Weighted(List<Integer> lengths, List<Double> weights) ->
                lengths.stream().allMatch(length -> length >= 1)
                        && weights.stream().allMatch(weight -> weight > 0);
        };
        if (!valid) {
            throw invalid(text, option);
        }
        return distribution;
    }

    private static UsageException invalid(String text, String option) {
        return new UsageException("%s is '%s'; expected lengths of at least 1, as %s".formatted(option, text, FORMS));
    }
}
