package kawi.kernels.assembled;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import kawi.kernels.Activations;
import kawi.kernels.ConvolutionCall;
import kawi.kernels.DeltaCall;
import kawi.kernels.DeltaKernel;
import kawi.kernels.DeltaShape;
import kawi.kernels.Gate;
import kawi.kernels.ScalarDeltaKernel;
import kawi.kernels.assembled.DeltaArguments.Convolution;
import kawi.kernels.assembled.DeltaArguments.GatedNorm;
import kawi.kernels.assembled.DeltaArguments.Normalization;
import kawi.kernels.assembled.DeltaArguments.Recurrence;

/**
 * Gated DeltaNet in machine code; the recurrence is in {@link RecurrenceCode}.
 *
 * <p>All sizes are supported, but if some value channels do not fill a vector, the scalar kernel computes their
 * recurrence. It also computes the decays and strengths, which are a few numbers per token, because softplus is defined
 * by StrictMath.
 */
public final class AssembledDeltaKernel implements DeltaKernel {

    /** The recurrence's tiles, in vectors, largest first; not every emitter supports the first. */
    private static final int[] TILES = {8, 4, 2, 1};

    private final ScalarDeltaKernel scalar = new ScalarDeltaKernel();
    private final int lanes;
    private final LazyCode convolve;
    private final LazyCode normalize;
    private final LazyCode[] recur = new LazyCode[TILES.length];
    private final LazyCode[] recurRevocable = new LazyCode[TILES.length];
    private final LazyCode[] step = new LazyCode[TILES.length];
    private final int firstTile;
    private final int firstStepTile;
    private final LazyCode gatedNorm;

    public AssembledDeltaKernel(Emitter emitter, Arena arena) {
        this.lanes = emitter.lanes();
        this.convolve = new LazyCode(() -> emitter.convolution(arena));
        this.normalize = new LazyCode(() -> emitter.normalization(arena));
        this.firstTile = firstTile(emitter.maxRecurrenceVectors());
        this.firstStepTile = firstTile(emitter.maxStepVectors());
        for (int i = 0; i < TILES.length; i++) {
            int vectors = TILES[i];
            this.recur[i] = new LazyCode(() -> emitter.recurrence(vectors, false, arena));
            this.recurRevocable[i] = new LazyCode(() -> emitter.recurrence(vectors, true, arena));
            this.step[i] = new LazyCode(() -> emitter.recurrenceStep(vectors, arena));
        }
        this.gatedNorm = new LazyCode(() -> emitter.gatedNorm(arena));
    }

    private static int firstTile(int maxVectors) {
        return TILES[0] <= maxVectors ? 0 : 1;
    }

    @Override
    public void convolve(ConvolutionCall call, int fromChannel, int toChannel) {
        int rows = call.rows();
        if (rows <= 0 || fromChannel >= toChannel) {
            return;
        }
        DeltaShape shape = call.shape();
        int past = shape.kernel() - 1;
        long stride = (long) shape.channels() * Float.BYTES;
        requireWidth("input", call.u(), shape.channels());
        requireWidth("output", call.y(), shape.channels());
        long column = (long) fromChannel * Float.BYTES;
        long width = (long) toChannel * Float.BYTES - column;
        long from = call.firstRow() * stride + column;
        int confirmed = call.confirmed();
        int kept = Math.max(0, past - confirmed);
        MemorySegment u = call.u().floats();
        Arguments arguments = Arguments.claim();
        try {
            arguments
                    .set(Convolution.ROWS, u, from, (rows - 1) * stride + width)
                    .set(Convolution.WEIGHT, call.weight(), column, past * stride + width)
                    .set(Convolution.OUT, call.y().floats(), from, (rows - 1) * stride + width)
                    .set(Convolution.CHANNELS, toChannel - fromChannel)
                    .set(Convolution.STRIDE, stride)
                    .set(Convolution.TOKENS, rows)
                    .set(Convolution.TAPS, shape.kernel())
                    .set(Convolution.KEPT_ROWS, kept)
                    .set(Convolution.NEW_ROWS, past - kept);
            rows(arguments, Convolution.HISTORY, call.history(), column, past, stride, width);
            rows(arguments, Convolution.KEPT, call.history(), column + confirmed * stride, kept, stride, width);
            long at = from + Math.max(0, confirmed - past) * stride;
            rows(arguments, Convolution.NEW, u, at, past - kept, stride, width);
            convolve.run(arguments);
        } finally {
            arguments.release();
        }
    }

