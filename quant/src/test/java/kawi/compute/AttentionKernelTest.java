package kawi.compute;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import kawi.kernels.Activations;
import kawi.kernels.AttentionCall;
import kawi.kernels.AttentionKernel;
import kawi.kernels.AttentionShape;
import kawi.kernels.FloatMath;
import kawi.kernels.Kernels;
import kawi.kernels.KvFormat;
import kawi.kernels.KvFormats;
import kawi.kernels.KvLayout;
import kawi.kernels.KvPages;
import kawi.kernels.PagePool;
import kawi.kernels.Rotation;
import kawi.kernels.ScalarAttentionKernel;
import kawi.kernels.ScalarDeltaKernel;
import kawi.kernels.ScalarMatrixKernel;
import kawi.kernels.ScalarRowKernel;
import kawi.kernels.WorkerPool;
import kawi.kernels.vector.VectorAttentionProducts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Attention of every tier, in every division of its work, against a direct computation of the definition. */
class AttentionKernelTest {

    private static final float EPS = 1e-6f;

    private final Arena arena = Arena.ofShared();
    private final PagePool pages = new PagePool();
    private final SplittableRandom random = new SplittableRandom(42);

    @AfterEach
    void close() {
        pages.close();
        arena.close();
    }

    /** What a layer is given: queries and gates, keys, values and norms. */
    private record Input(
            Activations queryGate,
            Activations keys,
            Activations values,
            MemorySegment queryNorm,
            MemorySegment keyNorm) {}

    private Input input(AttentionShape shape, int tokens) {
        return new Input(
                rows(tokens, shape.queryWidth()),
                rows(tokens, shape.keyWidth()),
                rows(tokens, shape.valueWidth()),
                rows(1, shape.keyDim()).floats(),
                rows(1, shape.keyDim()).floats());
    }

    private Activations rows(int rows, int width) {
        Activations x = Activations.allocate(arena, rows, width);
        for (int i = 0; i < rows * width; i++) {
            x.floats().setAtIndex(JAVA_FLOAT, i, (float) ((random.nextDouble() * 2 - 1) * 3));
        }
        return x;
    }

    /** Appends the tokens in chunks of the given sizes, the last one repeated, and returns all outputs. */
    private float[] attend(
            Kernels kernels,
            int threads,
            KvLayout layout,
            boolean byPages,
            AttentionShape shape,
            Input input,
            int... chunks) {
        int tokens = input.keys.capacity();
        float[] all = new float[tokens * shape.outWidth()];
        try (WorkerPool pool = new WorkerPool(threads);
                Arena own = Arena.ofShared()) {
            KvPages kv = new KvPages(layout, pages);
            Activations queryGate = Activations.allocate(own, tokens, input.queryGate.width());
            Activations keys = Activations.allocate(own, tokens, input.keys.width());
            Activations values = Activations.allocate(own, tokens, input.values.width());
            Activations out = Activations.allocate(own, tokens, shape.outWidth());
            Rotation rotation = new Rotation(shape.rotaryDims(), 1e4, tokens, own);
            AttentionWork work =
                    new Compute(kernels, pool).attention(shape, queryGate, keys, values, rotation, out, own);
            int from = 0;
            for (int i = 0; from < tokens; i++) {
                int n = Math.min(chunks[Math.min(i, chunks.length - 1)], tokens - from);
                copyRows(input.queryGate, from, n, queryGate);
                copyRows(input.keys, from, n, keys);
                copyRows(input.values, from, n, values);
                fill(rotation, from, n);
                kv.reserve(from + n);
                work.begin(input.queryNorm, input.keyNorm, EPS).add(kv, from, 0, n);
                work.prepare();
                work.attend(byPages);
                MemorySegment.copy(out.floats(), JAVA_FLOAT, 0, all, from * out.width(), n * out.width());
                from += n;
            }
            kv.close();
        }
        return all;
    }

    private static void fill(Rotation rotation, int position, int rows) {
        for (int row = 0; row < rows; row++) {
            rotation.fill(row, position + row);
        }
    }

    private static void copyRows(Activations from, int row, int rows, Activations to) {
        long bytes = (long) from.width() * Float.BYTES;
        MemorySegment.copy(from.floats(), row * bytes, to.floats(), 0, rows * bytes);
    }

