package kawi.kernels.assembled;

/**
 * Argument blocks of the machine code for Gated DeltaNet: byte offsets of 64-bit numbers and pointers, and of floats
 * where stated.
 */
public final class DeltaArguments {

    private DeltaArguments() {}

    /** The causal convolution. */
    public static final class Convolution {

        public static final int ROWS = 0;
        public static final int WEIGHT = 8;
        public static final int HISTORY = 16;
        public static final int OUT = 24;
        public static final int CHANNELS = 32;
        public static final int STRIDE = 40;
        public static final int TOKENS = 48;
        public static final int TAPS = 56;
        public static final int KEPT = 64;
        public static final int KEPT_ROWS = 72;
        public static final int NEW = 80;
        public static final int NEW_ROWS = 88;

        private Convolution() {}
    }

    /** The delta rule for a tile of value channels. */
    public static final class Recurrence {

        public static final int STATE = 0;
        public static final int STATE_STRIDE = 8;
        public static final int WORK = 16;
        public static final int WORK_STRIDE = 24;
        public static final int KEY_BYTES = 32;
        public static final int QUERY = 40;
        public static final int KEY = 48;
        public static final int VALUE = 56;
        public static final int ROW = 64;
        public static final int DECAY = 72;
        public static final int DECAY_STRIDE = 80;
        public static final int BETA = 88;
        public static final int BETA_STRIDE = 96;
        public static final int OUT = 104;
        public static final int OUT_STRIDE = 112;
        public static final int TOKENS = 120;

        /** The first byte of 64 for the code itself; what follows is for revocable rows only. */
        public static final int FREE = 128;

        public static final int FINAL_TOKENS = 192;
        public static final int REPLAYED = 200;
        public static final int REPLAYED_KEY = 208;
        public static final int REPLAYED_DIFFERENCE = 216;
        public static final int REPLAYED_DECAY = 224;
        /** The distance in bytes from the tile of the state to the one that is probably next, to be prefetched. */
        public static final int NEXT_TILE = 232;

        private Recurrence() {}
    }

    /** The normalization of queries and keys. */
    public static final class Normalization {

        public static final int ROWS = 0;
        public static final int DIM = 8;
        public static final int HEADS = 16;
        public static final int TOKENS = 24;
        public static final int GAP = 32;
        public static final int QUERY_SCALE = 40;
        public static final int KEY_SCALE = 44;
        public static final int END_OF_SCALES = 48;

        private Normalization() {}
    }

    /** The gated norm. */
    public static final class GatedNorm {

        public static final int ROWS = 0;
        public static final int GATE = 8;
        public static final int WEIGHT = 16;
        public static final int DIM = 24;
        public static final int HEADS = 32;
        public static final int TOKENS = 40;
        public static final int GAP = 48;
        public static final int EPS = 56;
        public static final int DIVISOR = 60;

        private GatedNorm() {}
    }
}
