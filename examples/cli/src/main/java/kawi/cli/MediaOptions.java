package kawi.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kawi.Part;
import kawi.Prompt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The images and films of a prompt. */
final class MediaOptions {

    /** Formats have their signatures in their first bytes. */
    private static final int SIGNATURE_BYTES = 64;

    @Option(
            names = "--image",
            paramLabel = "FILE",
            description = "An image, which precedes PROMPT: PNG, JPEG, GIF, BMP, WebP or TIFF. Further image files may "
                    + "follow it, and the option may be repeated.")
    private List<Path> images = List.of();

    @Option(
            names = "--video",
            paramLabel = "FILE",
            description = "A film, which precedes PROMPT, after the images: an animated GIF or WebP, or with --fps a "
                    + "folder of images in the order of their names. May be repeated.")
    private List<Path> videos = List.of();

    @Option(names = "--fps", paramLabel = "X", description = "The frames per second of folders given with --video.")
    private @Nullable Double framesPerSecond;

    /** Returns whether there are any. */
    boolean any() {
        return !images.isEmpty() || !videos.isEmpty();
    }

    /**
     * Takes the image files at the beginning of {@code words}, which follow the last {@code --image}.
     *
     * @return the other words
     */
    List<String> take(List<String> words) {
        if (images.isEmpty()) {
            return words;
        }
        List<Path> all = new ArrayList<>(images);
        int taken = 0;
        while (taken < words.size() && isImage(words.get(taken))) {
            all.add(Path.of(words.get(taken)));
            taken++;
        }
        images = all;
        return words.subList(taken, words.size());
    }

    /** Returns whether {@code word} is the path of a file that looks like an image. */
    static boolean isImage(String word) {
        try {
            Path file = Path.of(word);
            if (!Files.isRegularFile(file)) {
                return false;
            }
            try (var in = Files.newInputStream(file)) {
                return Part.Image.mediaTypeOf(ByteBuffer.wrap(in.readNBytes(SIGNATURE_BYTES)))
                        .startsWith("image/");
            }
        } catch (InvalidPathException | IOException e) {
            return false;
        }
    }

    /** Returns {@code prompt} with the images and films. */
    Prompt applyTo(Prompt prompt) {
        try {
            Prompt with = prompt;
            for (Path image : images) {
                with = with.image(image);
            }
            for (Path video : videos) {
                with = with.video(film(video));
            }
            return with;
        } catch (UncheckedIOException | IllegalArgumentException e) {
            throw new UsageException(Failure.sentence(e), e);
        }
    }

    private Part.Video film(Path video) {
        if (!Files.isDirectory(video)) {
            return Part.video(video);
        }
        if (framesPerSecond == null) {
            throw new UsageException("%s is a folder: add --fps, the number of its images per second".formatted(video));
        }
        return Part.video(video, framesPerSecond);
    }
}
