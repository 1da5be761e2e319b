package kawi.kernels.assembled.a64;

import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.Mem;
import kawi.assembler.a64.Vec;

/** Emits loads of the weights of a block that is unpacked in working memory, see {@link QuantPanel}. */
final class PanelWeights implements BlockWeights {

    private final Assembler a;
    private final QuantPanel panel;
    private final Gp block;
    private final Vec[] unpacked;

    PanelWeights(Assembler a, QuantPanel panel, Gp block, Registers registers) {
        this.a = a;
        this.panel = panel;
        this.block = block;
        this.unpacked = registers.take(registers());
    }

    /** The number of registers that are needed. */
    static int registers() {
        return 2 * Multiplicands.CHUNKS;
    }

    @Override
    public void loadConstants() {}

    @Override
    public Vec[] unpacked(int pass) {
        return unpacked;
    }

    @Override
    public void start(int half) {}

    @Override
    public void unpack(int half, int pass) {
        Mem from = panel.quants(block, half, pass);
        for (int i = 0; i < unpacked.length; i += 2) {
            a.ldp(unpacked[i].q(), unpacked[i + 1].q(), from.plus(i * A64Code.VECTOR_BYTES));
        }
    }

    @Override
    public void scale(Vec[] to, int half, int run, Vec[] spare) {
        a.ldp(to[0].q(), to[1].q(), panel.scales(block, half, run));
    }

    @Override
    public void minimum(Vec[] to, int half, int run, Vec[] spare) {
        a.ldp(to[0].q(), to[1].q(), panel.minimums(block, half, run));
    }
}
