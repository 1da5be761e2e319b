package kawi.machine;

import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/**
 * macOS. Pages are written while they are not executable, then made executable and not writable, and then
 * {@code sys_icache_invalidate} makes the processors see the code.
 *
 * <p>Apple's documentation describes another way for just-in-time compilers: memory of {@code mmap} with the flag
 * {@code MAP_JIT}, which is writable for a thread between {@code pthread_jit_write_protect_np(0)} and
 * {@code pthread_jit_write_protect_np(1)}, and executable for it at all other times. Java code cannot use that. The
 * state belongs to the thread and applies to all memory of this kind, and everything that Java executes, interpreter
 * included, is in such memory: after a call of {@code pthread_jit_write_protect_np(0)} the thread could not execute the
 * Java code that the call returns to. {@code pthread_jit_write_with_callback_np} has the same problem with a callback
 * in Java, and admits only callbacks that the program was built with. The three steps would have to be one native
 * function, and Kawi has none that it could call before it has made some memory executable.
 *
 * <p>Pages without {@code MAP_JIT} can be made executable by every process, except one with the hardened runtime, which
 * needs the entitlement {@code com.apple.security.cs.allow-unsigned-executable-memory} (or
 * {@code disable-executable-page-protection}). The commands of a JDK that is signed have it: it is in the list of
 * entitlements with which OpenJDK is built. In a process that has the hardened runtime without it, such as an
 * application whose developer has signed it with a shorter list, {@code mprotect} may succeed and the first call of the
 * code end the process. Therefore that is determined beforehand, with functions of the system's Security framework, and
 * reported as a refusal.
 */
final class MacOs extends PosixOs {

    static final String SECURITY = "/System/Library/Frameworks/Security.framework/Security";
    static final String CORE_FOUNDATION = "/System/Library/Frameworks/CoreFoundation.framework/CoreFoundation";

    /** The status of a program that is signed for the hardened runtime. */
    private static final int CS_RUNTIME = 0x10000;

    private static final int UTF_8 = 0x08000100;

    private static final String PREFIX = "com.apple.security.cs.";
    private static final String UNSIGNED_MEMORY = PREFIX + "allow-unsigned-executable-memory";
    private static final String NO_PROTECTION = PREFIX + "disable-executable-page-protection";

    /** Null until it is determined. */
    private volatile @Nullable Boolean permitted;

    MacOs(NativeFunctions functions) {
        super(functions);
    }

    private boolean isPermitted() {
        long task = functions.call("SecTaskCreateFromSelf", 0);
        try {
            return ((int) functions.call("SecTaskGetCodeSignStatus", task) & CS_RUNTIME) == 0
                    || isEntitled(task, UNSIGNED_MEMORY)
                    || isEntitled(task, NO_PROTECTION);
        } finally {
            release(task);
        }
    }

    private boolean isEntitled(long task, String entitlement) {
        try (Arena arena = Arena.ofConfined()) {
            long name = functions.call(
                    "CFStringCreateWithCString",
                    0,
                    arena.allocateFrom(entitlement).address(),
                    UTF_8);
            long value = functions.call("SecTaskCopyValueForEntitlement", task, name, 0);
            try {
                return value != 0 && (functions.call("CFBooleanGetValue", value) & 0xff) != 0;
            } finally {
                release(value);
                release(name);
            }
        }
    }

    private void release(long object) {
        if (object != 0) {
            functions.call("CFRelease", object);
        }
    }

    @Override
    public void makeExecutable(long address, long bytes) {
        Boolean known = permitted;
        if (known == null) {
            known = isPermitted();
            permitted = known;
        }
        if (!known) {
            throw new UnsupportedOperationException(
                    "the program that runs this JVM is signed for the hardened runtime without the entitlement "
                            + UNSIGNED_MEMORY);
        }
        super.makeExecutable(address, bytes);
        functions.call("sys_icache_invalidate", address, bytes);
    }
}
