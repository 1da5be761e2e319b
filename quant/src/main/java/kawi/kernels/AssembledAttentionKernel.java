package kawi.kernels;

import static kawi.assembler.Gp.R10;
import static kawi.assembler.Gp.R8;
import static kawi.assembler.Gp.R9;
import static kawi.assembler.Gp.RBP;
import static kawi.assembler.Gp.RBX;
import static kawi.assembler.Gp.RDX;
import static kawi.assembler.Gp.RSI;
import static kawi.assembler.VectorOp.VBROADCASTSS;
import static kawi.assembler.VectorOp.VDIVSS;
import static kawi.assembler.VectorOp.VFMADD231PS;
import static kawi.assembler.VectorOp.VFMADD231SS;
import static kawi.assembler.VectorOp.VMOVD_LOAD;
import static kawi.assembler.VectorOp.VMOVD_STORE;
import static kawi.assembler.VectorOp.VMULPS;
import static kawi.assembler.VectorOp.VMULSS;
import static kawi.assembler.VectorOp.VSUBPS;
import static kawi.kernels.VectorCode.arg;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import kawi.assembler.Assembler;
import kawi.assembler.Condition;
import kawi.assembler.Gp;
import kawi.assembler.GpOp;
import kawi.assembler.Label;
import kawi.assembler.Mem;

/**
 * Gated attention in machine code; the softmax of a page is in {@link AssembledAttentionPage}, what comes before it in
 * {@link AssembledAttentionPreparation}.
 *
 * <p>Pages of heads whose size is no multiple of 16 are left to the scalar kernel: no model that is supported has them.
 */
final class AssembledAttentionKernel implements AttentionKernel {

    private final ScalarAttentionKernel scalar = new ScalarAttentionKernel();
    private final Map<KvFormat, LazyCode> prepare = new EnumMap<>(KvFormat.class);

    /** By the number of heads less one. */
    private final Map<KvFormat, List<LazyCode>> page = new EnumMap<>(KvFormat.class);

    private final LazyCode fold;
    private final LazyCode finish;

    AssembledAttentionKernel(AssembledIsa isa, Arena arena) {
        for (KvFormat format : KvFormat.values()) {
            prepare.put(format, new LazyCode(isa, arena, code -> AssembledAttentionPreparation.emit(code, format)));
            page.put(
                    format,
                    IntStream.rangeClosed(1, AssembledAttentionPage.MOST_ROWS)
                            .mapToObj(rows ->
                                    new LazyCode(isa, arena, code -> AssembledAttentionPage.emit(code, format, rows)))
                            .toList());
        }
        this.fold = new LazyCode(isa, arena, Folding::emit);
        this.finish = new LazyCode(isa, arena, Finish::emit);
    }

    @Override
    public void prepare(
            AttentionShape shape,
            Activations queryGate,
            Activations keys,
            Activations values,
            MemorySegment queryNorm,
            MemorySegment keyNorm,
            float eps,
            Rotation rotation,
            KvPages kv,
            int position,
            int fromToken,
            int toToken) {
        int from = fromToken;
        while (from < toToken) {
            int left = KvPages.POSITIONS - (position + from) % KvPages.POSITIONS;
            int to = Math.min(toToken, from + left);
            prepareInPage(shape, queryGate, keys, values, queryNorm, keyNorm, eps, rotation, kv, position, from, to);
            from = to;
        }
    }

