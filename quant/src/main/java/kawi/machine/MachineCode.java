package kawi.machine;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A piece of machine code that takes one pointer, to a block of arguments.
 *
 * <p>The pointer is the first argument: on x86-64 in RDI, or on Windows in RCX, and on AArch64 in X0. The code must
 * preserve the registers that the system's calling convention requires: on x86-64 RBX, RBP, RSP and R12 to R15, on
 * Windows also RDI, RSI and XMM6 to XMM15; on AArch64 X19 to X29, SP and the low halves of V8 to V15. X18 of AArch64
 * belongs to the system and must not be used.
 */
public final class MachineCode {

    private static final boolean WINDOWS = OperatingSystem.here() == OperatingSystem.WINDOWS;

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

    /** Whether this system uses Microsoft's calling convention rather than System V's, which matters on x86-64. */
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
