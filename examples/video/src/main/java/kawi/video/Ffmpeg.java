package kawi.video;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kawi.ImageException;

/**
 * The programs {@code ffmpeg} and {@code ffprobe}, version 5.1 or newer, which read films of any format.
 *
 * {@snippet :
 *    try (FfmpegVideo clip = Ffmpeg.onPath().open(Path.of("clip.mp4"))) {
 *        Reply reply = model.prompt("What happens in the film?").video(clip).generate();
 *    }
 * }
 *
 * <p>They may open local files only: a film that refers to an address in a network is not followed.
 *
 * @param ffmpeg the name of the program {@code ffmpeg}, or its path
 * @param ffprobe the name of the program {@code ffprobe}, or its path
 * @param step one of this number of frames is used, see {@link #every}
 * @param timeLimit how long counting the frames of a film may take, and reading one frame
 * @param idleLimit how long a process waits for the next frame to be requested before it is ended
 */
public record Ffmpeg(String ffmpeg, String ffprobe, int step, Duration timeLimit, Duration idleLimit) {

    private static final int MAX_OUTPUT = 1 << 16;

    public Ffmpeg {
        if (step < 1 || !timeLimit.isPositive() || !idleLimit.isPositive()) {
            throw new IllegalArgumentException(
                    "one of %d frames, limits of %s and %s; all must be above 0".formatted(step, timeLimit, idleLimit));
        }
    }

    /** The programs that are found on the {@code PATH}, all frames, and limits of 10 minutes and 30 seconds. */
    public static Ffmpeg onPath() {
        return new Ffmpeg("ffmpeg", "ffprobe", 1, Duration.ofMinutes(10), Duration.ofSeconds(30));
    }

    /**
     * Uses the first of each {@code step} frames, as if the film had no others: its rate is lower by this factor. Long
     * films are read faster, since frames that are not used are decoded but not transferred.
     */
    public Ffmpeg every(int step) {
        return new Ffmpeg(ffmpeg, ffprobe, step, timeLimit, idleLimit);
    }

    /**
     * Opens a film, and counts its frames by decoding all of them: the numbers in files are often those before a cut.
     *
     * @throws IOException if there is no such file, or the programs are not installed or take longer than the limit
     * @throws ImageException if the file is not a film, or damaged
     * @throws java.util.concurrent.CancellationException if the thread is interrupted
     */
    public FfmpegVideo open(Path film) throws IOException {
        if (!Files.isRegularFile(film)) {
            throw new IOException("cannot read the film %s: there is no such file".formatted(film));
        }
        Map<String, String> found = probe(film);
        String count = found.getOrDefault("nb_read_frames", "N/A");
        if (!count.matches("[1-9][0-9]{0,8}")) {
            throw new ImageException("cannot read the film %s: ffprobe finds no frame in it".formatted(film));
        }
        double rate = rate(found.getOrDefault("avg_frame_rate", ""));
        if (rate == 0) { // as in a film of one frame
            rate = rate(found.getOrDefault("r_frame_rate", ""));
        }
        if (rate == 0) {
            throw new ImageException("cannot read the film %s: ffprobe finds no rate of its frames".formatted(film));
        }
        return new FfmpegVideo(this, film, (Integer.parseInt(count) - 1) / step + 1, rate / step);
    }

    private Map<String, String> probe(Path film) throws IOException {
        String options = "-v error -protocol_whitelist file -select_streams V:0 -count_frames "
                + "-show_entries stream=avg_frame_rate,r_frame_rate,nb_read_frames -of default=noprint_wrappers=1 -i FILM";
        List<String> command = command(ffprobe, options, film);
        try (FfmpegProcess process = new FfmpegProcess(command, this, film)) {
            Map<String, String> found = new HashMap<>();
            process.output(MAX_OUTPUT)
                    .lines()
                    .map(line -> line.strip().split("=", 2))
                    .forEach(entry -> {
                        if (entry.length == 2) {
                            found.putIfAbsent(entry[0], entry[1]);
                        }
                    });
            return found;
        }
    }

    /** Replaces FILM with the URL of the film, so that no name is taken for an option or a protocol. */
    private static List<String> command(String program, String options, Path film) {
        List<String> command = new ArrayList<>(List.of(program));
        for (String option : options.split(" ", -1)) {
            command.add(option.equals("FILM") ? "file:" + film.toAbsolutePath() : option);
        }
        return command;
    }

    /** A fraction such as {@code 30000/1001}, or 0 if it is not a number above 0. */
    private static double rate(String fraction) {
        if (!fraction.matches("[0-9]{1,10}/[0-9]{1,10}")) {
            return 0;
        }
        int slash = fraction.indexOf('/');
        double rate =
                Double.parseDouble(fraction.substring(0, slash)) / Double.parseDouble(fraction.substring(slash + 1));
        return rate > 0 && rate < Double.POSITIVE_INFINITY ? rate : 0;
    }

    /**
     * Starts a process that writes the frames from {@code first} to the last. Each is a BMP file, which begins with its
     * own length, and whose size is that after the rotation that the film's metadata requires.
     */
    FfmpegProcess frames(Path film, int first) throws IOException {
        String options = ("-v error -nostdin -protocol_whitelist file -i FILM -map 0:V:0 "
                        + "-vf select='gte(n,%d)*not(mod(n,%d))' -fps_mode passthrough "
                        + "-pix_fmt bgr24 -c:v bmp -f image2pipe pipe:1")
                .formatted((long) first * step, step);
        return new FfmpegProcess(command(ffmpeg, options, film), this, film);
    }
}
