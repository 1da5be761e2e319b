package kawi.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import kawi.quant.FloatFormat;
import kawi.quant.QuantizedFormat;
import kawi.quant.Tensor;
import kawi.quant.TensorSource;

/**
 * The scalar tier of the matrix product: the definition that the other tiers must match, and the fallback everywhere.
 *
 * <p>Weights remain in the format of the file, in memory. A row is unpacked once for a tile of tokens:
 *
 * <pre>
 *    for each tile of 32 tokens: copy their activations to the heap
 *      for each row (float formats: each 4 rows): unpack it
 *        for each token: the product, as MatrixKernel defines it
 * </pre>
 */
public final class ScalarMatrixKernel implements MatrixKernel {

    /** Rows per group, the unit of division among threads. */
    private static final int GROUP = 16;

    /** Tokens per unpacking of the weights; bounds the scratch space. */
    private static final int TOKEN_TILE = 32;

    /** Float rows computed concurrently: an fma takes about 4 cycles, and one row is one chain of them. */
    private static final int FLOAT_ROWS = 4;

    /** Bytes of a file that one task reads. */
    private static final long READING_BYTES = 4 << 20;

    /** @param data the tensor's bytes */
    private record FileMatrix(Tensor tensor, MemorySegment data) implements PackedMatrix {
        @Override
        public String name() {
            return tensor.name();
        }

        @Override
        public int rows() {
            return tensor.rows();
        }

        @Override
        public int columns() {
            return tensor.columns();
        }

        @Override
        public int groupRows() {
            return GROUP;
        }

        @Override
        public boolean quantized() {
            return tensor.format() instanceof QuantizedFormat;
        }

        @Override
        public long bytes() {
            return data.byteSize();
        }
    }

    @Override
    public PackedMatrix pack(Tensor tensor, Arena arena, WorkerPool pool) {
        if (tensor.source() instanceof TensorSource.InMemory(MemorySegment data)) {
            return new FileMatrix(tensor, data);
        }
        MemorySegment data = arena.allocate(tensor.bytes(), 64);
        int tasks = Math.toIntExact((data.byteSize() + READING_BYTES - 1) / READING_BYTES);
        pool.run(tasks, task -> {
            long from = task * READING_BYTES;
            long bytes = Math.min(READING_BYTES, data.byteSize() - from);
            tensor.source().read(from, bytes, SegmentAllocator.prefixAllocator(data.asSlice(from, bytes)));
        });
        return new FileMatrix(tensor, data);
    }

    @Override
    public void quantize(Activations x, int fromRow, int toRow) {
        ProductShapes.checkRows(x, fromRow, toRow);
        for (int row = fromRow; row < toRow; row++) {
            for (int block = 0; block < x.blocks(); block++) {
                quantizeBlock(x, row, block);
            }
        }
    }

    /** Computes the int8 form of one block. */
    public static void quantizeBlock(Activations x, int row, int block) {
        int from = block * Activations.BLOCK;
        int to = Math.min(from + Activations.BLOCK, x.width());
        float max = 0;
        for (int k = from; k < to; k++) {
            max = Math.max(max, Math.abs(x.get(row, k)));
        }
        float scale = max / 127;
        boolean usable = scale > 0 && scale < Float.POSITIVE_INFINITY;
        long at = x.blockAt(row, block);
        int[] sums = new int[Activations.BLOCK / Activations.SUM_RUN];
        for (int i = 0; i < Activations.BLOCK; i++) {
            int quant = 0;
            if (usable && from + i < to) {
                quant = Math.clamp((int) Math.rint(x.get(row, from + i) / scale), -127, 127);
            }
            x.int8().set(ValueLayout.JAVA_BYTE, at + i, (byte) quant);
            sums[i / Activations.SUM_RUN] += quant;
        }
        x.setScaleAndSums(at, scale, sums[0], sums[1]);
    }

    @Override
    public void multiply(PackedMatrix w, Activations x, int tokens, Activations y, int fromGroup, int toGroup) {
        ProductShapes.check(w, x, tokens, y, fromGroup, toGroup);
        if (!(w instanceof FileMatrix(Tensor tensor, MemorySegment data))) {
            throw ProductShapes.foreign(w, "scalar");
        }
        int fromRow = fromGroup * GROUP;
        int toRow = Math.min(toGroup * GROUP, w.rows());
        for (int token = 0; token < tokens; token += TOKEN_TILE) {
            int tile = Math.min(TOKEN_TILE, tokens - token);
            switch (tensor.format()) {
                case QuantizedFormat format ->
                    multiplyQuantized(tensor, data, format, x, token, tile, y, fromRow, toRow);
                case FloatFormat format -> multiplyFloat(tensor, data, format, x, token, tile, y, fromRow, toRow);
            }
        }
    }

