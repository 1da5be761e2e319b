package kawi.random;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import kawi.quant.RandomWeights;
import kawi.quant.WeightFormat;

/**
 * Random weights with one format and standard deviation, encoded once and returned in slices.
 *
 * <p>Encoding a billion weights takes minutes in some formats; copying them takes a second. Therefore at most {@value
 * #DISTINCT} weights are generated. If more are needed, the rest of the pool consists of copies of pieces at random
 * offsets, and slices begin at random offsets. Rows of a large matrix may then be equal, which does not affect speed
 * and memory, but may make logits equal. Smaller models contain no copies. The same seed produces the same bytes for
 * any number of threads.
 */
final class RandomPool {

    private static final int DISTINCT = 1 << 23;

    /** Weights encoded by one task; a multiple of all block sizes. */
    private static final int TASK = 1 << 16;

    private final WeightFormat format;
    private final MemorySegment data;
    private final boolean repeats;
    private final SplittableRandom random;
    private long taken;

    /**
     * @param deviation the weights' standard deviation; their mean is 0
     * @param all the total number of weights of all matrices that use the pool
     * @param largest the number of weights of the largest matrix
     * @param arena owns the memory
     */
    RandomPool(WeightFormat format, double deviation, long all, long largest, SplittableRandom random, Arena arena) {
        this.format = format;
        this.random = random;
        this.repeats = all > DISTINCT;
        data = arena.allocate(format.bytes(repeats ? largest + DISTINCT : all), 64);
        long distinct = Math.min(all, DISTINCT);
        encode(distinct, deviation);
        if (repeats) {
            repeat(format.bytes(distinct));
        }
    }

    private void encode(long weights, double deviation) {
        long seed = random.nextLong();
        IntStream.range(0, Math.toIntExact((weights + TASK - 1) / TASK))
                .parallel()
                .forEach(task -> {
                    var own = new SplittableRandom(seed + task);
                    long first = (long) task * TASK;
                    int count = (int) Math.min(TASK, weights - first);
                    RandomWeights.write(format, own, deviation, count, data, format.bytes(first));
                });
    }

    /** Fills the memory after the first {@code drawn} bytes with pieces of them. */
    private void repeat(long drawn) {
        long half = drawn / 2 / format.blockBytes();
        for (long at = drawn; at < data.byteSize(); ) {
            long from = random.nextLong(half) * format.blockBytes();
            long bytes = Math.min(half * format.blockBytes(), data.byteSize() - at);
            MemorySegment.copy(data, from, data, at, bytes);
            at += bytes;
        }
    }

    /** Returns a matrix with the given number of weights. */
    MemorySegment take(long weights) {
        long bytes = format.bytes(weights);
        long offset;
        if (repeats) {
            offset = random.nextLong((data.byteSize() - bytes) / format.blockBytes() + 1) * format.blockBytes();
        } else {
            offset = taken;
            taken += bytes;
        }
        return data.asSlice(offset, bytes);
    }
}
