package kawi.quant;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import org.jspecify.annotations.Nullable;

/**
 * A weight matrix as stored in a file: {@code rows} rows of {@code columns} weights each, row after row. Vectors have
 * one row; higher ranks fold all leading dimensions into {@code rows}.
 *
 * @param name the tensor's name in its file, for messages
 * @param format the format of the weights
 * @param rows number of outputs of a linear layer
 * @param columns number of inputs; a whole number of blocks of {@code format}
 * @param source exactly the tensor's bytes; owned by the code that opened the file or allocated the memory
 * @param rotation the rotation of inputs, if the matrix is stored in another basis; rows are decoded as they are stored
 */
public record Tensor(
        String name,
        WeightFormat format,
        int rows,
        int columns,
        TensorSource source,
        @Nullable InputRotation rotation) {

    public Tensor {
        if (rows <= 0 || columns <= 0 || columns % format.blockSize() != 0) {
            throw new IllegalArgumentException("tensor %s: %d x %d weights do not form whole %s blocks of %d"
                    .formatted(name, rows, columns, format.name(), format.blockSize()));
        }
        long needed = format.bytes((long) rows * columns);
        if (source.byteSize() != needed) {
            throw new IllegalArgumentException("tensor %s: %d x %d %s needs %d bytes, but %d are given"
                    .formatted(name, rows, columns, format.name(), needed, source.byteSize()));
        }
        if (rotation != null && rotation.width() != columns) {
            throw new IllegalArgumentException("tensor %s: %d columns cannot have rotated inputs of %d"
                    .formatted(name, columns, rotation.width()));
        }
    }

    /** A tensor without a rotation. */
    public Tensor(String name, WeightFormat format, int rows, int columns, TensorSource source) {
        this(name, format, rows, columns, source, null);
    }

    /** A tensor whose bytes are in memory. */
    public Tensor(String name, WeightFormat format, int rows, int columns, MemorySegment data) {
        this(name, format, rows, columns, TensorSource.of(data));
    }

    /** The same tensor with other bytes, in another format or order. */
    public Tensor with(WeightFormat otherFormat, TensorSource bytes) {
        return new Tensor(name, otherFormat, rows, columns, bytes, rotation);
    }

    /** The same bytes as the matrix with rotated inputs. */
    public Tensor rotated(InputRotation inputs) {
        return new Tensor(name, format, rows, columns, source, inputs);
    }

    /** The same tensor with another name. */
    public Tensor named(String other) {
        return new Tensor(other, format, rows, columns, source, rotation);
    }

    /** Bytes of one row. */
    public long rowBytes() {
        return format.bytes(columns);
    }

    /** Bytes of all rows. */
    public long bytes() {
        return source.byteSize();
    }

    /** The bytes of {@code count} rows from {@code row} on, in memory; see {@link TensorSource#read}. */
    public MemorySegment rows(int row, int count, SegmentAllocator copies) {
        return source.read(row * rowBytes(), count * rowBytes(), copies);
    }

    /** The matrix of {@code count} rows from {@code row} on, with the same name. */
    public Tensor slice(int row, int count) {
        long offset = row * rowBytes();
        return withRows(count, new TensorSource.Slice(source, offset, count * rowBytes()));
    }

    /** A matrix of other rows, whose inputs are the same. */
    public Tensor withRows(int count, TensorSource bytes) {
        return new Tensor(name, format, count, columns, bytes, rotation);
    }

    /** All bytes in memory, copied if they are in a file. */
    public MemorySegment data() {
        return rows(0, rows, (bytes, alignment) -> Arena.ofAuto().allocate(bytes, alignment));
    }

    /** Decodes row {@code row} into {@code out[outOffset ..]}. */
    public void decodeRow(int row, float[] out, int outOffset) {
        source.decode(format, row * rowBytes(), out, outOffset, columns);
    }

    /** All weights as floats, {@code rows * columns} of them; for vectors and other small tensors. */
    public float[] toFloats() {
        float[] out = new float[Math.multiplyExact(rows, columns)];
        source.decode(format, 0, out, 0, out.length);
        return out;
    }
}
