package kawi.quant;

import java.lang.foreign.MemorySegment;
import java.util.random.RandomGenerator;

/** Random weights of mean 0 in any format, for models without training. */
public final class RandomWeights {

    private RandomWeights() {}

    /**
     * Writes whole blocks. Formats that can be encoded get normally distributed weights. The others get random codes,
     * and scales with which a block has the given standard deviation.
     *
     * @param count weights to write, a multiple of the format's block size
     * @param data receives the blocks from byte {@code offset} on
     */
    public static void write(
            WeightFormat format, RandomGenerator random, double deviation, int count, MemorySegment data, long offset) {
        float[] weights = new float[count];
        if (format instanceof DecodedFormat decoded) {
            codes(decoded, random, deviation, weights, data, offset);
            return;
        }
        for (int i = 0; i < count; i++) {
            weights[i] = (float) random.nextGaussian(0, deviation);
        }
        format.encode(weights, 0, count, data, offset);
    }

    private static void codes(
            DecodedFormat format,
            RandomGenerator random,
            double deviation,
            float[] weights,
            MemorySegment data,
            long offset) {
        byte[] codes = new byte[Math.toIntExact(format.bytes(weights.length))];
        random.nextBytes(codes);
        MemorySegment.copy(MemorySegment.ofArray(codes), 0, data, offset, codes.length);
        int size = format.blockSize();
        for (int block = 0; block < format.wholeBlocks(weights.length); block++) {
            long at = offset + (long) block * format.blockBytes();
            format.setFactor(data, at, 1);
            format.decode(data, at, weights, 0, size);
            double sum = 0;
            for (int i = 0; i < size; i++) {
                sum += weights[i] * weights[i];
            }
            format.setFactor(data, at, (float) (deviation / Math.sqrt(sum / size)));
        }
    }
}
