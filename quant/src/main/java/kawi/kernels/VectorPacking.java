package kawi.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import kawi.kernels.VectorMatrix.Scales;
import kawi.kernels.VectorMatrix.Weights;
import kawi.quant.FloatFormat;
import kawi.quant.QuantizedFormat;
import kawi.quant.Tensor;

/**
 * Brings a tensor into the layout of {@link VectorMatrix}, group by group, in parallel.
 *
 * <p>The compact forms are tried first. Two things only found on the way make them impossible: scales that are
 * not what the format's block size suggests, and F16 weights that are infinite or NaN, which the kernel's short conversion does
 * not know. No sensible file has either; a tensor that does is packed a second time, into a form that holds anything.
 */
final class VectorPacking {

    /** Tasks per thread, each with its own scratch space. */
    private static final int TASKS_PER_THREAD = 4;

    private static final int ROWS = VectorWidth.ROWS;
    private static final int HALF = VectorWidth.HALF;

    private static final int MOST_NIBBLE = 15;
    private static final int NIBBLE_OFFSET = 8;
    private static final int F16_EXPONENT = 0x7c00;

    private VectorPacking() {}

    static VectorMatrix pack(Tensor tensor, Arena arena, WorkerPool pool) {
        return switch (tensor.format()) {
            case QuantizedFormat format -> packQuantized(tensor, format, arena, pool);
            case FloatFormat format -> packFloats(tensor, format, arena, pool);
        };
    }

    private static VectorMatrix allocate(
            Tensor tensor, Weights weights, int run, Scales scales, boolean minimums, Arena arena) {
        VectorMatrix sizes = new VectorMatrix(
                tensor.name(), tensor.rows(), tensor.columns(), weights, run, scales, minimums, MemorySegment.NULL);
        return new VectorMatrix(
                tensor.name(),
                tensor.rows(),
                tensor.columns(),
                weights,
                run,
                scales,
                minimums,
                arena.allocate(sizes.bytes(), VectorWidth.BYTES));
    }

    /** Divides the groups among the threads; every task gets its own {@code scratch}. */
    private static void forGroups(VectorMatrix w, WorkerPool pool, Supplier<IntConsumer> scratch) {
        int groups = w.groups();
        int tasks = Math.min(groups, pool.threads() * TASKS_PER_THREAD);
        pool.run(tasks, task -> {
            IntConsumer packGroup = scratch.get();
            int to = (int) ((task + 1L) * groups / tasks);
            for (int group = (int) ((long) task * groups / tasks); group < to; group++) {
                packGroup.accept(group);
            }
        });
    }

    private static VectorMatrix packFloats(Tensor tensor, FloatFormat format, Arena arena, WorkerPool pool) {
        Weights weights = switch (format.name()) {
            case "BF16" -> Weights.BF16;
            case "F16" -> Weights.F16;
            default -> Weights.F32;
        };
        VectorMatrix w = allocate(tensor, weights, 0, Scales.PLAIN, false, arena);
        AtomicBoolean fits = new AtomicBoolean(true);
        forGroups(w, pool, () -> new FloatGroup(tensor, w, fits));
        if (fits.get()) {
            return w;
        }
        VectorMatrix plain = allocate(tensor, Weights.F32, 0, Scales.PLAIN, false, arena);
        forGroups(plain, pool, () -> new FloatGroup(tensor, plain, fits));
        return plain;
    }

    private static final class FloatGroup implements IntConsumer {

        private final Tensor tensor;
        private final VectorMatrix w;
        private final AtomicBoolean fits;
        private final float[] rows;
        private final int[] words;

        FloatGroup(Tensor tensor, VectorMatrix w, AtomicBoolean fits) {
            this.tensor = tensor;
            this.w = w;
            this.fits = fits;
            this.rows = new float[ROWS * w.columns()];
            this.words = new int[HALF * w.columns() * (w.weights() == Weights.F32 ? 2 : 1)];
        }

