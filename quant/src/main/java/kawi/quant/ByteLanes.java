package kawi.quant;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Eight bytes in a {@code long}, byte {@code i} in bits {@code 8 i} to {@code 8 i + 7}.
 *
 * <p>Packed formats store neighboring weights in neighboring bytes, several weights to a byte, so eight weights are
 * unpacked at once by shifting and masking a long. This is fast even in the interpreter, which matters because weights
 * are unpacked immediately after the process has started.
 */
final class ByteLanes {

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, LITTLE_ENDIAN);

    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long SIGNS = 0x8080_8080_8080_8080L;

    /** In byte {@code i} the bit {@code 1 << i}. */
    private static final long DIAGONAL = 0x8040_2010_0804_0201L;

    /**
     * Times eight bytes of 0 or 1, this has byte {@code i} as bit {@code i} of its topmost byte, and no carries into
     * it.
     */
    private static final long GATHER = 0x0102_0408_1020_4080L;

    private ByteLanes() {}

    static long get(MemorySegment data, long at) {
        return data.get(LittleEndian.LONG, at);
    }

    static void set(MemorySegment data, long at, long lanes) {
        data.set(LittleEndian.LONG, at, lanes);
    }

    static long get(byte[] bytes, int at) {
        return (long) LONGS.get(bytes, at);
    }

    static void set(byte[] bytes, int at, long lanes) {
        LONGS.set(bytes, at, lanes);
    }

    /** The {@code width} bits from bit {@code from} on of every byte. */
    static long bits(long lanes, int from, int width) {
        return (lanes >>> from) & each((1 << width) - 1);
    }

    /** Byte {@code i}, 0 to 255. */
    static int at(long lanes, int i) {
        return (int) (lanes >>> (8 * i)) & 0xff;
    }

    /** {@code value} in every byte. */
    static long each(int value) {
        return value * ONES;
    }

    /** Every byte less {@code bias}, as an int8; bytes and bias are at most 127. */
    static long minus(long lanes, int bias) {
        return ((lanes | SIGNS) - each(bias)) ^ SIGNS; // with its sign bit set, no byte borrows from the next
    }

    /** Bit {@code i} of {@code bits} as byte {@code i}, 0 or 1. */
    static long ofBits(int bits) {
        return (((each(bits & 0xff) & DIAGONAL) + each(0x7f)) >>> 7) & ONES;
    }

    /** The inverse of {@link #ofBits}. */
    static int toBits(long lanes) {
        return (int) ((lanes * GATHER) >>> 56);
    }
}
