package kawi.kernels.assembled;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import kawi.kernels.Activations;
import kawi.kernels.AttentionKernel;
import kawi.kernels.AttentionShape;
import kawi.kernels.KvFormat;
import kawi.kernels.KvPages;
import kawi.kernels.Rotation;
import kawi.kernels.ScalarAttentionKernel;
import kawi.kernels.assembled.AttentionArguments.Finish;
import kawi.kernels.assembled.AttentionArguments.Folding;
import kawi.kernels.assembled.AttentionArguments.Page;
import kawi.kernels.assembled.AttentionArguments.Preparation;

/**
 * Gated attention in machine code; the softmax of a page is in {@link AttentionPageCode}, what comes before it in
 * {@link AttentionPreparationCode}.
 *
 * <p>Pages of heads whose size is no multiple of 16 are left to the scalar kernel: no model that is supported has them.
 */
public final class AssembledAttentionKernel implements AttentionKernel {

    private final ScalarAttentionKernel scalar = new ScalarAttentionKernel();
    private final Map<KvFormat, LazyCode> prepare = new EnumMap<>(KvFormat.class);

    /** By the number of heads less one. */
    private final Map<KvFormat, List<LazyCode>> page = new EnumMap<>(KvFormat.class);

    private final LazyCode fold;
    private final LazyCode finish;

    public AssembledAttentionKernel(Emitter emitter, Arena arena) {
        for (KvFormat format : KvFormat.values()) {
            prepare.put(format, new LazyCode(() -> emitter.attentionPreparation(format, arena)));
            page.put(
                    format,
                    IntStream.rangeClosed(1, Page.MOST_ROWS)
                            .mapToObj(rows -> new LazyCode(() -> emitter.attentionPage(format, rows, arena)))
                            .toList());
        }
        this.fold = new LazyCode(() -> emitter.fold(arena));
        this.finish = new LazyCode(() -> emitter.finish(arena));
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
            rows(arguments, Preparation.QUERY, queryGate, from, to);
            rows(arguments, Preparation.KEY, keys, from, to);
            rows(arguments, Preparation.VALUE, values, from, to);
            arguments
                    .set(Preparation.QUERY_HEAD, 2 * dimBytes)
                    .set(Preparation.QUERY_TOKEN, rowBytes(queryGate))
                    .set(Preparation.HEADS, shape.heads())
                    .set(Preparation.KEY_HEAD, dimBytes)
                    .set(Preparation.KEY_TOKEN, rowBytes(keys))
                    .set(Preparation.VALUE_TOKEN, rowBytes(values))
                    .set(Preparation.KV_HEADS, shape.kvHeads())
                    .set(Preparation.STORED_KEY, page, (kv.keyIndex(0, 0) + slot) * size, keyBytes)
                    .set(Preparation.STORED_VALUE, page, kv.valueIndex(0, slot) * size, valueBytes)
                    .set(Preparation.STORED_HEAD, 2L * dim * KvPages.POSITIONS * size)
                    .set(Preparation.STORED_VALUE_TOKEN, (long) dim * size)
                    .set(Preparation.QUERY_NORM, queryNorm, 0, dimBytes)
                    .set(Preparation.KEY_NORM, keyNorm, 0, dimBytes)
                    .set(Preparation.COSINES, rotation.cosines(), rotation.row(from) * Float.BYTES, rotationBytes)
                    .set(Preparation.SINES, rotation.sines(), rotation.row(from) * Float.BYTES, rotationBytes)
                    .set(Preparation.ROTATION_TOKEN, rotationBytes / tokens)
                    .set(Preparation.DIM, dim)
                    .set(Preparation.PAIRS, shape.rotaryDims() / 2)
                    .set(Preparation.PAIR_BYTES, pairBytes)
                    .set(Preparation.TOKENS, tokens)
                    .set(Preparation.EPS, eps)
                    .set(Preparation.DIVISOR, (float) dim)
                    .set(Preparation.SCALE, 1f / (float) Math.sqrt(dim));
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
        if (shape.headDim() % Page.STEP != 0) {
            scalar.page(shape, queryGate, kv, position, kvHead, fromToken, toToken, page, partial, partialRow, scratch);
            return;
        }
        int group = shape.group();
        int most = SCORE_ROWS / Page.MOST_ROWS;
        for (int from = fromToken; from < toToken; from += most) {
            int to = Math.min(from + most, toToken);
            for (int head = 0; head < group; head += Page.MOST_ROWS) {
                int heads = Math.min(Page.MOST_ROWS, group - head);
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
                    .set(Page.QUERY, queryGate.floats(), query, queryBytes)
                    .set(Page.QUERY_HEAD, queryHead)
                    .set(Page.QUERY_TOKEN, rowBytes(queryGate))
                    .set(Page.KEYS, kv.page(page), kv.keyIndex(kvHead, 0) * size, matrixBytes)
                    .set(Page.VALUES, kv.page(page), kv.valueIndex(kvHead, 0) * size, matrixBytes)
                    .set(Page.AFTER, kv.page(next), kv.keyIndex(kvHead, 0) * size, matrixBytes)
                    .set(Page.VALUE_ROW, (long) dim * size)
                    .set(Page.DIM, dim)
                    .set(Page.SCORES, scratch, 0, (long) tokens * heads * Page.SCORE_BYTES)
                    .set(Page.PARTIAL, partial, partialRow * row, partialBytes)
                    .set(Page.PARTIAL_ROW, row)
                    .set(Page.PARTIAL_TOKEN, token)
                    .set(Page.MAX, partial, partialRow * row + maxAt, partialBytes - maxAt)
                    .set(Page.MAX_GAP, token - heads * row)
                    .set(Page.TOKENS, tokens)
                    .set(Page.SEEN_BY_LAST, last)
                    .set(Page.VISIBLE, KvPages.visible(page, position + from))
                    .set(Page.POSITIONS, (last + Page.STEP - 1) & -Page.STEP);
            of(this.page, kv.format()).get(heads - 1).run(arguments);
        } finally {
            arguments.release();
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
