package kawi.sampling;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import kawi.Sampling;

/** The definition of sampling for tests, with full sorts and textbook formulas in {@code double}. */
final class ReferenceSampler {

    static final double CLOSE = 1e-6;

    private final double[] probabilities;
    private final double margin;

    private ReferenceSampler(double[] probabilities, double margin) {
        this.probabilities = probabilities;
        this.margin = margin;
    }

    /** By id; 0 for removed candidates. */
    double[] probabilities() {
        return probabilities;
    }

    /** The smallest difference from a different decision; below {@link #CLOSE}, rounding may change the result. */
    double margin() {
        return margin;
    }

    private record Candidate(int id, double logit, double probability) {}

    static ReferenceSampler distribution(float[] logits, Sampling options, int[] prompt, int[] output) {
        float[] edited = logits.clone();
        options.logitBias().forEach((id, bias) -> edited[id] += bias);
        penalize(edited, options, prompt, output);

        var candidates = IntStream.range(0, edited.length)
                .filter(id -> edited[id] > Float.NEGATIVE_INFINITY)
                .mapToObj(id -> new Candidate(id, edited[id], 0))
                .sorted(Comparator.comparingDouble((Candidate c) -> -c.logit).thenComparingInt(Candidate::id))
                .toList();
        double margin = 1;
        if (options.topK() > 0 && options.topK() < candidates.size()) {
            candidates = candidates.subList(0, options.topK());
        }
        if (options.typicalP() < 1) {
            candidates = softmax(candidates, 1);
            double entropy = -candidates.stream()
                    .mapToDouble(c -> c.probability * Math.log(c.probability))
                    .sum();
            ToDoubleFunction<Candidate> distance = c -> Math.abs(-Math.log(c.probability) - entropy);
            var sorted = new ArrayList<>(candidates);
            sorted.sort(Comparator.comparingDouble(distance).thenComparingInt(Candidate::id));
            int n = shortestRun(sorted, options.typicalP());
            margin = Math.min(margin, massMargin(sorted, options.typicalP()));
            for (var outside : sorted.subList(n, sorted.size())) {
                for (var inside : sorted.subList(0, n)) {
                    if (inside.logit != outside.logit) {
                        margin = Math.min(margin, distance.applyAsDouble(outside) - distance.applyAsDouble(inside));
                    }
                }
            }
            candidates =
                    candidates.stream().filter(sorted.subList(0, n)::contains).toList();
        }
        if (options.topP() < 1) {
            candidates = softmax(candidates, 1);
            margin = Math.min(margin, massMargin(candidates, options.topP()));
            candidates = candidates.subList(0, shortestRun(candidates, options.topP()));
        }
        if (options.minP() > 0) {
            candidates = softmax(candidates, 1);
            double least = options.minP() * candidates.getFirst().probability;
            for (var c : candidates) {
                // The most probable token, and those with an equal logit, are always kept.
                if (c.logit != candidates.getFirst().logit) {
                    margin = Math.min(margin, Math.abs(c.probability / least - 1));
                }
            }
            double largest = candidates.getFirst().logit;
            candidates = candidates.stream()
                    .filter(c -> c.logit == largest || c.probability >= least)
                    .toList();
        }
        double[] probabilities = new double[logits.length];
        if (options.temperature() == 0) {
            probabilities[candidates.getFirst().id] = 1;
        } else {
            softmax(candidates, options.temperature()).forEach(c -> probabilities[c.id] = c.probability);
        }
        return new ReferenceSampler(probabilities, margin);
    }

    /**
     * The id whose interval of the cumulative distribution contains {@code u}, or -1 if rounding may change the result.
     */
    int draw(double u) {
        double sum = 0;
        for (int id = 0; id < probabilities.length; id++) {
            sum += probabilities[id];
            if (Math.abs(sum - u) < 1e-10) {
                return -1;
            }
            if (sum > u) {
                return id;
            }
        }
        return -1;
    }

    private static void penalize(float[] logits, Sampling options, int[] prompt, int[] output) {
        var sequence =
                IntStream.concat(IntStream.of(prompt), IntStream.of(output)).toArray();
        int start = Math.max(0, sequence.length - options.penaltyWindow());
        var seen = new HashSet<Integer>();
        for (int position = start; position < sequence.length; position++) {
            int id = sequence[position];
            if (!seen.add(id)) {
                continue;
            }
            double logit = logits[id];
            logit = logit > 0 ? logit / options.repetitionPenalty() : logit * options.repetitionPenalty();
            long count = IntStream.range(Math.max(start, prompt.length), sequence.length)
                    .filter(p -> sequence[p] == id)
                    .count();
            if (count > 0) {
                logit -= count * options.frequencyPenalty() + options.presencePenalty();
            }
            logits[id] = (float) logit;
        }
    }

    private static List<Candidate> softmax(List<Candidate> candidates, double temperature) {
        double max = candidates.stream().mapToDouble(Candidate::logit).max().orElseThrow();
        double total = candidates.stream()
                .mapToDouble(c -> Math.exp((c.logit - max) / temperature))
                .sum();
        return candidates.stream()
                .map(c -> new Candidate(c.id, c.logit, Math.exp((c.logit - max) / temperature) / total))
                .toList();
    }

    private static int shortestRun(List<Candidate> candidates, double p) {
        double sum = 0;
        for (int i = 0; i < candidates.size(); i++) {
            sum += candidates.get(i).probability;
            if (sum >= p) {
                return i + 1;
            }
        }
        return candidates.size();
    }

    private static double massMargin(List<Candidate> candidates, double p) {
        double margin = 1;
        double sum = 0;
        for (var c : candidates) {
            sum += c.probability;
            margin = Math.min(margin, Math.abs(sum - p));
        }
        return margin;
    }
}
