package kawi.machine;

/** Functions of native libraries by name. Arguments and results are integers or addresses, at most six. */
interface NativeFunctions {

    /** Whether there is a function with this name. */
    boolean has(String name);

    /**
     * Calls a function; the upper bits of a result that is narrower than 64 bits are unspecified.
     *
     * @throws UnsupportedOperationException if there is none with this name
     */
    long call(String name, long... arguments);
}
