package kawi.kernels.assembled;

import kawi.kernels.KvPages;

/**
 * Argument blocks of the machine code for attention: byte offsets of 64-bit numbers and pointers, and of floats where
 * they say so.
 */
public final class AttentionArguments {

    private AttentionArguments() {}

    /** Of preparing tokens whose positions lie in one page. */
    public static final class Preparation {

        public static final int QUERY = 0;
        public static final int QUERY_HEAD = 8;
        public static final int QUERY_TOKEN = 16;
        public static final int HEADS = 24;
        public static final int KEY = 32;
        public static final int VALUE = 40;
        /** From a key head to the next. */
        public static final int KEY_HEAD = 48;

        public static final int KEY_TOKEN = 56;
        public static final int VALUE_TOKEN = 64;
        public static final int KV_HEADS = 72;
        public static final int STORED_KEY = 80;
        public static final int STORED_VALUE = 88;
        /** From a head's keys or values in the page to the next's. */
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

        /** From a value head to the next. */
        public static final int VALUE_HEAD = 208;

        private Preparation() {}
    }

    /** Of a page's partial result. */
    public static final class Page {

        /** Heads at once. */
        public static final int MAX_HEADS = 4;
        /** Positions that are computed together. */
        public static final int STEP = 16;
        /** Bytes of a row of scores. */
        public static final int SCORE_BYTES = (KvPages.POSITIONS + STEP) * Float.BYTES;

        public static final int QUERY = 0;
        public static final int QUERY_HEAD = 8;
        public static final int QUERY_TOKEN = 16;
        public static final int KEYS = 24;
        public static final int VALUES = 32;
        public static final int VALUE_ROW = 40;
        public static final int KEY_DIM = 48;
        public static final int SCORES = 56;
        public static final int PARTIAL = 64;
        public static final int PARTIAL_ROW = 72;
        public static final int PARTIAL_TOKEN = 80;
        public static final int MAX = 88;
        public static final int MAX_GAP = 96;
        public static final int TOKENS = 104;
        /** Positions that the first token sees. */
        public static final int VISIBLE = 112;
        /** Positions that the last token sees, up to a multiple of {@link #STEP}. */
        public static final int POSITIONS = 120;
        /** Positions that the last token sees; of the others each sees one more than the one before it, up to this. */
        public static final int SEEN_BY_LAST = 128;
        /** What will be read after this page, or anything: it is only prefetched. */
        public static final int AFTER = 136;

        public static final int VALUE_DIM = 144;

        private Page() {}
    }

    /** Of folding partial results into states. */
    public static final class Folding {

        public static final int PARTIAL = 0;
        public static final int STATE = 8;
        public static final int ROW = 16;
        public static final int MAX_AT = 24;
        public static final int DIM = 32;
        public static final int ROWS = 40;

        private Folding() {}
    }

    /** Of the outputs. */
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