    /**
     * Attention as the contract has it, head by head, from the page's numbers as they are read back; {@code chunks} as
     * above.
     */
    private float[] definition(KvLayout layout, AttentionShape shape, Input input, int... chunks) {
        int tokens = input.keys.capacity();
        int keyDim = shape.keyDim();
        int valueDim = shape.valueDim();
        KvPages kv = new KvPages(layout, pages);
        kv.reserve(tokens);
        Rotation rotation = new Rotation(shape.rotaryDims(), 1e4, tokens, arena);
        fill(rotation, 0, tokens);
        Activations queryGate = Activations.allocate(arena, tokens, input.queryGate.width());
        queryGate.floats().copyFrom(input.queryGate.floats());
        Activations keyRows = Activations.allocate(arena, tokens, input.keys.width());
        keyRows.floats().copyFrom(input.keys.floats());
        Activations valueRows = Activations.allocate(arena, tokens, input.values.width());
        valueRows.floats().copyFrom(input.values.floats());
        AttentionCall call = new AttentionCall(shape, queryGate, keyRows, valueRows, rotation, queryGate)
                .norms(input.queryNorm, input.keyNorm, EPS)
                .span(kv, 0, 0, tokens);
        new ScalarAttentionKernel().prepare(call, 0, tokens);
        KvNumbers keys = KvNumbers.keys(kv, tokens);
        KvNumbers values = KvNumbers.values(kv, tokens);
        float[] all = new float[tokens * shape.outWidth()];
        int end = 0;
        int chunk = 0;
        for (int t = 0; t < tokens; t++) {
            if (t == end) {
                end = Math.min(tokens, end + chunks[Math.min(chunk, chunks.length - 1)]);
                chunk++;
            }
            int seen = shape.causal() ? t + 1 : end;
            for (int head = 0; head < shape.heads(); head++) {
                int row = head / (shape.heads() / shape.kvHeads()) * tokens;
                int query = head * (shape.gated() ? keyDim + valueDim : keyDim);
                float max = 0;
                float mass = 0;
                float[] sum = new float[valueDim];
                for (int start = 0; start < seen; start += KvPages.POSITIONS) {
                    int n = Math.min(KvPages.POSITIONS, seen - start);
                    float[] p = new float[n];
                    float pageMax = Float.NEGATIVE_INFINITY;
                    for (int j = 0; j < n; j++) {
                        for (int d = 0; d < keyDim; d++) {
                            float q = layout.keys().quantized()
                                    ? quantized(queryGate, t, query, d)
                                    : queryGate.get(t, query + d);
                            p[j] = Math.fma(q, keys.numbers()[(row + start + j) * keyDim + d], p[j]);
                        }
                        if (layout.keys().quantized()) {
                            int scaleAt = (keyDim + 7) / 8 * 8 / Float.BYTES;
                            p[j] = p[j] * queryGate.get(t, query + scaleAt) * keys.scales()[row + start + j];
                        }
                        pageMax = Math.max(pageMax, p[j]);
                    }
                    float[] masses = new float[16];
                    float[] o = new float[valueDim];
                    for (int j = 0; j < n; j++) {
                        p[j] = FloatMath.exp(p[j] - pageMax);
                        masses[j % 16] += p[j];
                        float weight = p[j] * values.scales()[row + start + j];
                        for (int d = 0; d < valueDim; d++) {
                            o[d] = Math.fma(weight, values.numbers()[(row + start + j) * valueDim + d], o[d]);
                        }
                    }
                    float pageMass = ScalarRowKernel.tree(masses);
                    if (start == 0) {
                        max = pageMax;
                        mass = pageMass;
                        sum = o;
                    } else {
                        float newMax = Math.max(max, pageMax);
                        float a = FloatMath.exp(max - newMax);
                        float b = FloatMath.exp(pageMax - newMax);
                        mass = Math.fma(pageMass, b, mass * a);
                        for (int d = 0; d < valueDim; d++) {
                            sum[d] = Math.fma(o[d], b, sum[d] * a);
                        }
                        max = newMax;
                    }
                }
                if (layout.values().quantized()) {
                    rotateBack(sum);
                }
                for (int d = 0; d < valueDim; d++) {
                    float o = sum[d] * (1f / mass);
                    all[(t * shape.heads() + head) * valueDim + d] =
                            shape.gated() ? o * FloatMath.sigmoid(queryGate.get(t, query + keyDim + d)) : o;
                }
            }
        }
        kv.close();
        return all;
    }

