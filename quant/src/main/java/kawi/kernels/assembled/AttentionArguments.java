package kawi.kernels.assembled;

import kawi.kernels.KvPages;

/**
 * Argument blocks of the machine code for attention: byte offsets of 64-bit numbers and pointers, and of floats where
 * stated.
 */
public final class AttentionArguments {

    private AttentionArguments() {}

    /** The preparation of tokens whose positions lie in one page. */
    public static final class Preparation {

        public static final int QUERY = 0;
        public static final int QUERY_HEAD = 8;
        public static final int QUERY_TOKEN = 16;
        public static final int HEADS = 24;
        public static final int KEY = 32;
        public static final int VALUE = 40;
        /** The distance between key heads. */
        public static final int KEY_HEAD = 48;

        public static final int KEY_TOKEN = 56;
        public static final int VALUE_TOKEN = 64;
        public static final int KV_HEADS = 72;
        public static final int STORED_KEY = 80;
        public static final int STORED_VALUE = 88;
        /** The distance between the keys or values of two heads in the page. */
        public static final int STORED_HEAD = 96;

        public static final int STORED_VALUE_TOKEN = 104;
        public static final int QUERY_NORM = 112;
        public static final int KEY_NORM = 120;
        public static final int COSINES = 128;
        public static final int SINES = 136;
        public static final int ROTATION_TOKEN = 144;
        public static final int KEY_DIM = 152;
        public static final int PAIRS = 160;
        public static final int PAIR_BYTES = 168;
        public static final int TOKENS = 176;
        public static final int EPS = 184;
        public static final int DIVISOR = 188;
        public static final int SCALE = 192;
        public static final int VALUE_DIM = 200;

        /** The distance between value heads. */
        public static final int VALUE_HEAD = 208;

        private Preparation() {}
    }

    /** The partial result of a page. */
    public static final class Page {

        /** The maximum number of heads at once. */
        public static final int MAX_HEADS = 4;
        /** The number of positions that are computed together. */
        public static final int STEP = 16;
        /** The size in bytes of a row of scores. */
        public static final int SCORE_BYTES = (KvPages.POSITIONS + STEP) * Float.BYTES;

        public static final int QUERY = 0;
        public static final int QUERY_HEAD = 8;
        public static final int QUERY_TOKEN = 16;
        public static final int KEYS = 24;
        public static final int VALUES = 32;
        public static final int VALUE_ROW = 40;
        /** The number of rows of keys. */
        public static final int KEY_ROWS = 48;

        public static final int SCORES = 56;
        public static final int PARTIAL = 64;
        public static final int PARTIAL_ROW = 72;
        public static final int PARTIAL_TOKEN = 80;
        public static final int MAX = 88;
        public static final int TOKENS = 104;
        /** The number of positions that the first token attends to. */
        public static final int VISIBLE = 112;
        /** The number of positions that the last token attends to, rounded up to a multiple of {@link #STEP}. */
        public static final int POSITIONS = 120;
        /**
         * The number of positions that the last token attends to; each token attends to one more than the token before
         * it, up to this number.
         */
        public static final int SEEN_BY_LAST = 128;
        /** The memory that is read after this page, or any other address; it is only prefetched. */
        public static final int AFTER = 136;

        public static final int VALUE_DIM = 144;

        /**
         * The number of rows of keys, and of values, that are processed before the next ones; 152 to 207 are used.
         */
        public static final int KEY_SLICE = 208;

        public static final int VALUE_SLICE = 216;

        /** The scales of quantized keys, by position, and those of quantized values. */
        public static final int KEY_SCALES = 224;

        public static final int VALUE_SCALES = 232;

        /** The distance from a quantized query to its scale, which the sum of its integers follows. */
        public static final int QUERY_SCALE_AT = 240;

        private Page() {}
    }

    /** The rotation of rows. */
    public static final class Hadamard {

        public static final int X = 0;
        /** The distance between rows. */
        public static final int STRIDE = 8;

        public static final int ROWS = 16;
        public static final int DIM_BYTES = 24;
        /** The size of the matrix, times the size of a float. */
        public static final int SIZE_BYTES = 32;
        /** What rows are multiplied by when they are rotated back. */
        public static final int FACTOR = 40;

        /** The size of the smallest matrix. */
        static final int MIN_SIZE = 16;

        private Hadamard() {}
    }

    /** The combination of partial results with states. */
    public static final class Folding {

        public static final int PARTIAL = 0;
        public static final int STATE = 8;
        public static final int ROW = 16;
        public static final int MAX_AT = 24;
        public static final int DIM = 32;
        public static final int ROWS = 40;

        private Folding() {}
    }

    /** The computation of the outputs. */
    public static final class Finish {

        public static final int STATE = 0;
        public static final int STATE_ROW = 8;
        public static final int GATE = 16;
        public static final int GATE_HEAD = 24;
        public static final int GATE_GAP = 32;
        public static final int OUT = 40;
        public static final int OUT_HEAD = 48;
        public static final int OUT_GAP = 56;
        public static final int MASS_AT = 64;
        public static final int DIM = 72;
        public static final int HEADS = 80;
        public static final int TOKENS = 88;

        private Finish() {}
    }
}
