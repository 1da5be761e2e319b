package kawi.machine;

import java.util.Locale;

/** The operating systems whose functions Kawi calls. */
public enum OperatingSystem {
    LINUX,
    MAC,
    WINDOWS,
    /** Another system with the functions of POSIX. */
    POSIX;

    private static final OperatingSystem HERE = named(System.getProperty("os.name", ""));

    /** The one that this JVM runs on. */
    public static OperatingSystem here() {
        return HERE;
    }

    static OperatingSystem named(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.startsWith("windows")) {
            return WINDOWS;
        }
        if (lower.startsWith("linux")) {
            return LINUX;
        }
        return lower.startsWith("mac") || lower.startsWith("darwin") ? MAC : POSIX;
    }
}
