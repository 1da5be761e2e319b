package kawi.kernels.assembled.a64;

import java.util.Arrays;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.Mem;
import kawi.kernels.Activations;

/**
 * The addresses of the activations of some tokens' current block, in registers that accesses advance: this class knows
 * how far.
 */
final class TokenBlocks {

    private final Gp[] pointers;

    /** The distance from the begin of the block to where the pointer is. */
    private final int[] positions;

    TokenBlocks(Gp... pointers) {
        this.pointers = pointers;
        this.positions = new int[pointers.length];
    }

    int tokens() {
        return pointers.length;
    }

    Gp pointer(int token) {
        return pointers[token];
    }

    /** Sets where all pointers are. */
    void startAt(int position) {
        Arrays.fill(positions, position);
    }

    /** What was called the next block is now the current one. */
    void nextBlock() {
        for (int t = 0; t < positions.length; t++) {
            positions[t] -= Activations.BLOCK_BYTES;
        }
    }

    /** The bytes of the block from {@code offset} on. */
    Mem at(int token, int offset) {
        return Mem.at(pointers[token], offset - positions[token]);
    }

    /** The same, and the pointer is moved there. */
    Mem movedTo(int token, int offset) {
        int by = offset - positions[token];
        positions[token] = offset;
        return Mem.pre(pointers[token], by);
    }

    /** The bytes at the pointer, which is moved to {@code offset} afterwards. */
    Mem thenTo(int token, int offset) {
        int by = offset - positions[token];
        positions[token] = offset;
        return Mem.post(pointers[token], by);
    }

    /** The same by an amount in a register. */
    Mem thenTo(int token, int offset, Gp amount) {
        positions[token] = offset;
        return Mem.post(pointers[token], amount);
    }
}
