package kawi.machine;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Windows. */
final class WindowsOs implements Os {

    private static final long PAGE = 4096;
    private static final int MEM_COMMIT_AND_RESERVE = 0x3000;
    private static final int MEM_RELEASE = 0x8000;
    private static final int PAGE_NOACCESS = 0x01;
    private static final int PAGE_READWRITE = 0x04;
    private static final int PAGE_EXECUTE_READ = 0x20;

    /** The value of GetCurrentProcess. */
    private static final long THIS_PROCESS = -1;

    private final NativeFunctions functions;

    /** Receives the old protection from VirtualProtect; it is not used. */
    private final MemorySegment old = Arena.global().allocate(8);

    WindowsOs(NativeFunctions functions) {
        this.functions = functions;
    }

    @Override
    public long pageBytes() {
        return PAGE;
    }

    @Override
    public long take(long bytes) {
        return functions.call("VirtualAlloc", 0, bytes, MEM_COMMIT_AND_RESERVE, PAGE_READWRITE);
    }

    @Override
    public void giveBack(long address, long bytes) {
        functions.call("VirtualFree", address, 0, MEM_RELEASE);
    }

    private boolean protect(long address, long bytes, int protection) {
        return (int) functions.call("VirtualProtect", address, bytes, protection, old.address()) != 0;
    }

    @Override
    public void makeExecutable(long address, long bytes) {
        if (!protect(address, bytes, PAGE_EXECUTE_READ)) {
            throw new UnsupportedOperationException("the system does not permit executable memory");
        }
        functions.call("FlushInstructionCache", THIS_PROCESS, address, bytes);
    }

    @Override
    public boolean makeInaccessible(long address, long bytes) {
        return protect(address, bytes, PAGE_NOACCESS);
    }

    @Override
    public void preferLargePages(long address, long bytes) {
        // Large pages require a privilege on this system that ordinary users do not have.
    }
}
