package kawi.machine;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A piece of machine code that takes one pointer, to a block of arguments.
 *
 * <p>The pointer is the first argument: on x86-64 in RDI, on Windows in RCX. The code must preserve what the system's
 * calling convention says: everywhere RBX, RBP, RSP and R12 to R15; on Windows RDI, RSI and XMM6 to XMM15 as well.
 */
public final class MachineCode {

    private static final boolean WINDOWS = System.getProperty("os.name", "").startsWith("Windows");

    private final MemorySegment function;

    /**
     * Makes code executable.
     *
     * @param arena owns the memory it is in
     * @throws UnsupportedOperationException if the system refuses executable memory
     */
    public MachineCode(Arena arena, byte[] code) {
        this.function = OsMemory.executable(arena, code);
    }

    /** Whether Microsoft's calling convention holds here, rather than System V's. */
    public static boolean windowsConvention() {
        return WINDOWS;
    }

    /** Runs it. */
    public void run(MemorySegment arguments) {
        run(arguments.address());
    }

    /** Runs it with a pointer that need not be one to a block of arguments. */
    public void run(long pointer) {
        NativeCall.call(function, pointer, 0, 0, 0, 0, 0);
    }
}
