package kawi.assembler;

/**
 * Which lanes an AVX-512 instruction writes.
 *
 * @param mask the lanes with a 1
 * @param zero whether the other lanes become zero; otherwise they keep what they had
 */
public record Masking(Mask mask, boolean zero) {

    /** All lanes. */
    public static final Masking NONE = new Masking(Mask.K0, false);

    /** Only the lanes of {@code mask}. */
    public static Masking merge(Mask mask) {
        return new Masking(mask, false);
    }

    /** The lanes of {@code mask}, zeros in the others. */
    public static Masking zero(Mask mask) {
        return new Masking(mask, true);
    }
}