        @Override
        public void accept(int group) {
            int columns = w.columns();
            int from = group * ROWS;
            int count = Math.min(ROWS, w.rows() - from);
            for (int r = 0; r < count; r++) {
                tensor.decodeRow(from + r, rows, r * columns);
            }
            Arrays.fill(rows, count * columns, ROWS * columns, 0);
            for (int i = 0; i < HALF; i++) {
                for (int k = 0; k < columns; k++) {
                    float low = rows[i * columns + k];
                    float high = rows[(i + HALF) * columns + k];
                    switch (w.weights()) {
                        case F32 -> {
                            words[2 * k * HALF + i] = Float.floatToRawIntBits(low);
                            words[(2 * k + 1) * HALF + i] = Float.floatToRawIntBits(high);
                        }
                        case BF16 -> words[k * HALF + i] = pair(bf16(low), bf16(high));
                        default -> words[k * HALF + i] = pair(finiteF16(low), finiteF16(high));
                    }
                }
            }
            copy(words, w, group, 0);
        }

        private static int bf16(float value) {
            return Float.floatToRawIntBits(value) >>> 16;
        }

        private int finiteF16(float value) {
            int bits = Float.floatToFloat16(value);
            if ((bits & F16_EXPONENT) == F16_EXPONENT) {
                fits.set(false);
            }
            return bits;
        }
    }

    private static VectorMatrix packQuantized(Tensor tensor, QuantizedFormat format, Arena arena, WorkerPool pool) {
        boolean minimums = format.hasMinimum();
        int largest = format.largestQuant();
        boolean nibbles = largest <= (minimums ? MOST_NIBBLE : NIBBLE_OFFSET);
        Weights weights = nibbles ? Weights.NIBBLES : Weights.BYTES;
        Scales scales = format.blockSize() == VectorMatrix.FACTOR_RUN ? Scales.FACTORED : Scales.HALF;
        VectorMatrix w = allocate(tensor, weights, format.scaleRun(), scales, minimums, arena);
        AtomicBoolean fits = new AtomicBoolean(true);
        forGroups(w, pool, () -> new QuantizedGroup(tensor, format, w, fits));
        if (fits.get()) {
            return w;
        }
        VectorMatrix plain = allocate(tensor, weights, format.scaleRun(), Scales.PLAIN, minimums, arena);
        forGroups(plain, pool, () -> new QuantizedGroup(tensor, format, plain, fits));
        return plain;
    }

    private static final class QuantizedGroup implements IntConsumer {

        private final Tensor tensor;
        private final QuantizedFormat format;
        private final VectorMatrix w;
        private final AtomicBoolean fits;
        private final byte[] quants;
        private final float[] scales;
        private final float[] minimums;
        private final byte[] multipliers;
        private final float[] factors;
        private final int[] words;

        QuantizedGroup(Tensor tensor, QuantizedFormat format, VectorMatrix w, AtomicBoolean fits) {
            this.tensor = tensor;
            this.format = format;
            this.w = w;
            this.fits = fits;
            this.quants = new byte[ROWS * w.columns()];
            this.scales = new float[ROWS * w.runs()];
            this.minimums = new float[w.minimums() ? scales.length : 0];
            boolean factored = w.scales() == Scales.FACTORED;
            this.multipliers = new byte[factored ? scales.length : 0];
            this.factors = new float[factored ? ROWS * w.columns() / VectorMatrix.FACTOR_RUN : 0];
            this.words = new int[HALF * w.columns() / (w.weights() == Weights.NIBBLES ? 4 : 2)];
        }

        @Override
        public void accept(int group) {
            int columns = w.columns();
            int from = group * ROWS;
            int count = Math.min(ROWS, w.rows() - from);
            for (int r = 0; r < count; r++) {
                format.unpack(
                        tensor.data(),
                        (from + r) * tensor.rowBytes(),
                        columns,
                        quants,
                        r * columns,
                        scales,
                        minimums,
                        r * w.runs());
            }
            Arrays.fill(quants, count * columns, ROWS * columns, (byte) 0);
            Arrays.fill(scales, count * w.runs(), scales.length, 0);
            if (w.minimums()) {
                Arrays.fill(minimums, count * w.runs(), minimums.length, 0);
            }
            if (w.weights() == Weights.NIBBLES) {
                packNibbles();
            } else {
                packBytes();
            }
            copy(words, w, group, 0);
            packScales(scales, group, w.scalesAt());
            if (w.minimums()) {
                packScales(minimums, group, w.minimumsAt());
            }
        }

