package kawi.quant;

import java.lang.foreign.MemorySegment;

/** A format in blocks of 256 weights with scales of scales, which are encoded many at once. */
abstract class SuperBlockFormat extends BlockFormat {

    private final BlockWeights.Kind kind;

    /** @param kind the weights of errors without importance */
    SuperBlockFormat(
            String name, int blockBytes, int scaleRun, boolean hasMinimum, int largestQuant, BlockWeights.Kind kind) {
        super(name, RunLanes.WEIGHTS, blockBytes, scaleRun, hasMinimum, largestQuant);
        this.kind = kind;
    }

    /** Approximates weights. */
    abstract SuperBlock[] fit(RunLanes lanes);

    /** Writes a block at byte {@code at}. */
    abstract void write(SuperBlock block, MemorySegment data, long at);

    @Override
    final void encodeBlock(float[] in, int from, MemorySegment data, long at) {
        encodeBlocks(in, from, 1, BlockWeights.NO_IMPORTANCE, 0, data, at);
    }

    @Override
    final void encodeBlocks(
            float[] in, int from, int blocks, float[] importance, int importanceFrom, MemorySegment data, long at) {
        for (int done = 0; done < blocks; done += RunLanes.MAX_BLOCKS) {
            int count = Math.min(RunLanes.MAX_BLOCKS, blocks - done);
            int first = done * RunLanes.WEIGHTS;
            SuperBlock[] fitted =
                    fit(RunLanes.of(in, from + first, count, kind, importance, importanceFrom + first, scaleRun()));
            for (int i = 0; i < count; i++) {
                write(fitted[i], data, at + (done + i) * (long) blockBytes());
            }
        }
    }
}
