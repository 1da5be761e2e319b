package kawi;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Reads the files of images and films, whose formats it recognizes but does not decode. */
final class MediaFiles {

    /** The largest file that is read. */
    static final int MAX_BYTES = 1 << 29;

    private static final Pattern SPACE = Pattern.compile("\\s+");
    private static final Pattern NUMBER = Pattern.compile("0*([0-9]+)");

    private MediaFiles() {}

    static Part.Image image(byte[] file) {
        return new Part.Image(file, MediaTypes.of(ByteBuffer.wrap(file)));
    }

    static byte[] read(Path file) {
        if (Files.isDirectory(file)) {
            throw new ImageException("cannot read %s: it is a folder, not a file".formatted(file));
        }
        try (InputStream stream = Files.newInputStream(file)) {
            return read(stream, file.toString());
        } catch (NoSuchFileException e) {
            throw new UncheckedIOException("cannot read %s: the file does not exist".formatted(file), e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read %s: %s".formatted(file, e.getMessage()), e);
        }
    }

    static byte[] read(InputStream stream) throws IOException {
        return read(stream, "the stream");
    }

    private static byte[] read(InputStream stream, String what) throws IOException {
        byte[] bytes = stream.readNBytes(MAX_BYTES + 1);
        if (bytes.length > MAX_BYTES) {
            throw new ImageException(
                    "%s has more than %d bytes, the largest size of an image file".formatted(what, MAX_BYTES));
        }
        return bytes;
    }

    static byte[] dataUrl(String url) {
        int comma = url.indexOf(',');
        if (!url.regionMatches(true, 0, "data:", 0, 5)
                || comma < 7
                || !url.regionMatches(true, comma - 7, ";base64", 0, 7)) {
            throw new ImageException(("'%s' is not a data URL with base64, such as data:image/png;base64,...; "
                            + "for a file, use Part.image(Path)")
                    .formatted(url.length() <= 40 ? url : url.substring(0, 40) + "..."));
        }
        try {
            String content = url.substring(comma + 1);
            return Base64.getDecoder().decode(SPACE.matcher(content).replaceAll(""));
        } catch (IllegalArgumentException e) {
            throw new ImageException("the data URL of an image has invalid base64: " + e.getMessage(), e);
        }
    }

    static Part.Video video(Path file) {
        if (Files.isDirectory(file)) {
            throw new ImageException(
                    "cannot read film %s: it is a folder; give the rate of its frames with Part.video(Path, double)"
                            .formatted(file));
        }
        return Part.video(read(file));
    }

    static Part.Video video(Path folder, double framesPerSecond) {
        List<Part.Image> frames = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> images = files.filter(file -> Files.isRegularFile(file) && !isHidden(file))
                    .sorted(Comparator.comparing(MediaFiles::sortKey))
                    .toList();
            if (images.isEmpty()) {
                throw new ImageException("cannot read film %s: the folder has no files".formatted(folder));
            }
            for (Path image : images) {
                frames.add(image(read(image)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read folder %s: %s".formatted(folder, e.getMessage()), e);
        }
        return Part.video(frames, framesPerSecond);
    }

    private static boolean isHidden(Path file) {
        return file.getFileName().toString().startsWith(".");
    }

    /** Returns the name with the length of each number before it, so that 9 is before 10, without leading zeros. */
    private static String sortKey(Path file) {
        return NUMBER.matcher(file.getFileName().toString())
                .replaceAll(number -> (char) ('0' + number.group(1).length()) + number.group(1));
    }
}
