package kawi.kernels.assembled.a64;

import java.util.List;

/**
 * The widths of a core that limit a loop without long chains of dependent instructions.
 *
 * @param vectors vector instructions of 128 bits per cycle
 * @param loads loads of 128 bits per cycle
 * @param width instructions per cycle
 * @param gigahertz of a typical product
 * @param inOrder a load of 128 bits takes two cycles, in which nothing else begins
 */
record Core(String name, A64Isa isa, int vectors, int loads, int width, double gigahertz, boolean inOrder) {

    static final List<Core> ALL = List.of(
            new Core("Cortex-A55, 1.8 GHz", A64Isa.DOTPROD, 1, 1, 2, 1.8, true),
            new Core("Cortex-A76, 2.4 GHz", A64Isa.DOTPROD, 2, 2, 4, 2.4, false),
            new Core("Neoverse N1, 2.5 GHz", A64Isa.DOTPROD, 2, 2, 4, 2.5, false),
            new Core("Neoverse V2, 2.8 GHz", A64Isa.I8MM, 4, 3, 8, 2.8, false),
            new Core("Apple M1, 3.2 GHz", A64Isa.DOTPROD, 4, 3, 8, 3.2, false),
            new Core("Apple M2, 3.5 GHz", A64Isa.I8MM, 4, 3, 8, 3.5, false));

    /** The cycles of an iteration, if its data are in the first-level cache. */
    double cycles(InnerLoops.Loop loop) {
        double arithmetic = (double) loop.vectors() / vectors;
        if (inOrder) {
            double issue = (double) (loop.instructions() - loop.loads()) / width;
            return 2.0 * loop.loads() + Math.max(arithmetic, issue);
        }
        double issue = (double) loop.instructions() / width;
        return Math.max(issue, Math.max(arithmetic, (double) loop.loads() / loads));
    }

    /** What {@link #cycles} comes from. */
    String limit(InnerLoops.Loop loop) {
        double cycles = cycles(loop);
        if (inOrder) {
            return "loads and arithmetic";
        }
        return cycles == (double) loop.vectors() / vectors
                ? "arithmetic"
                : cycles == (double) loop.loads() / loads ? "loads" : "width";
    }
}
