package kawi.machine;

/** The functions of the operating system for memory. */
interface Os {

    /** Bytes per page. */
    long pageBytes();

    /** The address of new zeroed memory that is readable and writable; 0 if there is none. */
    long take(long bytes);

    void giveBack(long address, long bytes);

    /**
     * Forbids writing and allows execution, on all processors.
     *
     * @throws UnsupportedOperationException if that is refused
     */
    void makeExecutable(long address, long bytes);

    /** Forbids all access, for guard pages; returns whether that succeeded. */
    boolean makeInaccessible(long address, long bytes);

    /** Requests large pages for this memory. */
    void preferLargePages(long address, long bytes);

    /** The one that this JVM runs on. */
    static Os here() {
        boolean aarch64 = System.getProperty("os.arch", "").equals("aarch64");
        return switch (OperatingSystem.here()) {
            case WINDOWS -> new WindowsOs(new SystemFunctions("kernel32"));
            case LINUX -> new LinuxOs(new SystemFunctions(), aarch64);
            case MAC -> new MacOs(new SystemFunctions(MacOs.SECURITY, MacOs.CORE_FOUNDATION));
            case POSIX -> new PosixOs(new SystemFunctions());
        };
    }
}