    private void prepareInPage(
            AttentionShape shape,
            Activations queryGate,
            Activations keys,
            Activations values,
            MemorySegment queryNorm,
            MemorySegment keyNorm,
            float eps,
            Rotation rotation,
            KvPages kv,
            int position,
            int from,
            int to) {
        int tokens = to - from;
        int dim = shape.headDim();
        int slot = (position + from) % KvPages.POSITIONS;
        int size = kv.format().bytes();
        long dimBytes = (long) dim * Float.BYTES;
        long rotationBytes = (rotation.row(to) - rotation.row(from)) * Float.BYTES;
        long pairBytes = shape.rotaryDims() / 2L * Float.BYTES;
        MemorySegment page = kv.page((position + from) / KvPages.POSITIONS);
        long keyBytes = ((kv.keyIndex(shape.kvHeads() - 1, dim - 1) - kv.keyIndex(0, 0)) + tokens) * size;
        long valueBytes = (kv.valueIndex(shape.kvHeads() - 1, tokens) - kv.valueIndex(0, 0)) * size;
        Arguments arguments = Arguments.claim();
        try {
            rows(arguments, AssembledAttentionPreparation.QUERY, queryGate, from, to);
            rows(arguments, AssembledAttentionPreparation.KEY, keys, from, to);
            rows(arguments, AssembledAttentionPreparation.VALUE, values, from, to);
            arguments
                    .set(AssembledAttentionPreparation.QUERY_HEAD, 2 * dimBytes)
                    .set(AssembledAttentionPreparation.QUERY_TOKEN, rowBytes(queryGate))
                    .set(AssembledAttentionPreparation.HEADS, shape.heads())
                    .set(AssembledAttentionPreparation.KEY_HEAD, dimBytes)
                    .set(AssembledAttentionPreparation.KEY_TOKEN, rowBytes(keys))
                    .set(AssembledAttentionPreparation.VALUE_TOKEN, rowBytes(values))
                    .set(AssembledAttentionPreparation.KV_HEADS, shape.kvHeads())
                    .set(AssembledAttentionPreparation.STORED_KEY, page, (kv.keyIndex(0, 0) + slot) * size, keyBytes)
                    .set(AssembledAttentionPreparation.STORED_VALUE, page, kv.valueIndex(0, slot) * size, valueBytes)
                    .set(AssembledAttentionPreparation.STORED_HEAD, 2L * dim * KvPages.POSITIONS * size)
                    .set(AssembledAttentionPreparation.STORED_VALUE_TOKEN, (long) dim * size)
                    .set(AssembledAttentionPreparation.QUERY_NORM, queryNorm, 0, dimBytes)
                    .set(AssembledAttentionPreparation.KEY_NORM, keyNorm, 0, dimBytes)
                    .set(
                            AssembledAttentionPreparation.COSINES,
                            rotation.cosines(),
                            rotation.row(from) * Float.BYTES,
                            rotationBytes)
                    .set(
                            AssembledAttentionPreparation.SINES,
                            rotation.sines(),
                            rotation.row(from) * Float.BYTES,
                            rotationBytes)
                    .set(AssembledAttentionPreparation.ROTATION_TOKEN, rotationBytes / tokens)
                    .set(AssembledAttentionPreparation.DIM, dim)
                    .set(AssembledAttentionPreparation.PAIRS, shape.rotaryDims() / 2)
                    .set(AssembledAttentionPreparation.PAIR_BYTES, pairBytes)
                    .set(AssembledAttentionPreparation.TOKENS, tokens)
                    .set(AssembledAttentionPreparation.EPS, eps)
                    .set(AssembledAttentionPreparation.DIVISOR, (float) dim)
                    .set(AssembledAttentionPreparation.SCALE, 1f / (float) Math.sqrt(dim));
            of(prepare, kv.format()).run(arguments);
        } finally {
            arguments.release();
        }
    }

    @Override
    public void page(
            AttentionShape shape,
            Activations queryGate,
            KvPages kv,
            int position,
            int kvHead,
            int fromToken,
            int toToken,
            int page,
            MemorySegment partial,
            long partialRow,
            MemorySegment scratch) {
        if (shape.headDim() % AssembledAttentionPage.STEP != 0) {
            scalar.page(shape, queryGate, kv, position, kvHead, fromToken, toToken, page, partial, partialRow, scratch);
            return;
        }
        int group = shape.group();
        int most = SCORE_ROWS / AssembledAttentionPage.MOST_ROWS;
        for (int from = fromToken; from < toToken; from += most) {
            int to = Math.min(from + most, toToken);
            for (int head = 0; head < group; head += AssembledAttentionPage.MOST_ROWS) {
                int heads = Math.min(AssembledAttentionPage.MOST_ROWS, group - head);
                long row = partialRow + (long) (from - fromToken) * group + head;
                page(shape, queryGate, kv, position, kvHead, head, heads, from, to, page, partial, row, scratch);
            }
        }
    }

