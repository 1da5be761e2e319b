package kawi.image.webp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/** Decodes lossy images. */
public final class Vp8 {

    /*
     * A key frame of VP8 (RFC 6386): macroblocks of 16 x 16 pixels in rows. Each is predicted from pixels above and to
     * the left, and a transformed difference is added. When all have been, the loop filter smooths their edges.
     */

    private final Vp8Header header;
    private final int columns;
    private final int rows;
    private final Vp8Modes modes;
    private final Vp8Residuals residuals;
    private final Vp8Planes planes;
    /** The level of the filter of each macroblock, negative if edges inside it are filtered as well. */
    private final byte[] filters;

    private final int[] edge = new int[13];

    private Vp8(Vp8Header header) {
        this.header = header;
        this.columns = (header.width + 15) / 16;
        this.rows = (header.height + 15) / 16;
        this.modes = new Vp8Modes(header, columns);
        this.residuals = new Vp8Residuals(header, columns);
        this.planes = new Vp8Planes(columns, rows);
        this.filters = new byte[columns * rows];
    }

    /**
     * Decodes an image.
     *
     * @param chunk the data of a chunk {@code VP8}, whose size the caller has found to be acceptable
     * @return red, green and blue of each pixel
     * @throws IOException if the data is damaged
     * @throws CancellationException if {@code cancelled} returns true
     */
    public static byte[] decode(ByteBuffer chunk, BooleanSupplier cancelled) throws IOException {
        Vp8 frame = new Vp8(new Vp8Header(chunk));
        for (int row = 0; row < frame.rows; row++) {
            check(cancelled);
            frame.decodeRow(row);
        }
        for (int row = 0; row < frame.rows; row++) {
            check(cancelled);
            frame.filterRow(row);
        }
        return Vp8Colors.rgb(frame.planes, frame.header.width, frame.header.height);
    }

    private static void check(BooleanSupplier cancelled) {
        if (cancelled.getAsBoolean()) {
            throw new CancellationException("cancelled while an image was decoded");
        }
    }

    private void decodeRow(int row) {
        BoolDecoder bits = header.partitions[row % header.partitions.length];
        modes.beginRow();
        residuals.beginRow();
        for (int column = 0; column < columns; column++) {
            modes.read(column);
            boolean coded = false;
            if (modes.skipped) {
                residuals.skip(column, modes.inBlocks);
            } else {
                coded = residuals.read(bits, column, modes.inBlocks, header.factors[modes.segment]);
            }
            int level = header.filterLevels[modes.segment][modes.inBlocks ? 1 : 0];
            filters[row * columns + column] = (byte) (coded || modes.inBlocks ? -level : level);
            reconstructLuma(column, row);
            for (int plane = 1; plane < 3; plane++) {
                int at = planes.offset(plane, 8 * column, 8 * row);
                int stride = planes.stride(plane);
                Vp8Prediction.square(planes.pixels(plane), at, stride, 8, modes.colorMode, row > 0, column > 0);
                for (int i = 0; i < 4; i++) {
                    add(12 + 4 * plane + i, plane, at + i / 2 * 4 * stride + i % 2 * 4);
                }
            }
        }
        extend(row);
    }

    private void reconstructLuma(int column, int row) {
        byte[] pixels = planes.pixels(0);
        int stride = planes.stride(0);
        int at = planes.offset(0, 16 * column, 16 * row);
        if (!modes.inBlocks) {
            Vp8Prediction.square(pixels, at, stride, 16, modes.mode, row > 0, column > 0);
        }
        for (int i = 0; i < 16; i++) {
            int block = at + i / 4 * 4 * stride + i % 4 * 4;
            if (modes.inBlocks) {
                // What is to the right of the macroblock has not been decoded yet: blocks there use the row above it.
                int right = i % 4 == 3 ? at - stride + 16 : block - stride + 4;
                Vp8Prediction.block(pixels, block, stride, right, modes.blockModes[i], edge);
            }
            add(i, 0, block);
        }
    }

    private void add(int block, int plane, int at) {
        if (residuals.present[block]) {
            Vp8Transform.addCosine(residuals.values, 16 * block, planes.pixels(plane), at, planes.stride(plane));
        }
    }

    /** Repeats the last pixel of a row of macroblocks, from which the last one of the next row is predicted. */
    private void extend(int row) {
        int end = planes.offset(0, 16 * columns, 16 * row + 15);
        byte[] pixels = planes.pixels(0);
        for (int i = 0; i < 4; i++) {
            pixels[end + i] = pixels[end - 1];
        }
    }

    private void filterRow(int row) {
        for (int column = 0; column < columns; column++) {
            int level = filters[row * columns + column];
            if (level != 0) {
                Vp8LoopFilter.filter(
                        planes, column, row, Math.abs(level), header.sharpness, header.simpleFilter, level < 0);
            }
        }
    }
}
