package kawi.machine;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A piece of machine code that takes one pointer, to a block of arguments.
 *
 * <p>The pointer is the first argument: in RDI, or on Windows in RCX. The code must preserve the registers that the
 * system's calling convention requires: RBX, RBP, RSP and R12 to R15; on Windows also RDI, RSI and XMM6 to XMM15.
 */
public final class MachineCode {

    private static final boolean WINDOWS = System.getProperty("os.name", "").startsWith("Windows");

    private final MemorySegment function;

    /**
     * Makes code executable.
     *
     * @param arena owns the memory of the code
     * @throws UnsupportedOperationException if the system refuses executable memory
     */
    public MachineCode(Arena arena, byte[] code) {
        this.function = OsMemory.executable(arena, code);
    }

    /** Whether this system uses Microsoft's calling convention rather than System V's. */
    public static boolean windowsConvention() {
        return WINDOWS;
    }

    /** Runs the code. */
    public void run(MemorySegment arguments) {
        run(arguments.address());
    }

    /** Runs the code with an arbitrary pointer, not necessarily to a block of arguments. */
    public void run(long pointer) {
        NativeCall.call(function, pointer, 0, 0, 0, 0, 0);
    }
}