    /** Heads {@code [head, head + heads)} of the group. */
    private void page(
            AttentionShape shape,
            Activations queryGate,
            KvPages kv,
            int position,
            int kvHead,
            int head,
            int heads,
            int from,
            int to,
            int page,
            MemorySegment partial,
            long partialRow,
            MemorySegment scratch) {
        int tokens = to - from;
        int dim = shape.headDim();
        int size = kv.format().bytes();
        long matrixBytes = (long) dim * KvPages.POSITIONS * size;
        long query = from * rowBytes(queryGate) + (long) shape.queryColumn(kvHead * shape.group() + head) * Float.BYTES;
        long queryHead = (long) shape.queryColumn(1) * Float.BYTES;
        long queryBytes = (tokens - 1) * rowBytes(queryGate) + (heads - 1) * queryHead + (long) dim * Float.BYTES;
        long row = (long) AttentionKernel.rowFloats(shape) * Float.BYTES;
        long token = shape.group() * row;
        long partialBytes = (tokens - 1) * token + heads * row;
        long maxAt = (long) AttentionKernel.maxAt(shape) * Float.BYTES;
        int last = KvPages.visible(page, position + to - 1);
        int next = KvPages.visible(page + 1, position + to - 1) > 0 ? page + 1 : page;
        Arguments arguments = Arguments.claim();
        try {
            arguments
                    .set(AssembledAttentionPage.QUERY, queryGate.floats(), query, queryBytes)
                    .set(AssembledAttentionPage.QUERY_HEAD, queryHead)
                    .set(AssembledAttentionPage.QUERY_TOKEN, rowBytes(queryGate))
                    .set(AssembledAttentionPage.KEYS, kv.page(page), kv.keyIndex(kvHead, 0) * size, matrixBytes)
                    .set(AssembledAttentionPage.VALUES, kv.page(page), kv.valueIndex(kvHead, 0) * size, matrixBytes)
                    .set(AssembledAttentionPage.AFTER, kv.page(next), kv.keyIndex(kvHead, 0) * size, matrixBytes)
                    .set(AssembledAttentionPage.VALUE_ROW, (long) dim * size)
                    .set(AssembledAttentionPage.DIM, dim)
                    .set(
                            AssembledAttentionPage.SCORES,
                            scratch,
                            0,
                            (long) tokens * heads * AssembledAttentionPage.SCORE_BYTES)
                    .set(AssembledAttentionPage.PARTIAL, partial, partialRow * row, partialBytes)
                    .set(AssembledAttentionPage.PARTIAL_ROW, row)
                    .set(AssembledAttentionPage.PARTIAL_TOKEN, token)
                    .set(AssembledAttentionPage.MAX, partial, partialRow * row + maxAt, partialBytes - maxAt)
                    .set(AssembledAttentionPage.MAX_GAP, token - heads * row)
                    .set(AssembledAttentionPage.TOKENS, tokens)
                    .set(AssembledAttentionPage.SEEN_BY_LAST, last)
                    .set(AssembledAttentionPage.VISIBLE, KvPages.visible(page, position + from))
                    .set(
                            AssembledAttentionPage.POSITIONS,
                            (last + AssembledAttentionPage.STEP - 1) & -AssembledAttentionPage.STEP);
            of(this.page, kv.format()).get(heads - 1).run(arguments);
        } finally {
            arguments.release();
        }
    }

    /** Row after row: the two factors in all lanes, then the vectors. */
    private static final class Folding {

        private static final int PARTIAL = 0;
        private static final int STATE = 8;
        private static final int ROW = 16;
        private static final int MAX_AT = 24;
        private static final int DIM = 32;
        private static final int ROWS = 40;

        private static final Gp FROM = RSI;
        private static final Gp TO = RDX;
        private static final Gp ROW_BYTES = R8;
        private static final Gp ROWS_LEFT = RBX;
        private static final Gp FROM_MAX = R9;
        private static final Gp TO_MAX = R10;

