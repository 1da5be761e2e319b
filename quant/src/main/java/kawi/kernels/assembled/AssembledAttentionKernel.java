package kawi.kernels.assembled;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import kawi.kernels.Activations;
import kawi.kernels.AttentionCall;
import kawi.kernels.AttentionKernel;
import kawi.kernels.AttentionShape;
import kawi.kernels.KvFormat;
import kawi.kernels.KvLayout;
import kawi.kernels.KvPages;
import kawi.kernels.KvQuantization;
import kawi.kernels.Rotation;
import kawi.kernels.assembled.AttentionArguments.Finish;
import kawi.kernels.assembled.AttentionArguments.Folding;
import kawi.kernels.assembled.AttentionArguments.Hadamard;
import kawi.kernels.assembled.AttentionArguments.Page;
import kawi.kernels.assembled.AttentionArguments.Preparation;

/**
 * Attention in machine code. {@link AttentionPageCode} contains the softmax of a page, and {@link
 * AttentionPreparationCode} the steps before it.
 *
 * <p>Values whose size is not a multiple of 16 are read up to the next multiple; the sums of what follows them fill the
 * unspecified part of a partial result.
 */
public final class AssembledAttentionKernel implements AttentionKernel {

    /**
     * Bytes of a slice of the keys or values, see {@link AttentionArguments.Page#KEY_SLICE}. Slices of keys are twice
     * as large for many rows, whose sums are then loaded and stored half as often.
     */
    private static final int SLICE_BYTES = 16 << 10;

    /**
     * The code for one format of keys and one of values.
     *
     * @param pages by the number of heads minus one
     */
    private record Codes(LazyCode prepare, LazyCode prepareNormalized, List<LazyCode> pages) {

        static Codes of(Emitter emitter, KvFormat keys, KvFormat values, Arena arena) {
            return new Codes(
                    new LazyCode(() -> emitter.attentionPreparation(keys, values, false, arena)),
                    new LazyCode(() -> emitter.attentionPreparation(keys, values, true, arena)),
                    IntStream.rangeClosed(1, Page.MAX_HEADS)
                            .mapToObj(heads -> new LazyCode(() -> emitter.attentionPage(keys, values, heads, arena)))
                            .toList());
        }
    }

    /** By the format of the keys, then that of the values. */
    private final Map<KvFormat, Map<KvFormat, Codes>> codes = new EnumMap<>(KvFormat.class);

    private final LazyCode hadamard;
    private final LazyCode hadamardBack;
    private final LazyCode fold;
    private final LazyCode finish;
    private final LazyCode finishWithoutGate;

    public AssembledAttentionKernel(Emitter emitter, Arena arena) {
        for (KvFormat keys : KvFormat.values()) {
            Map<KvFormat, Codes> byValues = new EnumMap<>(KvFormat.class);
            for (KvFormat values : KvFormat.values()) {
                byValues.put(values, Codes.of(emitter, keys, values, arena));
            }
            codes.put(keys, byValues);
        }
        this.hadamard = new LazyCode(() -> emitter.hadamard(false, arena));
        this.hadamardBack = new LazyCode(() -> emitter.hadamard(true, arena));
        this.fold = new LazyCode(() -> emitter.fold(arena));
        this.finish = new LazyCode(() -> emitter.finish(true, arena));
        this.finishWithoutGate = new LazyCode(() -> emitter.finish(false, arena));
    }

    private Codes codes(KvLayout layout) {
        return of(of(codes, layout.keys()), layout.values());
    }

    private static <T> T of(Map<KvFormat, T> codes, KvFormat format) {
        return Objects.requireNonNull(codes.get(format), "every format has its code");
    }

    @Override
    public void prepare(AttentionCall call, int fromRow, int toRow) {
        int from = fromRow;
        while (from < toRow) {
            int left = KvPages.POSITIONS - (call.slot() + from) % KvPages.POSITIONS;
            int to = Math.min(toRow, from + left);
            prepareInPage(call, from, to);
            from = to;
        }
    }

