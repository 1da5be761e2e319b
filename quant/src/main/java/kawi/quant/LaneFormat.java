package kawi.quant;

import java.lang.foreign.MemorySegment;

/** A format whose blocks are encoded many at once, with loops over their runs; see {@link RunLanes}. */
abstract class LaneFormat extends BlockFormat {

    private final BlockWeights.Kind kind;

    /** @param kind the weights of errors without importance */
    LaneFormat(
            String name,
            int blockSize,
            int blockBytes,
            int scaleRun,
            boolean hasMinimum,
            int largestQuant,
            BlockWeights.Kind kind) {
        super(name, blockSize, blockBytes, scaleRun, hasMinimum, largestQuant);
        this.kind = kind;
    }

    /** Encodes all blocks of {@code lanes}, the first one to byte {@code at}. */
    abstract void encode(RunLanes lanes, MemorySegment data, long at);

    @Override
    final void encodeBlock(float[] in, int from, MemorySegment data, long at) {
        encodeBlocks(in, from, 1, BlockWeights.NO_IMPORTANCE, 0, data, at);
    }

    @Override
    final void encodeBlocks(
            float[] in, int from, int blocks, float[] importance, int importanceFrom, MemorySegment data, long at) {
        int most = RunLanes.MAX_WEIGHTS / blockSize();
        for (int done = 0; done < blocks; done += most) {
            int count = Math.min(most, blocks - done);
            int first = done * blockSize();
            RunLanes lanes = new RunLanes(blockSize(), scaleRun(), count);
            lanes.read(in, from + first, kind, importance, importanceFrom + first);
            encode(lanes, data, at + (long) done * blockBytes());
        }
    }
}
