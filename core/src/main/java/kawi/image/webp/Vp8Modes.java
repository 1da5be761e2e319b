package kawi.image.webp;

import java.util.Arrays;

/** Reads how the macroblocks of a key frame are predicted (RFC 6386, sections 9.3, 9.11 and 11). */
final class Vp8Modes {

    // The modes of blocks of 4 x 4 pixels; macroblocks and their colours have the first four.
    static final int DC = 0;
    static final int TRUE_MOTION = 1;
    static final int VERTICAL = 2;
    static final int HORIZONTAL = 3;
    static final int LEFT_DOWN = 4;
    static final int RIGHT_DOWN = 5;
    static final int VERTICAL_RIGHT = 6;
    static final int VERTICAL_LEFT = 7;
    static final int HORIZONTAL_DOWN = 8;
    static final int HORIZONTAL_UP = 9;

    private final Vp8Header header;
    private final BoolDecoder bits;
    private final int[] above;
    private final int[] left = new int[4];

    /** What is read of a macroblock. */
    int segment;

    boolean skipped;
    boolean inBlocks;
    int mode;
    int colorMode;
    final int[] blockModes = new int[16];

    Vp8Modes(Vp8Header header, int columns) {
        this.header = header;
        this.bits = header.modes;
        this.above = new int[4 * columns];
    }

    void beginRow() {
        Arrays.fill(left, DC);
    }

    void read(int column) {
        if (header.segmentsMapped) {
            int[] probabilities = header.segmentProbabilities;
            segment = bits.bit(probabilities[0])
                    ? 2 + (bits.bit(probabilities[2]) ? 1 : 0)
                    : bits.bit(probabilities[1]) ? 1 : 0;
        }
        skipped = header.skipProbability >= 0 && bits.bit(header.skipProbability);
        inBlocks = !bits.bit(145);
        if (inBlocks) {
            for (int i = 0; i < 16; i++) {
                int x = 4 * column + i % 4;
                int y = i / 4;
                int read = blockMode(9 * (10 * above[x] + left[y]));
                blockModes[i] = read;
                above[x] = read;
                left[y] = read;
            }
        } else {
            mode = bits.bit(156) ? bits.bit(128) ? TRUE_MOTION : HORIZONTAL : bits.bit(163) ? VERTICAL : DC;
            Arrays.fill(above, 4 * column, 4 * column + 4, mode);
            Arrays.fill(left, mode);
        }
        colorMode = !bits.bit(142) ? DC : !bits.bit(114) ? VERTICAL : bits.bit(183) ? TRUE_MOTION : HORIZONTAL;
    }

    private int blockMode(int at) {
        int[] p = Vp8Tables.BLOCK_MODES;
        if (!bits.bit(p[at])) {
            return DC;
        } else if (!bits.bit(p[at + 1])) {
            return TRUE_MOTION;
        } else if (!bits.bit(p[at + 2])) {
            return VERTICAL;
        } else if (!bits.bit(p[at + 3])) {
            return !bits.bit(p[at + 4]) ? HORIZONTAL : bits.bit(p[at + 5]) ? VERTICAL_RIGHT : RIGHT_DOWN;
        } else if (!bits.bit(p[at + 6])) {
            return LEFT_DOWN;
        } else if (!bits.bit(p[at + 7])) {
            return VERTICAL_LEFT;
        }
        return bits.bit(p[at + 8]) ? HORIZONTAL_UP : HORIZONTAL_DOWN;
    }
}
