package kawi.machine;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Memory allocated directly from the operating system: pages whose protection can be changed, that Java does not fill
 * with zeros, and that may be large.
 *
 * <p>The given arena owns the memory: it is returned to the system when the arena is closed.
 *
 * <p>If this JVM may not call native code, every method throws {@link NativeAccessDeniedException}.
 */
public final class OsMemory {

    private static final long LARGE_PAGE = 2 << 20;

    /** Null if the functions of the system cannot be called; {@link #OBSTACLE} is the reason. */
    private static final @Nullable Os OS;

    private static final @Nullable String OBSTACLE;

    static {
        Os os = null;
        String obstacle = null;
        try {
            os = Os.here();
        } catch (UnsupportedOperationException missing) {
            obstacle = "the memory functions of this system cannot be called: " + missing.getMessage();
        }
        OS = os;
        OBSTACLE = obstacle;
    }

    private OsMemory() {}

    private static Os os() {
        NativeCall.check();
        if (OS == null) {
            throw new UnsupportedOperationException(OBSTACLE);
        }
        return OS;
    }

    /** Bytes per page of this system: 4096 on most, 16,384 or 65,536 on some with ARM CPUs. */
    public static long pageBytes() {
        return os().pageBytes();
    }

    /**
     * Zeroed memory, aligned to {@link #pageBytes}; aligned to 2 MiB if {@code bytes} is large enough, for systems with
     * large pages.
     *
     * @param arena owns the memory
     * @throws OutOfMemoryError if the system has no memory left
     */
    @SuppressWarnings("restricted") // the system's address becomes memory
    public static MemorySegment allocate(Arena arena, long bytes) {
        Os os = os();
        boolean large = bytes >= 4 * LARGE_PAGE;
        long page = os.pageBytes();
        long alignment = large ? LARGE_PAGE : page;
        long taken = roundUp(Math.max(bytes, 1), page) + (large ? LARGE_PAGE : 0);
        long address = os.take(taken);
        if (address == 0) {
            throw new OutOfMemoryError("the system cannot allocate %,d bytes of memory".formatted(taken));
        }
        MemorySegment all =
                MemorySegment.ofAddress(address).reinterpret(taken, arena, _ -> os.giveBack(address, taken));
        long start = roundUp(address, alignment);
        if (large) {
            os.preferLargePages(start, roundUp(bytes, page));
        }
        return all.asSlice(start - address, bytes);
    }

    /**
     * Copies machine code to memory that is executable and not writable afterwards.
     *
     * @param arena owns the memory; the code must not be running when the arena is closed
     * @throws UnsupportedOperationException if the system refuses executable memory
     */
    public static MemorySegment executable(Arena arena, byte[] code) {
        return executable(os(), arena, code);
    }

    @SuppressWarnings("restricted") // the system's address becomes memory
    static MemorySegment executable(Os os, Arena arena, byte[] code) {
        long bytes = roundUp(code.length, os.pageBytes());
        long address = os.take(bytes);
        if (address == 0) {
            throw new UnsupportedOperationException("the system gave no memory for machine code");
        }
        MemorySegment memory =
                MemorySegment.ofAddress(address).reinterpret(bytes, arena, _ -> os.giveBack(address, bytes));
        MemorySegment.copy(MemorySegment.ofArray(code), 0, memory, 0, code.length);
        os.makeExecutable(address, bytes);
        return memory;
    }

    /** Makes whole pages of {@link #allocate}d memory inaccessible: an access to them ends the process. */
    public static void guard(MemorySegment pages) {
        if (!os().makeInaccessible(pages.address(), pages.byteSize())) {
            throw new UnsupportedOperationException("the system refuses to protect memory");
        }
    }

    private static long roundUp(long value, long unit) {
        return (value + unit - 1) / unit * unit;
    }
}
