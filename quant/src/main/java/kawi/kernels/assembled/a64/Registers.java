package kawi.kernels.assembled.a64;

import kawi.assembler.a64.Vec;

/** The vector registers of a kernel, handed out in ascending order. */
final class Registers {

    private static final int COUNT = 32;

    private int used;

    Vec[] take(int count) {
        if (!has(count)) {
            throw new IllegalStateException(
                    "%d vector registers are in use, and %d more are needed".formatted(used, count));
        }
        Vec[] taken = new Vec[count];
        for (int i = 0; i < count; i++) {
            taken[i] = Vec.v(used++);
        }
        return taken;
    }

    Vec take() {
        return take(1)[0];
    }

    boolean has(int count) {
        return used + count <= COUNT;
    }
}