    /** Number {@code d} of a quantized query, which is in the place of its floats. */
    private static float quantized(Activations queries, int row, int query, int d) {
        return queries.floats().get(JAVA_BYTE, ((long) row * queries.width() + query) * Float.BYTES + d);
    }

    /** Multiplies with the Hadamard matrix of the largest power of two that divides the size, and divides by it. */
    private static void rotateBack(float[] x) {
        int size = Integer.lowestOneBit(x.length);
        for (int h = 1; h < size; h *= 2) {
            for (int i = 0; i < x.length; i++) {
                if ((i & h) == 0) {
                    float a = x[i];
                    float b = x[i + h];
                    x[i] = a + b;
                    x[i + h] = a - b;
                }
            }
        }
        for (int i = 0; i < x.length; i++) {
            x[i] /= size;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "4,2,32,16,600",
        "2,1,64,16,300",
        "8,2,256,64,270",
        "3,3,5,2,520",
        "3,1,20,8,530",
        "6,2,48,48,290",
        "1,1,12,4,1100",
        "4,1,80,80,300",
        "7,1,12,12,270"
    })
    void everyTierAndDivisionGivesTheSameBits(int heads, int kvHeads, int headDim, int rotaryDims, int tokens) {
        AttentionShape shape = AttentionShape.gated(heads, kvHeads, headDim, rotaryDims);
        Input input = input(shape, tokens);
        for (KvFormat format : KvFormat.values()) {
            KvLayout layout = KvLayout.of(shape, format);
            float[] expected = definition(layout, shape, input, tokens);
            for (Kernels kernels : TestedKernels.all(arena)) {
                // The divisions are the same for all formats, so fewer of them are tried with the slower ones.
                for (int threads : format.quantized() ? new int[] {3} : new int[] {1, 3}) {
                    for (boolean byPages : format.quantized() ? new boolean[] {true} : new boolean[] {false, true}) {
                        for (int[] chunks : format.quantized()
                                ? new int[][] {{250, 1, 1, 3, 2, 9, 1}}
                                : new int[][] {{tokens}, {250, 1, 1, 3, 2, 9, 1}}) {
                            float[] actual = attend(kernels, threads, layout, byPages, shape, input, chunks);
                            assertArrayEquals(
                                    expected,
                                    actual,
                                    () -> "%s, %s, %d threads, by pages %s, chunks of %d"
                                            .formatted(kernels.tier(), format, threads, byPages, chunks[0]));
                        }
                    }
                }
            }
        }
    }

    /** What a shape may be without, keys and values of different sizes, and each in a format of its own. */
    @ParameterizedTest
    @CsvSource({
        "4,2,32,32,16,false,true,true",
        "4,1,32,32,16,true,false,true",
        "2,1,16,48,0,true,true,true",
        "6,2,48,16,48,false,false,true",
        "2,2,24,32,8,true,false,true",
        "3,1,40,20,0,false,false,true",
        "4,2,32,32,16,true,true,false",
        "2,1,20,64,0,false,false,false",
        "5,1,18,6,4,false,true,false",
        "2,2,72,72,72,false,false,false",
        "3,3,64,64,64,false,false,false"
    })
    void everyKindOfAttentionGivesTheSameBits(
            int heads,
            int kvHeads,
            int keyDim,
            int valueDim,
            int rotaryDims,
            boolean gated,
            boolean normalized,
            boolean causal) {
        AttentionShape shape =
                new AttentionShape(heads, kvHeads, keyDim, valueDim, rotaryDims, gated, normalized, causal);
        int tokens = 300;
        Input input = input(shape, tokens);
        for (String formats : List.of("f16", "f32", "f16:f32", "f32:f16", "q8", "q4", "q8:q4")) {
            KvLayout layout = KvLayout.of(shape, KvFormats.of(formats, KvFormat.F32));
            int[] one = {tokens};
            int[] several = {250, 1, 3, 2, 9, 1, 21};
            for (int[] chunks : layout.keys().quantized() ? List.of(several) : List.of(one, several)) {
                float[] expected = definition(layout, shape, input, chunks);
                for (Kernels kernels : TestedKernels.all(arena)) {
                    for (boolean byPages : new boolean[] {false, true}) {
                        float[] actual = attend(kernels, 2, layout, byPages, shape, input, chunks);
                        assertArrayEquals(
                                expected,
                                actual,
                                () -> "%s, %s, by pages %s, chunks of %d"
                                        .formatted(kernels.tier(), layout, byPages, chunks[0]));
                    }
                }
            }
        }
    }

