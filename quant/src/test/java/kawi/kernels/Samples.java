package kawi.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import kawi.quant.RandomWeights;
import kawi.quant.Tensor;
import kawi.quant.WeightFormat;
import kawi.quant.WeightFormats;

/** Random weights and activations, tame and hostile, for the tests of the kernels. */
public final class Samples {

    private Samples() {}

    /** Formats that have runs, integers and scales like another one: long tests do without them. */
    private static final Set<String> TWINS = Set.of("IQ3_S", "IQ2_XS", "IQ2_XXS", "Q2_0", "PQ2_0", "PTQ1_0");

    /** Formats of files, one of each kind, and integer forms beyond them. */
    public static List<WeightFormat> formats() {
        return allFormats().stream()
                .filter(format -> !TWINS.contains(format.name()))
                .toList();
    }

    /** Every format of a file, and integer forms beyond them. */
    static List<WeightFormat> allFormats() {
        List<WeightFormat> formats = new ArrayList<>(WeightFormats.all());
        for (int run : new int[] {16, 32}) {
            formats.add(new IntegerFormat(run, false, 8));
            formats.add(new IntegerFormat(run, true, 15));
            formats.add(new IntegerFormat(run, false, 128));
            formats.add(new IntegerFormat(run, true, 128));
        }
        formats.addAll(TableFormat.unusual());
        return formats;
    }

    /** Weights as a trained model has them: normal, small. */
    public static Tensor weights(Arena arena, WeightFormat format, int rows, int columns, Random random) {
        if (format instanceof IntegerFormat || format instanceof TableFormat) {
            return tameIntegers(arena, format, rows, columns, random);
        }
        MemorySegment data = arena.allocate(format.bytes((long) rows * columns), 64);
        RandomWeights.write(format, random, 0.05, rows * columns, data, 0);
        return new Tensor("sample." + format.name(), format, rows, columns, data);
    }

    private static Tensor tameIntegers(Arena arena, WeightFormat format, int rows, int columns, Random random) {
        Tensor tensor = hostileWeights(arena, format, rows, columns, random);
        int floats = (format.blockBytes() - format.blockSize()) / Float.BYTES;
        for (long at = 0; at < tensor.data().byteSize(); at += format.blockBytes()) {
            for (int i = 0; i < floats; i++) {
                tensor.data().set(ValueLayout.JAVA_FLOAT, at + 4L * i, (float) random.nextGaussian() * 0.01f);
            }
        }
        return tensor;
    }

    /** Random bytes: infinite, NaN and subnormal scales, and every integer there is. */
    static Tensor hostileWeights(Arena arena, WeightFormat format, int rows, int columns, Random random) {
        byte[] bytes = new byte[Math.toIntExact(format.bytes((long) rows * columns))];
        random.nextBytes(bytes);
        MemorySegment data = arena.allocate(bytes.length, 64).copyFrom(MemorySegment.ofArray(bytes));
        return new Tensor("hostile." + format.name(), format, rows, columns, data);
    }

    /** Activations as a model has them, with a few outliers. */
    public static void fill(Activations x, Random random) {
        for (int row = 0; row < x.capacity(); row++) {
            for (int k = 0; k < x.width(); k++) {
                float outlier = random.nextInt(100) == 0 ? 30 : 1;
                x.set(row, k, (float) random.nextGaussian() * outlier);
            }
        }
    }

    /** Activations of all magnitudes, blocks of zeros, infinities and NaN among them. */
    static void fillHostile(Activations x, Random random) {
        for (int row = 0; row < x.capacity(); row++) {
            for (int k = 0; k < x.width(); k++) {
                int kind = random.nextInt(k / 32 % 4 == 3 ? 40 : 8);
                x.set(
                        row,
                        k,
                        switch (kind) {
                            case 0 -> 0f;
                            case 1 -> -0f;
                            case 2 -> Float.intBitsToFloat(random.nextInt(0x0080_0000));
                            case 3 -> (float) random.nextGaussian() * 1e30f;
                            case 30 -> Float.POSITIVE_INFINITY;
                            case 31 -> Float.NEGATIVE_INFINITY;
                            case 32 -> Float.NaN;
                            default -> (float) random.nextGaussian();
                        });
            }
        }
    }
}
