package kawi.kernels.assembled.a64;

import static kawi.kernels.assembled.a64.A64Code.v;

import java.util.function.IntConsumer;
import java.util.function.IntFunction;
import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.Mem;
import kawi.assembler.a64.Vec;

/**
 * The passage of rows of a tile through registers. {@value #AT_ONCE} vectors are processed together, in registers of
 * their own, so that no instruction waits for the one before it; vectors are loaded and stored in pairs.
 */
final class StateRows {

    /** The number of vectors that are processed together. */
    static final int AT_ONCE = 4;

    private final Assembler a;
    private final int vectors;
    private final int firstRegister;

    /** @param firstRegister the first of {@value #AT_ONCE} registers for {@link #s} */
    StateRows(Assembler a, int vectors, int firstRegister) {
        this.a = a;
        this.vectors = vectors;
        this.firstRegister = firstRegister;
    }

    /** The size in bytes of a row of the tile. */
    int bytes() {
        return vectors * A64Code.VECTOR_BYTES;
    }

    /** The register of vector {@code n} while it is processed. */
    Vec s(int n) {
        return v(firstRegister + n % AT_ONCE);
    }

    /** Runs {@code body} for each of up to {@value #AT_ONCE} vectors from {@code first} on. */
    void forEach(int first, IntConsumer body) {
        for (int n = first; n < end(first); n++) {
            body.accept(n);
        }
    }

    private int end(int first) {
        return Math.min(first + AT_ONCE, vectors);
    }

    /** Loads vectors from {@code first} on of the row at {@code row} to {@link #s}. */
    void load(Gp row, int first) {
        load(row, first, end(first), this::s);
    }

    /** Stores {@link #s} from {@code first} on to the row at {@code row}. */
    void store(Gp row, int first) {
        store(row, first, end(first), this::s);
    }

    /** Loads all vectors of the row at {@code row}. */
    void loadAll(Gp row, IntFunction<Vec> to) {
        load(row, 0, vectors, to);
    }

    /** Stores all vectors to the row at {@code row}. */
    void storeAll(Gp row, IntFunction<Vec> from) {
        store(row, 0, vectors, from);
    }

    private void load(Gp row, int first, int end, IntFunction<Vec> to) {
        int n = first;
        for (; n < end - 1; n += 2) {
            a.ldp(to.apply(n).q(), to.apply(n + 1).q(), vector(row, n));
        }
        if (n < end) {
            a.ldr(to.apply(n).q(), vector(row, n));
        }
    }

    private void store(Gp row, int first, int end, IntFunction<Vec> from) {
        int n = first;
        for (; n < end - 1; n += 2) {
            a.stp(from.apply(n).q(), from.apply(n + 1).q(), vector(row, n));
        }
        if (n < end) {
            a.str(from.apply(n).q(), vector(row, n));
        }
    }

    private static Mem vector(Gp row, int n) {
        return Mem.at(row, n * A64Code.VECTOR_BYTES);
    }
}