        static void emit(VectorCode code) {
            Assembler a = code.a;
            RowCode row = new RowCode(code);
            AssembledFunctions functions = new AssembledFunctions(code);
            a.load(FROM, arg(PARTIAL));
            a.load(TO, arg(STATE));
            a.load(ROW_BYTES, arg(ROW));
            a.load(ROWS_LEFT, arg(ROWS));
            row.width(arg(DIM));
            Label next = a.here();
            a.mov(FROM_MAX, FROM);
            a.op(GpOp.ADD, FROM_MAX, arg(MAX_AT));
            a.mov(TO_MAX, TO);
            a.op(GpOp.ADD, TO_MAX, arg(MAX_AT));
            code.broadcast(code.v(0), Mem.at(TO_MAX));
            code.broadcast(code.v(1), Mem.at(FROM_MAX));
            code.move(code.v(2), code.v(0));
            functions.max(
                    code.v(2).xmm(), code.v(1).xmm(), code.v(3).xmm(), code.v(4).xmm());
            a.op(VMOVD_STORE, code.v(2).xmm(), Mem.at(TO_MAX));
            a.op(VBROADCASTSS, code.v(2), code.v(2).xmm());
            a.op(VSUBPS, code.v(0), code.v(0), code.v(2));
            a.op(VSUBPS, code.v(1), code.v(1), code.v(2));
            functions.exp(code.v(0), code.v(3), code.v(4));
            functions.exp(code.v(1), code.v(3), code.v(4));
            a.op(VMOVD_LOAD, code.v(3).xmm(), Mem.at(FROM_MAX, Float.BYTES));
            a.op(VMULSS, code.v(2).xmm(), code.v(0).xmm(), Mem.at(TO_MAX, Float.BYTES));
            a.op(VFMADD231SS, code.v(2).xmm(), code.v(3).xmm(), code.v(1).xmm());
            a.op(VMOVD_STORE, code.v(2).xmm(), Mem.at(TO_MAX, Float.BYTES));
            row.begin();
            do {
                row.load(code.v(2), row.at(TO));
                row.load(code.v(3), row.at(FROM));
                a.op(VMULPS, code.v(2), code.v(2), code.v(0));
                a.op(VFMADD231PS, code.v(2), code.v(3), code.v(1));
                row.store(row.at(TO), code.v(2));
            } while (row.next());
            a.op(GpOp.ADD, FROM, ROW_BYTES);
            a.op(GpOp.ADD, TO, ROW_BYTES);
            a.op(GpOp.SUB, ROWS_LEFT, 1);
            a.jump(Condition.NOT_EQUAL, next);
        }
    }

    @Override
    public void fold(
            AttentionShape shape,
            MemorySegment partial,
            long partialRow,
            MemorySegment state,
            long stateRow,
            int rows) {
        if (rows <= 0) {
            return;
        }
        long row = (long) AttentionKernel.rowFloats(shape) * Float.BYTES;
        Arguments arguments = Arguments.claim();
        try {
            arguments
                    .set(Folding.PARTIAL, partial, partialRow * row, rows * row)
                    .set(Folding.STATE, state, stateRow * row, rows * row)
                    .set(Folding.ROW, row)
                    .set(Folding.MAX_AT, (long) AttentionKernel.maxAt(shape) * Float.BYTES)
                    .set(Folding.DIM, shape.headDim())
                    .set(Folding.ROWS, rows);
            fold.run(arguments);
        } finally {
            arguments.release();
        }
    }

    /** Head after head of a token, then the next token. */
    private static final class Finish {

        private static final int STATE = 0;
        private static final int STATE_ROW = 8;
        private static final int GATE = 16;
        private static final int GATE_HEAD = 24;
        private static final int GATE_GAP = 32;
        private static final int OUT = 40;
        private static final int OUT_HEAD = 48;
        private static final int OUT_GAP = 56;
        private static final int MASS_AT = 64;
        private static final int DIM = 72;
        private static final int HEADS = 80;
        private static final int TOKENS = 88;

        private static final Gp STATES = RSI;
        private static final Gp GATES = RDX;
        private static final Gp TO = R8;
        private static final Gp MASS = R9;
        private static final Gp HEADS_LEFT = RBP;
        private static final Gp TOKENS_LEFT = RBX;

