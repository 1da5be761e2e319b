package kawi.architecture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import kawi.compute.Compute;
import kawi.compute.KernelTier;
import kawi.compute.TierChoice;
import kawi.kernels.Activations;
import kawi.kernels.WorkerPool;
import kawi.quant.Tensor;
import kawi.quant.WeightFormat;
import kawi.quant.WeightFormats;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Routing against its definition, with experts that only multiply by their number. */
class ExpertsTest {

    private static final int HIDDEN = 6;

    private final Arena arena = Arena.ofShared();
    private final WorkerPool pool = new WorkerPool(2);
    private final Compute compute = new Compute(TierChoice.kernels(KernelTier.SCALAR, arena), pool);

    @AfterEach
    void close() {
        pool.close();
        arena.close();
    }

    /** {@code out = factor * h}; it sees how many rows it is given at once. */
    private record Times(float factor, List<Integer> calls, Workspace<String> workspace) implements Mlp {

        @Override
        public void apply(Activations h, int rows, Activations out) {
            calls.add(rows);
            for (int row = 0; row < rows; row++) {
                for (int i = 0; i < HIDDEN; i++) {
                    out.set(row, i, factor * h.get(row, i));
                }
            }
        }
    }

    private static final class NoSpace extends Workspace<String> {
        @Override
        protected long bytes(int rows) {
            return 0;
        }

        @Override
        protected String allocate(int rows, SegmentAllocator shared, Arena arena) {
            return "";
        }
    }

    private final List<Integer> calls = new ArrayList<>();

    private Experts experts(Experts.Router router, float[] gate, float[] bias, int capacity) {
        NoSpace none = new NoSpace();
        List<Mlp> experts = new ArrayList<>();
        for (int e = 0; e < router.experts(); e++) {
            experts.add(new Times(e + 1, calls, none));
        }
        Experts.Space space = new Experts.Space(router, HIDDEN, none, none);
        MemorySegment memory = arena.allocate(space.bytes(capacity), 64);
        space.reserve(capacity, SegmentAllocator.slicingAllocator(memory), arena);
        WeightFormat format = WeightFormats.byName("F32");
        MemorySegment data = arena.allocate(gate.length * 4L, 64);
        format.encode(gate, 0, gate.length, data, 0);
        Tensor tensor = new Tensor("gate", format, router.experts(), HIDDEN, data);
        Mlp shared = new Times(0.5f, new ArrayList<>(), none);
        return new Experts(compute, space, router, compute.pack(tensor, arena), bias, experts, shared);
    }

    private float[] apply(Experts experts, float[] h) {
        int rows = h.length / HIDDEN;
        Activations in = Activations.allocate(arena, rows, HIDDEN);
        Activations out = Activations.outputs(arena, rows, HIDDEN);
        for (int i = 0; i < h.length; i++) {
            in.set(i / HIDDEN, i % HIDDEN, h[i]);
        }
        experts.apply(in, rows, out);
        return Runs.rows(out.floats(), h.length);
    }

