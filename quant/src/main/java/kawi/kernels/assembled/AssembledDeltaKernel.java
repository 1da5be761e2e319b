package kawi.kernels.assembled;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import kawi.kernels.Activations;
import kawi.kernels.DeltaKernel;
import kawi.kernels.DeltaShape;
import kawi.kernels.ScalarDeltaKernel;
import kawi.kernels.assembled.DeltaArguments.Convolution;
import kawi.kernels.assembled.DeltaArguments.GatedNorm;
import kawi.kernels.assembled.DeltaArguments.Normalization;
import kawi.kernels.assembled.DeltaArguments.Recurrence;

/**
 * Gated DeltaNet in machine code; the recurrence is in {@link RecurrenceCode}.
 *
 * <p>Any sizes will do, but where value channels are left over that do not fill a vector, the recurrence of these is computed by
 * the scalar kernel. So are the decays and strengths, a few numbers per token, because the definition of softplus is StrictMath's.
 */
public final class AssembledDeltaKernel implements DeltaKernel {

    /** The recurrence's tiles, in vectors, largest first. */
    private static final int[] TILES = {4, 2, 1};

    private final ScalarDeltaKernel scalar = new ScalarDeltaKernel();
    private final int lanes;
    private final LazyCode convolve;
    private final LazyCode normalize;
    private final LazyCode[] recur = new LazyCode[TILES.length];
    private final LazyCode gatedNorm;

    public AssembledDeltaKernel(Emitter emitter, Arena arena) {
        this.lanes = emitter.lanes();
        this.convolve = new LazyCode(() -> emitter.convolution(arena));
        this.normalize = new LazyCode(() -> emitter.normalization(arena));
        for (int i = 0; i < TILES.length; i++) {
            int vectors = TILES[i];
            this.recur[i] = new LazyCode(() -> emitter.recurrence(vectors, arena));
        }
        this.gatedNorm = new LazyCode(() -> emitter.gatedNorm(arena));
    }

    @Override
    public void convolve(
            DeltaShape shape,
            Activations u,
            MemorySegment weight,
            MemorySegment history,
            int tokens,
            int fromChannel,
            int toChannel,
            Activations y) {
        if (tokens <= 0 || fromChannel >= toChannel) {
            return;
        }
        int past = shape.kernel() - 1;
        long stride = (long) shape.channels() * Float.BYTES;
        requireWidth("input", u, shape.channels());
        requireWidth("output", y, shape.channels());
        long from = (long) fromChannel * Float.BYTES;
        long width = (long) toChannel * Float.BYTES - from;
        int kept = Math.max(0, past - tokens);
        Arguments arguments = Arguments.claim();
        try {
            arguments
                    .set(Convolution.ROWS, u.floats(), from, (tokens - 1) * stride + width)
                    .set(Convolution.WEIGHT, weight, from, past * stride + width)
                    .set(Convolution.OUT, y.floats(), from, (tokens - 1) * stride + width)
                    .set(Convolution.CHANNELS, toChannel - fromChannel)
                    .set(Convolution.STRIDE, stride)
                    .set(Convolution.TOKENS, tokens)
                    .set(Convolution.TAPS, shape.kernel())
                    .set(Convolution.KEPT_ROWS, kept)
                    .set(Convolution.NEW_ROWS, past - kept);
            rows(arguments, Convolution.HISTORY, history, from, past, stride, width);
            rows(arguments, Convolution.KEPT, history, from + tokens * stride, kept, stride, width);
            long at = from + Math.max(0, tokens - past) * stride;
            rows(arguments, Convolution.NEW, u.floats(), at, past - kept, stride, width);
            convolve.run(arguments);
        } finally {
            arguments.release();
        }
    }

