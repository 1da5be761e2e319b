package kawi.kernels;

import static kawi.assembler.Gp.R10;
import static kawi.assembler.Gp.R11;
import static kawi.assembler.Gp.R8;
import static kawi.assembler.Gp.R9;
import static kawi.assembler.Gp.RBX;
import static kawi.assembler.Gp.RDX;
import static kawi.assembler.Gp.RSI;
import static kawi.assembler.VectorOp.VMULPS;
import static kawi.kernels.VectorCode.arg;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import kawi.assembler.Assembler;
import kawi.assembler.Condition;
import kawi.assembler.GpOp;
import kawi.assembler.Label;
import kawi.assembler.Mem;

/**
 * Gated DeltaNet in machine code; the recurrence is in {@link AssembledRecurrence}.
 *
 * <p>Any sizes will do, but where value channels are left over that do not fill a vector, the recurrence of these is computed by
 * the scalar kernel. So are the decays and strengths, a few numbers per token, because the definition of softplus is StrictMath's.
 */
final class AssembledDeltaKernel implements DeltaKernel {

    /** The recurrence's tiles, in vectors, largest first. */
    private static final int[] TILES = {4, 2, 1};

    private final ScalarDeltaKernel scalar = new ScalarDeltaKernel();
    private final AssembledIsa isa;
    private final LazyCode convolve;
    private final LazyCode normalize;
    private final LazyCode[] recur = new LazyCode[TILES.length];
    private final LazyCode gatedNorm;

