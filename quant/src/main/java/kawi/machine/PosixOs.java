package kawi.machine;

/** A system with the functions of POSIX, and the flags of BSD. */
class PosixOs implements Os {

    private static final int PROT_NONE = 0;
    private static final int PROT_READ = 1;
    private static final int PROT_WRITE = 2;
    private static final int PROT_EXEC = 4;
    private static final int MAP_PRIVATE = 2;
    private static final int MAP_ANONYMOUS = 0x1000;
    private static final long MAP_FAILED = -1;

    final NativeFunctions functions;
    private final long pageBytes;

    PosixOs(NativeFunctions functions) {
        this.functions = functions;
        this.pageBytes = (int) functions.call("getpagesize");
    }

    int mapAnonymous() {
        return MAP_ANONYMOUS;
    }

    @Override
    public long pageBytes() {
        return pageBytes;
    }

    @Override
    public long take(long bytes) {
        long address = functions.call("mmap", 0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | mapAnonymous(), -1, 0);
        return address == MAP_FAILED ? 0 : address;
    }

    @Override
    public void giveBack(long address, long bytes) {
        functions.call("munmap", address, bytes);
    }

    @Override
    public void makeExecutable(long address, long bytes) {
        if ((int) functions.call("mprotect", address, bytes, PROT_READ | PROT_EXEC) != 0) {
            throw new UnsupportedOperationException("the system does not permit executable memory");
        }
    }

    @Override
    public boolean makeInaccessible(long address, long bytes) {
        return (int) functions.call("mprotect", address, bytes, PROT_NONE) == 0;
    }

    @Override
    public void preferLargePages(long address, long bytes) {
        // Only Linux takes such a request.
    }
}