    private void prepareInPage(AttentionCall call, int from, int to) {
        AttentionShape shape = call.shape();
        KvLayout layout = call.kv().layout();
        int rows = to - from;
        int slot = (call.slot() + from) % KvPages.POSITIONS;
        MemorySegment page = call.kv().page((call.slot() + from) / KvPages.POSITIONS);
        long keyBytes = (long) shape.keyDim() * Float.BYTES;
        long normBytes = shape.normalized() ? keyBytes : 0;
        // From the first column, or row, to the end of the last head's.
        long lastHead = (shape.kvHeads() - 1) * layout.headBytes();
        long lastKeys = lastHead + (layout.keyRows() - 1) * layout.keyRowBytes() + (long) rows * layout.keySlotBytes();
        long lastValues = lastHead + rows * layout.valueRowBytes();
        Arguments arguments = Arguments.claim();
        try {
            rows(arguments, Preparation.QUERY, call.queries(), call.firstRow() + from, rows);
            rows(arguments, Preparation.KEY, call.keys(), call.firstRow() + from, rows);
            rows(arguments, Preparation.VALUE, call.values(), call.firstRow() + from, rows);
            rotation(arguments, call, call.firstRow() + from, rows);
            arguments
                    .set(Preparation.QUERY_HEAD, (long) shape.queryStride() * Float.BYTES)
                    .set(Preparation.QUERY_TOKEN, rowBytes(call.queries()))
                    .set(Preparation.HEADS, shape.heads())
                    .set(Preparation.KEY_HEAD, keyBytes)
                    .set(Preparation.KEY_TOKEN, rowBytes(call.keys()))
                    .set(Preparation.VALUE_HEAD, (long) shape.valueDim() * Float.BYTES)
                    .set(Preparation.VALUE_TOKEN, rowBytes(call.values()))
                    .set(Preparation.KV_HEADS, shape.kvHeads())
                    .set(Preparation.STORED_KEY, page, layout.keysAt(0) + (long) slot * layout.keySlotBytes(), lastKeys)
                    .set(Preparation.STORED_VALUE, page, layout.valuesAt(0) + slot * layout.valueRowBytes(), lastValues)
                    .set(Preparation.STORED_HEAD, layout.headBytes())
                    .set(Preparation.STORED_VALUE_TOKEN, layout.valueRowBytes())
                    .set(Preparation.QUERY_NORM, call.queryNorm(), 0, normBytes)
                    .set(Preparation.KEY_NORM, call.keyNorm(), 0, normBytes)
                    .set(Preparation.KEY_DIM, shape.keyDim())
                    .set(Preparation.VALUE_DIM, shape.valueDim())
                    .set(Preparation.TOKENS, rows)
                    .set(Preparation.EPS, call.eps())
                    .set(Preparation.DIVISOR, (float) shape.keyDim())
                    .set(Preparation.SCALE, 1f / (float) Math.sqrt(shape.keyDim()));
            Codes made = codes(layout);
            (shape.normalized() ? made.prepareNormalized : made.prepare).run(arguments);
        } finally {
            arguments.release();
        }
        if (layout.keys().quantized() || layout.values().quantized()) {
            quantize(call, from, to);
        }
    }

    /** Quantizes the rows' queries and keys, and values, as far as the formats require it. */
    private void quantize(AttentionCall call, int from, int to) {
        AttentionShape shape = call.shape();
        KvLayout layout = call.kv().layout();
        MemorySegment queries = call.queries().floats();
        MemorySegment keys = call.keys().floats();
        MemorySegment values = call.values().floats();
        for (int r = from; r < to; r++) {
            int row = call.firstRow() + r;
            long query = (long) row * call.queries().width();
            long key = (long) row * call.keys().width();
            long value = (long) row * call.values().width();
            if (layout.keys().quantized()) {
                rotate(hadamard, queries, query, shape.keyDim(), shape.queryStride(), shape.heads());
                for (int head = 0; head < shape.heads(); head++) {
                    KvQuantization.quantizeQuery(queries, query + shape.queryColumn(head), shape.keyDim());
                }
                rotate(hadamard, keys, key, shape.keyDim(), shape.keyDim(), shape.kvHeads());
            }
            if (layout.values().quantized()) {
                rotate(hadamard, values, value, shape.valueDim(), shape.valueDim(), shape.kvHeads());
            }
            for (int head = 0; head < shape.kvHeads(); head++) {
                call.kv().storeRotated(call.slot() + r, head, keys, key, values, value);
                key += shape.keyDim();
                value += shape.valueDim();
            }
        }
    }