    /**
     * Three sequences at different positions in one pass, two of them one row each: the bits of three passes, by pages,
     * by rows, and as the work decides.
     */
    @ParameterizedTest
    @CsvSource({"4,2,32,true", "3,1,20,true", "2,2,16,false"})
    void spansOfOnePassGiveTheBitsOfPassesOfTheirOwn(int heads, int kvHeads, int dim, boolean causal) {
        AttentionShape shape = new AttentionShape(heads, kvHeads, dim, dim, 4, true, true, causal);
        int[] before = {700, 5, 255};
        int[] count = {1, 40, 1};
        int rows = 42;
        Input past = input(shape, 700);
        Input input = input(shape, rows);
        KvLayout layout = KvLayout.of(shape, KvFormat.F16, KvFormat.F32);
        for (Kernels kernels : TestedKernels.all(arena)) {
            for (int threads = 1; threads <= 3; threads++) {
                for (int division = 0; division < 3; division++) {
                    float[] together =
                            spans(kernels, threads, division, layout, shape, past, input, before, count, true);
                    float[] apart = spans(kernels, threads, division, layout, shape, past, input, before, count, false);
                    assertArrayEquals(apart, together, kernels.tier() + ", " + threads + " threads");
                }
            }
        }
    }

    private float[] spans(
            Kernels kernels,
            int threads,
            int division,
            KvLayout layout,
            AttentionShape shape,
            Input past,
            Input input,
            int[] before,
            int[] count,
            boolean together) {
        int rows = input.keys.capacity();
        try (WorkerPool pool = new WorkerPool(threads);
                Arena own = Arena.ofShared()) {
            int capacity = past.keys.capacity();
            Activations queryGate = Activations.allocate(own, capacity, input.queryGate.width());
            Activations keys = Activations.allocate(own, capacity, input.keys.width());
            Activations values = Activations.allocate(own, capacity, input.values.width());
            Activations out = Activations.allocate(own, capacity, shape.outWidth());
            Rotation rotation = new Rotation(shape.rotaryDims(), 1e4, capacity, own);
            AttentionWork work =
                    new Compute(kernels, pool).attention(shape, queryGate, keys, values, rotation, out, own);
            List<KvPages> sequences = new ArrayList<>();
            for (int positions : before) {
                KvPages kv = new KvPages(layout, pages);
                kv.reserve(positions + 40);
                copyRows(past.queryGate, 0, positions, queryGate);
                copyRows(past.keys, 0, positions, keys);
                copyRows(past.values, 0, positions, values);
                fill(rotation, 0, positions);
                work.begin(past.queryNorm, past.keyNorm, EPS)
                        .add(kv, 0, 0, positions)
                        .prepare();
                sequences.add(kv);
            }
            copyRows(input.queryGate, 0, rows, queryGate);
            copyRows(input.keys, 0, rows, keys);
            copyRows(input.values, 0, rows, values);
            int row = 0;
            for (int i = 0; i < before.length; i++) {
                for (int r = 0; r < count[i]; r++) {
                    rotation.fill(row++, before[i] + r);
                }
            }
            work.begin(input.queryNorm, input.keyNorm, EPS);
            int first = 0;
            for (int i = 0; i < before.length; i++) {
                work.add(sequences.get(i), before[i], first, count[i]);
                first += count[i];
                if (!together) {
                    run(work, division);
                    work.begin(input.queryNorm, input.keyNorm, EPS);
                }
            }
            if (together) {
                run(work, division);
            }
            sequences.forEach(KvPages::close);
            return out.floats()
                    .asSlice(0, (long) rows * out.width() * Float.BYTES)
                    .toArray(JAVA_FLOAT);
        }
    }

    private static void run(AttentionWork work, int division) {
        if (division == 2) {
            work.run();
        } else {
            work.prepare();
            work.attend(division == 1);
        }
    }

