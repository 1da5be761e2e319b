package kawi.compute;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import kawi.kernels.Activations;
import kawi.kernels.AttentionCall;
import kawi.kernels.AttentionKernel;
import kawi.kernels.AttentionShape;
import kawi.kernels.ConvolutionCall;
import kawi.kernels.DeltaCall;
import kawi.kernels.DeltaKernel;
import kawi.kernels.DeltaShape;
import kawi.kernels.Gate;
import kawi.kernels.Kernels;
import kawi.kernels.KvFormats;
import kawi.kernels.KvLayout;
import kawi.kernels.KvPages;
import kawi.kernels.PackedMatrix;
import kawi.kernels.PagePool;
import kawi.kernels.Rotation;
import kawi.kernels.WorkerPool;
import kawi.kernels.vector.VectorWidth;
import kawi.quant.Tensor;
import kawi.quant.WeightFormat;

/**
 * The steps of a tier for a model, as small as possible: one head, four tokens, a few vectors per row. The loops are
 * long enough for the compiler to treat them as loops. The compiler omits paths that have never been taken, and
 * discards the code when one is taken later, so the steps take all usual paths through a kernel: a tile of tokens and a
 * single token, a whole group of rows and a partial one, few keys and many, numbers other than zero.
 */
final class WarmUpSteps {

    private static final int TOKENS = 4;
    private static final int WIDTH = 64;
    private static final int TAPS = 4;
    private static final int KEY_DIM = 32;

    /** Positions of the first token: fewer keys than lanes, and more than a tile of them. */
    private static final int EARLY = 0;

    private static final int LATE = 40;

    private static final float EPS = 1e-6f;

    private final Kernels kernels;
    private final Arena arena;
    private final PagePool pages;
    private final MemorySegment ones;
    private final MemorySegment zeros;

    /**
     * Steps of these kernels.
     *
     * @param arena owns the memory of the steps, except keys and values, which are in {@code pages}
     */
    WarmUpSteps(Kernels kernels, Arena arena, PagePool pages) {
        this.kernels = kernels;
        this.arena = arena;
        this.pages = pages;
        this.ones = floats((long) TAPS * (WIDTH + 2 * KEY_DIM));
        this.zeros = floats(1);
        for (long i = 0; i < ones.byteSize() / Float.BYTES; i++) {
            ones.setAtIndex(ValueLayout.JAVA_FLOAT, i, 1);
        }
    }

    private MemorySegment floats(long count) {
        return arena.allocate(count * Float.BYTES, VectorWidth.BYTES);
    }

    private Activations rows(int width) {
        Activations rows = Activations.allocate(arena, TOKENS, width);
        for (int row = 0; row < TOKENS; row++) {
            for (int column = 0; column < width; column++) {
                rows.set(row, column, (column % 7 - 3) / 4f);
            }
        }
        return rows;
    }

    /** Products with weights of a format, for several tokens and for one. */
    List<Runnable> products(WeightFormat format, WorkerPool pool) {
        int columns = Math.max(WIDTH, format.blockSize());
        int rows = VectorWidth.ROWS + 1;
        MemorySegment data = arena.allocate(format.bytes((long) rows * columns), VectorWidth.BYTES);
        Tensor tensor = new Tensor("warm-up", format, rows, columns, data);
        PackedMatrix w = kernels.matrix().pack(tensor, arena, pool);
        Activations x = rows(columns);
        kernels.matrix().quantize(x, 0, TOKENS);
        Activations y = Activations.outputs(arena, TOKENS, rows);
        return List.of(
                () -> kernels.matrix().multiply(w, x, TOKENS, y, 0, w.groups()),
                () -> kernels.matrix().multiply(w, x, 1, y, 0, w.groups()));
    }

    /** The row operations. */
    List<Runnable> rows() {
        Activations x = rows(WIDTH);
        Activations y = rows(WIDTH);
        Activations gate = rows(WIDTH);
        return List.of(
                () -> kernels.matrix().quantize(x, 0, TOKENS),
                () -> kernels.rows().rmsNorm(x, ones, EPS, y, 0, TOKENS),
                () -> kernels.rows().siluTimes(gate, x, 0, TOKENS),
                () -> kernels.rows().add(y, x, 0, TOKENS));
    }

    /** A layer with the delta rule. */
    List<Runnable> delta() {
        DeltaShape shape = new DeltaShape(1, 1, KEY_DIM, WIDTH, TAPS, true, false);
        int channels = shape.channels();
        Activations u = rows(channels);
        Activations y = rows(channels);
        Activations decay = rows(1);
        Activations beta = rows(1);
        Activations out = rows(WIDTH);
        Activations gate = rows(WIDTH);
        MemorySegment history = floats((TAPS - 1L) * channels);
        MemorySegment state = floats((long) KEY_DIM * WIDTH);
        DeltaKernel delta = kernels.delta();
        DeltaCall call =
                new DeltaCall(shape, y, decay, beta, out).span(0, TOKENS).state(state);
        ConvolutionCall several = new ConvolutionCall(shape, u, y).weight(ones).span(history, 0, TOKENS, TOKENS);
        ConvolutionCall one = new ConvolutionCall(shape, u, y).weight(ones).span(history, 0, 1, 1);
        return List.of(
                () -> delta.recur(call, 0, 0, WIDTH),
                () -> delta.convolve(several, 0, channels),
                () -> delta.convolve(one, 0, channels),
                () -> delta.prepare(shape, y, decay, beta, zeros, zeros, 0, TOKENS),
                () -> delta.gatedNorm(shape, out, gate, ones, EPS, Gate.SILU, 0, TOKENS));
    }

    /** A layer with attention over keys and values in a format. */
    List<Runnable> attention(KvFormats format) {
        AttentionShape shape = AttentionShape.gated(2, 1, WIDTH, WIDTH);
        int rows = TOKENS * shape.group();
        Activations queryGate = rows(2 * WIDTH * shape.heads());
        Activations keys = rows(WIDTH);
        Activations values = rows(WIDTH);
        Activations out = rows(WIDTH * shape.heads());
        Rotation rotation = new Rotation(WIDTH, 1e7, TOKENS, arena);
        for (int row = 0; row < TOKENS; row++) {
            rotation.fill(row, LATE + row);
        }
        KvPages kv = new KvPages(KvLayout.of(shape, format), pages);
        kv.reserve(LATE + TOKENS);
        MemorySegment partial = floats(2L * rows * AttentionKernel.rowFloats(shape));
        MemorySegment scratch = floats(AttentionKernel.scratchFloats(shape));
        AttentionKernel attention = kernels.attention();
        AttentionCall early = new AttentionCall(shape, queryGate, keys, values, rotation, out).norms(ones, ones, EPS);
        AttentionCall late = new AttentionCall(shape, queryGate, keys, values, rotation, out).norms(ones, ones, EPS);
        early.span(kv, EARLY, 0, TOKENS);
        late.span(kv, LATE, 0, TOKENS);
        return List.of(
                () -> attention.page(late, 0, 0, TOKENS, 0, partial, 0, scratch),
                () -> attention.page(early, 0, 0, TOKENS, 0, partial, 0, scratch),
                () -> attention.page(late, 0, 0, 1, 0, partial, 0, scratch),
                () -> attention.prepare(late, 0, TOKENS),
                () -> attention.fold(shape, partial, 0, partial, rows, rows),
                () -> attention.finish(late, 0, 0, TOKENS, partial, 0));
    }
}
