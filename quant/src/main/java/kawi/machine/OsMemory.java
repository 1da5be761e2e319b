package kawi.machine;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.Locale;

/**
 * Memory straight from the operating system: pages whose protection can be changed, that come without being filled with
 * zeros by Java first, and that may be large.
 *
 * <p>The arena given owns the memory: it goes back to the system when the arena closes.
 */
public final class OsMemory {

    private static final long PAGE = 4096;
    private static final long LARGE_PAGE = 2 << 20;

    /** The functions of the system that this JVM runs on. */
    private interface Os {

        /** Address of fresh zeroed memory that can be read and written; 0 if there is none. */
        long take(long bytes);

        void giveBack(long address, long bytes);

        /** Forbids writing and allows execution; whether the system agreed. */
        boolean makeExecutable(long address, long bytes);

        /** Forbids any access; for memory that is there to be run into. */
        boolean makeInaccessible(long address, long bytes);

        /** Asks for large pages behind this memory. */
        void preferLargePages(long address, long bytes);

        /** Says that the pages of a mapped file are not needed soon; their content stays. */
        void forget(long address, long bytes);
    }

    private static final class Posix implements Os {

        private static final int PROT_NONE = 0;
        private static final int PROT_READ = 1;
        private static final int PROT_WRITE = 2;
        private static final int PROT_EXEC = 4;
        private static final int MAP_PRIVATE = 2;
        private static final int MAP_ANONYMOUS_LINUX = 0x20;
        private static final int MAP_ANONYMOUS_MAC = 0x1000;
        private static final int MADV_DONTNEED = 4;
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

        @Override
        public void forget(long address, long bytes) {
            NativeCall.call(madvise, address, bytes, MADV_DONTNEED, 0, 0, 0);
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
        private final MemorySegment virtualUnlock;

        /** Where VirtualProtect writes the old protection; nobody reads it. */
        private final MemorySegment old = Arena.global().allocate(8);

        @SuppressWarnings("restricted") // these functions are not in the default lookup
        Windows() {
            SymbolLookup kernel32 = SymbolLookup.libraryLookup("kernel32", Arena.global());
            virtualAlloc = kernel32.findOrThrow("VirtualAlloc");
            virtualFree = kernel32.findOrThrow("VirtualFree");
            virtualProtect = kernel32.findOrThrow("VirtualProtect");
            virtualUnlock = kernel32.findOrThrow("VirtualUnlock");
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
            // Large pages need a privilege there that ordinary users do not have.
        }

        /** Unlocking pages that are not locked takes them out of the working set. */
        @Override
        public void forget(long address, long bytes) {
            NativeCall.call(virtualUnlock, address, bytes, 0, 0, 0, 0);
        }
    }

    private static final Os OS = os();

    private OsMemory() {}

    private static Os os() {
        String name = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        if (name.startsWith("windows")) {
            return new Windows();
        }
        return new Posix(name.startsWith("linux"));
    }

    /**
     * Zeroed memory, aligned to 4096 bytes; where the system has large pages and {@code bytes} is worth them, to 2 MiB.
     *
     * @param arena owns it
     * @throws OutOfMemoryError if the system has none to give
     */
    @SuppressWarnings("restricted") // the system's address becomes memory
    public static MemorySegment allocate(Arena arena, long bytes) {
        boolean large = bytes >= 4 * LARGE_PAGE;
        long alignment = large ? LARGE_PAGE : PAGE;
        long taken = roundUp(Math.max(bytes, 1), PAGE) + (large ? LARGE_PAGE : 0);
        long address = OS.take(taken);
        if (address == 0) {
            throw new OutOfMemoryError("the system has no %,d bytes of memory to give".formatted(taken));
        }
        MemorySegment all =
                MemorySegment.ofAddress(address).reinterpret(taken, arena, _ -> OS.giveBack(address, taken));
        long start = roundUp(address, alignment);
        if (large) {
            OS.preferLargePages(start, roundUp(bytes, PAGE));
        }
        return all.asSlice(start - address, bytes);
    }

    /**
     * Copies machine code into memory that can then be executed and no longer be written.
     *
     * @param arena owns it; nothing may be running it when the arena closes
     * @throws UnsupportedOperationException if the system refuses executable memory
     */
    @SuppressWarnings("restricted") // the system's address becomes memory
    public static MemorySegment executable(Arena arena, byte[] code) {
        long bytes = roundUp(code.length, PAGE);
        long address = OS.take(bytes);
        if (address == 0) {
            throw new UnsupportedOperationException("the system gave no memory for machine code");
        }
        MemorySegment memory =
                MemorySegment.ofAddress(address).reinterpret(bytes, arena, _ -> OS.giveBack(address, bytes));
        MemorySegment.copy(MemorySegment.ofArray(code), 0, memory, 0, code.length);
        if (!OS.makeExecutable(address, bytes)) {
            throw new UnsupportedOperationException("the system refuses to let memory be executed");
        }
        return memory;
    }

    /** Makes whole pages of {@link #allocate}d memory inaccessible: touching them ends the process. */
    public static void guard(MemorySegment pages) {
        if (!OS.makeInaccessible(pages.address(), pages.byteSize())) {
            throw new UnsupportedOperationException("the system refuses to protect memory");
        }
    }

    /**
     * Lets the system take the pages of a mapped file out of this process's memory; they come back when they are read
     * again. All pages go that the segment has a part of.
     */
    public static void forget(MemorySegment mapped) {
        long from = mapped.address() / PAGE * PAGE;
        long to = roundUp(mapped.address() + mapped.byteSize(), PAGE);
        if (from < to) {
            OS.forget(from, to - from);
        }
    }

    private static long roundUp(long value, long unit) {
        return (value + unit - 1) / unit * unit;
    }
}
