package kawi.quant;

import java.lang.foreign.MemorySegment;

/**
 * A weight matrix as a file holds it: {@code rows} rows of {@code columns} weights each, row after row. Vectors have
 * one row; higher ranks fold all leading dimensions into {@code rows}.
 *
 * @param name the tensor's name in its file, for messages
 * @param format how the weights are written
 * @param rows number of outputs of a linear layer
 * @param columns number of inputs; a whole number of blocks of {@code format}
 * @param data exactly the tensor's bytes, usually a slice of the mapped file; the owner of the file owns the memory
 */
public record Tensor(String name, WeightFormat format, int rows, int columns, MemorySegment data) {

    public Tensor {
        if (rows <= 0 || columns <= 0 || columns % format.blockSize() != 0) {
            throw new IllegalArgumentException("tensor %s: %d x %d weights do not form whole %s blocks of %d"
                    .formatted(name, rows, columns, format.name(), format.blockSize()));
        }
        long needed = format.bytes((long) rows * columns);
        if (data.byteSize() != needed) {
            throw new IllegalArgumentException("tensor %s: %d x %d %s needs %d bytes, but %d are given"
                    .formatted(name, rows, columns, format.name(), needed, data.byteSize()));
        }
    }

    /** Bytes of one row. */
    public long rowBytes() {
        return format.bytes(columns);
    }

    /** Decodes row {@code row} into {@code out[outOffset ..]}. */
    public void decodeRow(int row, float[] out, int outOffset) {
        format.decode(data, row * rowBytes(), out, outOffset, columns);
    }

    /** All weights as floats, {@code rows * columns} of them; for vectors and other small tensors. */
    public float[] toFloats() {
        float[] out = new float[Math.multiplyExact(rows, columns)];
        format.decode(data, 0, out, 0, out.length);
        return out;
    }
}
