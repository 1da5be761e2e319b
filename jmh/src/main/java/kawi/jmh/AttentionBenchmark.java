package kawi.jmh;

import java.lang.foreign.MemorySegment;
import kawi.compute.AttentionWork;
import kawi.kernels.Activations;
import kawi.kernels.AttentionShape;
import kawi.kernels.KvFormat;
import kawi.kernels.KvLayout;
import kawi.kernels.KvPages;
import kawi.kernels.PagePool;
import kawi.kernels.Rotation;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The attention of a full-attention layer of the 0.8B model without its projections: one token at position 4095, as in
 * decoding, or the 64 tokens up to position 511, as in prefill.
 */
public class AttentionBenchmark extends KernelBenchmark {

    private static final AttentionShape SHAPE = AttentionShape.gated(8, 2, 256, 64);
    private static final KvLayout LAYOUT = KvLayout.of(SHAPE, KvFormat.F16);
    private static final int DECODE_DEPTH = 4096;
    private static final int PREFILL_DEPTH = 512;

    /** The number of tokens with which the cache is filled at a time. */
    private static final int CHUNK = 64;

    @Param({"1", "64"})
    public int tokens = 1;

    private Activations queryGate;
    private Activations keys;
    private Activations values;
    private MemorySegment queryNorm;
    private MemorySegment keyNorm;
    private Rotation rotation;
    private final PagePool pages = new PagePool();
    private KvPages kv = new KvPages(LAYOUT, pages);
    private AttentionWork work;
    private Activations out;
    private int depth;

    @Setup
    public void fill() {
        depth = tokens == 1 ? DECODE_DEPTH : PREFILL_DEPTH;
        queryGate = normal(CHUNK, SHAPE.queryWidth());
        keys = normal(CHUNK, SHAPE.keyWidth());
        values = normal(CHUNK, SHAPE.valueWidth());
        queryNorm = ones(SHAPE.keyDim());
        keyNorm = ones(SHAPE.keyDim());
        rotation = new Rotation(SHAPE.rotaryDims(), 1e7, CHUNK, arena);
        kv = new KvPages(LAYOUT, pages);
        kv.reserve(depth);
        out = Activations.allocate(arena, CHUNK, SHAPE.outWidth());
        work = compute().attention(SHAPE, queryGate, keys, values, rotation, out, arena);
        for (int position = 0; position < depth; position += CHUNK) {
            prepare(position, CHUNK);
        }
        rotate(depth - tokens, tokens);
    }

    @TearDown
    public void free() {
        pages.close();
    }

    private void rotate(int position, int count) {
        for (int row = 0; row < count; row++) {
            rotation.fill(row, position + row);
        }
    }

    private void prepare(int position, int count) {
        rotate(position, count);
        prepareRotated(position, count);
    }

    private void prepareRotated(int position, int count) {
        work.begin(queryNorm, keyNorm, 1e-6f).add(kv, position, 0, count).prepare();
    }

    /**
     * Norms, rotation, and storing keys and values. Because of the norms, repeated in-place calls do not change the
     * magnitude of the data.
     */
    @Benchmark
    public KvPages prepare() {
        prepareRotated(depth - tokens, tokens);
        return kv;
    }

    @Benchmark
    public Activations attend(ProductWork counted) {
        int before = depth - tokens;
        work.begin(queryNorm, keyNorm, 1e-6f).add(kv, before, 0, tokens).attend();
        // Token t attends to before + t + 1 positions, with one product for scores and one for values.
        long attended = (long) tokens * before + tokens * (tokens + 1L) / 2;
        counted.multiplyAdds += attended * 2 * SHAPE.outWidth();
        counted.weightBytes += LAYOUT.pageBytes() * depth / KvPages.POSITIONS;
        return out;
    }
}
