package kawi.vision;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import kawi.ImageUse;
import kawi.Part;
import kawi.image.Bicubic;
import kawi.image.Film;
import kawi.image.FilmFrames;
import kawi.image.ImageLimits;
import kawi.image.ImageReader;
import kawi.image.ImageSize;
import kawi.image.PatchShape;
import kawi.image.Pixels;
import org.jspecify.annotations.Nullable;

/**
 * Prepares the images and films of prompts: reads their sizes from the headers, then decodes and resizes them and
 * determines what they contain.
 *
 * <p>A conversation gives all of its images with each message. The contents of files that have been seen before are
 * remembered by a digest of the file, so that they are not decoded again. Thread-safe.
 */
public final class ImagePreparation {

    /** The number of images and films whose contents are remembered. */
    private static final int MAX_REMEMBERED = 1024;

    private final PatchShape model;

    /** Contents by a digest of the file and the limits; the least recently used first. */
    private final Map<String, List<ImageContent>> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, List<ImageContent>> eldest) {
            return size() > MAX_REMEMBERED;
        }
    };

    /** @param model what the model's preprocessor prescribes */
    public ImagePreparation(PatchShape model) {
        this.model = model;
    }

    /**
     * An image or a film whose header has been read.
     *
     * @param use how the model will see it
     */
    public record Plan(ImageUse use, Reader reader) {

        /** Decodes and resizes it. */
        public PreparedMedia read(BooleanSupplier cancelled) {
            return reader.read(cancelled);
        }
    }

    /** Decodes and resizes an image or a film. */
    @FunctionalInterface
    interface Reader {
        PreparedMedia read(BooleanSupplier cancelled);
    }

    /**
     * Reads the header of an image or a film.
     *
     * @param what names it in messages
     * @throws kawi.ImageException if it cannot be used
     */
    public Plan plan(Part part, String what, TokenLimits limits) {
        return switch (part) {
            case Part.Image image -> plan(image, what, limits);
            case Part.Video video -> plan(video, what, limits);
            case Part.Text text -> throw new IllegalArgumentException("%s is a text".formatted(what));
        };
    }

    private Plan plan(Part.Image image, String what, TokenLimits limits) {
        PatchShape shape = limits.applyTo(model);
        ImageSize original = ImageReader.size(image.buffer(), what);
        ImageSize size = shape.resized(original);
        ImageUse use =
                new ImageUse(1, original.width(), original.height(), size.width(), size.height(), shape.tokens(size));
        PreparedImage.Source source = cancelled -> {
            Pixels pixels = resize(ImageReader.read(image.buffer(), what, ImageLimits.DEFAULT), size, cancelled);
            return new PreparedImage.Frames(pixels, pixels);
        };
        return new Plan(use, cancelled -> {
            MessageDigest digest = sha256();
            digest.update(image.buffer());
            String key = key(digest, limits);
            List<ImageContent> contents = find(key);
            return new PreparedMedia(
                    List.of(
                            contents == null
                                    ? read(key, shape, source, cancelled)
                                    : new PreparedImage(contents.getFirst(), shape, source, null)),
                    List.of(),
                    use);
        });
    }

    private PreparedImage read(String key, PatchShape shape, PreparedImage.Source source, BooleanSupplier cancelled) {
        PreparedImage.Frames frames = source.read(cancelled);
        ImageContent content = frames.content(shape);
        remember(key, List.of(content));
        return new PreparedImage(content, shape, source, frames);
    }

    private Plan plan(Part.Video video, String what, TokenLimits limits) {
        PatchShape shape = limits.applyTo(model);
        Film film = Film.open(video, what, ImageLimits.DEFAULT);
        FilmFrames chosen = FilmFrames.choose(film.frameCount(), film.framesPerSecond(), shape);
        ImageSize original = film.size();
        ImageSize size = shape.resized(original, chosen.indices().size());
        ImageUse use = new ImageUse(
                chosen.indices().size(),
                original.width(),
                original.height(),
                size.width(),
                size.height(),
                chosen.groups() * shape.tokens(size));
        return new Plan(use, cancelled -> {
            MessageDigest digest = sha256();
            digest.update(ByteBuffer.allocate(Double.BYTES)
                    .putDouble(film.framesPerSecond())
                    .flip());
            for (int index : chosen.indices()) {
                digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(index).flip());
                film.update(digest, index);
            }
            return film(film, chosen, shape, size, use, key(digest, limits), cancelled);
        });
    }

    private PreparedMedia film(
            Film film,
            FilmFrames chosen,
            PatchShape shape,
            ImageSize size,
            ImageUse use,
            String key,
            BooleanSupplier cancelled) {
        List<ImageContent> contents = find(key);
        List<PreparedImage> images = new ArrayList<>();
        List<String> timestamps = new ArrayList<>();
        for (int group = 0; group < chosen.groups(); group++) {
            int first = chosen.frame(group, 0);
            int second = chosen.frame(group, 1);
            PreparedImage.Source source = stop -> {
                synchronized (film) {
                    Pixels one = resize(film.frame(first), size, stop);
                    return new PreparedImage.Frames(
                            one, second == first ? one : resize(film.frame(second), size, stop));
                }
            };
            PreparedImage.Frames frames = contents == null ? source.read(cancelled) : null;
            images.add(new PreparedImage(
                    frames == null ? contents.get(group) : frames.content(shape), shape, source, frames));
            timestamps.add(chosen.timestamp(group));
        }
        if (contents == null) {
            remember(key, images.stream().map(PreparedImage::content).toList());
        }
        return new PreparedMedia(List.copyOf(images), List.copyOf(timestamps), use);
    }

    private static Pixels resize(Pixels pixels, ImageSize size, BooleanSupplier cancelled) {
        if (cancelled.getAsBoolean()) {
            throw new CancellationException("cancelled while an image was being read");
        }
        return Bicubic.resize(pixels, size, cancelled);
    }

    private static String key(MessageDigest digest, TokenLimits limits) {
        return HexFormat.of().formatHex(digest.digest()) + limits;
    }

    private @Nullable List<ImageContent> find(String key) {
        synchronized (known) {
            return known.get(key);
        }
    }

    private void remember(String key, List<ImageContent> contents) {
        synchronized (known) {
            known.put(key, contents);
        }
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
