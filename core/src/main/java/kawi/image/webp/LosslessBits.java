package kawi.image.webp;

import java.nio.ByteBuffer;

/** Reads bits, the least significant of each byte first; zeros follow the end of the data. */
final class LosslessBits {

    private final ByteBuffer data;
    private int at;
    private long bits;
    private int count;

    LosslessBits(ByteBuffer data) {
        this.data = data;
    }

    /** Returns the next bits, at most 24, without consuming them. */
    int peek(int wanted) {
        while (count < wanted) {
            bits |= (at < data.limit() ? data.get(at) & 0xffL : 0) << count;
            at++;
            count += 8;
        }
        return (int) bits & (1 << wanted) - 1;
    }

    void skip(int used) {
        bits >>>= used;
        count -= used;
    }

    int number(int wanted) {
        int number = peek(wanted);
        skip(wanted);
        return number;
    }

    boolean flag() {
        return number(1) == 1;
    }

    /** Returns whether bits after the end of the data have been consumed. */
    boolean isPastEnd() {
        return at - count / 8 > data.limit();
    }
}
