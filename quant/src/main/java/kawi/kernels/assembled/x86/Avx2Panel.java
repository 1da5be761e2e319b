package kawi.kernels.assembled.x86;

import kawi.assembler.x86.Gp;
import kawi.assembler.x86.Mem;
import kawi.assembler.x86.Vec;
import kawi.kernels.assembled.QuantLayout;

/**
 * Blocks of 16 rows and 32 columns in working memory, unpacked for the products of many tokens:
 *
 * <pre>
 *    for each 4 columns: 4 unsigned bytes of each row
 *    for each run: f32 scale[16], and f32 minimum[16] if there are minimums
 * </pre>
 *
 * <p>This pays only for weights that are packed more tightly than in 8 bits.
 */
record Avx2Panel(QuantLayout layout) {

    private static final int VECTOR = 32;
    private static final int CHUNK = 2 * VECTOR;
    private static final int SCALE_BYTES = QuantLayout.ROWS * Float.BYTES;

    private int runBytes() {
        return layout.minimum() ? 2 * SCALE_BYTES : SCALE_BYTES;
    }

    private int runs() {
        return QuantLayout.BLOCK / layout.run();
    }

    int blockBytes() {
        return Avx2Weights.CHUNKS * CHUNK + runs() * runBytes();
    }

    Mem quants(Gp block, int chunk, int half) {
        return Mem.at(block, chunk * CHUNK + half * VECTOR);
    }

    Mem scale(Gp block, int run, int half) {
        return Mem.at(block, Avx2Weights.CHUNKS * CHUNK + run * runBytes() + half * VECTOR);
    }

    Mem minimum(Gp block, int run, int half) {
        return scale(block, run, half).plus(SCALE_BYTES);
    }

    /** Emits the unpacking of a block to {@code to}; overwrites vector registers 0 and 1. */
    void unpack(KernelCode code, Avx2Weights weights, Gp to) {
        Vec vec = code.v(0);
        Vec spare = code.v(1);
        for (int half = 0; half < 2; half++) {
            for (int chunk = 0; chunk < Avx2Weights.CHUNKS; chunk++) {
                weights.quants(vec, chunk, half, spare);
                code.store(quants(to, chunk, half), vec);
            }
            for (int run = 0; run < runs(); run++) {
                weights.scale(vec, run, half, spare);
                code.store(scale(to, run, half), vec);
                if (layout.minimum()) {
                    weights.minimum(vec, run, half, spare);
                    code.store(minimum(to, run, half), vec);
                }
            }
        }
    }
}