    /** Multiplies rows at a distance of {@code stride} floats with the Hadamard matrix, or with its inverse. */
    private void rotate(LazyCode code, MemorySegment x, long at, int dim, int stride, int rows) {
        int size = KvQuantization.rotationSize(dim);
        if (size < Hadamard.MIN_SIZE) {
            for (int row = 0; row < rows; row++) {
                if (code.equals(hadamardBack)) {
                    KvQuantization.rotateBack(x, at + (long) row * stride, dim);
                } else {
                    KvQuantization.rotate(x, at + (long) row * stride, dim);
                }
            }
            return;
        }
        Arguments arguments = Arguments.claim();
        try {
            arguments
                    .set(Hadamard.X, x, at * Float.BYTES, ((rows - 1L) * stride + dim) * Float.BYTES)
                    .set(Hadamard.STRIDE, (long) stride * Float.BYTES)
                    .set(Hadamard.ROWS, rows)
                    .set(Hadamard.DIM_BYTES, (long) dim * Float.BYTES)
                    .set(Hadamard.SIZE_BYTES, (long) size * Float.BYTES)
                    .set(Hadamard.FACTOR, 1f / size);
            code.run(arguments);
        } finally {
            arguments.release();
        }
    }

    private static void rotation(Arguments arguments, AttentionCall call, int firstRow, int rows) {
        int pairs = call.shape().rotaryDims() / 2;
        arguments.set(Preparation.PAIRS, pairs).set(Preparation.PAIR_BYTES, (long) pairs * Float.BYTES);
        if (pairs > 0) {
            Rotation rotation = call.rotation();
            long at = rotation.row(firstRow) * Float.BYTES;
            long bytes = rotation.row(rows) * Float.BYTES;
            arguments
                    .set(Preparation.COSINES, rotation.cosines(), at, bytes)
                    .set(Preparation.SINES, rotation.sines(), at, bytes)
                    .set(Preparation.ROTATION_TOKEN, bytes / rows);
        }
    }

    @Override
    public void page(
            AttentionCall call,
            int kvHead,
            int fromRow,
            int toRow,
            int page,
            MemorySegment partial,
            long partialRow,
            MemorySegment scratch) {
        AttentionShape shape = call.shape();
        int group = shape.group();
        int most = SCORE_ROWS / Page.MAX_HEADS;
        if (group == 1 && !shape.causal()) {
            pageOfRows(call, kvHead, fromRow, toRow, page, partial, partialRow, scratch);
            return;
        }
        for (int from = fromRow; from < toRow; from += most) {
            int to = Math.min(from + most, toRow);
            for (int head = 0; head < group; head += Page.MAX_HEADS) {
                int heads = Math.min(Page.MAX_HEADS, group - head);
                long row = partialRow + (long) (from - fromRow) * group + head;
                tile(call, kvHead, kvHead * group + head, heads, from, to - from, 1, page, partial, row, scratch);
            }
        }
    }

    /**
     * The same for a group of one head, whose rows all attend to the same positions: several rows take the place of
     * several heads, so that a number of the page is read once for all of them.
     */
    private void pageOfRows(
            AttentionCall call,
            int head,
            int fromRow,
            int toRow,
            int page,
            MemorySegment partial,
            long partialRow,
            MemorySegment scratch) {
        for (int from = fromRow; from < toRow; ) {
            int left = Math.min(toRow - from, SCORE_ROWS);
            int together = Math.min(left, Page.MAX_HEADS);
            int tokens = left / together;
            long row = partialRow + from - fromRow;
            tile(call, head, head, together, from, tokens, together, page, partial, row, scratch);
            from += tokens * together;
        }
    }

