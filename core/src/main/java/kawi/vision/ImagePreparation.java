package kawi.vision;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import kawi.ImageException;
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

/** Prepares the images and films of prompts as a model's preprocessor prescribes. Thread-safe. */
public final class ImagePreparation {

    private final PatchShape model;
    private final KnownContents known = new KnownContents();

    /** @param model what the model's preprocessor prescribes */
    public ImagePreparation(PatchShape model) {
        this.model = model;
    }

    /**
     * Reads the header of an image or a film.
     *
     * @param what names it in messages
     * @throws kawi.ImageException if it cannot be used
     * @throws IllegalArgumentException if it is a text
     */
    public MediaPlan plan(Part part, String what, TokenLimits limits) {
        return switch (part) {
            case Part.Image image -> plan(image, what, limits.of(image).applyTo(model));
            case Part.Video video -> plan(Film.open(video, what, ImageLimits.DEFAULT), what, limits.applyTo(model));
            case Part.Text text -> throw new IllegalArgumentException("%s is a text".formatted(what));
        };
    }

    private MediaPlan plan(Part.Image image, String what, PatchShape shape) {
        ImageSize original = ImageReader.size(image.buffer(), what);
        ImageSize size = named(what, () -> shape.resized(original));
        PreparedImage.Source source = cancelled -> {
            Pixels pixels =
                    resize(ImageReader.read(image.buffer(), what, ImageLimits.DEFAULT, cancelled), size, cancelled);
            return new PreparedImage.Frames(pixels, pixels);
        };
        ImageUse use =
                new ImageUse(1, original.width(), original.height(), size.width(), size.height(), shape.tokens(size));
        return new MediaPlan(
                use,
                shape,
                size,
                List.of(source),
                List.of(),
                (digest, cancelled) -> digest.update(image.buffer()),
                known);
    }

    private MediaPlan plan(Film film, String what, PatchShape shape) {
        FilmFrames chosen = FilmFrames.choose(film.frameCount(), film.framesPerSecond(), shape);
        List<Integer> indices = chosen.indices();
        ImageSize original = film.size();
        ImageSize size = named(what, () -> shape.resized(original, indices.size()));
        List<PreparedImage.Source> sources = new ArrayList<>();
        List<String> timestamps = new ArrayList<>();
        for (int group = 0; group < chosen.groups(); group++) {
            int first = chosen.frame(group, 0);
            int second = chosen.frame(group, 1);
            sources.add(cancelled -> {
                Pixels one = resize(film.frame(first, cancelled), size, cancelled);
                Pixels two = second == first ? one : resize(film.frame(second, cancelled), size, cancelled);
                return new PreparedImage.Frames(one, two);
            });
            timestamps.add(chosen.timestamp(group));
        }
        ImageUse use = new ImageUse(
                indices.size(),
                original.width(),
                original.height(),
                size.width(),
                size.height(),
                chosen.groups() * shape.tokens(size));
        return new MediaPlan(
                use,
                shape,
                size,
                sources,
                timestamps,
                (digest, cancelled) -> {
                    digest.update(ByteBuffer.allocate(Double.BYTES + Integer.BYTES)
                            .putDouble(film.framesPerSecond())
                            .putInt(film.frameCount())
                            .flip());
                    for (int index : indices) {
                        check(cancelled);
                        film.update(digest, index);
                    }
                },
                known);
    }

    private static ImageSize named(String what, Supplier<ImageSize> size) {
        try {
            return size.get();
        } catch (ImageException e) {
            throw new ImageException("%s cannot be used: %s".formatted(what, e.getMessage()), e);
        }
    }

    private static Pixels resize(Pixels pixels, ImageSize size, BooleanSupplier cancelled) {
        check(cancelled);
        return Bicubic.resize(pixels, size, cancelled);
    }

    private static void check(BooleanSupplier cancelled) {
        if (cancelled.getAsBoolean()) {
            throw new CancellationException("cancelled while an image was being read");
        }
    }
}
