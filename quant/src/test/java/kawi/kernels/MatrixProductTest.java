package kawi.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import kawi.quant.QuantizedFormat;
import kawi.quant.Tensor;
import kawi.quant.WeightFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The chosen tier against double-precision products of the decoded weights, and the rules of the contract. */
class MatrixProductTest {

    private static final WorkerPool ONE = new WorkerPool(1);

    static List<WeightFormat> formats() {
        return Samples.formats();
    }

    static List<WeightFormat> allFormats() {
        return Samples.allFormats();
    }

    /**
     * Every output lies within what rounding may do: the f32 roundings of every step, relative to the sum of the
     * magnitudes of everything that is added, and half a step of the int8 form for every activation.
     */
    @ParameterizedTest
    @MethodSource("formats")
    void isTheProductOfTheDecodedWeights(WeightFormat format) {
        Random random = new Random(11);
        int rows = 37;
        int columns = 512;
        int tokens = 5;
        for (MatrixKernel kernel : Tiers.all()) {
            try (Arena arena = Arena.ofConfined()) {
                Tensor tensor = Samples.weights(arena, format, rows, columns, random);
                Activations x = Activations.allocate(arena, tokens, columns);
                Activations y = Activations.allocate(arena, tokens, rows);
                Samples.fill(x, random);
                kernel.quantize(x, 0, tokens);
                PackedMatrix w = kernel.pack(tensor, arena, ONE);
                kernel.multiply(w, x, tokens, y, 0, w.groups());

                float[] row = new float[columns];
                for (int r = 0; r < rows; r++) {
                    tensor.decodeRow(r, row, 0);
                    float[] terms = magnitudesOfTerms(tensor, r);
                    for (int t = 0; t < tokens; t++) {
                        double sum = 0;
                        double magnitude = 0;
                        double quantization = 0;
                        for (int k = 0; k < columns; k++) {
                            sum += (double) row[k] * x.get(t, k);
                            double step = format instanceof QuantizedFormat ? stepOfInt8(x, t, k) : 0;
                            magnitude += terms[k] * (Math.abs(x.get(t, k)) + step);
                            quantization += Math.abs(row[k]) * step / 2;
                        }
                        double bound = quantization * 1.0001 + magnitude * columns * 0x1p-24;
                        assertEquals(sum, y.get(t, r), bound, "%s row %d token %d".formatted(format.name(), r, t));
                    }
                }
            }
        }
    }

    /**
     * For each weight, the sum of the magnitudes of {@code scale * q} and of the minimum; its own where there are none.
     */
    private static float[] magnitudesOfTerms(Tensor tensor, int row) {
        int columns = tensor.columns();
        float[] terms = new float[columns];
        if (tensor.format() instanceof QuantizedFormat format) {
            byte[] quants = new byte[columns];
            float[] scales = new float[columns / format.scaleRun()];
            float[] minimums = new float[scales.length];
            format.unpack(tensor.data(), row * tensor.rowBytes(), columns, quants, 0, scales, minimums, 0);
            for (int k = 0; k < columns; k++) {
                int run = k / format.scaleRun();
                terms[k] = Math.abs(scales[run] * quants[k]) + Math.abs(minimums[run]);
            }
        } else {
            tensor.decodeRow(row, terms, 0);
            for (int k = 0; k < columns; k++) {
                terms[k] = Math.abs(terms[k]);
            }
        }
        return terms;
    }

    private static double stepOfInt8(Activations x, int token, int k) {
        float max = 0;
        int from = k / Activations.BLOCK * Activations.BLOCK;
        for (int i = from; i < Math.min(from + Activations.BLOCK, x.width()); i++) {
            max = Math.max(max, Math.abs(x.get(token, i)));
        }
        return max / 127.0;
    }

    /** An independent implementation of the contract of {@link MatrixKernel}. */
    @ParameterizedTest
    @MethodSource("allFormats")
    void isTheContractToTheBit(WeightFormat format) {
        Random random = new Random(12);
        int rows = 19;
        int columns = format.blockSize() == 1 ? 77 : 512;
        for (MatrixKernel kernel : Tiers.all()) {
            try (Arena arena = Arena.ofConfined()) {
                Tensor tensor = Samples.weights(arena, format, rows, columns, random);
                Activations x = Activations.allocate(arena, 2, columns);
                Activations y = Activations.allocate(arena, 2, rows);
                Samples.fill(x, random);
                kernel.quantize(x, 0, 2);
                PackedMatrix w = kernel.pack(tensor, arena, ONE);
                kernel.multiply(w, x, 2, y, 0, w.groups());
                for (int t = 0; t < 2; t++) {
                    for (int r = 0; r < rows; r++) {
                        float expected = format instanceof QuantizedFormat quantized
                                ? quantizedProduct(tensor, quantized, r, x, t)
                                : floatProduct(tensor, r, x, t);
                        assertEquals(expected, y.get(t, r), "%s row %d token %d".formatted(format.name(), r, t));
                    }
                }
            }
        }
    }

    private static float floatProduct(Tensor tensor, int row, Activations x, int token) {
        float[] weights = new float[tensor.columns()];
        tensor.decodeRow(row, weights, 0);
        float acc = 0;
        for (int k = 0; k < weights.length; k++) {
            acc = Math.fma(weights[k], x.get(token, k), acc);
        }
        return acc;
    }

