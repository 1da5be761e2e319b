package kawi.quant;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A format of unsigned integers with one scale for each block, and one minimum or the same bias for all. Without the
 * importance of columns, encoding is that of {@link RoundedBlock}; with it, of {@link RunLines} or {@link RunScales}.
 */
abstract class RoundedFormat extends BlockFormat {

    /** @param largest the largest integer; the bias if there are no minimums, and the largest integer is one less */
    RoundedFormat(String name, int blockSize, int blockBytes, boolean hasMinimum, int largest) {
        super(name, blockSize, blockBytes, blockSize, hasMinimum, largest);
    }

    /** Writes a block at byte {@code at}. */
    abstract void write(RoundedBlock block, MemorySegment data, long at);

    @Override
    final void encodeBlock(float[] in, int from, MemorySegment data, long at) {
        write(
                hasMinimum()
                        ? RoundedBlock.affine(in, from, blockSize(), largestQuant())
                        : RoundedBlock.symmetric(in, from, blockSize(), largestQuant()),
                data,
                at);
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
        float[] minimum = lanes.floats();
        float[] scale = lanes.floats();
        float[] half = lanes.floats();
        byte[] quants;
        if (hasMinimum()) {
            RunLines lines = new RunLines(lanes, largestQuant(), false);
            lines.fit();
            for (int block = 0; block < lanes.blocks; block++) {
                minimum[block] = lanes.nearestHalf(block, lines.minimums[block]);
            }
            round(lanes, lines.scales, scale, half);
            quants = lines.integers(minimum, half);
        } else {
            RunScales scales = new RunScales(lanes, largestQuant());
            scales.fit();
            round(lanes, scales.scales, scale, half);
            quants = scales.integers(half);
        }
        for (int block = 0; block < lanes.blocks; block++) {
            long to = at + (long) block * blockBytes();
            int first = block * blockSize();
            float written = lanes.written(block, scale[block]);
            boolean finite = Float.isFinite(written) && Float.isFinite(minimum[block]);
            if (RoundedBlock.isCoarse(written) || !finite) {
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

    /** Rounds scales to f16, and computes half of their inverses. */
    private static void round(RunLanes lanes, float[] scales, float[] scale, float[] half) {
        for (int block = 0; block < lanes.blocks; block++) {
            scale[block] = lanes.nearestHalf(block, scales[block]);
            half[block] = scale[block] == 0 ? 0 : 0.5f / scale[block];
        }
    }
}
