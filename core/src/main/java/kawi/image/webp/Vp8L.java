package kawi.image.webp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/** Decodes lossless images. */
public final class Vp8L {

    /*
     * A lossless image (RFC 9649, section 3). Pixels are 0xAARRGGBB, and are read in raster order as literals of four
     * prefix codes, as copies of earlier pixels (length and distance, LZ77), or as indices of a cache of recent
     * colours. The codes may differ between squares of the image, which an image of its own numbers. Steps that were
     * applied before are undone in reverse order.
     */

    private static final int SIGNATURE = 0x2f;
    private static final int PREDICTOR = 0;
    private static final int COLOR = 1;
    private static final int SUBTRACT_GREEN = 2;
    private static final int CACHE_MULTIPLIER = 0x1e35a7bd;

    /** The places that the distances 1 to 120 stand for: columns to the left, and rows above. */
    private static final List<int[]> PLACES = places();

    private final LosslessBits bits;
    private final BooleanSupplier cancelled;

    private Vp8L(ByteBuffer data, BooleanSupplier cancelled) {
        this.bits = new LosslessBits(data);
        this.cancelled = cancelled;
    }

    /**
     * Decodes an image.
     *
     * @param chunk the data of a chunk {@code VP8L}, whose size the caller has found to be acceptable
     * @return the pixels, as 0xAARRGGBB
     * @throws IOException if the data is damaged
     * @throws CancellationException if {@code cancelled} returns true
     */
    public static int[] decode(ByteBuffer chunk, BooleanSupplier cancelled) throws IOException {
        Vp8L decoder = new Vp8L(chunk, cancelled);
        int signature = decoder.bits.number(8);
        int width = decoder.bits.number(14) + 1;
        int height = decoder.bits.number(14) + 1;
        boolean hasAlpha = decoder.bits.flag();
        int version = decoder.bits.number(3);
        if (signature != SIGNATURE || version != 0) {
            throw new IOException(
                    "its lossless image has the signature %d and the version %d".formatted(signature, version));
        }
        int[] pixels = decoder.image(width, height);
        for (int i = 0; !hasAlpha && i < pixels.length; i++) {
            pixels[i] |= 0xff00_0000;
        }
        return pixels;
    }

    /** Decodes an image without a header, as transparency is stored. */
    static int[] decode(ByteBuffer data, int width, int height, BooleanSupplier cancelled) throws IOException {
        return new Vp8L(data, cancelled).image(width, height);
    }

    private int[] image(int width, int height) throws IOException {
        List<LosslessTransform> transforms = new ArrayList<>();
        int packed = width;
        int seen = 0;
        while (bits.flag()) {
            int type = bits.number(2);
            if ((seen & 1 << type) != 0) {
                throw new IOException("its lossless image has the transform %d twice".formatted(type));
            }
            seen |= 1 << type;
            LosslessTransform transform = transform(type, packed, height);
            transforms.add(transform);
            if (transform instanceof LosslessTransform.Palette palette) {
                packed = (packed + (1 << palette.bits()) - 1) >> palette.bits();
            }
        }
        int[] pixels = pixels(packed, height, true);
        for (LosslessTransform transform : transforms.reversed()) {
            check();
            // The palette is the only step that changes the width; those before it saw the whole one.
            packed = transform instanceof LosslessTransform.Palette ? width : packed;
            pixels = transform.undo(pixels, packed, height);
        }
        return pixels;
    }

    private LosslessTransform transform(int type, int width, int height) throws IOException {
        if (type == PREDICTOR || type == COLOR) {
            int size = bits.number(3) + 2;
            int[] squares = pixels((width + (1 << size) - 1) >> size, (height + (1 << size) - 1) >> size, false);
            return type == PREDICTOR
                    ? new LosslessTransform.Predictor(size, squares)
                    : new LosslessTransform.Color(size, squares);
        } else if (type == SUBTRACT_GREEN) {
            return new LosslessTransform.SubtractGreen();
        }
        int[] colors = pixels(bits.number(8) + 1, 1, false);
        for (int i = 1; i < colors.length; i++) {
            // Each is stored as the difference from the one before.
            colors[i] = ((colors[i] & 0xff00_ff00) + (colors[i - 1] & 0xff00_ff00) & 0xff00_ff00)
                    | ((colors[i] & 0xff_00ff) + (colors[i - 1] & 0xff_00ff) & 0xff_00ff);
        }
        return new LosslessTransform.Palette(colors);
    }

