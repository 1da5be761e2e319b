package example;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.OptionalInt;
import kawi.IntegerWeightFormat;

/**
 * Blocks of 32 weights, {@code w = d * (q - 8)}: 16 bytes with two q each, the first one in the high half, and the scale
 * d, f16 in big-endian order, at the end.
 */
public final class TurnedNibbles implements IntegerWeightFormat {

    private static final ValueLayout.OfShort BIG_ENDIAN =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    @Override
    public String name() {
        return "TurnedNibbles";
    }

    @Override
    public int blockSize() {
        return 32;
    }

    @Override
    public int blockBytes() {
        return 18;
    }

    @Override
    public OptionalInt ggufType() {
        return OptionalInt.of(7002);
    }

    @Override
    public int scaleRun() {
        return 32;
    }

    @Override
    public boolean hasMinimum() {
        return false;
    }

    @Override
    public int largestQuant() {
        return 8;
    }

    @Override
    public void unpack(MemorySegment blocks, int count, byte[] quants, float[] scales, float[] minimums) {
        for (int block = 0; block < count / 32; block++) {
            for (int i = 0; i < 32; i++) {
                byte pair = blocks.get(ValueLayout.JAVA_BYTE, block * 18L + i / 2);
                quants[block * 32 + i] = (byte) ((i % 2 == 0 ? (pair >> 4) & 15 : pair & 15) - 8);
            }
            scales[block] = Float.float16ToFloat(blocks.get(BIG_ENDIAN, block * 18L + 16));
        }
    }
}
