package example;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import kawi.IntegerWeightFormat;
import kawi.WeightFormat;

/** Formats with one fault each. */
public final class Faulty {

    private Faulty() {}

    /** A format without a fault: each weight is a byte. */
    public static class Bytes implements WeightFormat {

        @Override
        public String name() {
            return getClass().getSimpleName();
        }

        @Override
        public int blockSize() {
            return 2;
        }

        @Override
        public int blockBytes() {
            return 2;
        }

        @Override
        public OptionalInt ggufType() {
            return OptionalInt.of(7003);
        }

        @Override
        public void decode(MemorySegment blocks, float[] out, int outOffset, int count) {
            for (int i = 0; i < count; i++) {
                out[outOffset + i] = blocks.get(ValueLayout.JAVA_BYTE, i);
            }
        }
    }

    /** Can be encoded, but not written to a file. */
    public static final class Typeless extends Bytes {
        @Override
        public OptionalInt ggufType() {
            return OptionalInt.empty();
        }

        @Override
        public boolean canEncode() {
            return true;
        }
    }

    /** Fails to encode. */
    public static final class Weak extends Bytes {
        @Override
        public OptionalInt ggufType() {
            return OptionalInt.of(7004);
        }

        @Override
        public boolean canEncode() {
            return true;
        }

        @Override
        public void encode(float[] in, int inOffset, int count, MemorySegment blocks) {
            throw new IllegalStateException("not today");
        }
    }

    public static final class Nameless extends Bytes {
        @Override
        public String name() {
            return "";
        }
    }

    public static final class OwnName extends Bytes {
        @Override
        public String name() {
            return "q4_k";
        }
    }

    public static final class OwnType extends Bytes {
        @Override
        public OptionalInt ggufType() {
            return OptionalInt.of(2);
        }
    }

    public static final class Rival extends Bytes {
        @Override
        public OptionalInt ggufType() {
            return OptionalInt.of(7002);
        }
    }

    public static final class Nowhere extends Bytes {
        @Override
        public OptionalInt ggufType() {
            return OptionalInt.empty();
        }
    }

    public static final class NoBlocks extends Bytes {
        @Override
        public int blockSize() {
            return 0;
        }
    }

    public static final class Unborn extends Bytes {
        public Unborn() {
            throw new IllegalStateException("no license");
        }
    }

    /** Has decoded a few rows before it fails. */
    public static final class Tired extends Bytes {
        private final AtomicInteger calls = new AtomicInteger();

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
        public void decode(MemorySegment blocks, float[] out, int outOffset, int count) {
            if (calls.incrementAndGet() > 300) {
                throw new IllegalStateException("out of patience");
            }
        }
    }

    public static final class Shortened extends Bytes {
        @Override
        public void decode(MemorySegment blocks, float[] out, int outOffset, int count) {
            super.decode(blocks, out, outOffset, count - 1);
        }
    }

    public static final class Eager extends Bytes {
        @Override
        public void decode(MemorySegment blocks, float[] out, int outOffset, int count) {
            Arrays.fill(out, 0);
            super.decode(blocks, out, outOffset, count);
        }
    }

    public static final class Careless extends Bytes {
        @Override
        public void decode(MemorySegment blocks, float[] out, int outOffset, int count) {
            blocks.set(ValueLayout.JAVA_BYTE, 0, (byte) 0);
        }
    }

    public static final class Aligned extends Bytes {
        @Override
        public void decode(MemorySegment blocks, float[] out, int outOffset, int count) {
            for (int i = 0; i < count; i += 2) {
                short pair = blocks.get(ValueLayout.JAVA_SHORT, i);
                out[outOffset + i] = pair;
                out[outOffset + i + 1] = -pair;
            }
        }
    }

    /** The weights of a block depend on those before it. */
    public static final class Chained extends Bytes {
        @Override
        public void decode(MemorySegment blocks, float[] out, int outOffset, int count) {
            float sum = 0;
            for (int i = 0; i < count; i++) {
                sum += blocks.get(ValueLayout.JAVA_BYTE, i);
                out[outOffset + i] = sum;
            }
        }
    }

    public static final class Particular extends Bytes {
        private static final float[] TABLE = {1, 2, 3, 4};

        @Override
        public void decode(MemorySegment blocks, float[] out, int outOffset, int count) {
            for (int i = 0; i < count; i++) {
                out[outOffset + i] = TABLE[blocks.get(ValueLayout.JAVA_BYTE, i) & 0xff];
            }
        }
    }

    public static final class Lossy extends Bytes {
        @Override
        public boolean canEncode() {
            return true;
        }

        @Override
        public void encode(float[] in, int inOffset, int count, MemorySegment blocks) {
            blocks.fill((byte) 100);
        }
    }

    /** Integers beyond those that are declared. */
    public static final class Wide implements IntegerWeightFormat {

        @Override
        public String name() {
            return "Wide";
        }

        @Override
        public int blockSize() {
            return 32;
        }

        @Override
        public int blockBytes() {
            return 32;
        }

        @Override
        public OptionalInt ggufType() {
            return OptionalInt.of(7003);
        }

        @Override
        public int scaleRun() {
            return 16;
        }

        @Override
        public boolean hasMinimum() {
            return true;
        }

        @Override
        public int largestQuant() {
            return 100;
        }

        @Override
        public void unpack(MemorySegment blocks, int count, byte[] quants, float[] scales, float[] minimums) {
            MemorySegment.copy(blocks, ValueLayout.JAVA_BYTE, 0, quants, 0, count);
            Arrays.fill(scales, 1);
            Arrays.fill(minimums, 0);
        }
    }
}
