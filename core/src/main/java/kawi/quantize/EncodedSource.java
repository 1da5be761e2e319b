package kawi.quantize;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Arrays;
import kawi.ModelFileException;
import kawi.quant.Tensor;
import kawi.quant.TensorSource;
import kawi.quant.WeightFormat;

/**
 * A tensor in another format, whose weights are encoded when they are read. Blocks are encoded independently of each
 * other, so the bytes do not depend on the pieces in which they are read.
 */
final class EncodedSource implements TensorSource {

    /** Weights that are encoded at once, if a row has fewer. */
    private static final int PIECE = 1 << 14;

    private final Tensor original;
    private final WeightFormat format;
    private final float[] importance;

    /** Buffers for short runs, which are read one at a time: a row of the embedding for each token. */
    private final Object lock = new Object();

    private float[] weights = new float[0];
    private MemorySegment encoded = MemorySegment.ofArray(new byte[0]);

    /** @param importance one number for each column, or none */
    private EncodedSource(Tensor original, WeightFormat format, float[] importance) {
        this.original = original;
        this.format = format;
        this.importance = importance;
    }

    /**
     * A tensor in another format; the tensor itself if it has that format.
     *
     * @param importance one number for each column, or none
     */
    static Tensor of(Tensor original, WeightFormat format, float[] importance) {
        if (original.format().equals(format)) {
            return original;
        }
        if (importance.length != 0 && importance.length != original.columns()) {
            throw new ModelFileException("tensor %s has %d columns, but the importance matrix has %d for it"
                    .formatted(original.name(), original.columns(), importance.length));
        }
        return original.with(format, new EncodedSource(original, format, Arrays.copyOf(importance, importance.length)));
    }

    @Override
    public long byteSize() {
        return format.bytes((long) original.rows() * original.columns());
    }

    @Override
    public MemorySegment read(long offset, long bytes, SegmentAllocator copies) {
        long unit = format.bytes(
                leastCommonMultiple(format.blockSize(), original.format().blockSize()));
        long from = offset / unit * unit;
        long to = (offset + bytes + unit - 1) / unit * unit;
        MemorySegment out = copies.allocate(bytes, 1);
        if (to - from == bytes) {
            encodeAll(from, out);
        } else {
            MemorySegment whole = MemorySegment.ofArray(new byte[Math.toIntExact(to - from)]);
            encodeAll(from, whole);
            MemorySegment.copy(whole, offset - from, out, 0, bytes);
        }
        return out;
    }

    private static long leastCommonMultiple(int a, int b) {
        int divisor = a;
        for (int rest = b; rest != 0; ) {
            int next = divisor % rest;
            divisor = rest;
            rest = next;
        }
        return (long) a / divisor * b;
    }

    private void encodeAll(long offset, MemorySegment out) {
        long first = offset / format.blockBytes() * format.blockSize();
        long count = out.byteSize() / format.blockBytes() * format.blockSize();
        float[] buffer = new float[(int) Math.min(count, Math.max(PIECE, original.columns()))];
        for (long done = 0; done < count; ) {
            int length = length(first + done, count - done, buffer.length);
            encode(first + done, length, buffer, out, format.bytes(done));
            done += length;
        }
    }

    @Override
    public void decode(WeightFormat wanted, long offset, float[] out, int outOffset, int count) {
        long first = offset / format.blockBytes() * format.blockSize();
        synchronized (lock) {
            int capacity = Math.min(count, Math.max(PIECE, original.columns()));
            if (weights.length < capacity) {
                weights = new float[capacity];
                encoded = MemorySegment.ofArray(new byte[Math.toIntExact(format.bytes(capacity))]);
            }
            for (int done = 0; done < count; ) {
                int length = length(first + done, count - done, weights.length);
                encode(first + done, length, weights, encoded, 0);
                format.decode(encoded, 0, out, outOffset + done, length);
                done += length;
            }
        }
    }

    /** The number of weights to encode at once: whole rows, or a part of one. */
    private int length(long first, long count, int capacity) {
        int columns = original.columns();
        int inRow = columns - (int) (first % columns);
        long most = inRow < columns || capacity < columns ? inRow : capacity / columns * (long) columns;
        return (int) Math.min(Math.min(most, capacity), count);
    }

    private void encode(long first, int count, float[] buffer, MemorySegment out, long offset) {
        WeightFormat from = original.format();
        int columns = original.columns();
        int column = (int) (first % columns);
        original.source().decode(from, from.bytes(first), buffer, 0, count);
        try {
            if (importance.length == 0) {
                format.encode(buffer, 0, count, out, offset);
                return;
            }
            format.encode(buffer, 0, count, count > columns ? repeated(count) : importance, column, out, offset);
        } catch (IllegalArgumentException e) {
            throw new ModelFileException(
                    "tensor %s, row %d: %s".formatted(original.name(), first / columns, e.getMessage()), e);
        }
    }

    /** The importance of the weights of several rows, since many blocks at once are encoded faster. */
    private float[] repeated(int count) {
        float[] all = new float[count];
        for (int done = 0; done < count; done += importance.length) {
            System.arraycopy(importance, 0, all, done, Math.min(importance.length, count - done));
        }
        return all;
    }
}
