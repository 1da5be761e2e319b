package kawi.assembler.a64;

import kawi.assembler.DistanceField;

/** The distances in instructions, counted from the instruction itself. */
enum Reach implements DistanceField {
    /** {@code b}, {@code bl}: 128 MiB. */
    BITS_26(26, 0, 4),
    /** {@code b.cond}, {@code cbz}, {@code ldr} of a literal: 1 MiB. */
    BITS_19(19, 5, 4),
    /** {@code tbz}: 32 KiB. */
    BITS_14(14, 5, 4),
    /** {@code adr}: 1 MiB, in bytes; the lowest two bits are apart from the others. */
    BITS_21(21, 5, 1);

    private final int bits;
    private final int position;
    private final int unit;

    Reach(int bits, int position, int unit) {
        this.bits = bits;
        this.position = position;
        this.unit = unit;
    }

    @Override
    public int insert(int word, long distance) {
        if (distance % unit != 0) {
            throw new IllegalStateException("a distance of %d bytes in units of %d bytes".formatted(distance, unit));
        }
        long value = distance / unit;
        if (value < -(1L << (bits - 1)) || value >= 1L << (bits - 1)) {
            throw new IllegalStateException("a distance of %d bytes does not fit in %d bits in units of %d bytes"
                    .formatted(distance, bits, unit));
        }
        int field = (int) value & ((1 << bits) - 1);
        return this == BITS_21 ? word | (field & 3) << 29 | (field >> 2) << position : word | field << position;
    }
}
