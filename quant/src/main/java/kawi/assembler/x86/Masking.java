package kawi.assembler.x86;

/**
 * Which lanes an AVX-512 instruction writes.
 *
 * @param mask the lanes with a 1
 * @param zero whether the other lanes become zero; otherwise they are unchanged
 */
public record Masking(Mask mask, boolean zero) {

    public Masking {
        if (zero && mask == Mask.K0) {
            throw new IllegalArgumentException("K0 as a write mask means all lanes: there are no others to zero");
        }
    }

    /** All lanes. */
    public static final Masking NONE = new Masking(Mask.K0, false);

    /** Only the lanes of {@code mask}, which is not K0. */
    public static Masking merge(Mask mask) {
        if (mask == Mask.K0) {
            throw new IllegalArgumentException("K0 as a write mask means all lanes: that is Masking.NONE");
        }
        return new Masking(mask, false);
    }

    /** The lanes of {@code mask}, zeros in the others. */
    public static Masking zero(Mask mask) {
        return new Masking(mask, true);
    }
}