    /** Sets a pointer to parts of rows, of {@code width} bytes each, unless there are no rows. */
    private static void rows(
            Arguments arguments, int offset, MemorySegment segment, long at, int rows, long stride, long width) {
        if (rows > 0) {
            arguments.set(offset, segment, at, (rows - 1) * stride + width);
        }
    }

    private static void requireWidth(String what, Activations x, int channels) {
        if (x.width() != channels) {
            throw new IllegalArgumentException(
                    "the convolution's %s has %,d columns, not its %,d channels".formatted(what, x.width(), channels));
        }
    }

    @Override
    public void prepare(
            DeltaShape shape,
            Activations y,
            Activations a,
            Activations b,
            MemorySegment rate,
            MemorySegment dtBias,
            int fromRow,
            int toRow) {
        if (fromRow >= toRow) {
            return;
        }
        int tokens = toRow - fromRow;
        long stride = (long) y.width() * Float.BYTES;
        long used = 2L * shape.keyHeads() * shape.keyDim() * Float.BYTES;
        Arguments arguments = Arguments.claim();
        try {
            arguments
                    .set(Normalization.ROWS, y.floats(), fromRow * stride, (tokens - 1) * stride + used)
                    .set(Normalization.DIM, shape.keyDim())
                    .set(Normalization.HEADS, shape.keyHeads())
                    .set(Normalization.TOKENS, tokens)
                    .set(Normalization.GAP, stride - used)
                    .set(Normalization.QUERY_SCALE, 1f / (float) Math.sqrt(shape.keyDim()))
                    .set(Normalization.KEY_SCALE, 1f);
            normalize.run(arguments);
        } finally {
            arguments.release();
        }
        scalar.prepareGates(shape, a, b, rate, dtBias, fromRow, toRow);
    }

    @Override
    public void recur(DeltaCall call, int valueHead, int fromChannel, int toChannel) {
        boolean revocable = call.revocable() > 0 || call.replayed() > 0;
        if (call.rows() <= 0 && !revocable) {
            return;
        }
        int channel = fromChannel;
        if (!call.shape().perChannelDecay()) {
            boolean single = call.rows() == 1 && !revocable;
            LazyCode[] codes = revocable ? recurRevocable : single ? step : recur;
            for (int i = single ? firstStepTile : firstTile; i < TILES.length; i++) {
                int tile = TILES[i] * lanes;
                if (revocable && !fitsScratch(call, tile)) {
                    continue;
                }
                for (; channel <= toChannel - tile; channel += tile) {
                    recurTile(codes[i], tile, call, valueHead, fromChannel, channel, toChannel);
                }
            }
        }
        if (channel < toChannel) {
            scalar.recur(call, valueHead, channel, toChannel);
        }
    }

    private static boolean fitsScratch(DeltaCall call, int tile) {
        return (long) call.shape().keyDim() * tile * Float.BYTES <= Arguments.SCRATCH_BYTES;
    }

