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
record QuantPanel(QuantLayout layout) {

    private static final int CHUNK = 64;
    private static final int SCALE_BYTES = QuantLayout.ROWS * Float.BYTES;

    private int runBytes() {
        return layout.minimum() ? 2 * SCALE_BYTES : SCALE_BYTES;
    }

    private int runs() {
        return QuantLayout.BLOCK / layout.run();
    }

    int blockBytes() {
        return QuantWeights.CHUNKS * CHUNK + runs() * runBytes();
    }

    /** @param row offset in bytes of the first row of a vector, as also below */
    Mem quants(Gp block, int chunk, int row) {
        return Mem.at(block, chunk * CHUNK + row);
    }

    Mem scale(Gp block, int run, int row) {
        return Mem.at(block, QuantWeights.CHUNKS * CHUNK + run * runBytes() + row);
    }

    Mem minimum(Gp block, int run, int row) {
        return scale(block, run, row).plus(SCALE_BYTES);
    }

    /** Emits the unpacking of a block to {@code to}; overwrites vector registers 0 and 1. */
    void unpack(KernelCode code, QuantWeights weights, Gp to) {
        Vec vec = code.v(0);
        Vec spare = code.v(1);
        for (int half = 0; half * code.isa.lanes() < QuantLayout.ROWS; half++) {
            int row = half * code.bytes();
            for (int chunk = 0; chunk < QuantWeights.CHUNKS; chunk++) {
                weights.quants(vec, chunk, half, spare);
                code.store(quants(to, chunk, row), vec);
            }
            for (int run = 0; run < runs(); run++) {
                weights.scale(vec, run, half, spare);
                code.store(scale(to, run, row), vec);
                if (layout.minimum()) {
                    weights.minimum(vec, run, half, spare);
                    code.store(minimum(to, run, row), vec);
                }
            }
        }
    }
}
