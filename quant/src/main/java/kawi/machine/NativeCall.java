package kawi.machine;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Calls native code through a single method handle, because creating a handle of a new shape takes tens of milliseconds
 * in a cold JVM.
 *
 * <p>Six integer arguments are sufficient for every function that is called, and a function with fewer or narrower
 * arguments ignores the rest: the caller passes arguments in registers (only on Windows with x86-64 the last two on the
 * stack) and removes them. That holds for System V's and Microsoft's conventions of x86-64, and for AArch64, where the
 * first eight are in registers. A narrower argument is extended to 64 bits, which Apple requires to 32 bits and the
 * others not at all. The upper bits of results narrower than 64 bits are unspecified.
 *
 * <p>Functions with a variable number of arguments can be called only where those are passed like the others, which is
 * so everywhere except in Apple's convention for AArch64: there they are on the stack. {@code syscall} on Linux is the
 * only one that is used.
 */
final class NativeCall {

    private static final FunctionDescriptor SHAPE = FunctionDescriptor.of(
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG);

    /** Null if native code cannot be called; {@link #FAILURE} is the reason. */
    private static final @Nullable MethodHandle HANDLE;

    private static final @Nullable RuntimeException FAILURE;

    // A failure is stored as a value, because an exception would make the initialization of this class fail.
    static {
        MethodHandle handle = null;
        RuntimeException failure = null;
        try {
            handle = link();
        } catch (IllegalCallerException | UnsupportedOperationException refused) {
            failure = refused;
        }
        HANDLE = handle;
        FAILURE = failure;
    }

    @SuppressWarnings("restricted") // native code is what this is for
    private static MethodHandle link() {
        return Linker.nativeLinker().downcallHandle(SHAPE);
    }

    private NativeCall() {}

    /**
     * Checks that {@link #call} can be used.
     *
     * @throws NativeAccessDeniedException if this JVM denies it to Kawi
     * @throws UnsupportedOperationException if this JVM cannot call native code at all
     */
    static void check() {
        if (FAILURE instanceof IllegalCallerException) {
            throw new NativeAccessDeniedException(NativeCall.class.getModule(), FAILURE);
        }
        if (FAILURE != null) {
            throw new UnsupportedOperationException("this JVM cannot call native code", FAILURE);
        }
    }

    static long call(MemorySegment function, long a, long b, long c, long d, long e, long f) {
        try {
            return (long) Objects.requireNonNull(HANDLE).invokeExact(function, a, b, c, d, e, f);
        } catch (RuntimeException | Error thrown) {
            throw thrown;
        } catch (Throwable thrown) {
            throw new IllegalStateException("a native call threw a checked exception", thrown);
        }
    }
}
