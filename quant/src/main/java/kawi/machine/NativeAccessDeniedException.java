package kawi.machine;

/**
 * Thrown if native code cannot be called because this JVM denies native access, by an option or by default. The message
 * names the remedy.
 */
public final class NativeAccessDeniedException extends UnsupportedOperationException {

    private static final long serialVersionUID = 1L;

    NativeAccessDeniedException(Module module, Throwable cause) {
        super(
                "native access is denied to Kawi in this JVM; allow it with --enable-native-access=%s"
                        .formatted(module.isNamed() ? module.getName() : "ALL-UNNAMED"),
                cause);
    }
}
