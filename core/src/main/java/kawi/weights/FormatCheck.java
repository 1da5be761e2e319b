package kawi.weights;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import kawi.IntegerWeightFormat;
import kawi.WeightFormat;

/**
 * Tests a provided format; see {@link kawi.WeightFormatCheck}.
 *
 * <p>The weights that all blocks decode to at once are the reference for every other way to decode them. Floats are
 * compared by their bits, all NaNs being equal.
 */
public final class FormatCheck {

    private static final long SEED = 20261130;

    private static final float[] GUARDS = {12345.678f, -0x1p-140f};

    /** The number of weights that blocks are made for. */
    private static final int WEIGHTS = 1 << 14;

    private static final int MIN_BLOCKS = 5;
    private static final int MAX_BLOCKS = 64;

    private static final int THREADS = 4;
    private static final int ROUNDS = 20;

    private final WeightFormat format;
    private final Random random = new Random(SEED);

    public FormatCheck(WeightFormat format) {
        this.format = Objects.requireNonNull(format, "format");
    }

    /** Runs all tests. */
    public void run() {
        ProvidedFormat properties = properties();
        int blocks = Math.clamp(WEIGHTS / properties.blockSize(), MIN_BLOCKS, MAX_BLOCKS);
        byte[] noise = new byte[blocks * properties.blockBytes()];
        random.nextBytes(noise);
        byte[] ones = new byte[noise.length];
        Arrays.fill(ones, (byte) 0xff);
        checkBlocks("random bytes", noise, properties);
        checkBlocks("zeros", new byte[noise.length], properties);
        checkBlocks("ones", ones, properties);
        new TierCheck(properties, random).run();
        if (properties.canEncode()) {
            checkEncoding(noise, properties);
        } else {
            refuses(properties);
        }
    }

    private AssertionError failure(String sentence) {
        return new AssertionError(
                "weight format %s: %s".formatted(format.getClass().getName(), sentence));
    }

    /** Calls the format; an exception is a failure. */
    private void call(String what, Runnable call) {
        try {
            call.run();
        } catch (VirtualMachineError | AssertionError e) {
            throw e;
        } catch (RuntimeException | Error e) {
            throw (AssertionError)
                    failure("%s has thrown %s".formatted(what, e)).initCause(e);
        }
    }

    private ProvidedFormat properties() {
        ProvidedFormat first;
        ProvidedFormat second;
        try {
            first = new ProvidedFormat(format);
            second = new ProvidedFormat(format);
        } catch (IllegalArgumentException e) {
            throw (AssertionError) failure(String.valueOf(e.getMessage())).initCause(e);
        }
        if (!first.describe().equals(second.describe())) {
            throw failure("its properties have changed from %s to %s".formatted(first.describe(), second.describe()));
        }
        if (first.ggufType().isEmpty() && first.dtype() == null) {
            throw failure("it has neither a ggufType() nor a safetensorsType(), so no file can have it");
        }
        return first;
    }

    private void checkBlocks(String content, byte[] bytes, ProvidedFormat properties) {
        int size = properties.blockSize();
        int blockBytes = properties.blockBytes();
        int blocks = bytes.length / blockBytes;
        float[] reference = decode(content, MemorySegment.ofArray(bytes.clone()), blocks * size, 0, 0, GUARDS[0]);
        for (int block = 0; block < blocks; block++) {
            part(content, bytes, block, 1, properties, reference);
        }
        for (int from = 0, count = 2; from + count <= blocks; from += count, count++) {
            part(content, bytes, from, count, properties, reference);
        }
        part(content, bytes, 0, blocks, properties, reference);
        if (format instanceof IntegerWeightFormat integers) {
            checkIntegers(content, bytes, integers, Objects.requireNonNull(properties.integers()), reference);
        }
        checkThreads(content, bytes, properties, reference);
    }

    /** Decodes some of the blocks, at several alignments, on the heap and off it, to several places. */
    private void part(String content, byte[] bytes, int from, int count, ProvidedFormat properties, float[] reference) {
        int size = properties.blockSize();
        int length = count * properties.blockBytes();
        float[] expected = Arrays.copyOfRange(reference, from * size, (from + count) * size);
        try (Arena arena = Arena.ofConfined()) {
            for (int shift : new int[] {0, 1, 2, 3, 5}) {
                for (MemorySegment place :
                        List.of(arena.allocate(length + shift, 64), MemorySegment.ofArray(new byte[length + shift]))) {
                    MemorySegment in = place.asSlice(shift, length);
                    MemorySegment.copy(bytes, from * properties.blockBytes(), in, ValueLayout.JAVA_BYTE, 0, length);
                    float[] out = decode(content, in, count * size, shift, 3, GUARDS[shift % 2]);
                    compare(
                            "blocks %d to %d of %s, decoded at an address shifted by %d"
                                    .formatted(from, from + count - 1, content, shift),
                            expected,
                            out);
                }
            }
        }
    }

    /** Decodes to the middle of an array and checks that the rest remains as it was. */
    private float[] decode(String content, MemorySegment in, int count, int before, int after, float guard) {
        float[] out = new float[before + count + after];
        Arrays.fill(out, guard);
        byte[] copy = in.toArray(ValueLayout.JAVA_BYTE);
        call("decode of " + content, () -> format.decode(in.asReadOnly(), out, before, count));
        for (int i = 0; i < out.length; i++) {
            if ((i < before || i >= before + count) && out[i] != guard) {
                throw failure("decode of %d weights to index %d has changed element %d, which is outside of them"
                        .formatted(count, before, i));
            }
        }
        if (!Arrays.equals(copy, in.toArray(ValueLayout.JAVA_BYTE))) {
            throw failure("decode of %s has changed the blocks".formatted(content));
        }
        return Arrays.copyOfRange(out, before, before + count);
    }

