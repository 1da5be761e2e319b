package kawi.kernels.assembled;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static kawi.kernels.assembled.RowArguments.BIAS;
import static kawi.kernels.assembled.RowArguments.DIVISOR;
import static kawi.kernels.assembled.RowArguments.EPS;
import static kawi.kernels.assembled.RowArguments.OTHER;
import static kawi.kernels.assembled.RowArguments.ROWS;
import static kawi.kernels.assembled.RowArguments.WIDTH;
import static kawi.kernels.assembled.RowArguments.X;
import static kawi.kernels.assembled.RowArguments.Y;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import kawi.kernels.Activations;
import kawi.kernels.RowKernel;
import kawi.quant.Hadamard;

/**
 * The row operations in machine code, all rows of a task in one call. Elementwise operations treat the rows as a single
 * long row.
 */
public final class AssembledRowKernel implements RowKernel {

    private final LazyCode rmsNorm;
    private final LazyCode siluTimes;
    private final LazyCode add;
    private final LazyCode sum;
    private final LazyCode layerNorm;
    private final LazyCode addBias;
    private final LazyCode addBiased;
    private final LazyCode geluTanh;
    private final LazyCode geluErf;
    private final LazyCode hadamard;
    private final int lanes;

    public AssembledRowKernel(Emitter emitter, Arena arena) {
        this.rmsNorm = new LazyCode(() -> emitter.rmsNorm(arena));
        this.siluTimes = new LazyCode(() -> emitter.siluTimes(arena));
        this.add = new LazyCode(() -> emitter.add(arena));
        this.sum = new LazyCode(() -> emitter.sum(arena));
        this.layerNorm = new LazyCode(() -> emitter.layerNorm(arena));
        this.addBias = new LazyCode(() -> emitter.addBias(arena));
        this.addBiased = new LazyCode(() -> emitter.addBiased(arena));
        this.geluTanh = new LazyCode(() -> emitter.geluTanh(arena));
        this.geluErf = new LazyCode(() -> emitter.geluErf(arena));
        this.hadamard = new LazyCode(() -> emitter.hadamard(true, arena));
        this.lanes = emitter.lanes();
    }

    @Override
    public void rmsNorm(Activations x, MemorySegment weight, float eps, Activations y, int fromRow, int toRow) {
        if (fromRow >= toRow) {
            return;
        }
        long rowBytes = (long) x.width() * Float.BYTES;
        long from = fromRow * rowBytes;
        long bytes = toRow * rowBytes - from;
        Arguments arguments = Arguments.claim();
        try {
            arguments
                    .set(X, x.floats(), from, bytes)
                    .set(OTHER, weight, 0, rowBytes)
                    .set(Y, y.floats(), from, bytes)
                    .set(WIDTH, x.width())
                    .set(ROWS, toRow - fromRow)
                    .set(EPS, eps)
                    .set(DIVISOR, (float) x.width());
            rmsNorm.run(arguments);
        } finally {
            arguments.release();
        }
    }

    @Override
    public void siluTimes(Activations gate, Activations up, int fromRow, int toRow) {
        elementwise(siluTimes, gate, up, fromRow, toRow);
    }

    @Override
    public void add(Activations x, Activations y, int fromRow, int toRow) {
        elementwise(add, x, y, fromRow, toRow);
    }

    @Override
    public void layerNorm(
            Activations x, MemorySegment weight, MemorySegment bias, float eps, Activations y, int fromRow, int toRow) {
        long rowBytes = (long) x.width() * Float.BYTES;
        biased(
                layerNorm,
                x,
                bias,
                fromRow,
                toRow,
                arguments -> arguments
                        .set(OTHER, weight, 0, rowBytes)
                        .set(Y, y.floats(), fromRow * rowBytes, (toRow - fromRow) * rowBytes)
                        .set(EPS, eps)
                        .set(DIVISOR, (float) x.width()));
    }

    @Override
    public void addBias(Activations x, MemorySegment bias, int fromRow, int toRow) {
        biased(addBias, x, bias, fromRow, toRow, arguments -> {});
    }

