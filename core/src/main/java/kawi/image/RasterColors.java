package kawi.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;
import javax.imageio.IIOException;

/** Converts decoded images to 8-bit red, green and blue. */
final class RasterColors {

    /*
     * The samples are taken as they are: the JDK would apply the linear grey scale that it takes TYPE_BYTE_GRAY to be,
     * and profiles, neither of which the reference does. Only samples that have been multiplied with the opacity (of
     * some TIFF files) are divided by it.
     */

    private RasterColors() {}

    /**
     * Returns the image without its transparency.
     *
     * @param palette replaces that of an image whose samples are indices, unless it is empty
     */
    static Pixels pixels(BufferedImage image, int[] palette) throws IIOException {
        int width = image.getWidth();
        int height = image.getHeight();
        Raster raster = image.getRaster();
        if (image.getColorModel() instanceof ComponentColorModel
                && raster.getNumBands() == 3
                && raster.getTransferType() == DataBuffer.TYPE_BYTE) {
            return new Pixels(width, height, samples(raster));
        }
        return new Pixels(width, height, convert(image, palette));
    }

    /** Returns the samples of all bands, interleaved. */
    static byte[] samples(Raster raster) {
        int bands = raster.getNumBands();
        int rowBytes = bands * raster.getWidth();
        if (raster.getSampleModel() instanceof PixelInterleavedSampleModel model
                && raster.getDataBuffer() instanceof DataBufferByte buffer
                && inOrder(model.getBandOffsets())
                && model.getPixelStride() == bands
                && model.getScanlineStride() == rowBytes
                && buffer.getOffset() == 0
                && raster.getParent() == null
                && buffer.getData().length == rowBytes * raster.getHeight()) {
            return buffer.getData();
        }
        byte[] samples = new byte[Math.multiplyExact(rowBytes, raster.getHeight())];
        int[] row = new int[rowBytes];
        for (int y = 0, at = 0; y < raster.getHeight(); y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, raster.getWidth(), 1, row);
            for (int i = 0; i < rowBytes; i++) {
                samples[at++] = (byte) row[i];
            }
        }
        return samples;
    }

    private static boolean inOrder(int[] offsets) {
        for (int i = 0; i < offsets.length; i++) {
            if (offsets[i] != i) {
                return false;
            }
        }
        return true;
    }

    private static byte[] convert(BufferedImage image, int[] palette) throws IIOException {
        ColorModel colors = image.getColorModel();
        byte[] out = new byte[Math.multiplyExact(3 * image.getWidth(), image.getHeight())];
        if (colors instanceof ComponentColorModel) {
            components(image, out);
        } else if (colors instanceof IndexColorModel index) {
            int[] own = new int[index.getMapSize()];
            index.getRGBs(own);
            indexed(image, palette.length == 0 ? own : palette, out);
        } else {
            packed(image, out);
        }
        return out;
    }

    private static void components(BufferedImage image, byte[] out) throws IIOException {
        Raster raster = image.getRaster();
        ColorModel colors = image.getColorModel();
        int bands = raster.getNumBands();
        int shift = colors.getComponentSize(0) - 8;
        int type = raster.getTransferType();
        if (shift < 0 || (type != DataBuffer.TYPE_BYTE && type != DataBuffer.TYPE_USHORT)) {
            throw new IIOException("its samples of %d bits are not supported".formatted(colors.getComponentSize(0)));
        }
        boolean cmyk = colors.getColorSpace().getType() == ColorSpace.TYPE_CMYK;
        boolean premultiplied = colors.hasAlpha() && colors.isAlphaPremultiplied();
        int[] row = new int[bands * image.getWidth()];
        for (int y = 0, at = 0; y < image.getHeight(); y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, image.getWidth(), 1, row);
            for (int i = 0; i < row.length; i += bands, at += 3) {
                if (cmyk) {
                    int white = 255 - (row[i + 3] >> shift);
                    for (int c = 0; c < 3; c++) {
                        out[at + c] = JpegColors.ofInk(row[i + c] >> shift, white);
                    }
                } else {
                    int alpha = premultiplied ? row[i + bands - 1] >> shift : 0;
                    for (int c = 0; c < 3; c++) {
                        int value = row[bands < 3 ? i : i + c] >> shift;
                        out[at + c] = (byte) (alpha == 0 ? value : Math.min(255, 255 * value / alpha));
                    }
                }
            }
        }
    }

    private static void indexed(BufferedImage image, int[] palette, byte[] out) {
        Raster raster = image.getRaster();
        int[] row = new int[image.getWidth()];
        for (int y = 0, at = 0; y < image.getHeight(); y++) {
            raster.getSamples(raster.getMinX(), raster.getMinY() + y, row.length, 1, 0, row);
            for (int x = 0; x < row.length; x++, at += 3) {
                put(row[x] < palette.length ? palette[row[x]] : 0xff00_0000, out, at);
            }
        }
    }

    private static void packed(BufferedImage image, byte[] out) {
        Raster raster = image.getRaster();
        ColorModel colors = image.getColorModel();
        Object element = null;
        for (int y = 0, at = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++, at += 3) {
                element = raster.getDataElements(raster.getMinX() + x, raster.getMinY() + y, element);
                put(colors.getRGB(element), out, at);
            }
        }
    }

    private static void put(int argb, byte[] out, int at) {
        out[at] = (byte) (argb >> 16);
        out[at + 1] = (byte) (argb >> 8);
        out[at + 2] = (byte) argb;
    }
}
