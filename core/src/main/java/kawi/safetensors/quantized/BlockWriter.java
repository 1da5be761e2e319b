package kawi.safetensors.quantized;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import kawi.quant.IntegerFormat;
import kawi.quant.WeightFormat;

/** Writes integers and scales, one for each 32 integers, as blocks of a format that represents them exactly. */
final class BlockWriter {

    private static final int BLOCK = 32;

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = IntegerLayout.INT;

    private static final float[] NO_MINIMUMS = {};

    private BlockWriter() {}

    /** @param scales numbers that f16 holds, unless the format is an {@link IntegerFormat} */
    static void write(WeightFormat format, byte[] quants, float[] scales, MemorySegment out, long to) {
        if (format instanceof IntegerFormat integers) {
            integers.pack(quants, scales, NO_MINIMUMS, quants.length, out, to);
            return;
        }
        for (int block = 0; block < scales.length; block++) {
            long at = to + (long) block * format.blockBytes();
            out.set(SHORT, at, Float.floatToFloat16(scales[block]));
            int from = block * BLOCK;
            switch (format.name()) {
                case "Q4_0" -> nibbles(quants, from, 8, out, at + 2);
                case "Q5_0" -> {
                    int high = 0;
                    for (int i = 0; i < BLOCK; i++) {
                        high |= (quants[from + i] + 16 >> 4 & 1) << i;
                    }
                    out.set(INT, at + 2, high);
                    nibbles(quants, from, 16, out, at + 6);
                }
                case "Q8_0" -> MemorySegment.copy(quants, from, out, ValueLayout.JAVA_BYTE, at + 2, BLOCK);
                default -> throw new IllegalArgumentException("no blocks of " + format.name());
            }
        }
    }

    /** The low four bits of numbers plus {@code offset}; number i is beside number 16 + i. */
    private static void nibbles(byte[] quants, int from, int offset, MemorySegment out, long at) {
        for (int i = 0; i < BLOCK / 2; i++) {
            int low = quants[from + i] + offset & 15;
            int high = quants[from + BLOCK / 2 + i] + offset & 15;
            out.set(ValueLayout.JAVA_BYTE, at + i, (byte) (low | high << 4));
        }
    }
}