    /** A pointer to parts of rows, of {@code width} bytes each; if there are none, nothing follows it. */
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
            int fromToken,
            int toToken) {
        if (fromToken >= toToken) {
            return;
        }
        int tokens = toToken - fromToken;
        long stride = (long) y.width() * Float.BYTES;
        long used = 2L * shape.keyHeads() * shape.keyDim() * Float.BYTES;
        Arguments arguments = Arguments.claim();
        try {
            arguments
                    .set(Normalization.ROWS, y.floats(), fromToken * stride, (tokens - 1) * stride + used)
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
        scalar.prepareGates(shape, a, b, rate, dtBias, fromToken, toToken);
    }

    @Override
    public void recur(
            DeltaShape shape,
            Activations y,
            Activations decay,
            Activations beta,
            MemorySegment recurrent,
            int valueHead,
            int fromChannel,
            int toChannel,
            int tokens,
            Activations out) {
        if (tokens <= 0) {
            return;
        }
        int channel = fromChannel;
        for (int i = 0; i < TILES.length; i++) {
            int tile = TILES[i] * lanes;
            for (; channel <= toChannel - tile; channel += tile) {
                recurTile(recur[i], tile, shape, y, decay, beta, recurrent, valueHead, channel, tokens, out);
            }
        }
        if (channel < toChannel) {
            scalar.recur(shape, y, decay, beta, recurrent, valueHead, channel, toChannel, tokens, out);
        }
    }

    private static void recurTile(
            LazyCode code,
            int tile,
            DeltaShape shape,
            Activations y,
            Activations decay,
            Activations beta,
            MemorySegment recurrent,
            int valueHead,
            int channel,
            int tokens,
            Activations out) {
        int keyDim = shape.keyDim();
        int keyHead = shape.keyHead(valueHead);
        long bytes = (long) tile * Float.BYTES;
        long keyBytes = (long) keyDim * Float.BYTES;
        long stateStride = (long) shape.valueDim() * Float.BYTES;
        long state = (long) valueHead * keyDim * stateStride + (long) channel * Float.BYTES;
        long value = (long) (shape.valueColumn(valueHead) + channel) * Float.BYTES;
        long to = ((long) valueHead * shape.valueDim() + channel) * Float.BYTES;
        Arguments arguments = Arguments.claim();
        try {
            // For one token, writing the tile twice costs more than what it loses by crowding in the cache.
            boolean inScratch = tokens > 1 && keyDim * bytes <= Arguments.SCRATCH_BYTES;
            if (inScratch) {
                arguments
                        .set(Recurrence.WORK, arguments.scratch(), 0, keyDim * bytes)
                        .set(Recurrence.WORK_STRIDE, bytes);
            } else {
                arguments
                        .set(Recurrence.WORK, recurrent, state, (keyDim - 1) * stateStride + bytes)
                        .set(Recurrence.WORK_STRIDE, stateStride);
            }
            arguments
                    .set(Recurrence.STATE, recurrent, state, (keyDim - 1) * stateStride + bytes)
                    .set(Recurrence.STATE_STRIDE, stateStride)
                    .set(Recurrence.KEY_BYTES, keyBytes);
            column(arguments, Recurrence.QUERY, y, (long) shape.queryColumn(keyHead) * Float.BYTES, tokens, keyBytes);
            column(arguments, Recurrence.KEY, y, (long) shape.keyColumn(keyHead) * Float.BYTES, tokens, keyBytes);
            column(arguments, Recurrence.VALUE, y, value, tokens, bytes);
            arguments.set(Recurrence.ROW, rowBytes(y));
            column(arguments, Recurrence.DECAY, decay, (long) valueHead * Float.BYTES, tokens, Float.BYTES);
            arguments.set(Recurrence.DECAY_STRIDE, rowBytes(decay));
            column(arguments, Recurrence.BETA, beta, (long) valueHead * Float.BYTES, tokens, Float.BYTES);
            arguments.set(Recurrence.BETA_STRIDE, rowBytes(beta));
            column(arguments, Recurrence.OUT, out, to, tokens, bytes);
            arguments.set(Recurrence.OUT_STRIDE, rowBytes(out)).set(Recurrence.TOKENS, tokens);
            code.run(arguments);
        } finally {
            arguments.release();
        }
    }

    /** A pointer to bytes {@code [from, from + bytes)} of the rows of {@code tokens} tokens. */
    private static void column(Arguments arguments, int offset, Activations x, long from, int tokens, long bytes) {
        arguments.set(offset, x.floats(), from, (tokens - 1) * rowBytes(x) + bytes);
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
            int fromToken,
            int toToken) {
        if (fromToken >= toToken) {
            return;
        }
        int tokens = toToken - fromToken;
        long stride = rowBytes(o);
        long dimBytes = (long) shape.valueDim() * Float.BYTES;
        long used = shape.valueHeads() * dimBytes;
        long bytes = (tokens - 1) * stride + used;
        Arguments arguments = Arguments.claim();
        try {
            arguments
                    .set(GatedNorm.ROWS, o.floats(), fromToken * stride, bytes)
                    .set(GatedNorm.GATE, z.floats(), fromToken * stride, bytes)
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
