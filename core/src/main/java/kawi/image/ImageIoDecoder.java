package kawi.image;

import java.awt.image.Raster;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import javax.imageio.IIOException;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadProgressListener;
import javax.imageio.event.IIOReadWarningListener;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import org.jspecify.annotations.Nullable;

/** Decodes files with the readers of {@code javax.imageio}. */
final class ImageIoDecoder {

    /*
     * Decoders are those of the JDK first, so that the pixels of the formats that it reads do not depend on what else
     * is on the class path, then others that are registered, then those that the class loaders of the thread and of
     * this class have: in an application server, they may not be registered.
     *
     * This class, those that it uses in this package, and kawi.Bitmap are the only ones that need java.desktop.
     */

    /** What libjpeg says, in the JDK's text, of image data that end before the image does. */
    private static final String JPEG_HIT_MARKER = "premature end of data segment";

    private ImageIoDecoder() {}

    /** Decodes a file that is given as it is or with fewer segments, and of which {@code size} is in the header. */
    static Pixels read(String mediaType, ByteBuffer file, ImageSize size, BooleanSupplier cancelled)
            throws IOException {
        return read(mediaType, file, size, new int[0], cancelled);
    }

    /** As above, with another palette for samples that are indices, unless it is empty. */
    static Pixels read(String mediaType, ByteBuffer file, ImageSize size, int[] palette, BooleanSupplier cancelled)
            throws IOException {
        return decode(mediaType, file, size, cancelled, reader -> RasterColors.pixels(reader.read(0), palette));
    }

    /** Decodes a JPEG file to its components, and converts these. */
    static Pixels readJpeg(ByteBuffer file, ImageSize size, JpegColors colors, BooleanSupplier cancelled)
            throws IOException {
        return decode("image/jpeg", file, size, cancelled, reader -> {
            ImageReaderSpi provider = reader.getOriginatingProvider();
            if (provider == null || !isOfJdk(provider)) {
                return RasterColors.pixels(reader.read(0), new int[0]);
            }
            Raster raster = reader.readRaster(0, null);
            if (raster.getNumBands() != colors.components()) {
                throw new IIOException("%d components were decoded instead of %d"
                        .formatted(raster.getNumBands(), colors.components()));
            }
            byte[] rgb = colors.toRgb(RasterColors.samples(raster));
            return new Pixels(raster.getWidth(), raster.getHeight(), rgb);
        });
    }

    @FunctionalInterface
    private interface Decoding<T> {
        T decode(ImageReader reader) throws IOException;
    }

    private static <T> T decode(
            String mediaType, ByteBuffer file, ImageSize size, BooleanSupplier cancelled, Decoding<T> decoding)
            throws IOException {
        IOException failure = null;
        for (Iterator<ImageReaderSpi> providers = providers(mediaType); providers.hasNext(); ) {
            ImageReaderSpi provider = providers.next();
            try {
                return decode(provider, file, size, cancelled, decoding);
            } catch (IOException | RuntimeException e) {
                if (e instanceof CancellationException || cancelled.getAsBoolean()) {
                    throw e;
                }
                failure = failure == null ? described(e) : failure;
            } catch (StackOverflowError e) {
                failure = failure == null ? new IOException("its decoder did not end", e) : failure;
            }
        }
        throw failure == null ? new IOException("there is no decoder for " + mediaType) : failure;
    }

    private static <T> T decode(
            ImageReaderSpi provider, ByteBuffer file, ImageSize size, BooleanSupplier cancelled, Decoding<T> decoding)
            throws IOException {
        ImageReader reader = provider.createReaderInstance();
        try (MemoryInput input = new MemoryInput(file, cancelled)) {
            reader.setInput(input, false, true);
            Listener listener = new Listener(cancelled);
            reader.addIIOReadProgressListener(listener);
            reader.addIIOReadWarningListener(listener);
            if (reader.getWidth(0) != size.width() || reader.getHeight(0) != size.height()) {
                throw new IIOException("its decoder finds %d x %d pixels, but its header says %s"
                        .formatted(reader.getWidth(0), reader.getHeight(0), size));
            }
            T decoded = decoding.decode(reader);
            if (listener.truncated) {
                throw new IIOException("its image data end too early");
            } else if (listener.aborted) {
                throw new CancellationException("cancelled while an image was decoded");
            }
            return decoded;
        } finally {
            reader.dispose();
        }
    }