        private void packNibbles() {
            int columns = w.columns();
            int offset = w.minimums() ? 0 : NIBBLE_OFFSET;
            int seen = 0;
            for (int i = 0; i < HALF; i++) {
                for (int k = 0; k < columns; k += 4) {
                    int word = 0;
                    for (int j = 3; j >= 0; j--) {
                        int low = quants[i * columns + k + j] + offset;
                        int high = quants[(i + HALF) * columns + k + j] + offset;
                        seen |= low | high;
                        word = (word << 4) | low | (high << 16);
                    }
                    words[k / 4 * HALF + i] = word;
                }
            }
            if ((seen & ~MOST_NIBBLE) != 0) {
                throw new IllegalStateException("tensor %s: %s has integers beyond those it declares (at most %d)"
                        .formatted(tensor.name(), format.name(), format.largestQuant()));
            }
        }

        private void packBytes() {
            int columns = w.columns();
            for (int i = 0; i < HALF; i++) {
                int low = i * columns;
                int high = (i + HALF) * columns;
                for (int k = 0; k < columns; k += 2) {
                    words[k / 2 * HALF + i] = pair(
                            pairOfBytes(quants[low + k], quants[low + k + 1]),
                            pairOfBytes(quants[high + k], quants[high + k + 1]));
                }
            }
        }

        private void packScales(float[] values, int group, long at) {
            switch (w.scales()) {
                case FACTORED -> packFactored(values, group, at);
                case HALF -> packHalf(values, group, at);
                case PLAIN -> copy(interleaved(values, w.runs()), w, group, at);
            }
        }

        private void packHalf(float[] values, int group, long at) {
            int runs = w.runs();
            int[] pairs = new int[runs * HALF];
            for (int i = 0; i < HALF; i++) {
                for (int r = 0; r < runs; r++) {
                    pairs[r * HALF + i] = pair(exactF16(values[i * runs + r]), exactF16(values[(i + HALF) * runs + r]));
                }
            }
            copy(pairs, w, group, at);
        }

        private int exactF16(float value) {
            short bits = Float.floatToFloat16(value);
            if (Float.floatToIntBits(Float.float16ToFloat(bits)) != Float.floatToIntBits(value)) {
                fits.set(false);
            }
            return bits;
        }

        private void packFactored(float[] values, int group, long at) {
            int runs = w.runs();
            int factorsPerRow = w.columns() / VectorMatrix.FACTOR_RUN;
            int runsPerFactor = VectorMatrix.FACTOR_RUN / w.run();
            for (int row = 0; row < ROWS; row++) {
                for (int f = 0; f < factorsPerRow; f++) {
                    int from = row * runs + f * runsPerFactor;
                    if (!ScaleFactors.factor(
                            values, from, runsPerFactor, multipliers, factors, row * factorsPerRow + f)) {
                        fits.set(false);
                    }
                }
            }
            int[] pairs = new int[runs / 2 * HALF];
            for (int i = 0; i < HALF; i++) {
                int low = i * runs;
                int high = (i + HALF) * runs;
                for (int r = 0; r < runs; r += 2) {
                    pairs[r / 2 * HALF + i] = pair(
                            pairOfBytes(multipliers[low + r], multipliers[low + r + 1]),
                            pairOfBytes(multipliers[high + r], multipliers[high + r + 1]));
                }
            }
            copy(pairs, w, group, at);
            copy(interleaved(factors, factorsPerRow), w, group, at + w.factorsOffset());
        }

        /** Turns {@code [rows][perRow]} into {@code [perRow][rows]}. */
        private static int[] interleaved(float[] values, int perRow) {
            int[] bits = new int[values.length];
            for (int row = 0; row < ROWS; row++) {
                for (int i = 0; i < perRow; i++) {
                    bits[i * ROWS + row] = Float.floatToRawIntBits(values[row * perRow + i]);
                }
            }
            return bits;
        }
    }

    private static int pair(int low, int high) {
        return (low & 0xffff) | (high << 16);
    }

    private static int pairOfBytes(byte low, byte high) {
        return (low & 0xff) | (high << 8);
    }

    private static void copy(int[] words, VectorMatrix w, int group, long at) {
        MemorySegment.copy(words, 0, w.data(), ValueLayout.JAVA_INT, group * w.groupBytes() + at, words.length);
    }
}