    /**
     * Multiplies a page with a tile: for each token some rows of queries, which are heads or further rows. The sizes
     * are parameters because a tile that is an object would be garbage of each page.
     *
     * @param head the first head
     * @param rows the rows of queries for each token
     * @param from the row of the first token
     * @param step the rows from one token to the next: 1 if the rows of queries are heads, else their number
     */
    private void tile(
            AttentionCall call,
            int kvHead,
            int head,
            int rows,
            int from,
            int tokens,
            int step,
            int page,
            MemorySegment partial,
            long partialRow,
            MemorySegment scratch) {
        Arguments arguments = Arguments.claim();
        try {
            queries(arguments, call, head, rows, from, tokens, step);
            keysAndValues(arguments, call, kvHead, page, from + tokens * step - 1, step);
            partials(arguments, call, rows, tokens, step, partial, partialRow);
            arguments
                    .set(Page.SCORES, scratch, 0, (long) tokens * rows * Page.SCORE_BYTES)
                    .set(Page.TOKENS, tokens)
                    .set(Page.VISIBLE, call.visible(page, from));
            codes(call.kv().layout()).pages.get(rows - 1).run(arguments);
        } finally {
            arguments.release();
        }
    }

    private static void queries(
            Arguments arguments, AttentionCall call, int head, int rows, int from, int tokens, int step) {
        AttentionShape shape = call.shape();
        long row = rowBytes(call.queries());
        long at = (call.firstRow() + from) * row + (long) shape.queryColumn(head) * Float.BYTES;
        long next = step > 1 ? row : (long) shape.queryStride() * Float.BYTES;
        long token = step * row;
        long bytes = (tokens - 1) * token + (rows - 1) * next + (long) shape.keyDim() * Float.BYTES;
        arguments
                .set(Page.QUERY, call.queries().floats(), at, bytes)
                .set(Page.QUERY_HEAD, next)
                .set(Page.QUERY_TOKEN, token);
    }

    /** A head's part of a page, up to the last position that row {@code last}, the tile's last, attends to. */
    private static void keysAndValues(
            Arguments arguments, AttentionCall call, int kvHead, int page, int last, int step) {
        KvLayout layout = call.kv().layout();
        MemorySegment memory = call.kv().page(page);
        int seen = call.visible(page, last);
        MemorySegment next = call.visible(page + 1, last) > 0 ? call.kv().page(page + 1) : memory;
        arguments
                .set(Page.KEYS, memory, layout.keysAt(kvHead), layout.keysBytes())
                .set(Page.KEY_SCALES, memory, layout.keyScalesAt(kvHead), 0)
                .set(Page.VALUE_SCALES, memory, layout.valueScalesAt(kvHead), 0)
                .set(Page.QUERY_SCALE_AT, KvQuantization.queryScaleAt(layout.keyDim()))
                .set(Page.VALUES, memory, layout.valuesAt(kvHead), layout.valuesBytes() + layout.readAfterValues())
                .set(Page.AFTER, next, layout.keysAt(kvHead), layout.keysBytes())
                .set(Page.KEY_SLICE, (step > 1 ? 2L : 1L) * SLICE_BYTES / layout.keyRowBytes())
                .set(Page.VALUE_SLICE, Math.max(1, SLICE_BYTES / layout.valueRowBytes()))
                .set(Page.VALUE_ROW, layout.valueRowBytes())
                .set(Page.KEY_ROWS, layout.keyRows())
                .set(Page.VALUE_DIM, roundUp(layout.valueDim(), layout.values() == KvFormat.Q4 ? 32 : Page.STEP))
                .set(Page.SEEN_BY_LAST, seen)
                .set(Page.POSITIONS, roundUp(seen, Page.STEP));
    }

