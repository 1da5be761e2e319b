package kawi.image.webp;

import java.nio.ByteBuffer;

/** Reads bits of given probabilities. */
final class BoolDecoder {

    /*
     * The arithmetic decoder of VP8 (RFC 6386, section 7). A bit that is 0 with probability p / 256 splits the range:
     *
     *     split = 1 + ((range - 1) p >> 8);   value < split: 0, range = split;   else 1, value -= split, range -= split
     *
     * after which range and value are doubled until range is at least 128. Zeros follow the end of the data.
     */

    private final ByteBuffer data;
    private int at;
    private int range = 255;
    /** The value, with {@code extra} further bits below it. */
    private long value;

    private int extra = -8;

    BoolDecoder(ByteBuffer data) {
        this.data = data;
    }

    boolean bit(int probability) {
        if (extra < 0) {
            fill();
        }
        int split = 1 + (((range - 1) * probability) >> 8);
        long bound = (long) split << extra;
        boolean bit = value >= bound;
        if (bit) {
            value -= bound;
            range -= split;
        } else {
            range = split;
        }
        int shift = Integer.numberOfLeadingZeros(range) - 24;
        range <<= shift;
        extra -= shift;
        return bit;
    }

    /** Reads a bit that is as often 0 as 1. */
    boolean flag() {
        return bit(128);
    }

    /** Reads an unsigned integer. */
    int number(int bits) {
        int number = 0;
        for (int i = 0; i < bits; i++) {
            number = number << 1 | (flag() ? 1 : 0);
        }
        return number;
    }

    /** Reads a magnitude and a sign. */
    int signed(int bits) {
        int magnitude = number(bits);
        return flag() ? -magnitude : magnitude;
    }

    /** Reads a flag and, if it is set, a magnitude and a sign. */
    int optional(int bits) {
        return flag() ? signed(bits) : 0;
    }

    private void fill() {
        while (extra < 40) {
            value = value << 8 | (at < data.limit() ? data.get(at) & 0xff : 0);
            at++;
            extra += 8;
        }
    }
}
