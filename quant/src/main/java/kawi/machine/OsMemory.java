package kawi.machine;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.Locale;
import java.util.NoSuchElementException;
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

    private static final long PAGE = 4096;
    private static final long LARGE_PAGE = 2 << 20;

    /** The functions of the operating system. */
    private interface Os {

        /** The address of new zeroed memory that is readable and writable; 0 if there is none. */
        long take(long bytes);

        void giveBack(long address, long bytes);

        /** Forbids writing and allows execution; returns whether that succeeded. */
        boolean makeExecutable(long address, long bytes);

        /** Forbids all access, for guard pages. */
        boolean makeInaccessible(long address, long bytes);

        /** Requests large pages for this memory. */
        void preferLargePages(long address, long bytes);
    }

    private static final class Posix implements Os {

        private static final int PROT_NONE = 0;
        private static final int PROT_READ = 1;
        private static final int PROT_WRITE = 2;
        private static final int PROT_EXEC = 4;
        private static final int MAP_PRIVATE = 2;
        private static final int MAP_ANONYMOUS_LINUX = 0x20;
        private static final int MAP_ANONYMOUS_MAC = 0x1000;
        private static final int MADV_HUGEPAGE = 14;
        private static final long MAP_FAILED = -1;

        private final boolean linux;
        private final MemorySegment mmap = find("mmap");
        private final MemorySegment munmap = find("munmap");
        private final MemorySegment mprotect = find("mprotect");
        private final MemorySegment madvise = find("madvise");

        Posix(boolean linux) {
            this.linux = linux;
        }

        private static MemorySegment find(String name) {
            return Linker.nativeLinker()
                    .defaultLookup()
                    .find(name)
                    .orElseThrow(() -> new UnsupportedOperationException("the C library has no " + name));
        }

        @Override
        public long take(long bytes) {
            int flags = MAP_PRIVATE | (linux ? MAP_ANONYMOUS_LINUX : MAP_ANONYMOUS_MAC);
            long address = NativeCall.call(mmap, 0, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
            return address == MAP_FAILED ? 0 : address;
        }

        @Override
        public void giveBack(long address, long bytes) {
            NativeCall.call(munmap, address, bytes, 0, 0, 0, 0);
        }

        @Override
        public boolean makeExecutable(long address, long bytes) {
            return (int) NativeCall.call(mprotect, address, bytes, PROT_READ | PROT_EXEC, 0, 0, 0) == 0;
        }

        @Override
        public boolean makeInaccessible(long address, long bytes) {
            return (int) NativeCall.call(mprotect, address, bytes, PROT_NONE, 0, 0, 0) == 0;
        }

        @Override
        public void preferLargePages(long address, long bytes) {
            if (linux) {
                NativeCall.call(madvise, address, bytes, MADV_HUGEPAGE, 0, 0, 0);
            }
        }
    }

    private static final class Windows implements Os {

        private static final int MEM_COMMIT_AND_RESERVE = 0x3000;
        private static final int MEM_RELEASE = 0x8000;
        private static final int PAGE_NOACCESS = 0x01;
        private static final int PAGE_READWRITE = 0x04;
        private static final int PAGE_EXECUTE_READ = 0x20;

        private final MemorySegment virtualAlloc;
        private final MemorySegment virtualFree;
        private final MemorySegment virtualProtect;

        /** Receives the old protection from VirtualProtect; it is not used. */
        private final MemorySegment old = Arena.global().allocate(8);

        @SuppressWarnings("restricted") // these functions are not in the default lookup
        Windows() {
            SymbolLookup kernel32 = SymbolLookup.libraryLookup("kernel32", Arena.global());
            virtualAlloc = kernel32.findOrThrow("VirtualAlloc");
            virtualFree = kernel32.findOrThrow("VirtualFree");
            virtualProtect = kernel32.findOrThrow("VirtualProtect");
        }

        @Override
        public long take(long bytes) {
            return NativeCall.call(virtualAlloc, 0, bytes, MEM_COMMIT_AND_RESERVE, PAGE_READWRITE, 0, 0);
        }

        @Override
        public void giveBack(long address, long bytes) {
            NativeCall.call(virtualFree, address, 0, MEM_RELEASE, 0, 0, 0);
        }

        @Override
        public boolean makeExecutable(long address, long bytes) {
            return (int) NativeCall.call(virtualProtect, address, bytes, PAGE_EXECUTE_READ, old.address(), 0, 0) != 0;
        }

        @Override
        public boolean makeInaccessible(long address, long bytes) {
            return (int) NativeCall.call(virtualProtect, address, bytes, PAGE_NOACCESS, old.address(), 0, 0) != 0;
        }

        @Override
        public void preferLargePages(long address, long bytes) {
            // Large pages require a privilege on this system that ordinary users do not have.
        }
    }

    /** Null if the functions of the system cannot be called; {@link #OBSTACLE} is the reason. */
    private static final @Nullable Os OS;

    private static final @Nullable String OBSTACLE;

    static {
        Os os = null;
        String obstacle = null;
        String name = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        try {
            NativeCall.check();
            os = name.startsWith("windows") ? new Windows() : new Posix(name.startsWith("linux"));
        } catch (UnsupportedOperationException | IllegalArgumentException | NoSuchElementException missing) {
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

    /**
     * Zeroed memory, aligned to 4096 bytes; aligned to 2 MiB if the system has large pages and {@code bytes} is large
     * enough.
     *
     * @param arena owns the memory
     * @throws OutOfMemoryError if the system has no memory left
     */
    @SuppressWarnings("restricted") // the system's address becomes memory
    public static MemorySegment allocate(Arena arena, long bytes) {
        Os os = os();
        boolean large = bytes >= 4 * LARGE_PAGE;
        long alignment = large ? LARGE_PAGE : PAGE;
        long taken = roundUp(Math.max(bytes, 1), PAGE) + (large ? LARGE_PAGE : 0);
        long address = os.take(taken);
        if (address == 0) {
            throw new OutOfMemoryError("the system cannot allocate %,d bytes of memory".formatted(taken));
        }
        MemorySegment all =
                MemorySegment.ofAddress(address).reinterpret(taken, arena, _ -> os.giveBack(address, taken));
        long start = roundUp(address, alignment);
        if (large) {
            os.preferLargePages(start, roundUp(bytes, PAGE));
        }
        return all.asSlice(start - address, bytes);
    }

    /**
     * Copies machine code to memory that is executable and not writable afterwards.
     *
     * @param arena owns the memory; the code must not be running when the arena is closed
     * @throws UnsupportedOperationException if the system refuses executable memory
     */
    @SuppressWarnings("restricted") // the system's address becomes memory
    public static MemorySegment executable(Arena arena, byte[] code) {
        Os os = os();
        long bytes = roundUp(code.length, PAGE);
        long address = os.take(bytes);
        if (address == 0) {
            throw new UnsupportedOperationException("the system gave no memory for machine code");
        }
        MemorySegment memory =
                MemorySegment.ofAddress(address).reinterpret(bytes, arena, _ -> os.giveBack(address, bytes));
        MemorySegment.copy(MemorySegment.ofArray(code), 0, memory, 0, code.length);
        if (!os.makeExecutable(address, bytes)) {
            throw new UnsupportedOperationException("the system does not permit executable memory");
        }
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
