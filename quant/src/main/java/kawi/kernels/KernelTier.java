package kawi.kernels;

/** The implementations of the kernels, which all compute the same bits; see {@link TierChoice}. */
public enum KernelTier {
    /** Plain Java: the definition, and the fallback anywhere. */
    SCALAR,
    /** The incubating Vector API, where its module is present. */
    VECTOR,
    /** Machine code assembled at run time; not part of this version. */
    ASSEMBLED
}