    private static void multiplyQuantized(
            Tensor w,
            MemorySegment data,
            QuantizedFormat format,
            Activations x,
            int token,
            int tile,
            Activations y,
            int fromRow,
            int toRow) {
        int columns = w.columns();
        int run = format.scaleRun();
        int runs = columns / run;
        int paddedColumns = x.blocks() * Activations.BLOCK;
        byte[] quants = new byte[columns];
        float[] scales = new float[runs];
        float[] minimums = new float[format.hasMinimum() ? runs : 0];
        byte[] xQuants = new byte[tile * paddedColumns];
        float[] xScales = new float[tile * runs];
        float[] xSums = new float[format.hasMinimum() ? tile * runs : 0];
        copyQuants(x, token, tile, run, runs, xQuants, xScales, xSums);

        for (int row = fromRow; row < toRow; row++) {
            format.unpack(data, row * w.rowBytes(), columns, quants, 0, scales, minimums, 0);
            for (int t = 0; t < tile; t++) {
                float acc = 0;
                for (int r = 0; r < runs; r++) {
                    int dot = dot(quants, r * run, xQuants, t * paddedColumns + r * run, run);
                    float xScale = xScales[t * runs + r];
                    acc = Math.fma((float) dot, scales[r] * xScale, acc);
                    if (format.hasMinimum()) {
                        acc = Math.fma(minimums[r], xSums[t * runs + r], acc);
                    }
                }
                y.set(token + t, row, acc);
            }
        }
    }

    /**
     * Copies the int8 form of {@code tile} rows of {@code x}, with one scale and one scaled sum per run of the weights.
     */
    private static void copyQuants(
            Activations x, int token, int tile, int run, int runs, byte[] quants, float[] scales, float[] sums) {
        for (int t = 0; t < tile; t++) {
            for (int block = 0; block < x.blocks(); block++) {
                MemorySegment.copy(
                        x.int8(),
                        ValueLayout.JAVA_BYTE,
                        x.blockAt(token + t, block),
                        quants,
                        (t * x.blocks() + block) * Activations.BLOCK,
                        Activations.BLOCK);
            }
            for (int r = 0; r < runs; r++) {
                scales[t * runs + r] = x.scale(token + t, r * run / Activations.BLOCK);
            }
            for (int r = 0; r < sums.length / tile; r++) {
                sums[t * runs + r] = x.scaledSum(token + t, run, r);
            }
        }
    }

    private static int dot(byte[] a, int aFrom, byte[] b, int bFrom, int length) {
        int dot = 0;
        for (int i = 0; i < length; i++) {
            dot += a[aFrom + i] * b[bFrom + i];
        }
        return dot;
    }

    private static void multiplyFloat(
            Tensor w,
            MemorySegment data,
            FloatFormat format,
            Activations x,
            int token,
            int tile,
            Activations y,
            int fromRow,
            int toRow) {
        int columns = w.columns();
        float[][] rows = new float[FLOAT_ROWS][columns];
        float[] activations = new float[tile * columns];
        MemorySegment.copy(
                x.floats(),
                ValueLayout.JAVA_FLOAT,
                (long) token * columns * Float.BYTES,
                activations,
                0,
                activations.length);
        for (int row = fromRow; row < toRow; row += FLOAT_ROWS) {
            int count = Math.min(FLOAT_ROWS, toRow - row);
            for (int i = 0; i < count; i++) {
                format.decode(data, (row + i) * w.rowBytes(), rows[i], 0, columns);
            }
            for (int t = 0; t < tile; t++) {
                int from = t * columns;
                float acc0 = 0;
                float acc1 = 0;
                float acc2 = 0;
                float acc3 = 0;
                for (int k = 0; k < columns; k++) {
                    float a = activations[from + k];
                    acc0 = Math.fma(rows[0][k], a, acc0);
                    acc1 = Math.fma(rows[1][k], a, acc1);
                    acc2 = Math.fma(rows[2][k], a, acc2);
                    acc3 = Math.fma(rows[3][k], a, acc3);
                }
                store(y, token + t, row, count, acc0, acc1, acc2, acc3);
            }
        }
    }

    private static void store(Activations y, int token, int row, int count, float y0, float y1, float y2, float y3) {
        y.set(token, row, y0);
        if (count > 1) {
            y.set(token, row + 1, y1);
        }
        if (count > 2) {
            y.set(token, row + 2, y2);
        }
        if (count > 3) {
            y.set(token, row + 3, y3);
        }
    }
}
