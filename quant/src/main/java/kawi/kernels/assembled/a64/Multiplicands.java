package kawi.kernels.assembled.a64;

import java.util.Collections;
import kawi.kernels.assembled.QuantLayout;

/**
 * The signed bytes by which products multiply activations: the integers of the weights where a table gives them or
 * inverting the sign of 8 bits does, and otherwise the codes, which have an offset and are below 128.
 */
record Multiplicands(QuantLayout layout) {

    /** Columns of a block that are unpacked together. */
    static final int PASS = 16;

    /** Passes in a block. */
    static final int PASSES = QuantLayout.BLOCK / PASS;

    /** Vectors of 4 columns of 4 rows for each 4 rows. */
    static final int CHUNKS = PASS / Integer.BYTES;

    boolean signBit() {
        return layout.bits() == Byte.SIZE;
    }

    /** What is added to the integers of the weights. */
    int offset() {
        return signBit() || layout.lookup() ? 0 : layout.offset();
    }

    /** The largest magnitude. */
    int magnitude() {
        if (signBit()) {
            return -Byte.MIN_VALUE;
        }
        return layout.lookup()
                ? Math.max(Collections.max(layout.values()), -Collections.min(layout.values()))
                : layout.largest();
    }

    /** The number of runs in a block. */
    int runs() {
        return QuantLayout.BLOCK / layout.run();
    }
}