    private void compare(String what, float[] expected, float[] found) {
        for (int i = 0; i < expected.length; i++) {
            if (Float.floatToIntBits(expected[i]) != Float.floatToIntBits(found[i])) {
                throw failure("%s: weight %d is %s, but it was %s when all blocks were decoded at once"
                        .formatted(what, i, found[i], expected[i]));
            }
        }
    }

    private void checkThreads(String content, byte[] bytes, ProvidedFormat properties, float[] reference) {
        int size = properties.blockSize();
        int blocks = bytes.length / properties.blockBytes();
        MemorySegment all = MemorySegment.ofArray(bytes).asReadOnly();
        IntStream.range(0, THREADS * ROUNDS).parallel().forEach(task -> {
            int block = task % blocks;
            float[] out = new float[size];
            MemorySegment in = all.asSlice((long) block * properties.blockBytes(), properties.blockBytes());
            call("decode of %s in several threads".formatted(content), () -> format.decode(in, out, 0, size));
            compare(
                    "block %d of %s, decoded while other threads decode".formatted(block, content),
                    Arrays.copyOfRange(reference, block * size, (block + 1) * size),
                    out);
        });
    }

    private void checkIntegers(
            String content,
            byte[] bytes,
            IntegerWeightFormat integers,
            kawi.quant.IntegerFormat declared,
            float[] reference) {
        int count = reference.length;
        int run = declared.scaleRun();
        int smallest = declared.hasMinimum() ? 0 : -declared.largestQuant();
        int greatest = declared.hasMinimum() ? declared.largestQuant() : declared.largestQuant() - 1;
        List<float[]> decoded = new ArrayList<>();
        for (float guard : GUARDS) {
            byte[] quants = new byte[count];
            float[] scales = new float[count / run];
            float[] minimums = new float[declared.hasMinimum() ? scales.length : 0];
            Arrays.fill(quants, (byte) (guard > 0 ? 0x5a : 0xa5));
            Arrays.fill(scales, guard);
            Arrays.fill(minimums, guard);
            MemorySegment in = MemorySegment.ofArray(bytes).asReadOnly();
            call("unpack of " + content, () -> integers.unpack(in, count, quants, scales, minimums));
            float[] weights = new float[count];
            for (int i = 0; i < count; i++) {
                if (quants[i] < smallest || quants[i] > greatest) {
                    throw failure("unpack of %s: integer %d is %d, but by largestQuant() they are from %d to %d"
                            .formatted(content, i, quants[i], smallest, greatest));
                }
                float product = scales[i / run] * quants[i];
                weights[i] = declared.hasMinimum() ? product + minimums[i / run] : product;
            }
            decoded.add(weights);
        }
        for (float[] weights : decoded) {
            for (int i = 0; i < count; i++) {
                if (Float.floatToIntBits(weights[i]) != Float.floatToIntBits(reference[i])) {
                    throw failure("%s: weight %d is %s by its integer form, but decode has %s"
                            .formatted(content, i, weights[i], reference[i]));
                }
            }
        }
    }

    private void refuses(ProvidedFormat properties) {
        try {
            format.encode(
                    new float[properties.blockSize()],
                    0,
                    properties.blockSize(),
                    MemorySegment.ofArray(new byte[properties.blockBytes()]));
        } catch (UnsupportedOperationException e) {
            return;
        }
        throw failure("encode does not throw UnsupportedOperationException, but canEncode() is false");
    }

    private void checkEncoding(byte[] noise, ProvidedFormat properties) {
        int count = noise.length / properties.blockBytes() * properties.blockSize();
        float[] weights = new float[count];
        for (int i = 0; i < count; i++) {
            weights[i] = (float) random.nextGaussian();
        }
        byte[] encoded = encode(weights, 0, count, properties, (byte) 0x5a);
        if (!Arrays.equals(encoded, encode(weights, 0, count, properties, (byte) 0xa5))) {
            throw failure("encode does not write all bytes of the blocks, or has other results the second time");
        }
        int size = properties.blockSize();
        byte[] second = encode(weights, size, size, properties, (byte) 0);
        byte[] expected = Arrays.copyOfRange(encoded, properties.blockBytes(), 2 * properties.blockBytes());
        if (!Arrays.equals(expected, second)) {
            throw failure("encode of a block alone differs from that of the same block among others");
        }
        float[] decoded = decode("encoded weights", MemorySegment.ofArray(encoded), count, 0, 0, GUARDS[0]);
        double error = 0;
        double square = 0;
        for (int i = 0; i < count; i++) {
            error += Math.pow((double) decoded[i] - weights[i], 2);
            square += Math.pow(weights[i], 2);
        }
        if (!(error < square)) {
            throw failure(
                    "encoded normal weights are decoded with a root mean square error of %s, as bad as that of zeros"
                            .formatted(Math.sqrt(error / count)));
        }
    }

    private byte[] encode(float[] weights, int from, int count, ProvidedFormat properties, byte guard) {
        byte[] bytes = new byte[count / properties.blockSize() * properties.blockBytes() + 2];
        Arrays.fill(bytes, guard);
        float[] in = weights.clone();
        call(
                "encode",
                () -> format.encode(
                        in, from, count, MemorySegment.ofArray(bytes).asSlice(1, bytes.length - 2L)));
        if (!Arrays.equals(in, weights)) {
            throw failure("encode has changed the weights");
        }
        return Arrays.copyOfRange(bytes, 1, bytes.length - 1);
    }
}
