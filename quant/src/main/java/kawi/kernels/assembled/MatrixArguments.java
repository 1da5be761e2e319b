package kawi.kernels.assembled;

/**
 * Argument blocks of the machine code for matrix products: byte offsets of 64-bit numbers and pointers.
 */
public final class MatrixArguments {

    private MatrixArguments() {}

    /** The product with quantized weights. */
    public static final class QuantProduct {

        public static final int WEIGHTS = 0;
        public static final int GROUPS = 8;
        public static final int GROUP_BYTES = 16;
        public static final int QUANT_BYTES = 24;
        public static final int UNITS = 32;
        public static final int X = 40;
        public static final int X_STRIDE = 48;
        public static final int Y = 56;
        public static final int Y_STRIDE = 64;
        /** The number of rows from the first group to the end of the matrix. */
        public static final int ROWS = 72;
        /** The distance in bytes at which weights are prefetched to the second-level cache. */
        public static final int AHEAD = 80;

        private QuantProduct() {}
    }

    /** The product of some columns of quantized weights, which are unpacked to working memory. */
    public static final class PanelProduct {

        /** The quants of the first group's columns. */
        public static final int WEIGHTS = 0;

        public static final int GROUPS = 8;
        public static final int GROUP_BYTES = 16;
        /** The distance in bytes from {@link #WEIGHTS} to the scales. */
        public static final int SCALES = 24;

        public static final int UNITS = 32;
        public static final int X = 40;
        public static final int X_STRIDE = 48;
        public static final int Y = 56;
        public static final int Y_STRIDE = 64;
        /** The number of rows from the first group to the end of the matrix. */
        public static final int ROWS = 72;
        /** Whether the outputs contain the sums of the columns before these. */
        public static final int CONTINUED = 80;

        public static final int WORK = 88;
        /** The number of large tiles, which come first. */
        public static final int LARGE_TILES = 96;

        /** The number of tiles of one token less. */
        public static final int SMALL_TILES = 104;

        /** The number of tokens of all tiles, at most {@link #MAX_TOKENS}. */
        public static final int TOKENS = 112;

        public static final int MAX_TOKENS = 128;

        /** The size of the working memory in bytes. */
        public static final int WORK_BYTES = 256 << 10;

        private PanelProduct() {}
    }

    /** The product with float weights. */
    public static final class FloatProduct {

        public static final int WEIGHTS = 0;
        /** The number of times that {@link Emitter#groupsAtOnce} groups are multiplied. */
        public static final int STEPS = 8;

        public static final int GROUP_BYTES = 16;
        public static final int PAIRS = 24;
        public static final int ODD = 32;
        public static final int X = 40;
        public static final int X_STRIDE = 48;
        public static final int Y = 56;
        public static final int Y_STRIDE = 64;
        /** The number of rows from the first group to the end of the matrix. */
        public static final int ROWS = 72;

        private FloatProduct() {}
    }

    /** The packing of quantized rows. */
    public static final class QuantPacking {

        public static final int IN = 0;
        public static final int ROW_BYTES = 8;
        public static final int ROWS = 16;
        /** The number of blocks of a row in the file. */
        public static final int UNITS = 24;

        public static final int OUT = 32;
        public static final int GROUP_BYTES = 40;
        public static final int QUANT_BYTES = 48;

        private QuantPacking() {}
    }

    /** The packing of integers, an int8 each, of whole blocks of a row. */
    public static final class IntegerPacking {

        public static final int IN = 0;
        public static final int BLOCKS = 8;
        /** The first word of the row in the quants of its group. */
        public static final int OUT = 16;

        private IntegerPacking() {}
    }

    /** The packing of float rows. */
    public static final class FloatPacking {

        public static final int IN = 0;
        public static final int ROW_BYTES = 8;
        public static final int ROWS = 16;
        /** The number of blocks of {@value #BLOCK} elements. */
        public static final int BLOCKS = 24;

        public static final int REST = 32;
        /** Whether half a pair follows. */
        public static final int ODD = 40;

        public static final int OUT = 48;
        public static final int GROUP_BYTES = 56;

        /** The number of elements per unit of {@link #BLOCKS}. */
        public static final int BLOCK = 16;

        private FloatPacking() {}
    }

    /** The int8 form of activations. */
    public static final class Quantize {

        public static final int IN = 0;
        public static final int OUT = 8;
        public static final int ROWS = 16;
        public static final int BLOCKS = 24;
        /** The number of floats in the partial block at the end of a row. */
        public static final int REST = 32;

        private Quantize() {}
    }
}
