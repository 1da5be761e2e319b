package example;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.OptionalInt;
import kawi.WeightFormat;

/** The example of {@link WeightFormat}: each weight is a byte, a 64th. */
public final class Sixtyfourths implements WeightFormat {

    @Override
    public String name() {
        return "SIXTYFOURTHS";
    }

    @Override
    public int blockSize() {
        return 1;
    }

    @Override
    public int blockBytes() {
        return 1;
    }

    @Override
    public OptionalInt ggufType() {
        return OptionalInt.of(7001);
    }

    @Override
    public Optional<String> safetensorsType() {
        return Optional.of("S64");
    }

    @Override
    public void decode(MemorySegment blocks, float[] out, int outOffset, int count) {
        for (int i = 0; i < count; i++) {
            out[outOffset + i] = blocks.get(ValueLayout.JAVA_BYTE, i) / 64f;
        }
    }

    @Override
    public boolean canEncode() {
        return true;
    }

    @Override
    public void encode(float[] in, int inOffset, int count, MemorySegment blocks) {
        for (int i = 0; i < count; i++) {
            long sixtyfourths = Math.round(in[inOffset + i] * 64.0);
            blocks.set(ValueLayout.JAVA_BYTE, i, (byte) Math.clamp(sixtyfourths, Byte.MIN_VALUE, Byte.MAX_VALUE));
        }
    }
}
