package kawi.machine;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Calls native code through one method handle for everything: making a handle of a new shape costs a cold JVM tens of
 * milliseconds.
 *
 * <p>Six integer arguments are enough for every function called here, and one that takes fewer, or narrower ones,
 * ignores the rest in all calling conventions of x86-64: the caller passes arguments in registers (the last two on the
 * stack on Windows) and removes them. Results narrower than 64 bits have unspecified upper bits.
 */
final class NativeCall {

    @SuppressWarnings("restricted") // native code is what this is for
    private static final MethodHandle HANDLE = Linker.nativeLinker()
            .downcallHandle(FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG));

    private NativeCall() {}

    static long call(MemorySegment function, long a, long b, long c, long d, long e, long f) {
        try {
            return (long) HANDLE.invokeExact(function, a, b, c, d, e, f);
        } catch (RuntimeException | Error thrown) {
            throw thrown;
        } catch (Throwable thrown) {
            throw new IllegalStateException("a native call threw a checked exception", thrown);
        }
    }
}