    @Override
    public void addBiased(Activations x, Activations y, MemorySegment bias, int fromRow, int toRow) {
        long rowBytes = (long) x.width() * Float.BYTES;
        biased(
                addBiased,
                x,
                bias,
                fromRow,
                toRow,
                arguments -> arguments.set(OTHER, y.floats(), fromRow * rowBytes, (toRow - fromRow) * rowBytes));
    }

    @Override
    public void geluTanh(Activations x, MemorySegment bias, int fromRow, int toRow) {
        biased(geluTanh, x, bias, fromRow, toRow, arguments -> {});
    }

    @Override
    public void geluErf(Activations x, MemorySegment bias, int fromRow, int toRow) {
        biased(geluErf, x, bias, fromRow, toRow, arguments -> {});
    }

    private static void biased(
            LazyCode operation, Activations x, MemorySegment bias, int fromRow, int toRow, Consumer<Arguments> others) {
        if (fromRow >= toRow) {
            return;
        }
        long rowBytes = (long) x.width() * Float.BYTES;
        int rows = toRow - fromRow;
        Arguments arguments = Arguments.claim();
        try {
            arguments
                    .set(X, x.floats(), fromRow * rowBytes, rows * rowBytes)
                    .set(BIAS, bias, 0, rowBytes)
                    .set(WIDTH, x.width())
                    .set(ROWS, rows);
            others.accept(arguments);
            operation.run(arguments);
        } finally {
            arguments.release();
        }
    }

    @Override
    public void hadamard(Activations x, int size, int fromRow, int toRow) {
        if (fromRow >= toRow) {
            return;
        }
        if (size < AttentionArguments.Hadamard.MIN_SIZE) {
            for (int row = fromRow; row < toRow; row++) {
                Hadamard.rotate(x.floats(), (long) row * x.width(), x.width(), size);
            }
            return;
        }
        long sizeBytes = (long) size * Float.BYTES;
        long from = (long) fromRow * x.width() * Float.BYTES;
        long bytes = (long) toRow * x.width() * Float.BYTES - from;
        Arguments arguments = Arguments.claim();
        try {
            arguments
                    .set(AttentionArguments.Hadamard.X, x.floats(), from, bytes)
                    .set(AttentionArguments.Hadamard.STRIDE, sizeBytes)
                    .set(AttentionArguments.Hadamard.ROWS, bytes / sizeBytes)
                    .set(AttentionArguments.Hadamard.DIM_BYTES, sizeBytes)
                    .set(AttentionArguments.Hadamard.SIZE_BYTES, sizeBytes)
                    .set(AttentionArguments.Hadamard.FACTOR, Hadamard.scale(size));
            hadamard.run(arguments);
        } finally {
            arguments.release();
        }
    }

    @Override
    public int sum(MemorySegment memory, long from, long bytes) {
        Arguments arguments = Arguments.claim();
        try {
            MemorySegment partial = arguments.scratch();
            arguments
                    .set(X, memory, from, bytes)
                    .set(Y, partial, 0, (long) lanes * Integer.BYTES)
                    .set(WIDTH, bytes);
            sum.run(arguments);
            int total = 0;
            for (int i = 0; i < lanes; i++) {
                total += partial.getAtIndex(JAVA_INT, i);
            }
            return total;
        } finally {
            arguments.release();
        }
    }

    private static void elementwise(LazyCode operation, Activations x, Activations other, int fromRow, int toRow) {
        if (fromRow >= toRow) {
            return;
        }
        long from = (long) fromRow * x.width();
        long floats = (long) toRow * x.width() - from;
        Arguments arguments = Arguments.claim();
        try {
            arguments
                    .set(X, x.floats(), from * Float.BYTES, floats * Float.BYTES)
                    .set(OTHER, other.floats(), from * Float.BYTES, floats * Float.BYTES)
                    .set(WIDTH, floats);
            operation.run(arguments);
        } finally {
            arguments.release();
        }
    }
}