    AssembledDeltaKernel(AssembledIsa isa, Arena arena) {
        this.isa = isa;
        this.convolve = new LazyCode(isa, arena, AssembledConvolution::emit);
        this.normalize = new LazyCode(isa, arena, Normalization::emit);
        for (int i = 0; i < TILES.length; i++) {
            int vectors = TILES[i];
            this.recur[i] = new LazyCode(isa, arena, code -> AssembledRecurrence.emit(code, vectors));
        }
        this.gatedNorm = new LazyCode(isa, arena, GatedNorm::emit);
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
                    .set(AssembledConvolution.ROWS, u.floats(), from, (tokens - 1) * stride + width)
                    .set(AssembledConvolution.WEIGHT, weight, from, past * stride + width)
                    .set(AssembledConvolution.OUT, y.floats(), from, (tokens - 1) * stride + width)
                    .set(AssembledConvolution.CHANNELS, toChannel - fromChannel)
                    .set(AssembledConvolution.STRIDE, stride)
                    .set(AssembledConvolution.TOKENS, tokens)
                    .set(AssembledConvolution.TAPS, shape.kernel())
                    .set(AssembledConvolution.KEPT_ROWS, kept)
                    .set(AssembledConvolution.NEW_ROWS, past - kept);
            rows(arguments, AssembledConvolution.HISTORY, history, from, past, stride, width);
            rows(arguments, AssembledConvolution.KEPT, history, from + tokens * stride, kept, stride, width);
            long at = from + Math.max(0, tokens - past) * stride;
            rows(arguments, AssembledConvolution.NEW, u.floats(), at, past - kept, stride, width);
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

    /** All query heads, then all key heads of a token; they differ in the factor at the end. */
    private static final class Normalization {

        private static final int ROWS = 0;
        private static final int DIM = 8;
        private static final int HEADS = 16;
        private static final int TOKENS = 24;
        private static final int GAP = 32;
        private static final int QUERY_SCALE = 40;
        private static final int KEY_SCALE = 44;
        private static final int END_OF_SCALES = 48;

        static void emit(VectorCode code) {
            Assembler a = code.a;
            RowCode row = new RowCode(code);
            Mem one = a.constant(1f);
            Mem eps = a.constant(ScalarDeltaKernel.L2_EPS);
            a.load(RSI, arg(ROWS));
            a.load(R10, arg(DIM));
            a.shl(R10, 2);
            a.load(RBX, arg(TOKENS));
            a.lea(R8, arg(END_OF_SCALES));
            row.width(arg(DIM));
            Label token = a.here();
            a.lea(R11, arg(QUERY_SCALE));
            Label part = a.here();
            code.broadcast(code.v(4), Mem.at(R11));
            a.load(R9, arg(HEADS));
            Label head = a.here();
            row.inverseNorm(RSI, one, eps, code.v(0), code.v(1), code.v(2), code.v(3));
            row.begin();
            do {
                row.load(code.v(1), row.at(RSI));
                a.op(VMULPS, code.v(1), code.v(1), code.v(0));
                a.op(VMULPS, code.v(1), code.v(1), code.v(4));
                row.store(row.at(RSI), code.v(1));
            } while (row.next());
            a.op(GpOp.ADD, RSI, R10);
            a.op(GpOp.SUB, R9, 1);
            a.jump(Condition.NOT_EQUAL, head);
            a.op(GpOp.ADD, R11, KEY_SCALE - QUERY_SCALE);
            a.op(GpOp.CMP, R11, R8);
            a.jump(Condition.BELOW, part);
            a.op(GpOp.ADD, RSI, arg(GAP));
            a.op(GpOp.SUB, RBX, 1);
            a.jump(Condition.NOT_EQUAL, token);
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
            int tile = TILES[i] * isa.lanes();
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
                        .set(AssembledRecurrence.WORK, arguments.scratch(), 0, keyDim * bytes)
                        .set(AssembledRecurrence.WORK_STRIDE, bytes);
            } else {
                arguments
                        .set(AssembledRecurrence.WORK, recurrent, state, (keyDim - 1) * stateStride + bytes)
                        .set(AssembledRecurrence.WORK_STRIDE, stateStride);
            }
            arguments
                    .set(AssembledRecurrence.STATE, recurrent, state, (keyDim - 1) * stateStride + bytes)
                    .set(AssembledRecurrence.STATE_STRIDE, stateStride)
                    .set(AssembledRecurrence.KEY_BYTES, keyBytes);
            column(
                    arguments,
                    AssembledRecurrence.QUERY,
                    y,
                    (long) shape.queryColumn(keyHead) * Float.BYTES,
                    tokens,
                    keyBytes);
            column(
                    arguments,
                    AssembledRecurrence.KEY,
                    y,
                    (long) shape.keyColumn(keyHead) * Float.BYTES,
                    tokens,
                    keyBytes);
            column(arguments, AssembledRecurrence.VALUE, y, value, tokens, bytes);
            arguments.set(AssembledRecurrence.ROW, rowBytes(y));
            column(arguments, AssembledRecurrence.DECAY, decay, (long) valueHead * Float.BYTES, tokens, Float.BYTES);
            arguments.set(AssembledRecurrence.DECAY_STRIDE, rowBytes(decay));
            column(arguments, AssembledRecurrence.BETA, beta, (long) valueHead * Float.BYTES, tokens, Float.BYTES);
            arguments.set(AssembledRecurrence.BETA_STRIDE, rowBytes(beta));
            column(arguments, AssembledRecurrence.OUT, out, to, tokens, bytes);
            arguments.set(AssembledRecurrence.OUT_STRIDE, rowBytes(out)).set(AssembledRecurrence.TOKENS, tokens);
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

    /** Head after head of a token, then the next token. */
    private static final class GatedNorm {

        private static final int ROWS = 0;
        private static final int GATE = 8;
        private static final int WEIGHT = 16;
        private static final int DIM = 24;
        private static final int HEADS = 32;
        private static final int TOKENS = 40;
        private static final int GAP = 48;
        private static final int EPS = 56;
        private static final int DIVISOR = 60;

        static void emit(VectorCode code) {
            Assembler a = code.a;
            RowCode row = new RowCode(code);
            AssembledFunctions functions = new AssembledFunctions(code);
            a.load(RSI, arg(ROWS));
            a.load(R8, arg(GATE));
            a.load(RDX, arg(WEIGHT));
            a.load(R10, arg(DIM));
            a.shl(R10, 2);
            a.load(RBX, arg(TOKENS));
            row.width(arg(DIM));
            Label token = a.here();
            a.load(R9, arg(HEADS));
            Label head = a.here();
            row.inverseNorm(RSI, arg(DIVISOR), arg(EPS), code.v(0), code.v(1), code.v(2), code.v(3));
            row.begin();
            do {
                row.load(code.v(1), row.at(R8));
                functions.silu(code.v(2), code.v(1), code.v(3), code.v(4));
                row.load(code.v(1), row.at(RSI));
                row.load(code.v(3), row.at(RDX));
                a.op(VMULPS, code.v(1), code.v(1), code.v(0));
                a.op(VMULPS, code.v(1), code.v(1), code.v(3));
                a.op(VMULPS, code.v(1), code.v(1), code.v(2));
                row.store(row.at(RSI), code.v(1));
            } while (row.next());
            a.op(GpOp.ADD, RSI, R10);
            a.op(GpOp.ADD, R8, R10);
            a.op(GpOp.SUB, R9, 1);
            a.jump(Condition.NOT_EQUAL, head);
            a.op(GpOp.ADD, RSI, arg(GAP));
            a.op(GpOp.ADD, R8, arg(GAP));
            a.op(GpOp.SUB, RBX, 1);
            a.jump(Condition.NOT_EQUAL, token);
        }
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
