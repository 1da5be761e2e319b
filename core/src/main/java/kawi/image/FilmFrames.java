package kawi.image;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/**
 * The frames that are chosen of a film, in pairs (groups of {@code temporal}) that become one temporal patch each.
 *
 * @param indices the chosen frames, ascending
 * @param framesPerSecond the film's rate
 * @param temporal the number of frames in a group; the last frame is repeated if it is needed to fill its group
 */
public record FilmFrames(List<Integer> indices, double framesPerSecond, int temporal) {

    public FilmFrames {
        indices = List.copyOf(indices);
        if (indices.isEmpty() || !(framesPerSecond > 0)) {
            throw new IllegalArgumentException(
                    "%d frames at %s frames per second".formatted(indices.size(), framesPerSecond));
        }
    }

    /**
     * Chooses frames at equal distances:
     * {@code n = min(total, clamp(trunc(total / framesPerSecond * rate), minFrames, maxFrames))} frames,
     * {@code round(linspace(0, total - 1, n))}, half to even.
     *
     * @param total the number of frames that the film has
     * @param framesPerSecond the film's rate
     */
    public static FilmFrames choose(int total, double framesPerSecond, PatchShape shape) {
        PatchShape.Film film = shape.film();
        int wanted = (int) (total / framesPerSecond * film.framesPerSecond());
        int n = Math.min(Math.min(Math.max(wanted, film.minFrames()), film.maxFrames()), total);
        List<Integer> indices = new ArrayList<>(n);
        // numpy.linspace multiplies with the step, and stores the last value exactly.
        double step = n == 1 ? 0 : (total - 1.0) / (n - 1);
        for (int i = 0; i < n; i++) {
            indices.add(i > 0 && i == n - 1 ? total - 1 : (int) Math.rint(i * step));
        }
        return new FilmFrames(indices, framesPerSecond, shape.temporal());
    }

    /** Returns the number of temporal patches. */
    public int groups() {
        return (indices.size() + temporal - 1) / temporal;
    }

    /** Returns the index in the film of frame {@code position} of a group. */
    public int frame(int group, int position) {
        return indices.get(Math.min(group * temporal + position, indices.size() - 1));
    }

    /** Returns the time of a group in seconds: the mean of the times of its first and last frame. */
    public double seconds(int group) {
        return (frame(group, 0) / framesPerSecond + frame(group, temporal - 1) / framesPerSecond) / 2;
    }

    /** Returns the text that announces a group, such as {@code <0.2 seconds>}. */
    public String timestamp(int group) {
        return "<%s seconds>"
                .formatted(new BigDecimal(seconds(group))
                        .setScale(1, RoundingMode.HALF_EVEN)
                        .toPlainString());
    }
}
