package kawi.compute;

import java.util.Locale;

/** The implementations of the kernels, which all compute identical bits; see {@link TierChoice}. */
public enum KernelTier {
    /** Plain Java: the reference, and the fallback on all machines. */
    SCALAR,
    /** The incubating Vector API, if its module is present. */
    VECTOR,
    /** Machine code assembled at run time, for x86-64 with AVX2 or AVX-512 and for AArch64. */
    ASSEMBLED;

    /** The name in {@link TierChoice#PROPERTY}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