        static void emit(VectorCode code) {
            Assembler a = code.a;
            RowCode row = new RowCode(code);
            AssembledFunctions functions = new AssembledFunctions(code);
            a.load(STATES, arg(STATE));
            a.load(GATES, arg(GATE));
            a.load(TO, arg(OUT));
            a.load(TOKENS_LEFT, arg(TOKENS));
            row.width(arg(DIM));
            Label token = a.here();
            a.load(HEADS_LEFT, arg(HEADS));
            Label head = a.here();
            a.mov(MASS, STATES);
            a.op(GpOp.ADD, MASS, arg(MASS_AT));
            code.broadcast(code.v(0), a.constant(1f));
            a.op(VDIVSS, code.v(0).xmm(), code.v(0).xmm(), Mem.at(MASS));
            a.op(VBROADCASTSS, code.v(0), code.v(0).xmm());
            row.begin();
            do {
                row.load(code.v(1), row.at(GATES));
                functions.sigmoid(code.v(1), code.v(2), code.v(3));
                row.load(code.v(2), row.at(STATES));
                a.op(VMULPS, code.v(2), code.v(2), code.v(0));
                a.op(VMULPS, code.v(2), code.v(2), code.v(1));
                row.store(row.at(TO), code.v(2));
            } while (row.next());
            a.op(GpOp.ADD, STATES, arg(STATE_ROW));
            a.op(GpOp.ADD, GATES, arg(GATE_HEAD));
            a.op(GpOp.ADD, TO, arg(OUT_HEAD));
            a.op(GpOp.SUB, HEADS_LEFT, 1);
            a.jump(Condition.NOT_EQUAL, head);
            a.op(GpOp.ADD, GATES, arg(GATE_GAP));
            a.op(GpOp.ADD, TO, arg(OUT_GAP));
            a.op(GpOp.SUB, TOKENS_LEFT, 1);
            a.jump(Condition.NOT_EQUAL, token);
        }
    }

    @Override
    public void finish(
            AttentionShape shape,
            Activations queryGate,
            int kvHead,
            int fromToken,
            int toToken,
            MemorySegment state,
            long stateRow,
            Activations out) {
        if (fromToken >= toToken) {
            return;
        }
        int tokens = toToken - fromToken;
        int group = shape.group();
        int first = kvHead * group;
        long dimBytes = (long) shape.headDim() * Float.BYTES;
        long row = (long) AttentionKernel.rowFloats(shape) * Float.BYTES;
        long gateHead = 2 * dimBytes;
        long gate = fromToken * rowBytes(queryGate) + (long) shape.queryColumn(first) * Float.BYTES + dimBytes;
        long gateBytes = (tokens - 1) * rowBytes(queryGate) + (group - 1) * gateHead + dimBytes;
        long outBytes = (tokens - 1) * rowBytes(out) + group * dimBytes;
        Arguments arguments = Arguments.claim();
        try {
            arguments
                    .set(Finish.STATE, state, stateRow * row, (long) tokens * group * row)
                    .set(Finish.STATE_ROW, row)
                    .set(Finish.GATE, queryGate.floats(), gate, gateBytes)
                    .set(Finish.GATE_HEAD, gateHead)
                    .set(Finish.GATE_GAP, rowBytes(queryGate) - group * gateHead)
                    .set(Finish.OUT, out.floats(), fromToken * rowBytes(out) + first * dimBytes, outBytes)
                    .set(Finish.OUT_HEAD, dimBytes)
                    .set(Finish.OUT_GAP, rowBytes(out) - group * dimBytes)
                    .set(Finish.MASS_AT, (AttentionKernel.maxAt(shape) + 1L) * Float.BYTES)
                    .set(Finish.DIM, shape.headDim())
                    .set(Finish.HEADS, group)
                    .set(Finish.TOKENS, tokens);
            finish.run(arguments);
        } finally {
            arguments.release();
        }
    }

    private static <T> T of(Map<KvFormat, T> codes, KvFormat format) {
        return Objects.requireNonNull(codes.get(format), "every format has its code");
    }

    private static void rows(Arguments arguments, int offset, Activations x, int from, int to) {
        arguments.set(offset, x.floats(), from * rowBytes(x), (to - from) * rowBytes(x));
    }

    private static long rowBytes(Activations x) {
        return (long) x.width() * Float.BYTES;
    }
}