    private static void recurTile(
            LazyCode code, int tile, DeltaCall call, int valueHead, int fromChannel, int channel, int toChannel) {
        DeltaShape shape = call.shape();
        int rows = call.rows();
        int keyDim = shape.keyDim();
        int keyHead = shape.keyHead(valueHead);
        long bytes = (long) tile * Float.BYTES;
        long keyBytes = (long) keyDim * Float.BYTES;
        long stateStride = (long) shape.valueDim() * Float.BYTES;
        long state = call.stateAt(valueHead, channel) * Float.BYTES;
        long head = (long) valueHead * Float.BYTES;
        Arguments arguments = Arguments.claim();
        try {
            if (fitsScratch(call, tile)) {
                arguments
                        .set(Recurrence.WORK, arguments.scratch(), 0, keyDim * bytes)
                        .set(Recurrence.WORK_STRIDE, bytes);
            } else {
                arguments
                        .set(Recurrence.WORK, call.state(), state, (keyDim - 1) * stateStride + bytes)
                        .set(Recurrence.WORK_STRIDE, stateStride);
            }
            arguments
                    .set(Recurrence.STATE, call.state(), state, (keyDim - 1) * stateStride + bytes)
                    .set(Recurrence.STATE_STRIDE, stateStride)
                    .set(Recurrence.KEY_BYTES, keyBytes)
                    .set(Recurrence.ROW, rowBytes(call.y()))
                    .set(Recurrence.DECAY_STRIDE, rowBytes(call.decay()))
                    .set(Recurrence.BETA_STRIDE, rowBytes(call.beta()))
                    .set(Recurrence.OUT_STRIDE, rowBytes(call.out()))
                    .set(Recurrence.TOKENS, rows);
            long query = (long) shape.queryColumn(keyHead) * Float.BYTES;
            long key = (long) shape.keyColumn(keyHead) * Float.BYTES;
            long value = (long) (shape.valueColumn(valueHead) + channel) * Float.BYTES;
            long to = ((long) valueHead * shape.valueDim() + channel) * Float.BYTES;
            int first = call.firstRow();
            if (rows > 0) {
                column(arguments, Recurrence.QUERY, call.y(), first, rows, query, keyBytes);
                column(arguments, Recurrence.KEY, call.y(), first, rows, key, keyBytes);
                column(arguments, Recurrence.VALUE, call.y(), first, rows, value, bytes);
                column(arguments, Recurrence.DECAY, call.decay(), first, rows, head, Float.BYTES);
                column(arguments, Recurrence.BETA, call.beta(), first, rows, head, Float.BYTES);
                column(arguments, Recurrence.OUT, call.out(), first, rows, to, bytes);
            }
            int replayed = call.replayed();
            // After the last tile of a head the first one of the next head.
            long nextTile = channel + tile < toChannel
                    ? bytes
                    : keyDim * stateStride - (long) (channel - fromChannel) * Float.BYTES;
            arguments
                    .set(Recurrence.FINAL_TOKENS, call.confirmed())
                    .set(Recurrence.REPLAYED, replayed)
                    .set(Recurrence.NEXT_TILE, nextTile);
            if (replayed > 0) {
                column(arguments, Recurrence.REPLAYED_KEY, call.replayedY(), 0, replayed, key, keyBytes);
                column(arguments, Recurrence.REPLAYED_DIFFERENCE, call.replayedY(), 0, replayed, value, bytes);
                column(arguments, Recurrence.REPLAYED_DECAY, call.replayedDecay(), 0, replayed, head, Float.BYTES);
            }
            code.run(arguments);
        } finally {
            arguments.release();
        }
    }

    /** A pointer to bytes {@code [from, from + bytes)} of some rows. */
    private static void column(
            Arguments arguments, int offset, Activations x, int firstRow, int rows, long from, long bytes) {
        arguments.set(offset, x.floats(), firstRow * rowBytes(x) + from, (rows - 1) * rowBytes(x) + bytes);
    }

    private static long rowBytes(Activations x) {
        return (long) x.width() * Float.BYTES;
    }

    @Override
    public void gatedNorm(
            DeltaShape shape,
            Activations o,
            Activations z,
            MemorySegment weight,
            float eps,
            Gate gate,
            int fromRow,
            int toRow) {
        if (fromRow >= toRow) {
            return;
        }
        if (gate != Gate.SILU) {
            scalar.gatedNorm(shape, o, z, weight, eps, gate, fromRow, toRow);
            return;
        }
        int tokens = toRow - fromRow;
        long stride = rowBytes(o);
        long dimBytes = (long) shape.valueDim() * Float.BYTES;
        long used = shape.valueHeads() * dimBytes;
        long bytes = (tokens - 1) * stride + used;
        Arguments arguments = Arguments.claim();
        try {
            arguments
                    .set(GatedNorm.ROWS, o.floats(), fromRow * stride, bytes)
                    .set(GatedNorm.GATE, z.floats(), fromRow * stride, bytes)
                    .set(GatedNorm.WEIGHT, weight, 0, dimBytes)
                    .set(GatedNorm.DIM, shape.valueDim())
                    .set(GatedNorm.HEADS, shape.valueHeads())
                    .set(GatedNorm.TOKENS, tokens)
                    .set(GatedNorm.GAP, stride - used)
                    .set(GatedNorm.EPS, eps)
                    .set(GatedNorm.DIVISOR, (float) shape.valueDim());
            gatedNorm.run(arguments);
        } finally {
            arguments.release();
        }
    }
}
