package kawi.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import kawi.quant.QuantizedFormat;

/**
 * A weight format whose integers are those of a table: per block of 32, the scales of its runs in f32, then 32 codes,
 * of which only the remainder of the division by the number of integers counts.
 *
 * @param values ascending
 */
public record TableFormat(int scaleRun, List<Integer> values) implements QuantizedFormat {

    private static final int BLOCK = 32;

    /** Tables unlike those of the formats of files: wide ones of few bits, and one without compact codes. */
    static List<TableFormat> unusual() {
        return List.of(
                new TableFormat(16, List.of(-100, -3, 50)),
                new TableFormat(32, List.of(-2, 7)),
                new TableFormat(32, List.of(-128, -64, -5, 0, 9, 18, 70, 127)),
                new TableFormat(16, List.of(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113)),
                new TableFormat(32, List.of(-2, 0, 1, 6, 70)));
    }

    /** The integers of formats of files that are not encoded. */
    public static List<TableFormat> decoded() {
        return List.of(
                new TableFormat(16, List.of(-9, -7, -1, 1, 7, 9)),
                new TableFormat(32, List.of(-9, -7, -1, 1, 7, 9)),
                new TableFormat(16, List.of(-43, -25, -8, 8, 25, 43)),
                new TableFormat(32, List.of(-43, -25, -8, 8, 25, 43)),
                new TableFormat(32, List.of(-15, -13, -11, -9, -7, -5, -3, -1, 1, 3, 5, 7, 9, 11, 13, 15)),
                new TableFormat(32, List.of(-62, -52, -44, -36, -28, -20, -12, -4, 4, 12, 20, 28, 36, 44, 52, 62)),
                new TableFormat(16, List.of(-12, -8, -6, -4, -3, -2, -1, 0, 1, 2, 3, 4, 6, 8, 12)));
    }

    @Override
    public String name() {
        return "T%s/%d".formatted(values, scaleRun);
    }

    @Override
    public boolean hasMinimum() {
        return false;
    }

    @Override
    public int largestQuant() {
        return Math.max(-values.getFirst(), values.getLast() + 1);
    }

    @Override
    public byte[] codeBook() {
        byte[] book = new byte[values.size()];
        for (int i = 0; i < book.length; i++) {
            book[i] = (byte) (int) values.get(i);
        }
        return book;
    }

    @Override
    public int blockSize() {
        return BLOCK;
    }

    private int runs() {
        return BLOCK / scaleRun;
    }

    @Override
    public int blockBytes() {
        return runs() * Float.BYTES + BLOCK;
    }

    @Override
    public void unpack(
            MemorySegment data,
            long offset,
            int count,
            byte[] quants,
            int quantsOffset,
            float[] scales,
            float[] minimums,
            int scalesOffset) {
        for (int block = 0; block < count / BLOCK; block++) {
            long at = offset + (long) block * blockBytes();
            for (int r = 0; r < runs(); r++) {
                scales[scalesOffset + block * runs() + r] =
                        data.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at + (long) r * Float.BYTES);
            }
            for (int i = 0; i < BLOCK; i++) {
                int any = data.get(ValueLayout.JAVA_BYTE, at + (long) runs() * Float.BYTES + i);
                quants[quantsOffset + block * BLOCK + i] = (byte) (int) values.get(Math.floorMod(any, values.size()));
            }
        }
    }

    @Override
    public void decode(MemorySegment data, long offset, float[] out, int outOffset, int count) {
        byte[] quants = new byte[count];
        float[] scales = new float[count / scaleRun];
        unpack(data, offset, count, quants, 0, scales, new float[0], 0);
        for (int i = 0; i < count; i++) {
            out[outOffset + i] = scales[i / scaleRun] * quants[i];
        }
    }

    /** Weights whose scales are 1 and whose integers are nearest to {@code in}. */
    @Override
    public void encode(float[] in, int inOffset, int count, MemorySegment data, long offset) {
        for (int block = 0; block < count / BLOCK; block++) {
            long at = offset + (long) block * blockBytes();
            for (int r = 0; r < runs(); r++) {
                data.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at + (long) r * Float.BYTES, 1);
            }
            for (int i = 0; i < BLOCK; i++) {
                float w = in[inOffset + block * BLOCK + i];
                int best = 0;
                for (int code = 1; code < values.size(); code++) {
                    if (Math.abs(values.get(code) - w) < Math.abs(values.get(best) - w)) {
                        best = code;
                    }
                }
                data.set(ValueLayout.JAVA_BYTE, at + (long) runs() * Float.BYTES + i, (byte) best);
            }
        }
    }
}
