package kawi.quant;

import java.util.Arrays;

/**
 * The search for the numbers of blocks of 256 weights with scales of scales: the scales of runs are chosen for given
 * factors, and the factors are fitted to the integers that follow from them, in turn, as long as the errors become
 * smaller. The blocks do not influence each other: their runs are lanes, see {@link RunLanes}.
 */
abstract class SuperBlockSearch {

    /** How often factors are fitted. */
    private static final int ROUNDS = 3;

    final RunLanes lanes;
    final int largestScale;

    // One number for each run: its scale and half of 1 / scale; its error, and the least one of a candidate; the factor
    // of its block, the next smaller scale, a candidate.
    final float[] scale;
    final float[] half;
    final float[] error;
    final float[] least;
    final float[] d;
    final float[] next;
    final float[] s;

    /** The factors of each block, and the integers of each run. */
    final class Choice {
        final float[] d = new float[lanes.blocks];
        final float[] dmin = new float[lanes.blocks];
        final byte[] scales = new byte[lanes.count];
        final byte[] minimums = new byte[lanes.count];
        final double[] errors = new double[lanes.blocks];

        private void copy(int block, Choice from) {
            d[block] = from.d[block];
            dmin[block] = from.dmin[block];
            errors[block] = from.errors[block];
            int first = block * lanes.runs;
            System.arraycopy(from.scales, first, scales, first, lanes.runs);
            System.arraycopy(from.minimums, first, minimums, first, lanes.runs);
        }

        private boolean isFinite(int block) {
            return Float.isFinite(d[block]) && Float.isFinite(dmin[block]);
        }
    }

    SuperBlockSearch(RunLanes lanes, int largestScale) {
        this.lanes = lanes;
        this.largestScale = largestScale;
        scale = lanes.floats();
        half = lanes.floats();
        error = lanes.floats();
        least = lanes.floats();
        d = lanes.floats();
        next = lanes.floats();
        s = lanes.floats();
    }

    /** Sets the factors of the first choice. */
    abstract void begin(Choice first);

    /**
     * Chooses the numbers of all runs for the factors of {@code choice}; {@link #least} are the errors.
     *
     * @param further scales that are tried beyond the next smaller and the next larger one
     */
    abstract void chooseRuns(Choice choice, int further);

    /** Fits the factors of each block to the integers of a choice. */
    abstract void fitFactors(Choice choice, Choice fitted);

    /** The integers of all weights for a choice, run after run. */
    abstract byte[] integers(Choice choice);

    /** Whether runs have minimums. */
    abstract boolean hasMinimums();

    final SuperBlock[] fit() {
        Choice best = new Choice();
        begin(best);
        choose(best, 0);
        Choice next = new Choice();
        boolean improved = true;
        for (int round = 1; round < ROUNDS && improved; round++) {
            fitFactors(best, next);
            choose(next, 1);
            improved = false;
            for (int block = 0; block < lanes.blocks; block++) {
                if (best.isFinite(block) && next.errors[block] < best.errors[block]) {
                    best.copy(block, next);
                    improved = true;
                }
            }
        }
        return blocks(best);
    }

    private void choose(Choice choice, int further) {
        Arrays.fill(least, Float.POSITIVE_INFINITY);
        chooseRuns(choice, further);
        for (int block = 0; block < lanes.blocks; block++) {
            double total = 0;
            for (int l = block * lanes.runs; l < (block + 1) * lanes.runs; l++) {
                total += (double) least[l] * lanes.shares[l];
            }
            choice.errors[block] = total;
        }
    }

    private SuperBlock[] blocks(Choice choice) {
        byte[] quants = integers(choice);
        SuperBlock[] blocks = new SuperBlock[lanes.blocks];
        for (int block = 0; block < blocks.length; block++) {
            int first = block * lanes.runs;
            int end = first + lanes.runs;
            int firstQuant = block * lanes.weights;
            blocks[block] = new SuperBlock(
                    lanes.written(block, choice.d[block]),
                    lanes.written(block, choice.dmin[block]),
                    Arrays.copyOfRange(choice.scales, first, end),
                    hasMinimums() ? Arrays.copyOfRange(choice.minimums, first, end) : new byte[0],
                    Arrays.copyOfRange(quants, firstQuant, firstQuant + lanes.weights));
        }
        return blocks;
    }
}
