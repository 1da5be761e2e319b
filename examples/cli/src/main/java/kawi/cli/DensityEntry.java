package kawi.cli;

import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import kawi.Divergence;
import kawi.MemoryPlan;
import kawi.Perplexity;
import org.jspecify.annotations.Nullable;

/**
 * What was measured of a model.
 *
 * @param untrained whether its weights are random, so that its quality was not measured
 * @param tokens the number of tokens of the text
 * @param keysAndValues their format
 * @param kernels the tier
 * @param peakMemory of the process while the model was evaluated; empty if it was not measured
 * @param perplexity null if the model is untrained
 * @param divergence from the reference; null for the reference, and if the two cannot be compared
 * @param incomparable why there is no divergence; empty for the reference, and if there is one
 * @param answers to multiple-choice questions; null if there were none, or the model is untrained
 */
record DensityEntry(
        String name,
        boolean untrained,
        int tokens,
        long parameters,
        MemoryPlan plan,
        String keysAndValues,
        String kernels,
        OptionalLong peakMemory,
        @Nullable Perplexity perplexity,
        @Nullable Divergence divergence,
        String incomparable,
        Questions.@Nullable Result answers,
        MeasuredSpeed speed) {

    private static final double GIB = 1L << 30;

    double gib() {
        return plan.weights() / GIB;
    }

    double bitsPerWeight() {
        return 8.0 * plan.weights() / parameters;
    }

    /** The bits per byte; the model must be trained. */
    double bitsPerByte() {
        return Objects.requireNonNull(perplexity).bitsPerByte();
    }

    /** Whether the KL divergence from the reference is known, which is 0 for the reference. */
    boolean compared() {
        return !untrained && incomparable.isEmpty();
    }

    /** The mean KL divergence from the reference. */
    double meanDivergence() {
        return divergence == null ? 0 : divergence.mean().value();
    }

    /** Returns the first of several models that is no larger and no worse than this one, and better in one; or null. */
    @Nullable DensityEntry dominating(List<DensityEntry> all) {
        return all.stream()
                .filter(other -> compared() && other.compared())
                .filter(other -> other.plan.weights() <= plan.weights() && other.meanDivergence() <= meanDivergence())
                .filter(other -> other.plan.weights() < plan.weights() || other.meanDivergence() < meanDivergence())
                .findFirst()
                .orElse(null);
    }
}
