package kawi.kernels.assembled.x86;

import static kawi.assembler.x86.VectorOp.VPSLLW;
import static kawi.assembler.x86.VectorOp.VPSRAW;

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
 * <p>This pays only for weights that are packed more tightly than in 8 bits, or that are multiplied in 16 bits, which
 * is faster without VNNI if they are signed. Then the columns of a row are in the order of {@link WideActivations}:
 *
 * <pre>
 *    for each 4 columns: the first and the third column of each row, the second and the fourth of each row
 * </pre>
 *
 * @param wide whether the weights are in 16 bits
 */
record QuantPanel(QuantLayout layout, boolean wide) {

    private static final int CHUNK = 64;
    private static final int SCALE_BYTES = QuantLayout.ROWS * Float.BYTES;

    QuantPanel(X86Isa isa, QuantLayout layout) {
        this(layout, QuantWeights.signed(isa, layout));
    }

    private int runBytes() {
        return layout.minimum() ? 2 * SCALE_BYTES : SCALE_BYTES;
    }

    private int runs() {
        return QuantLayout.BLOCK / layout.run();
    }

    private int quantBytes() {
        return QuantWeights.CHUNKS * CHUNK * (wide ? 2 : 1);
    }

    int blockBytes() {
        return quantBytes() + runs() * runBytes();
    }

    /**
     * @param chunk the index of 4 columns in bytes, or of 2 columns in 16 bits
     * @param row offset in bytes of the first row of a vector, as also below
     */
    Mem quants(Gp block, int chunk, int row) {
        return Mem.at(block, chunk * CHUNK + row);
    }

    Mem scale(Gp block, int run, int row) {
        return Mem.at(block, quantBytes() + run * runBytes() + row);
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
                if (wide) {
                    code.a.op(VPSLLW, spare, vec, Byte.SIZE);
                    code.a.op(VPSRAW, spare, spare, Byte.SIZE);
                    code.store(quants(to, 2 * chunk, row), spare);
                    code.a.op(VPSRAW, vec, vec, Byte.SIZE);
                    code.store(quants(to, 2 * chunk + 1, row), vec);
                } else {
                    code.store(quants(to, chunk, row), vec);
                }
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
