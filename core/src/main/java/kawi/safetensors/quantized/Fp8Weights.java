package kawi.safetensors.quantized;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import kawi.ModelFileException;
import kawi.quant.Tensor;
import kawi.quant.WeightFormat;
import kawi.quant.WeightFormats;
import kawi.safetensors.quantized.Parts.Part;
import kawi.weights.ConvertedSource;

/**
 * FP8: floats of 8 bits (E4M3, without infinities) and a scale for each block of outputs and inputs.
 *
 * <pre>
 *    weight             F8_E4M3 [outputs][inputs]
 *    weight_scale_inv   [blocks of outputs][blocks of inputs], w = weight * weight_scale_inv;
 *                       or weight_scale: the same, or [outputs] or [outputs][1], or [1] or []
 * </pre>
 *
 * <p>Blocks are usually 128 x 128; the last ones may be partial. The exact product, rounded to the type of the model, is
 * the weight, as in transformers when it dequantizes such a checkpoint; in compressed-tensors the type is that of the
 * scales. So weights are held as BF16 for all published models. The integer kernels cannot multiply them: their
 * exponents differ.
 */
final class Fp8Weights {

    /** The floats of all bytes. */
    private static final float[] E4M3 = table();

    private static final String[] SCALE_TYPES = {"F32", "BF16", "F16", "F8_E8M0", "U8"};

    private final Parts parts;
    private final RecentTensor recent;
    private final Part weights;
    private final Part scales;
    private final int scaleColumns;
    private final int blockRows;
    private final int blockColumns;
    private final WeightFormat target;

    private Fp8Weights(Parts parts, QuantizationMethod method, RecentTensor recent) {
        this.parts = parts;
        this.recent = recent;
        this.weights = parts.matrix("weight", "F8_E4M3");
        this.scales = parts.get(parts.has("weight_scale_inv") ? "weight_scale_inv" : "weight_scale", SCALE_TYPES);
        long[] shape = scales.shape();
        int scaleRows = shape.length == 0 ? 1 : (int) shape[0];
        this.scaleColumns = shape.length == 2 ? (int) shape[1] : 1;
        boolean declared = method.blockSize().size() == 2
                && divides(weights.rows(), method.blockSize().getFirst(), scaleRows)
                && divides(weights.columns(), method.blockSize().getLast(), scaleColumns);
        boolean even = weights.rows() % scaleRows == 0 && weights.columns() % scaleColumns == 0;
        if (shape.length > 2 || !(declared || even)) {
            throw parts.wrong(
                    scales.name(),
                    "its shape is %s, which does not divide %d x %d weights into blocks%s"
                            .formatted(
                                    Arrays.toString(shape),
                                    weights.rows(),
                                    weights.columns(),
                                    method.blockSize().isEmpty() ? "" : " of " + method.blockSize()));
        }
        this.blockRows = declared ? method.blockSize().getFirst() : weights.rows() / scaleRows;
        this.blockColumns = declared ? method.blockSize().getLast() : weights.columns() / scaleColumns;
        boolean exponents = scales.dtype().equals("F8_E8M0") || scales.dtype().equals("U8");
        String ownType = exponents ? "BF16" : scales.dtype();
        boolean ofModel = method.kind() == QuantizationMethod.Kind.FP8;
        this.target = WeightFormats.ofSafetensors(ofModel ? method.dtype().orElse(ownType) : ownType);
    }

    private static boolean divides(int size, int block, int count) {
        return block > 0 && ((long) size + block - 1) / block == count;
    }

    /** The matrix in the format that it is converted to. */
    static Tensor tensor(Parts parts, QuantizationMethod method, RecentTensor recent) {
        Fp8Weights fp8 = new Fp8Weights(parts, method, recent);
        return ConvertedSource.tensor(
                parts.tensor(), fp8.target, fp8.weights.rows(), fp8.weights.columns(), parts.sources(), fp8::convert);
    }

    private void convert(int from, int to, MemorySegment out) {
        recent.with(parts.sources(), to - from, weights.rows(), data -> convert(data, from, to, out));
    }

    private void convert(List<MemorySegment> data, int from, int to, MemorySegment out) {
        int columns = weights.columns();
        MemorySegment bytes = data.get(weights.index());
        float[] row = new float[columns];
        float[] rowScales = new float[scaleColumns];
        for (int r = from; r < to; r++) {
            readScales(data.get(scales.index()), r / blockRows, rowScales);
            long at = (long) r * columns;
            for (int column = 0; column < columns; column++) {
                row[column] =
                        E4M3[bytes.get(ValueLayout.JAVA_BYTE, at + column) & 0xff] * rowScales[column / blockColumns];
            }
            try {
                target.encode(row, 0, columns, out, (r - from) * target.bytes(columns));
            } catch (IllegalArgumentException e) {
                throw new ModelFileException(
                        "%s: tensor %s: row %d: %s".formatted(parts.file(), parts.tensor(), r, e.getMessage()), e);
            }
        }
    }

    private void readScales(MemorySegment data, int blockRow, float[] out) {
        long first = (long) blockRow * scaleColumns;
        if (scales.dtype().equals("F8_E8M0") || scales.dtype().equals("U8")) {
            for (int i = 0; i < out.length; i++) {
                int exponent = data.get(ValueLayout.JAVA_BYTE, first + i) & 0xff;
                // 2^(exponent - 127); 255 is NaN
                out[i] = exponent == 255 ? Float.NaN : (float) Math.scalb(1.0, exponent - 127);
            }
            return;
        }
        WeightFormat format = WeightFormats.ofSafetensors(scales.dtype());
        format.decode(data, format.bytes(first), out, 0, out.length);
    }

    private static float[] table() {
        float[] table = new float[256];
        for (int code = 0; code < 256; code++) {
            int exponent = (code >> 3) & 15;
            int fraction = code & 7;
            double magnitude =
                    exponent == 0 ? Math.scalb((double) fraction, -9) : Math.scalb(8.0 + fraction, exponent - 10);
            float value = (code & 0x7f) == 0x7f ? Float.NaN : (float) magnitude;
            table[code] = code < 128 ? value : -value;
        }
        return table;
    }
}
