package kawi.safetensors.quantized;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import kawi.quant.IntegerFormat;
import kawi.quant.WeightFormat;

/** Writes integers and scales, one for each 32 integers, as blocks of a format that represents them exactly. */
final class BlockWriter {

    private static final int BLOCK = 32;

    private static final VarHandle SHORTS =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private static final float[] NO_MINIMUMS = {};

    private BlockWriter() {}

    /** @param scales numbers that f16 holds, unless the format is an {@link IntegerFormat} */
    static void write(WeightFormat format, byte[] quants, float[] scales, MemorySegment out, long to) {
        if (format instanceof IntegerFormat integers) {
            integers.pack(quants, scales, NO_MINIMUMS, quants.length, out, to);
            return;
        }
        int blockBytes = format.blockBytes();
        byte[] block = new byte[blockBytes];
        for (int i = 0; i < scales.length; i++) {
            SHORTS.set(block, 0, Float.floatToFloat16(scales[i]));
            int from = i * BLOCK;
            switch (format.name()) {
                case "Q4_0" -> nibbles(quants, from, 8, block, 2);
                case "Q5_0" -> {
                    int high = 0;
                    for (int j = 0; j < BLOCK; j++) {
                        high |= (((quants[from + j] + 16) >> 4) & 1) << j;
                    }
                    INTS.set(block, 2, high);
                    nibbles(quants, from, 16, block, 6);
                }
                case "Q8_0" -> System.arraycopy(quants, from, block, 2, BLOCK);
                default -> throw new IllegalArgumentException("no blocks of " + format.name());
            }
            MemorySegment.copy(block, 0, out, ValueLayout.JAVA_BYTE, to + (long) i * blockBytes, blockBytes);
        }
    }

    /** The low four bits of numbers plus {@code offset}; number i is beside number 16 + i. */
    private static void nibbles(byte[] quants, int from, int offset, byte[] out, int at) {
        for (int i = 0; i < BLOCK / 2; i++) {
            int low = (quants[from + i] + offset) & 15;
            int high = (quants[from + BLOCK / 2 + i] + offset) & 15;
            out[at + i] = (byte) (low | (high << 4));
        }
    }
}
