package kawi.image.webp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The header of a key frame (RFC 6386, sections 9 and 19.2). */
final class Vp8Header {

    static final int SEGMENTS = 4;

    final int width;
    final int height;
    /** The rest of the first partition, which has the modes of the macroblocks. */
    final BoolDecoder modes;
    /** The partitions of coefficients; rows of macroblocks use them in turn. */
    final BoolDecoder[] partitions;

    final boolean segmentsMapped;
    final int[] segmentProbabilities = {255, 255, 255};
    final boolean simpleFilter;
    final int sharpness;
    final int[] coefficients = Vp8Tables.COEFFICIENTS.clone();
    /** The probability that a macroblock has coefficients, or -1 if there are no such bits. */
    final int skipProbability;
    /** The levels of the loop filter, of each segment, for macroblocks without and with modes of blocks. */
    final int[][] filterLevels = new int[SEGMENTS][2];
    /** The factors of each segment. */
    final Factors[] factors = new Factors[SEGMENTS];

    /** The factors of coefficient 0 and of the others, of Y, of Y2, and of U and V. */
    record Factors(int yDc, int yAc, int y2Dc, int y2Ac, int uvDc, int uvAc) {}

    Vp8Header(ByteBuffer chunk) throws IOException {
        ByteBuffer data = chunk.slice().order(ByteOrder.LITTLE_ENDIAN);
        int tag = (data.getShort(0) & 0xffff) | (data.get(2) & 0xff) << 16;
        if ((tag & 1) != 0 || (data.getShort(3) & 0xffff) != 0x019d || data.get(5) != 0x2a) {
            throw new IOException("its lossy image does not begin with a key frame");
        }
        width = data.getShort(6) & 0x3fff;
        height = data.getShort(8) & 0x3fff;
        int first = tag >> 5;
        if (first > data.limit() - 10) {
            throw new IOException(
                    "the first partition of its lossy image, of %d bytes, is not inside it".formatted(first));
        }
        modes = new BoolDecoder(data.slice(10, first));
        modes.number(2); // the colour space and whether clamping is needed, neither of which matters here

        boolean segments = modes.flag();
        boolean absolute = true;
        int[] quantizers = new int[SEGMENTS];
        int[] levels = new int[SEGMENTS];
        boolean mapped = false;
        if (segments) {
            mapped = modes.flag();
            if (modes.flag()) {
                absolute = modes.flag();
                for (int i = 0; i < SEGMENTS; i++) {
                    quantizers[i] = modes.optional(7);
                }
                for (int i = 0; i < SEGMENTS; i++) {
                    levels[i] = modes.optional(6);
                }
            }
            for (int i = 0; mapped && i < 3; i++) {
                segmentProbabilities[i] = modes.flag() ? modes.number(8) : 255;
            }
        }
        segmentsMapped = mapped;
        simpleFilter = modes.flag();
        int level = modes.number(6);
        sharpness = modes.number(3);
        int intraDelta = 0;
        int blocksDelta = 0;
        boolean deltasUsed = modes.flag();
        if (deltasUsed && modes.flag()) {
            int[] deltas = new int[8];
            for (int i = 0; i < 8; i++) {
                deltas[i] = modes.optional(6);
            }
            intraDelta = deltas[0];
            blocksDelta = deltas[4];
        }
        int count = 1 << modes.number(2);
        int quantizer = modes.number(7);
        int[] deltas = new int[5];
        for (int i = 0; i < 5; i++) {
            deltas[i] = modes.optional(4);
        }
        for (int i = 0; i < SEGMENTS; i++) {
            int base = segments ? levels[i] + (absolute ? 0 : level) : level;
            // A level of zero means no filter, whatever is added for the mode.
            filterLevels[i][0] = level == 0 ? 0 : clamp(base + intraDelta, 63);
            filterLevels[i][1] = level == 0 ? 0 : clamp(base + intraDelta + blocksDelta, 63);
            factors[i] = factors(segments ? quantizers[i] + (absolute ? 0 : quantizer) : quantizer, deltas);
        }
        modes.flag(); // whether the probabilities are for later frames, of which there are none
        for (int i = 0; i < coefficients.length; i++) {
            if (modes.bit(Vp8Tables.COEFFICIENT_UPDATES[i])) {
                coefficients[i] = modes.number(8);
            }
        }
        skipProbability = modes.flag() ? modes.number(8) : -1;
        partitions = partitions(data, 10 + first, count);
    }

    private static Factors factors(int quantizer, int[] deltas) {
        return new Factors(
                Vp8Tables.DC[clamp(quantizer + deltas[0], 127)],
                Vp8Tables.AC[clamp(quantizer, 127)],
                2 * Vp8Tables.DC[clamp(quantizer + deltas[1], 127)],
                Math.max(8, Vp8Tables.AC[clamp(quantizer + deltas[2], 127)] * 155 / 100),
                Vp8Tables.DC[clamp(quantizer + deltas[3], 117)],
                Vp8Tables.AC[clamp(quantizer + deltas[4], 127)]);
    }

    /** All sizes but the last are stored before the partitions, in three bytes each. */
    private static BoolDecoder[] partitions(ByteBuffer data, int at, int count) throws IOException {
        int start = at + 3 * (count - 1);
        BoolDecoder[] partitions = new BoolDecoder[count];
        for (int i = 0; i < count; i++) {
            int sizeAt = at + 3 * i;
            if (start > data.limit()) {
                throw new IOException("partition %d of its lossy image is not inside it".formatted(i));
            }
            int size = i == count - 1
                    ? data.limit() - start
                    : (data.getShort(sizeAt) & 0xffff) | (data.get(sizeAt + 2) & 0xff) << 16;
            partitions[i] = new BoolDecoder(data.slice(start, Math.min(size, data.limit() - start)));
            start += size;
        }
        return partitions;
    }

    private static int clamp(int value, int max) {
        return Math.max(0, Math.min(max, value));
    }
}
