package kawi.machine;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** What an operating system tells programs about the CPU, where they cannot ask the CPU itself. */
public final class SystemQuery {

    private static final int MAX_TEXT = 256;

    private final NativeFunctions functions;

    SystemQuery(NativeFunctions functions) {
        this.functions = functions;
    }

    /**
     * The system that this JVM runs on.
     *
     * @throws NativeAccessDeniedException if this JVM may not call native code
     * @throws UnsupportedOperationException if it cannot call native code at all
     */
    public static SystemQuery here() {
        return new SystemQuery(
                OperatingSystem.here() == OperatingSystem.WINDOWS
                        ? new SystemFunctions("kernel32")
                        : new SystemFunctions());
    }

    /** Linux: the value with this key in the auxiliary vector; 0 if there is none. */
    public long auxiliaryValue(long key) {
        return functions.call("getauxval", key);
    }

    /** macOS: whether there is a setting with this name whose integer value is not 0. */
    public boolean setting(String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(JAVA_INT);
            return setting(arena, name, value) == JAVA_INT.byteSize() && value.get(JAVA_INT, 0) != 0;
        }
    }

    /** macOS: the text of the setting with this name. */
    public Optional<String> text(String name) {
        try (Arena arena = Arena.ofConfined()) {
            // One byte more than the call may write, which stays 0.
            MemorySegment value = arena.allocate(MAX_TEXT + 1);
            return setting(arena, name, value.asSlice(0, MAX_TEXT)) > 0
                    ? Optional.of(value.getString(0).strip()).filter(text -> !text.isEmpty())
                    : Optional.empty();
        }
    }

    /** Returns the number of bytes of the value, or -1 if there is no such setting or its value is longer. */
    private long setting(Arena arena, String name, MemorySegment value) {
        MemorySegment bytes = arena.allocateFrom(JAVA_LONG, value.byteSize());
        long result = functions.call(
                "sysctlbyname", arena.allocateFrom(name).address(), value.address(), bytes.address(), 0, 0);
        return (int) result == 0 ? bytes.get(JAVA_LONG, 0) : -1;
    }

    /** Windows: whether the CPU has the feature with this number. */
    public boolean processorFeature(int feature) {
        return (int) functions.call("IsProcessorFeaturePresent", feature) != 0;
    }
}
