package kawi.machine;

/**
 * Linux. When pages become executable, the kernel of an AArch64 system writes the data cache back and invalidates the
 * instruction caches of all processors for pages that have not been executable before; that is why machine code is
 * written to new pages, once. What a processor has fetched already it forgets at the next return from the kernel, and
 * the call of {@code membarrier} makes every processor that runs a thread of this process return from the kernel once:
 * it matters if code takes the place of code that has been freed.
 */
final class LinuxOs extends PosixOs {

    private static final int MAP_ANONYMOUS = 0x20;
    private static final int MADV_HUGEPAGE = 14;

    /** The number of {@code membarrier} on AArch64, and its commands. */
    private static final int MEMBARRIER = 283;

    private static final int PRIVATE_EXPEDITED_SYNC_CORE = 1 << 5;
    private static final int REGISTER_PRIVATE_EXPEDITED_SYNC_CORE = 1 << 6;

    /** Whether other processors must be told of new code: those of AArch64, not those of x86-64. */
    private final boolean barrier;

    LinuxOs(NativeFunctions functions, boolean aarch64) {
        super(functions);
        this.barrier = aarch64 && membarrier(functions, REGISTER_PRIVATE_EXPEDITED_SYNC_CORE);
    }

    /** Returns whether the kernel knows the command, which it does since Linux 4.16. */
    private static boolean membarrier(NativeFunctions functions, int command) {
        return functions.has("syscall") && (int) functions.call("syscall", MEMBARRIER, command, 0) == 0;
    }

    @Override
    int mapAnonymous() {
        return MAP_ANONYMOUS;
    }

    @Override
    public void makeExecutable(long address, long bytes) {
        super.makeExecutable(address, bytes);
        if (barrier) {
            membarrier(functions, PRIVATE_EXPEDITED_SYNC_CORE);
        }
    }

    @Override
    public void preferLargePages(long address, long bytes) {
        functions.call("madvise", address, bytes, MADV_HUGEPAGE);
    }
}