    private static float[] random(SplittableRandom random, int count, double scale) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) (random.nextDouble(-1, 1) * scale);
        }
        return numbers;
    }

    /** The factor by which {@link Times} experts multiply a row, from the definition, in double. */
    private static double factor(Experts.Router router, float[] gate, float[] bias, float[] h, int row) {
        int n = router.experts();
        double[] s = new double[n];
        for (int e = 0; e < n; e++) {
            double dot = 0;
            for (int i = 0; i < HIDDEN; i++) {
                dot += (double) gate[e * HIDDEN + i] * h[row * HIDDEN + i];
            }
            s[e] = 1 / (1 + Math.exp(-dot));
        }
        int size = n / router.groups();
        List<Integer> groups = IntStream.range(0, router.groups())
                .boxed()
                .sorted(Comparator.comparingDouble((Integer g) -> -IntStream.range(g * size, (g + 1) * size)
                        .mapToDouble(e -> s[e] + bias[e])
                        .boxed()
                        .sorted(Comparator.reverseOrder())
                        .limit(2)
                        .mapToDouble(x -> x)
                        .sum()))
                .limit(router.topGroups())
                .toList();
        int[] chosen = IntStream.range(0, n)
                .filter(e -> groups.contains(e / size))
                .boxed()
                .sorted(Comparator.comparingDouble((Integer e) -> -(s[e] + bias[e])))
                .limit(router.topK())
                .mapToInt(e -> e)
                .toArray();
        double sum = router.renormalized()
                ? Arrays.stream(chosen).mapToDouble(e -> s[e]).sum()
                : 1;
        return 0.5
                + Arrays.stream(chosen)
                        .mapToDouble(e -> s[e] / sum * router.scale() * (e + 1))
                        .sum();
    }

    @ParameterizedTest
    @CsvSource({
        "8,  2, 1, 1, true,  2.446",
        "8,  8, 1, 1, true,  1",
        "8,  1, 1, 1, false, 1",
        "12, 3, 4, 2, true,  2.5",
        "12, 4, 3, 1, false, 0.7",
        "6,  2, 6, 3, true,  1",
    })
    void followsTheDefinition(int experts, int topK, int groups, int topGroups, boolean renormalized, float scale) {
        Experts.Router router = new Experts.Router(experts, topK, groups, topGroups, renormalized, scale);
        SplittableRandom random = new SplittableRandom(experts * 31L + topK);
        float[] gate = random(random, experts * HIDDEN, 2);
        float[] bias = random(random, experts, 0.3);
        float[] h = random(random, 40 * HIDDEN, 1);
        float[] out = apply(experts(router, gate, bias, 40), h);
        for (int row = 0; row < 40; row++) {
            double factor = factor(router, gate, bias, h, row);
            for (int i = row * HIDDEN; i < (row + 1) * HIDDEN; i++) {
                assertEquals(factor * h[i], out[i], 1e-4 * Math.max(1, factor), "row " + row);
            }
        }
        assertTrue(calls.size() <= experts, "each expert computes all of its rows at once");
        assertEquals(40 * topK, calls.stream().mapToInt(rows -> rows).sum());
    }

    @Test
    void aRowIsTheSameInAnyCompany() {
        Experts.Router router = new Experts.Router(8, 3, 1, 1, true, 2);
        SplittableRandom random = new SplittableRandom(5);
        float[] gate = random(random, 8 * HIDDEN, 2);
        float[] h = random(random, 30 * HIDDEN, 1);
        Experts experts = experts(router, gate, new float[8], 30);
        float[] all = apply(experts, h);
        for (int from = 0; from < 30; from += 7) {
            int to = Math.min(30, from + 7);
            float[] part = apply(experts, Arrays.copyOfRange(h, from * HIDDEN, to * HIDDEN));
            assertArrayEquals(Arrays.copyOfRange(all, from * HIDDEN, to * HIDDEN), part);
        }
    }

    /** The correction bias decides who is chosen and nothing else; among equals the lower number is. */
    @Test
    void theBiasOnlyChooses() {
        Experts.Router router = new Experts.Router(4, 1, 1, 1, false, 1);
        float[] h = {1, 0, 0, 0, 0, 0};
        float[] gate = new float[4 * HIDDEN];
        assertEquals(0.5f + 0.5f, apply(experts(router, gate, new float[4], 1), h)[0], "expert 0");
        assertEquals(0.5f + 0.5f * 3, apply(experts(router, gate, new float[] {0, 0, 0.1f, 0}, 1), h)[0], "expert 2");
    }

    /** Numbers that are none do not end the pass of everybody else. */
    @Test
    void damageStaysInItsRow() {
        Experts.Router router = new Experts.Router(4, 3, 2, 2, true, 1);
        float[] gate = random(new SplittableRandom(1), 4 * HIDDEN, 1);
        float[] h = random(new SplittableRandom(2), 2 * HIDDEN, 1);
        Experts experts = experts(router, gate, new float[4], 2);
        float[] alone = apply(experts, Arrays.copyOfRange(h, HIDDEN, 2 * HIDDEN));
        h[0] = Float.NaN;
        float[] out = apply(experts, h);
        assertTrue(Float.isNaN(out[0]));
        assertArrayEquals(alone, Arrays.copyOfRange(out, HIDDEN, 2 * HIDDEN));
    }
}