    private int[] pixels(int width, int height, boolean whole) throws IOException {
        int cacheBits = bits.flag() ? bits.number(4) : 0;
        if (cacheBits > 11) {
            throw new IOException("its lossless image has a cache of 2^%d colours".formatted(cacheBits));
        }
        int[] groups = {};
        int groupBits = 0;
        int groupCount = 1;
        if (whole && bits.flag()) {
            groupBits = bits.number(3) + 2;
            groups = pixels(
                    (width + (1 << groupBits) - 1) >> groupBits, (height + (1 << groupBits) - 1) >> groupBits, false);
            for (int i = 0; i < groups.length; i++) {
                groups[i] = groups[i] >> 8 & 0xffff;
                groupCount = Math.max(groupCount, groups[i] + 1);
            }
        }
        PrefixCodes[] codes = new PrefixCodes[groupCount];
        for (int i = 0; i < groupCount; i++) {
            check();
            codes[i] = PrefixCodes.read(bits, cacheBits == 0 ? 0 : 1 << cacheBits);
        }
        int[] cache = new int[1 << cacheBits];
        int cacheShift = 32 - cacheBits;
        int[] out = new int[Math.multiplyExact(width, height)];
        int groupsWidth = (width + (1 << groupBits) - 1) >> groupBits;
        int cached = 0;
        int row = -1;
        for (int i = 0; i < out.length; ) {
            int x = i % width;
            int y = i / width;
            if (y != row) {
                check();
                row = y;
            }
            PrefixCodes code =
                    groups.length == 0 ? codes[0] : codes[groups[(y >> groupBits) * groupsWidth + (x >> groupBits)]];
            int symbol = code.green().read(bits);
            if (symbol < PrefixCodes.LITERALS) {
                int red = code.red().read(bits);
                int blue = code.blue().read(bits);
                out[i++] = code.alpha().read(bits) << 24 | red << 16 | symbol << 8 | blue;
            } else if (symbol < PrefixCodes.LITERALS + PrefixCodes.LENGTHS) {
                int length = value(symbol - PrefixCodes.LITERALS);
                int distance = distance(value(code.distance().read(bits)), width);
                if (distance > i || length > out.length - i) {
                    throw new IOException("pixel %d of its lossless image repeats %d pixels from %d before it"
                            .formatted(i, length, distance));
                }
                for (int end = i + length; i < end; i++) {
                    out[i] = out[i - distance];
                }
            } else {
                for (; cached < i; cached++) {
                    cache[(out[cached] * CACHE_MULTIPLIER) >>> cacheShift] = out[cached];
                }
                out[i++] = cache[symbol - PrefixCodes.LITERALS - PrefixCodes.LENGTHS];
            }
            if (bits.isPastEnd()) {
                throw new IOException("its lossless image ends after %d of %d pixels".formatted(i, out.length));
            }
        }
        return out;
    }

    private void check() {
        if (cancelled.getAsBoolean()) {
            throw new CancellationException("cancelled while an image was decoded");
        }
    }

    /** Returns the length or distance of a symbol, with the bits that follow it. */
    private int value(int symbol) {
        if (symbol < 4) {
            return symbol + 1;
        }
        int extra = (symbol - 2) >> 1;
        return ((2 + (symbol & 1)) << extra) + bits.number(extra) + 1;
    }

    private static int distance(int value, int width) {
        if (value > PLACES.size()) {
            return value - PLACES.size();
        }
        int[] place = PLACES.get(value - 1);
        return Math.max(1, place[0] + place[1] * width);
    }

    /**
     * The places that are at most 7 rows above, and from 8 columns to the left to 7 to the right: the nearest first,
     * and of equally near ones the one in the nearest column, first to the left. This is the table of section 3.6.2.2.
     */
    private static List<int[]> places() {
        List<int[]> places = new ArrayList<>();
        for (int above = 0; above < 8; above++) {
            for (int left = above == 0 ? 1 : -7; left <= 8; left++) {
                places.add(new int[] {left, above});
            }
        }
        places.sort(Comparator.<int[]>comparingInt(place -> place[0] * place[0] + place[1] * place[1])
                .thenComparingInt(place -> Math.abs(place[0]))
                .thenComparingInt(place -> -place[0]));
        return places;
    }
}
