package kawi.machine;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Calls native code through one method handle for everything: making a handle of a new shape costs a cold JVM tens of
 * milliseconds.
 *
 * <p>Six integer arguments are enough for every function called here, and one that takes fewer, or narrower ones,
 * ignores the rest in all calling conventions of x86-64: the caller passes arguments in registers (the last two on the
 * stack on Windows) and removes them. Results narrower than 64 bits have unspecified upper bits.
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

    /** Null where native code cannot be called; {@link #FAILURE} then says why. */
    private static final @Nullable MethodHandle HANDLE;

    private static final @Nullable RuntimeException FAILURE;

    // A failure here must be a value: an exception would make this class unusable, with an error that explains nothing.
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
