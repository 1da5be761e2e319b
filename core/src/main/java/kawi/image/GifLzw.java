package kawi.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/** Decodes the compressed indices of a frame. */
final class GifLzw {

    /*
     * Codes of growing width, least significant bit first, over sub-blocks. With a minimum code size of m bits,
     *
     *     code < 2^m          that index
     *     2^m                 clears the table; codes have m + 1 bits again
     *     2^m + 1             end
     *     others              the string of a former code, and one more index
     *
     * Each code after the first of a table adds a string: that of the code before it, and the first index of this one.
     * The width grows when the table has 2^width strings, until 12 bits; a full table stays as it is until it is
     * cleared.
     */

    private static final int MAX_CODES = 4096;
    private static final int CHECK_MASK = 0xffff;

    private final ByteBuffer file;
    private final int minimum;
    /** The offset of the next byte, and how many are left of its sub-block. */
    private int at;

    private int left;
    private int bits;
    private int bitCount;

    GifLzw(ByteBuffer file, int offset) throws IOException {
        this.file = file;
        this.minimum = file.get(offset);
        this.at = offset + 1;
        if (minimum < 1 || minimum > 11) {
            throw new IOException("codes of %d bits at byte %d are not supported".formatted(minimum, offset));
        }
    }

    byte[] decode(int count, BooleanSupplier cancelled) throws IOException {
        byte[] out = new byte[count];
        short[] prefix = new short[MAX_CODES];
        byte[] last = new byte[MAX_CODES];
        byte[] first = new byte[MAX_CODES];
        short[] length = new short[MAX_CODES];
        int clear = 1 << minimum;
        for (int i = 0; i < clear; i++) {
            last[i] = (byte) i;
            first[i] = (byte) i;
            length[i] = 1;
        }
        int size = clear + 2;
        int width = minimum + 1;
        int before = -1;
        int written = 0;
        for (int codes = 0; written < count; codes++) {
            if ((codes & CHECK_MASK) == 0 && cancelled.getAsBoolean()) {
                throw new CancellationException("cancelled while an image was decoded");
            }
            int code = code(width);
            if (code == clear) {
                size = clear + 2;
                width = minimum + 1;
                before = -1;
                continue;
            } else if (code < 0 || code == clear + 1) {
                throw new IOException("its image data end after %d of %d pixels".formatted(written, count));
            } else if (code > size || (code == size && before < 0)) {
                throw new IOException("the code %d before byte %d is not in the table".formatted(code, at));
            }
            if (before >= 0 && size < MAX_CODES) {
                prefix[size] = (short) before;
                first[size] = first[before];
                length[size] = (short) (length[before] + 1);
                last[size] = code == size ? first[before] : first[code];
                size++;
                if (size == 1 << width && width < 12) {
                    width++;
                }
            } else if (code >= size) {
                throw new IOException("the code %d before byte %d is not in the table".formatted(code, at));
            }
            int end = written + length[code];
            for (int i = end - 1, c = code; i >= written; i--, c = prefix[c]) {
                if (i < count) {
                    out[i] = last[c];
                }
            }
            written = end;
            before = code;
        }
        return out;
    }

    /** Returns the next code, or -1 if there is none. */
    private int code(int width) {
        while (bitCount < width) {
            if (left == 0) {
                left = file.get(at) & 0xff;
                if (left == 0) {
                    return -1;
                }
                at++;
            }
            bits |= (file.get(at++) & 0xff) << bitCount;
            bitCount += 8;
            left--;
        }
        int code = bits & (1 << width) - 1;
        bits >>>= width;
        bitCount -= width;
        return code;
    }
}