    /**
     * Zeros of both signs, subnormals, huge and infinite numbers and NaN in keys and values: the tiers agree about all
     * of them.
     */
    @ParameterizedTest
    @CsvSource({"4,1,32,300", "3,1,20,260"})
    void hostileNumbersGiveTheSameBits(int heads, int kvHeads, int headDim, int tokens) {
        AttentionShape shape = AttentionShape.gated(heads, kvHeads, headDim, 4);
        float[] hostile = {
            0f, -0f, 1e-40f, -1e-40f, 1e-7f, 6e-5f, 65504f, -65520f, 1e30f, Float.POSITIVE_INFINITY, Float.NaN
        };
        Input input = input(shape, tokens);
        for (int i = 0; i < 40; i++) {
            float number = hostile[i % hostile.length];
            Activations rows = i % 2 == 0 ? input.keys : input.values;
            rows.set(250 + random.nextInt(tokens - 250), random.nextInt(headDim), number);
        }
        for (KvFormat format : KvFormat.values()) {
            KvLayout layout = KvLayout.of(shape, format);
            float[] expected = definition(layout, shape, input, tokens);
            for (Kernels kernels : TestedKernels.all(arena)) {
                for (boolean byPages : new boolean[] {false, true}) {
                    assertArrayEquals(expected, attend(kernels, 2, layout, byPages, shape, input, tokens));
                }
            }
        }
    }

    /** Relative to the result with f32, as the root of the mean square; what was measured is in the comments. */
    @Test
    void errorOfTheFormats() {
        AttentionShape shape = new AttentionShape(4, 1, 256, 256, 0, false, false, true);
        Input input = input(shape, 300);
        for (Activations x : List.of(input.queryGate, input.keys, input.values)) {
            for (int i = 0; i < x.capacity() * x.width(); i++) {
                x.floats().setAtIndex(JAVA_FLOAT, i, (float) random.nextGaussian());
            }
        }
        Kernels scalar = TestedKernels.all(arena).getFirst();
        float[] expected = attend(scalar, 2, KvLayout.of(shape, KvFormat.F32), false, shape, input, 300);
        Map<KvFormat, Double> bounds = Map.of(
                KvFormat.F16, 0.0005, // 0.00026
                KvFormat.Q8, 0.015, // 0.010
                KvFormat.Q4, 0.18); // 0.148
        bounds.forEach((format, bound) -> {
            float[] actual = attend(scalar, 2, KvLayout.of(shape, format), false, shape, input, 300);
            double difference = 0;
            double size = 0;
            for (int i = 0; i < actual.length; i++) {
                difference += Math.pow(actual[i] - expected[i], 2);
                size += Math.pow(expected[i], 2);
            }
            double error = Math.sqrt(difference / size);
            assertTrue(error > 0 && error < bound, () -> "%s: relative error %f".formatted(format, error));
        });
    }

    @Test
    void everyHalfIsWidenedExactly() {
        assumeTrue(TestedKernels.usable(KernelTier.VECTOR), "the vector tier needs the module jdk.incubator.vector");
        int n = 1 << 16;
        MemorySegment halves = arena.allocate((long) n * Short.BYTES, 64);
        MemorySegment floats = arena.allocate((long) n * Float.BYTES, 64);
        for (int i = 0; i < n; i++) {
            halves.setAtIndex(JAVA_SHORT, i, (short) i);
        }
        VectorAttentionProducts.widen(halves, 0, n, floats, 0);
        for (int i = 0; i < n; i++) {
            assertEquals(Float.float16ToFloat((short) i), floats.getAtIndex(JAVA_FLOAT, i));
        }
    }

    @Test
    void preparedRowsAreTheSame() {
        AttentionShape shape = AttentionShape.gated(3, 1, 44, 36);
        Input input = input(shape, 7);
        Rotation rotation = new Rotation(36, 1e4, 7, arena);
        fill(rotation, 300, 7);
        List<float[]> prepared = new ArrayList<>();
        for (Kernels kernels : TestedKernels.all(arena)) {
            Activations queryGate = Activations.allocate(arena, 7, input.queryGate.width());
            queryGate.floats().copyFrom(input.queryGate.floats());
            Activations keys = Activations.allocate(arena, 7, input.keys.width());
            keys.floats().copyFrom(input.keys.floats());
            KvPages kv = new KvPages(KvLayout.of(shape, KvFormat.F32), pages);
            kv.reserve(307);
            AttentionCall call = new AttentionCall(shape, queryGate, keys, input.values, rotation, queryGate)
                    .norms(input.queryNorm, input.keyNorm, EPS)
                    .span(kv, 300, 0, 7);
            kernels.attention().prepare(call, 1, 7);
            prepared.add(queryGate.floats().toArray(JAVA_FLOAT));
            prepared.add(kv.keys(307));
            prepared.add(kv.values(307));
        }
        for (int i = 3; i < prepared.size(); i++) {
            assertArrayEquals(prepared.get(i % 3), prepared.get(i));
        }
    }

