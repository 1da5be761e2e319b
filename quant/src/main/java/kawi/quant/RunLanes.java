package kawi.quant;

import java.util.Arrays;

/**
 * The weights of some blocks, transposed, so that the loops of {@link LaneKernels} work on all runs at once:
 * {@code w[j][l]} is weight {@code j} of run {@code l}, counted through all blocks. Each block is divided by a power of
 * two, so that its largest weight is at least 1 and less than 2, and the factors of each run are divided by their order
 * of magnitude. So products do not overflow, and all that depends on ratios only is the same for weights of any
 * magnitude.
 */
final class RunLanes {

    /** Weights that are transposed at once: enough for long loops, few enough for the cache. */
    static final int MAX_WEIGHTS = 1 << 14;

    /** Weights per block. */
    final int weights;

    /** Weights per run. */
    final int run;

    /** Runs per block. */
    final int runs;

    final int blocks;

    /** The number of runs of all blocks. */
    final int count;

    final float[][] w;

    /** By how much the squares of errors count in their run: see {@link BlockWeights}. */
    final float[][] factors;

    /** By how much the sum of these squares counts in its block. */
    final float[] shares;

    /** The exponents of the powers of two, one for each block. */
    final int[] exponents;

    /**
     * @param weights per block
     * @param run the number of weights that share a scale
     */
    RunLanes(int weights, int run, int blocks) {
        this.weights = weights;
        this.run = run;
        this.runs = weights / run;
        this.blocks = blocks;
        this.count = blocks * runs;
        int length = length(count);
        w = new float[run][length];
        factors = new float[run][length];
        shares = new float[length];
        exponents = new int[blocks];
    }

    /**
     * The next length whose array, with a header of 16 bytes, fills whole cache lines. Then arrays that are allocated
     * one after another begin at the same place within a line, and a loop over them that is aligned for one of them is
     * aligned for all.
     */
    private static int length(int count) {
        return count + 15 - ((count + 3) & 15);
    }

    /** An array for one number per lane; it may be longer. */
    float[] floats() {
        return new float[length(count)];
    }

    /**
     * Takes the weights from {@code in[from]} on.
     *
     * @param kind the factors without importance
     * @param importance of the columns, or {@link BlockWeights#NO_IMPORTANCE}
     */
    void read(float[] in, int from, BlockWeights.Kind kind, float[] importance, int importanceFrom) {
        transpose(in, from);
        weigh(kind);
        for (int block = 0; block < blocks && importance.length != 0; block++) {
            int first = block * weights;
            if (BlockWeights.isAnyPositive(importance, importanceFrom + first, weights)) {
                weigh(block, BlockWeights.of(in, from + first, weights, importance, importanceFrom + first));
            }
        }
    }

    private void transpose(float[] in, int from) {
        float[] units = new float[blocks];
        for (int block = 0; block < blocks; block++) {
            exponents[block] = exponent(in, from + block * weights);
            units[block] = Math.scalb(1f, -exponents[block]);
        }
        float[] unit = floats();
        spread(units, unit);
        for (int j = 0; j < run; j++) {
            float[] row = w[j];
            for (int l = 0; l < count; l++) {
                row[l] = in[from + l * run + j] * unit[l];
            }
        }
    }

    /** Sets the factors without importance, divided by their constant part; that is the share. */
    private void weigh(BlockWeights.Kind kind) {
        float[] squares = floats();
        for (float[] row : w) {
            LaneKernels.addSquares(count, row, squares);
        }
        float[] inverse = floats();
        for (int l = 0; l < count; l++) {
            float mean = squares[l] / run;
            shares[l] = switch (kind) {
                case EQUAL -> 1;
                case LINEAR -> 2 * (float) Math.sqrt(mean);
                case SQUARED -> mean / 2;
            };
            inverse[l] = 1 / Math.max(shares[l], Float.MIN_NORMAL);
        }
        for (int j = 0; j < run; j++) {
            switch (kind) {
                case EQUAL -> Arrays.fill(factors[j], 1);
                case LINEAR -> LaneKernels.linearFactors(count, w[j], inverse, factors[j]);
                case SQUARED -> LaneKernels.squaredFactors(count, w[j], inverse, factors[j]);
            }
        }
    }

    /** Sets the factors of a block, divided by powers of two. */
    private void weigh(int block, double[] squares) {
        int blockExponent = exponent(squares, 0, weights);
        for (int r = 0; r < runs; r++) {
            int first = r * run;
            int l = block * runs + r;
            int exponent = exponent(squares, first, run);
            double unit = Math.scalb(1.0, -exponent);
            shares[l] = Math.scalb(1f, exponent - blockExponent);
            for (int j = 0; j < run; j++) {
                factors[j][l] = (float) (squares[first + j] * unit);
            }
        }
    }

    /** The exponent of the weight of largest magnitude of a block; magnitudes are in the order of their bits. */
    private int exponent(float[] in, int from) {
        int largest = 0;
        for (int i = from; i < from + weights; i++) {
            largest = Math.max(largest, Float.floatToRawIntBits(Math.abs(in[i])));
        }
        return Math.getExponent(Float.intBitsToFloat(largest));
    }

    private static int exponent(double[] squares, int from, int count) {
        long largest = 0;
        for (int i = from; i < from + count; i++) {
            largest = Math.max(largest, Double.doubleToRawLongBits(squares[i]));
        }
        return Math.getExponent(Double.longBitsToDouble(largest));
    }

    /** Copies one number per block to all its lanes. */
    void spread(float[] perBlock, float[] perLane) {
        for (int block = 0; block < blocks; block++) {
            Arrays.fill(perLane, block * runs, (block + 1) * runs, perBlock[block]);
        }
    }

    /** A scale of block {@code block} as the nearest f16, divided by its power of two. */
    float nearestHalf(int block, double scale) {
        return Math.scalb(
                Float.float16ToFloat(Float.floatToFloat16((float) Math.scalb(scale, exponents[block]))),
                -exponents[block]);
    }

    /** The same as the next f16 that is no smaller in magnitude. */
    float nextHalf(int block, double scale) {
        return Math.scalb(F16Format.roundAwayFromZero((float) Math.scalb(scale, exponents[block])), -exponents[block]);
    }

    /** A scale that {@link #nearestHalf} or {@link #nextHalf} gave, as it is written. */
    float written(int block, float scale) {
        return Math.scalb(scale, exponents[block]);
    }
}
