package kawi.jmh;

import java.lang.foreign.MemorySegment;
import kawi.compute.AttentionWork;
import kawi.kernels.Activations;
import kawi.kernels.AttentionShape;
import kawi.kernels.KvFormat;
import kawi.kernels.KvPages;
import kawi.kernels.Rotation;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/**
 * The attention of a full-attention layer of the 0.8B model without its projections: one token at position 4095, as in
 * decoding, or the 64 tokens up to position 511, as in prefill.
 */
public class AttentionBenchmark extends KernelBenchmark {

    private static final AttentionShape SHAPE = new AttentionShape(8, 2, 256, 64);
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
    private KvPages kv;
    private AttentionWork work;
    private Activations out;
    private int depth;

    @Setup
    public void fill() {
        depth = tokens == 1 ? DECODE_DEPTH : PREFILL_DEPTH;
        queryGate = normal(CHUNK, SHAPE.heads() * 2 * SHAPE.headDim());
        keys = normal(CHUNK, SHAPE.kvHeads() * SHAPE.headDim());
        values = normal(CHUNK, SHAPE.kvHeads() * SHAPE.headDim());
        queryNorm = ones(SHAPE.headDim());
        keyNorm = ones(SHAPE.headDim());
        rotation = new Rotation(SHAPE.rotaryDims(), 1e7, CHUNK, arena);
        kv = new KvPages(SHAPE, KvFormat.F16, arena);
        kv.reserve(depth);
        out = Activations.allocate(arena, CHUNK, SHAPE.heads() * SHAPE.headDim());
        work = compute().attention(SHAPE, queryGate, keys, values, rotation, out, arena);
        for (int position = 0; position < depth; position += CHUNK) {
            prepare(position, CHUNK);
        }
        rotation.fill(depth - tokens, tokens);
    }

    private void prepare(int position, int count) {
        rotation.fill(position, count);
        prepareRotated(position, count);
    }

    private void prepareRotated(int position, int count) {
        work.prepare(queryNorm, keyNorm, 1e-6f, kv, position, count);
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
        work.attend(kv, before, tokens);
        // Token t attends to before + t + 1 positions, with one product for scores and one for values.
        long attended = (long) tokens * before + tokens * (tokens + 1L) / 2;
        counted.multiplyAdds += attended * 2 * SHAPE.heads() * SHAPE.headDim();
        counted.weightBytes += KvPages.pageBytes(SHAPE, KvFormat.F16) * depth / KvPages.POSITIONS;
        return out;
    }
}
