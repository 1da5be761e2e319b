package kawi.quant;

import java.lang.foreign.MemorySegment;

/** A format in blocks of 256 weights with scales of scales. */
abstract class SuperBlockFormat extends LaneFormat {

    /** Weights per block. */
    static final int WEIGHTS = 256;

    /** @param kind the weights of errors without importance */
    SuperBlockFormat(
            String name, int blockBytes, int scaleRun, boolean hasMinimum, int largestQuant, BlockWeights.Kind kind) {
        super(name, WEIGHTS, blockBytes, scaleRun, hasMinimum, largestQuant, kind);
    }

    /** Approximates weights. */
    abstract SuperBlock[] fit(RunLanes lanes);

    /** Writes a block at byte {@code at}. */
    abstract void write(SuperBlock block, MemorySegment data, long at);

    @Override
    final void encode(RunLanes lanes, MemorySegment data, long at) {
        SuperBlock[] fitted = fit(lanes);
        for (int i = 0; i < fitted.length; i++) {
            write(fitted[i], data, at + (long) i * blockBytes());
        }
    }
}
