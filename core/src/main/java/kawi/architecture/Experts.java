package kawi.architecture;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Arrays;
import java.util.List;
import kawi.compute.Compute;
import kawi.kernels.Activations;
import kawi.kernels.PackedMatrix;

/**
 * A mixture of experts with a sigmoid router (DeepSeek-V3 technical report, section 2.1.2; Kimi Linear): every row goes
 * through the few experts that it scores highest and through shared ones.
 *
 * <pre>
 *    s = sigmoid(h gate^T)                          per expert
 *    chosen = the topK experts of the largest s + bias, of the topGroups groups whose two best are largest in sum;
 *             among equals the lower number
 *    w[e] = s[e], divided by their sum if renormalized, times scale
 *    out = shared(h) + sum of w[e] expert[e](h)     e increasing, one fma each
 * </pre>
 *
 * Rows are grouped by expert, so that an expert's weights are read once for all of its rows. The sum of a row runs over
 * its experts in increasing order, independently of the other rows of the pass, so its bits depend on nothing else.
 * Scores are f32; {@code exp} is in double.
 *
 * @param gate router, [experts, hidden]
 * @param bias added to the scores when choosing, and only then, [experts]
 * @param shared the shared experts, which every row goes through
 */
public record Experts(
        Compute compute,
        Space workspace,
        Router router,
        PackedMatrix gate,
        float[] bias,
        List<? extends Mlp> experts,
        Mlp shared)
        implements Mlp {

    /** Prevents a division by zero if all scores round to zero. */
    private static final float MIN_SUM = 1e-20f;

    /**
     * How experts are chosen and weighted.
     *
     * @param experts the number of experts
     * @param topK the number of experts per row
     * @param groups the number of groups of consecutive experts
     * @param topGroups the number of groups from which a row's experts are chosen
     * @param renormalized whether the weights of a row are divided by their sum
     * @param scale the scale of the weights
     */
    public record Router(int experts, int topK, int groups, int topGroups, boolean renormalized, float scale) {}

    /**
     * Role buffers. Arrays hold one number per row and chosen expert, in the order of experts and then rows, except
     * {@code chosen} and {@code weights}: [rows][topK], experts increasing.
     *
     * @param scores [capacity, experts]
     * @param input rows of one expert, [capacity, hidden]; {@code output} likewise
     * @param rows the index of the row; {@code weightsOf} its weight
     * @param ends the end of the rows of each expert
     * @param allowed scores of one row for choosing; NaN where the expert has been chosen
     * @param groups sums of the two best per group; NaN where the group has been chosen
     */
    record Buffers(
            Activations scores,
            Activations input,
            Activations output,
            int[] chosen,
            float[] weights,
            int[] rows,
            float[] weightsOf,
            int[] ends,
            float[] allowed,
            float[] groups) {}

    /** The workspace of layers of one shape, which includes those of their experts. */
    public static final class Space extends Workspace<Buffers> {

        private final Router router;
        private final int hidden;
        private final Workspace<?> expert;
        private final Workspace<?> shared;

        public Space(Router router, int hidden, Workspace<?> expert, Workspace<?> shared) {
            this.router = router;
            this.hidden = hidden;
            this.expert = expert;
            this.shared = shared;
        }

        @Override
        protected long bytes(int rows) {
            return Activations.outputBytes(rows, router.experts)
                    + Activations.allocatedBytes(rows, hidden)
                    + Activations.outputBytes(rows, hidden)
                    + expert.bytes(rows)
                    + shared.bytes(rows);
        }

        @Override
        protected Buffers allocate(int rows, SegmentAllocator memory, Arena arena) {
            expert.reserve(rows, memory, arena);
            shared.reserve(rows, memory, arena);
            int entries = rows * router.topK;
            return new Buffers(
                    Activations.outputs(memory, rows, router.experts),
                    Activations.allocate(memory, rows, hidden),
                    Activations.outputs(memory, rows, hidden),
                    new int[entries],
                    new float[entries],
                    new int[entries],
                    new float[entries],
                    new int[router.experts],
                    new float[router.experts],
                    new float[router.groups]);
        }
    }

    @Override
    public void apply(Activations h, int rows, Activations out) {
        Buffers b = workspace.buffers();
        compute.products(h, rows).with(gate, b.scores).run();
        shared.apply(h, rows, out);
        for (int row = 0; row < rows; row++) {
            choose(b, row);
        }
        groupByExpert(b, rows);
        int from = 0;
        for (int e = 0; e < router.experts; e++) {
            int to = b.ends[e];
            if (to > from) {
                Activations input = to - from == rows ? h : gather(h, b, from, to);
                experts.get(e).apply(input, to - from, b.output);
                for (int i = from; i < to; i++) {
                    add(out, b.rows[i], b.weightsOf[i], b.output, i - from);
                }
            }
            from = to;
        }
    }

    /** Chooses and weights the experts of a row. */
    private void choose(Buffers b, int row) {
        int first = row * router.topK;
        for (int e = 0; e < router.experts; e++) {
            float score = sigmoid(b.scores.get(row, e));
            b.scores.set(row, e, score);
            b.allowed[e] = Float.isNaN(score) ? Float.NEGATIVE_INFINITY : score + bias[e];
        }
        if (router.groups > 1) {
            keepBestGroups(b);
        }
        for (int k = 0; k < router.topK; k++) {
            int best = largest(b.allowed, 0, router.experts);
            b.allowed[best] = Float.NaN;
            b.chosen[first + k] = best;
        }
        Arrays.sort(b.chosen, first, first + router.topK);
        float sum = 0;
        for (int k = 0; k < router.topK; k++) {
            b.weights[first + k] = b.scores.get(row, b.chosen[first + k]);
            sum += b.weights[first + k];
        }
        float divisor = router.renormalized ? sum + MIN_SUM : 1f;
        for (int k = 0; k < router.topK; k++) {
            b.weights[first + k] = b.weights[first + k] / divisor * router.scale;
        }
    }

    private void keepBestGroups(Buffers b) {
        int size = router.experts / router.groups;
        for (int g = 0; g < router.groups; g++) {
            int best = largest(b.allowed, g * size, (g + 1) * size);
            float second = Float.NEGATIVE_INFINITY;
            for (int e = g * size; e < (g + 1) * size; e++) {
                second = e == best ? second : Math.max(second, b.allowed[e]);
            }
            b.groups[g] = b.allowed[best] + (size > 1 ? second : 0f);
        }
        for (int kept = 0; kept < router.topGroups; kept++) {
            b.groups[largest(b.groups, 0, router.groups)] = Float.NaN;
        }
        for (int e = 0; e < router.experts; e++) {
            if (!Float.isNaN(b.groups[e / size])) {
                b.allowed[e] = Float.NEGATIVE_INFINITY;
            }
        }
    }

    /** The index of the largest number in a range, the first among equals, ignoring NaNs. */
    private static int largest(float[] numbers, int from, int to) {
        int largest = from;
        for (int i = from + 1; i < to; i++) {
            if (numbers[i] > numbers[largest] || Float.isNaN(numbers[largest])) {
                largest = i;
            }
        }
        return largest;
    }

    /** Groups the rows by expert, in increasing order. */
    private void groupByExpert(Buffers b, int rows) {
        Arrays.fill(b.ends, 0);
        int entries = rows * router.topK;
        for (int i = 0; i < entries; i++) {
            b.ends[b.chosen[i]]++;
        }
        int begin = 0;
        for (int e = 0; e < router.experts; e++) {
            int count = b.ends[e];
            b.ends[e] = begin;
            begin += count;
        }
        for (int i = 0; i < entries; i++) {
            int to = b.ends[b.chosen[i]]++;
            b.rows[to] = i / router.topK;
            b.weightsOf[to] = b.weights[i];
        }
    }

    private static Activations gather(Activations h, Buffers b, int from, int to) {
        long rowBytes = (long) h.width() * Float.BYTES;
        for (int i = from; i < to; i++) {
            MemorySegment.copy(h.floats(), b.rows[i] * rowBytes, b.input.floats(), (i - from) * rowBytes, rowBytes);
        }
        return b.input;
    }

    /** {@code out[row] += weight * y[from]}. */
    private static void add(Activations out, int row, float weight, Activations y, int from) {
        int width = out.width();
        long to = (long) row * width;
        long at = (long) from * width;
        for (int i = 0; i < width; i++) {
            float sum = out.floats().getAtIndex(JAVA_FLOAT, to + i);
            out.floats()
                    .setAtIndex(JAVA_FLOAT, to + i, Math.fma(weight, y.floats().getAtIndex(JAVA_FLOAT, at + i), sum));
        }
    }

    private static float sigmoid(float x) {
        return (float) (1 / (1 + StrictMath.exp(-x)));
    }
}
