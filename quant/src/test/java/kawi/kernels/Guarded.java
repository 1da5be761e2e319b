package kawi.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.random.RandomGenerator;
import kawi.machine.OsMemory;

/**
 * Memory that begins or ends exactly at an inaccessible page: a kernel that reads or writes one byte too many there
 * ends the test run.
 *
 * @param arena owns the memory
 * @param side which end lies at such a page
 */
public record Guarded(Arena arena, Side side) {

    private static final long PAGE = OsMemory.pageBytes();

    public enum Side {
        BEGIN,
        END
    }

    /** Zeroed bytes. */
    public MemorySegment bytes(long bytes) {
        long inside = (bytes + PAGE - 1) / PAGE * PAGE;
        MemorySegment all = OsMemory.allocate(arena, inside + 2 * PAGE);
        OsMemory.guard(all.asSlice(0, PAGE));
        OsMemory.guard(all.asSlice(PAGE + inside, PAGE));
        return all.asSlice(PAGE + (side == Side.BEGIN ? 0 : inside - bytes), bytes);
    }

    /** Zeroed rows, with their int8 form. */
    public Activations rows(int rows, int width) {
        int blocks = (width + Activations.BLOCK - 1) / Activations.BLOCK;
        return new Activations(
                bytes((long) rows * width * Float.BYTES),
                bytes((long) rows * blocks * Activations.BLOCK_BYTES),
                rows,
                width);
    }

    /** The same rows here. */
    public Activations copy(Activations x) {
        Activations copy = rows(x.capacity(), x.width());
        copy.floats().copyFrom(x.floats());
        return copy;
    }

    /** The same bytes here. */
    public MemorySegment copy(MemorySegment x) {
        return bytes(x.byteSize()).copyFrom(x);
    }

    /** Floats between {@code -size} and {@code size}; one in {@code every} is a special value, none if that is 0. */
    public static void fill(MemorySegment floats, double size, int every, RandomGenerator random) {
        for (long i = 0; i < floats.byteSize() / Float.BYTES; i++) {
            float value = every > 0 && random.nextInt(every) == 0
                    ? AWKWARD[random.nextInt(AWKWARD.length)]
                    : (float) ((random.nextDouble() * 2 - 1) * size);
            floats.setAtIndex(JAVA_FLOAT, i, value);
        }
    }

    /** The numbers at which functions and sums change their behavior. */
    private static final float[] AWKWARD = {
        0f,
        -0f,
        1f,
        -1f,
        Float.MIN_VALUE,
        -Float.MIN_VALUE,
        Float.MIN_NORMAL,
        -Float.MIN_NORMAL,
        88.7f,
        -88.7f,
        104f,
        -104f,
        -103.5f,
        1e30f,
        -1e30f,
        Float.MAX_VALUE,
        -Float.MAX_VALUE,
        1e-30f,
        20f,
        20.001f,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.NaN
    };

    /** Equal bits, any NaN being equal to any other. */
    public static void assertSame(MemorySegment expected, MemorySegment actual, String what) {
        assertEquals(expected.byteSize(), actual.byteSize());
        for (long i = 0; i < expected.byteSize() / Float.BYTES; i++) {
            float e = expected.getAtIndex(JAVA_FLOAT, i);
            float a = actual.getAtIndex(JAVA_FLOAT, i);
            if (Float.floatToIntBits(e) != Float.floatToIntBits(a)) {
                throw new AssertionError("%s: element %d is %s, expected %s".formatted(what, i, a, e));
            }
        }
    }
}