    private static IOException described(Exception e) {
        boolean failed = e.getMessage() == null
                || e instanceof IndexOutOfBoundsException
                || e instanceof NegativeArraySizeException
                || e instanceof NullPointerException;
        return e instanceof IOException io && !failed
                ? io
                : new IOException(
                        failed
                                ? "its decoder failed with " + e.getClass().getSimpleName()
                                : Objects.requireNonNull(e.getMessage()),
                        e);
    }

    /** The providers are looked up only when those before them have failed. */
    private static Iterator<ImageReaderSpi> providers(String mediaType) {
        List<ImageReaderSpi> registered = new ArrayList<>();
        IIORegistry.getDefaultInstance()
                .getServiceProviders(ImageReaderSpi.class, spi -> reads(spi, mediaType), true)
                .forEachRemaining(registered::add);
        registered.sort(Comparator.comparing(spi -> !isOfJdk(spi)));
        return new Iterator<>() {
            private final Iterator<ImageReaderSpi> first = registered.iterator();
            private @Nullable Iterator<ImageReaderSpi> others;

            @Override
            public boolean hasNext() {
                return first.hasNext() || others().hasNext();
            }

            @Override
            public ImageReaderSpi next() {
                return first.hasNext() ? first.next() : others().next();
            }

            private Iterator<ImageReaderSpi> others() {
                if (others == null) {
                    others = notRegistered(mediaType, registered).iterator();
                }
                return others;
            }
        };
    }

    private static List<ImageReaderSpi> notRegistered(String mediaType, List<ImageReaderSpi> registered) {
        List<String> known = new ArrayList<>();
        registered.forEach(spi -> known.add(spi.getClass().getName()));
        List<ImageReaderSpi> found = new ArrayList<>();
        for (ClassLoader loader :
                Arrays.asList(Thread.currentThread().getContextClassLoader(), ImageIoDecoder.class.getClassLoader())) {
            Iterator<ImageReaderSpi> services =
                    ServiceLoader.load(ImageReaderSpi.class, loader).iterator();
            while (true) {
                try {
                    if (!services.hasNext()) {
                        break;
                    }
                    ImageReaderSpi spi = services.next();
                    if (reads(spi, mediaType) && !known.contains(spi.getClass().getName())) {
                        known.add(spi.getClass().getName());
                        found.add(spi);
                    }
                } catch (ServiceConfigurationError _) {
                    // A provider that cannot be loaded is as good as absent.
                }
            }
        }
        return found;
    }

    private static boolean reads(Object spi, String mediaType) {
        String[] types = ((ImageReaderSpi) spi).getMIMETypes();
        return types != null && Arrays.asList(types).contains(mediaType);
    }

    private static boolean isOfJdk(ImageReaderSpi spi) {
        return spi.getClass().getModule() == ImageReaderSpi.class.getModule();
    }

    /** Stops a reader, and remembers what it warns of. */
    private static final class Listener implements IIOReadProgressListener, IIOReadWarningListener {

        private final BooleanSupplier cancelled;
        private boolean aborted;
        private boolean truncated;

        Listener(BooleanSupplier cancelled) {
            this.cancelled = cancelled;
        }

        @Override
        public void imageProgress(ImageReader source, float percentageDone) {
            if (cancelled.getAsBoolean()) {
                aborted = true;
                source.abort();
            }
        }

        @Override
        public void warningOccurred(ImageReader source, String warning) {
            if (warning.contains(JPEG_HIT_MARKER)) {
                truncated = true;
                source.abort();
            }
        }

        @Override
        public void imageStarted(ImageReader source, int imageIndex) {}

        @Override
        public void imageComplete(ImageReader source) {}

        @Override
        public void readAborted(ImageReader source) {}

        @Override
        public void sequenceStarted(ImageReader source, int minIndex) {}

        @Override
        public void sequenceComplete(ImageReader source) {}

        @Override
        public void thumbnailStarted(ImageReader source, int imageIndex, int thumbnailIndex) {}

        @Override
        public void thumbnailProgress(ImageReader source, float percentageDone) {}

        @Override
        public void thumbnailComplete(ImageReader source) {}
    }
}