    private static float quantizedProduct(Tensor tensor, QuantizedFormat format, int row, Activations x, int token) {
        int run = format.scaleRun();
        byte[] quants = new byte[tensor.columns()];
        float[] scales = new float[tensor.columns() / run];
        float[] minimums = new float[scales.length];
        format.unpack(tensor.data(), row * tensor.rowBytes(), quants.length, quants, 0, scales, minimums, 0);
        float acc = 0;
        for (int r = 0; r < scales.length; r++) {
            int dot = 0;
            int sum = 0;
            for (int k = r * run; k < (r + 1) * run; k++) {
                byte xq = x.quant(token, k);
                dot += quants[k] * xq;
                sum += xq;
            }
            float xs = x.scale(token, r * run / Activations.BLOCK);
            acc = Math.fma((float) dot, scales[r] * xs, acc);
            if (format.hasMinimum()) {
                acc = Math.fma(minimums[r], xs * sum, acc);
            }
        }
        return acc;
    }

    @Test
    void writesItsGroupsOfItsTokensAndNothingElse() {
        Random random = new Random(5);
        int rows = 100;
        for (MatrixKernel kernel : Tiers.all()) {
            for (WeightFormat format : Samples.formats()) {
                try (Arena arena = Arena.ofConfined()) {
                    Tensor tensor = Samples.weights(arena, format, rows, 256, random);
                    Activations x = Activations.allocate(arena, 7, 256);
                    Samples.fill(x, random);
                    kernel.quantize(x, 0, 7);
                    PackedMatrix w = kernel.pack(tensor, arena, ONE);
                    for (int from = 0; from < w.groups(); from++) {
                        Activations y = Activations.allocate(arena, 7, rows);
                        y.floats().fill((byte) 0x5a);
                        float untouched = y.get(0, 0);
                        kernel.multiply(w, x, 5, y, from, from + 1);
                        for (int t = 0; t < 7; t++) {
                            for (int r = 0; r < rows; r++) {
                                boolean inside = t < 5 && r / w.groupRows() == from;
                                assertEquals(!inside, y.get(t, r) == untouched, format.name() + " row " + r);
                            }
                        }
                    }
                }
            }
        }
    }

    @Test
    void noTokensAndNoGroupsAreNoWork() {
        for (MatrixKernel kernel : Tiers.all()) {
            try (Arena arena = Arena.ofConfined()) {
                Tensor tensor = Samples.weights(arena, Samples.formats().getFirst(), 20, 32, new Random(1));
                Activations x = Activations.allocate(arena, 1, 32);
                Activations y = Activations.allocate(arena, 1, 20);
                y.set(0, 3, 7);
                PackedMatrix w = kernel.pack(tensor, arena, ONE);
                kernel.multiply(w, x, 0, y, 0, w.groups());
                kernel.multiply(w, x, 1, y, 1, 1);
                kernel.quantize(x, 0, 0);
                assertEquals(7, y.get(0, 3));
            }
        }
    }

    @Test
    void shapesThatDoNotFitAreRefused() {
        for (MatrixKernel kernel : Tiers.all()) {
            try (Arena arena = Arena.ofConfined()) {
                Tensor tensor = Samples.weights(arena, Samples.formats().getFirst(), 20, 32, new Random(1));
                PackedMatrix w = kernel.pack(tensor, arena, ONE);
                Activations x = Activations.allocate(arena, 2, 32);
                Activations y = Activations.allocate(arena, 2, 20);
                Stream.<Runnable>of(
                                () -> kernel.multiply(w, y, 1, y, 0, 1),
                                () -> kernel.multiply(w, x, 1, x, 0, 1),
                                () -> kernel.multiply(w, x, 3, y, 0, 1),
                                () -> kernel.multiply(w, x, -1, y, 0, 1),
                                () -> kernel.multiply(w, x, 1, y, -1, 1),
                                () -> kernel.multiply(w, x, 1, y, 0, w.groups() + 1),
                                () -> kernel.multiply(w, x, 1, y, 1, 0),
                                () -> kernel.quantize(x, 0, 3),
                                () -> kernel.quantize(x, -1, 1))
                        .forEach(call -> assertThrows(IllegalArgumentException.class, call::run));
            }
        }
    }

    @Test
    void matricesOfAnotherTierAreRefused() {
        PackedMatrix foreign = new PackedMatrix() {
            @Override
            public String name() {
                return "foreign";
            }

            @Override
            public int rows() {
                return 20;
            }

            @Override
            public int columns() {
                return 32;
            }

            @Override
            public int groupRows() {
                return 16;
            }

            @Override
            public boolean quantized() {
                return false;
            }

            @Override
            public long bytes() {
                return 0;
            }
        };
        for (MatrixKernel kernel : Tiers.all()) {
            try (Arena arena = Arena.ofConfined()) {
                Activations x = Activations.allocate(arena, 1, 32);
                Activations y = Activations.allocate(arena, 1, 20);
                var refused =
                        assertThrows(IllegalArgumentException.class, () -> kernel.multiply(foreign, x, 1, y, 0, 1));
                assertTrue(refused.toString().contains("foreign"), refused.toString());
            }
        }
    }
}
