package kawi.quant;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A format with one scale and one minimum for each block. Without the importance of columns, encoding is that of {@link
 * RoundedBlock#affine}; with it, of {@link RunLines}.
 */
abstract class AffineFormat extends BlockFormat {

    AffineFormat(String name, int blockSize, int blockBytes, int largestQuant) {
        super(name, blockSize, blockBytes, blockSize, true, largestQuant);
    }

    /** Writes a block at byte {@code at}. */
    abstract void write(RoundedBlock block, MemorySegment data, long at);

    @Override
    final void encodeBlock(float[] in, int from, MemorySegment data, long at) {
        write(RoundedBlock.affine(in, from, blockSize(), largestQuant()), data, at);
    }

    @Override
    final void encodeBlocks(
            float[] in, int from, int blocks, float[] importance, int importanceFrom, MemorySegment data, long at) {
        if (importance.length == 0) {
            super.encodeBlocks(in, from, blocks, importance, importanceFrom, data, at);
            return;
        }
        int most = RunLanes.MAX_WEIGHTS / blockSize();
        for (int done = 0; done < blocks; done += most) {
            int count = Math.min(most, blocks - done);
            int first = done * blockSize();
            RunLanes lanes = new RunLanes(blockSize(), blockSize(), count);
            lanes.read(in, from + first, BlockWeights.Kind.EQUAL, importance, importanceFrom + first);
            encode(lanes, in, from + first, data, at + (long) done * blockBytes());
        }
    }

    private void encode(RunLanes lanes, float[] in, int from, MemorySegment data, long at) {
        RunLines lines = new RunLines(lanes, largestQuant(), false);
        lines.fit();
        float[] minimum = lanes.floats();
        float[] scale = lanes.floats();
        float[] half = lanes.floats();
        for (int block = 0; block < lanes.blocks; block++) {
            minimum[block] = lanes.nearestHalf(block, lines.minimums[block]);
            scale[block] = lanes.nearestHalf(block, lines.scales[block]);
            half[block] = scale[block] == 0 ? 0 : 0.5f / scale[block];
        }
        byte[] quants = lines.integers(minimum, half);
        for (int block = 0; block < lanes.blocks; block++) {
            long to = at + (long) block * blockBytes();
            int first = block * blockSize();
            float written = lanes.written(block, scale[block]);
            if (RoundedBlock.isCoarse(written)) {
                encodeBlock(in, from + first, data, to);
            } else {
                write(
                        new RoundedBlock(
                                written,
                                lanes.written(block, minimum[block]),
                                Arrays.copyOfRange(quants, first, first + blockSize())),
                        data,
                        to);
            }
        }
    }
}
