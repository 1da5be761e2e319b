package kawi.kernels.assembled.a64;

import java.util.Collections;
import kawi.kernels.assembled.QuantLayout;

/**
 * The signed bytes by which products multiply activations: the integers of the weights where a table gives them or
 * inverting the sign of 8 bits does, and otherwise the codes, which have an offset and are below 128.
 *
 * @param integers whether offsets have been subtracted
 */
record Multiplicands(QuantLayout layout, boolean integers) {

    /** Columns of a block that are unpacked together. */
    static final int PASS = 16;

    /** Passes in a block. */
    static final int PASSES = QuantLayout.BLOCK / PASS;

    /** Vectors of 4 columns of 4 rows for each 4 rows. */
    static final int CHUNKS = PASS / Integer.BYTES;

    Multiplicands(QuantLayout layout) {
        this(layout, false);
    }

    /** The same without their offset. */
    Multiplicands withoutOffset() {
        return new Multiplicands(layout, true);
    }

    boolean signBit() {
        return layout.bits() == Byte.SIZE;
    }

    /** What is added to the integers of the weights. */
    int offset() {
        return integers || signBit() || layout.lookup() ? 0 : layout.offset();
    }

    /** The largest magnitude. */
    int magnitude() {
        if (signBit()) {
            return -Byte.MIN_VALUE;
        }
        if (layout.lookup()) {
            return Math.max(Collections.max(layout.values()), -Collections.min(layout.values()));
        }
        return integers ? Math.max(layout.largest() - layout.offset(), layout.offset()) : layout.largest();
    }

    /** The number of runs in a block. */
    int runs() {
        return QuantLayout.BLOCK / layout.run();
    }
}
