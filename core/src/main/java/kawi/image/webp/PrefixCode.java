package kawi.image.webp;

import java.io.IOException;

/** A code of symbols. */
final class PrefixCode {

    /*
     * A canonical prefix code (RFC 9649, section 3.7.2): codes of the lengths 1 to 15, assigned in the order of length
     * and then of symbol. Codes of up to 8 bits are looked up in a table; longer ones continue bit by bit,
     *
     *     code of length n is in use if code - first[n] < count[n], and has the symbol at start[n] + code - first[n]
     */

    private static final int MAX_LENGTH = 15;
    private static final int TABLE_BITS = 8;

    /** The symbols in the order of their codes. */
    private final int[] symbols;

    private final int[] counts = new int[MAX_LENGTH + 1];
    /** For each value of the next bits, symbol << 4 | length, or 0 if the code is longer. */
    private final int[] table = new int[1 << TABLE_BITS];
    /** The only symbol, whose code has no bits; -1 if there are several. */
    private final int single;

    PrefixCode(int[] lengths) throws IOException {
        int used = 0;
        int last = -1;
        for (int symbol = 0; symbol < lengths.length; symbol++) {
            if (lengths[symbol] > 0) {
                counts[lengths[symbol]]++;
                used++;
                last = symbol;
            }
        }
        single = used == 1 ? last : -1;
        symbols = new int[used];
        if (used == 0) {
            throw new IOException("a code of its lossless image has no symbols");
        } else if (used == 1) {
            return;
        }
        int[] next = new int[MAX_LENGTH + 2];
        int left = 1;
        for (int length = 1; length <= MAX_LENGTH; length++) {
            left = 2 * left - counts[length];
            next[length + 1] = next[length] + counts[length];
            if (left < 0) {
                break;
            }
        }
        if (left != 0) {
            throw new IOException("a code of its lossless image is not complete");
        }
        for (int symbol = 0; symbol < lengths.length; symbol++) {
            if (lengths[symbol] > 0) {
                symbols[next[lengths[symbol]]++] = symbol;
            }
        }
        fillTable();
    }

    private void fillTable() {
        int code = 0;
        int index = 0;
        for (int length = 1; length <= TABLE_BITS; length++, code <<= 1) {
            for (int i = 0; i < counts[length]; i++, code++, index++) {
                int first = Integer.reverse(code) >>> (32 - length);
                for (int at = first; at < table.length; at += 1 << length) {
                    table[at] = symbols[index] << 4 | length;
                }
            }
        }
    }

    int read(LosslessBits bits) throws IOException {
        if (single >= 0) {
            return single;
        }
        int ahead = bits.peek(MAX_LENGTH);
        int entry = table[ahead & (1 << TABLE_BITS) - 1];
        if (entry != 0) {
            bits.skip(entry & 15);
            return entry >> 4;
        }
        int code = 0;
        int first = 0;
        int start = 0;
        for (int length = 1; length <= MAX_LENGTH; length++) {
            code |= ahead >> (length - 1) & 1;
            if (code - first < counts[length]) {
                bits.skip(length);
                return symbols[start + code - first];
            }
            start += counts[length];
            first = (first + counts[length]) << 1;
            code <<= 1;
        }
        throw new IOException("its lossless image has bits that are no code");
    }
}