    private static int roundUp(int number, int multiple) {
        return (number + multiple - 1) & -multiple;
    }

    private static void partials(
            Arguments arguments,
            AttentionCall call,
            int rows,
            int tokens,
            int step,
            MemorySegment partial,
            long partialRow) {
        AttentionShape shape = call.shape();
        long row = (long) AttentionKernel.rowFloats(shape) * Float.BYTES;
        long token = (long) step * shape.group() * row;
        long bytes = (tokens - 1) * token + rows * row;
        long maxAt = (long) AttentionKernel.maxAt(shape) * Float.BYTES;
        arguments
                .set(Page.PARTIAL, partial, partialRow * row, bytes)
                .set(Page.PARTIAL_ROW, row)
                .set(Page.PARTIAL_TOKEN, token)
                .set(Page.MAX, partial, partialRow * row + maxAt, bytes - maxAt);
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
                    .set(Folding.DIM, shape.valueDim())
                    .set(Folding.ROWS, rows);
            fold.run(arguments);
        } finally {
            arguments.release();
        }
    }

    @Override
    public void finish(AttentionCall call, int kvHead, int fromRow, int toRow, MemorySegment state, long stateRow) {
        if (fromRow >= toRow) {
            return;
        }
        AttentionShape shape = call.shape();
        int rows = toRow - fromRow;
        int group = shape.group();
        if (call.kv().layout().values().quantized()) {
            int rowFloats = AttentionKernel.rowFloats(shape);
            rotate(hadamardBack, state, stateRow * rowFloats, shape.valueDim(), rowFloats, rows * group);
        }
        int first = kvHead * group;
        int firstRow = call.firstRow() + fromRow;
        long dimBytes = (long) shape.valueDim() * Float.BYTES;
        long row = (long) AttentionKernel.rowFloats(shape) * Float.BYTES;
        long outRow = rowBytes(call.out());
        long outBytes = (rows - 1) * outRow + group * dimBytes;
        Arguments arguments = Arguments.claim();
        try {
            gates(arguments, call, first, firstRow, rows);
            arguments
                    .set(Finish.STATE, state, stateRow * row, (long) rows * group * row)
                    .set(Finish.STATE_ROW, row)
                    .set(Finish.OUT, call.out().floats(), firstRow * outRow + first * dimBytes, outBytes)
                    .set(Finish.OUT_HEAD, dimBytes)
                    .set(Finish.OUT_GAP, outRow - group * dimBytes)
                    .set(Finish.MASS_AT, (AttentionKernel.maxAt(shape) + 1L) * Float.BYTES)
                    .set(Finish.DIM, shape.valueDim())
                    .set(Finish.HEADS, group)
                    .set(Finish.TOKENS, rows);
            (shape.gated() ? finish : finishWithoutGate).run(arguments);
        } finally {
            arguments.release();
        }
    }

    /** The gates of a group of query heads from {@code head} on; without gates, valid pointers that are not read. */
    private static void gates(Arguments arguments, AttentionCall call, int head, int firstRow, int rows) {
        AttentionShape shape = call.shape();
        long row = rowBytes(call.queries());
        long stride = (long) shape.queryStride() * Float.BYTES;
        long gated = shape.gated() ? (long) shape.valueDim() * Float.BYTES : 0;
        long at = firstRow * row + (long) (shape.queryColumn(head) + shape.keyDim()) * Float.BYTES;
        long bytes = (rows - 1) * row + (shape.group() - 1) * stride + gated;
        arguments
                .set(Finish.GATE, call.queries().floats(), at, bytes)
                .set(Finish.GATE_HEAD, stride)
                .set(Finish.GATE_GAP, row - shape.group() * stride);
    }

    private static void rows(Arguments arguments, int offset, Activations x, int firstRow, int rows) {
        arguments.set(offset, x.floats(), firstRow * rowBytes(x), rows * rowBytes(x));
    }

    private static long rowBytes(Activations x) {
        return (long) x.width() * Float.BYTES;
    }
}