    /** Dividing the work among threads produces no garbage, in any tier. */
    @Test
    void dividingTheWorkAllocatesNothing() {
        AttentionShape shape = AttentionShape.gated(4, 2, 16, 4);
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        assumeTrue(threads.isThreadAllocatedMemorySupported(), "this JVM does not count what a thread allocates");
        Input input = input(shape, 4);
        Rotation rotation = new Rotation(4, 1e4, 4, arena);
        Activations out = rows(4, 64);
        KvPages kv = new KvPages(KvLayout.of(shape, KvFormat.F16), pages);
        try (WorkerPool pool = new WorkerPool(3)) {
            AttentionWork work = new AttentionWork(
                    new Compute(
                            new Kernels(
                                    "idle",
                                    new ScalarMatrixKernel(),
                                    new ScalarRowKernel(),
                                    new Idle(),
                                    new ScalarDeltaKernel()),
                            pool),
                    () -> new AttentionCall(shape, input.queryGate, input.keys, input.values, rotation, out),
                    arena);
            long before = 0;
            for (int i = 0; i < 20_000; i++) {
                if (i == 10_000) {
                    before = threads.getCurrentThreadAllocatedBytes();
                }
                work.begin(input.queryNorm, input.keyNorm, EPS).add(kv, 1000, 0, 4);
                work.prepare();
                work.attend(false);
                work.begin(input.queryNorm, input.keyNorm, EPS)
                        .add(kv, 1000, 0, 1)
                        .add(kv, 1000, 1, 1)
                        .attend(true);
            }
            long bytes = threads.getCurrentThreadAllocatedBytes() - before;
            assertTrue(bytes < 10_000 * 8, () -> bytes + " bytes in 10,000 steps");
        }
    }

    private static final class Idle implements AttentionKernel {

        @Override
        public void prepare(AttentionCall call, int fromRow, int toRow) {}

        @Override
        public void page(
                AttentionCall call,
                int kvHead,
                int fromRow,
                int toRow,
                int page,
                MemorySegment partial,
                long partialRow,
                MemorySegment scratch) {}

        @Override
        public void fold(
                AttentionShape shape,
                MemorySegment partial,
                long partialRow,
                MemorySegment state,
                long stateRow,
                int rows) {}

        @Override
        public void finish(
                AttentionCall call, int kvHead, int fromRow, int toRow, MemorySegment state, long stateRow) {}
    }

    @Test
    void namesOfFormats() {
        assertEquals(KvFormat.F16, KvFormat.of("auto", KvFormat.F16));
        assertEquals(KvFormat.F32, KvFormat.of("F32", KvFormat.F16));
        assertEquals(KvFormat.F16, KvFormat.of(KvFormat.F16.toString(), KvFormat.F32));
        assertEquals(KvFormats.of(KvFormat.Q8), KvFormats.of("Q8", KvFormat.F16));
        assertEquals(new KvFormats(KvFormat.Q8, KvFormat.Q4), KvFormats.of("q8:q4", KvFormat.F16));
        assertEquals(new KvFormats(KvFormat.F16, KvFormat.Q4), KvFormats.of("auto:q4", KvFormat.F16));
        assertEquals("q8:q4", new KvFormats(KvFormat.Q8, KvFormat.Q4).toString());
        assertEquals("q4", KvFormats.of(KvFormat.Q4).toString());
        IllegalArgumentException unknown =
                assertThrows(IllegalArgumentException.class, () -> KvFormats.of("q5", KvFormat.F32));
        assertEquals("keys and values in 'q5': expected auto, f16, f32, q8 or q4", unknown.getMessage());
        IllegalArgumentException three =
                assertThrows(IllegalArgumentException.class, () -> KvFormats.of("q8:q4:f16", KvFormat.F32));
        assertEquals("keys and values in 'q8:q4:f16': expected one format or two, as in q8:q4", three.getMessage());
    }
}
