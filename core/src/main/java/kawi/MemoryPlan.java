package kawi;

import java.util.Locale;

/**
 * The memory that a model needs. It is known before the model is loaded, see {@link ModelFile#memoryPlan}.
 *
 * @param weights the size of the weights, in bytes
 * @param recurrentState the size of the state of a sequence that does not depend on its length, in bytes
 * @param keysAndValues the size of the cached keys and values of a sequence of {@code contextLength} tokens, in bytes;
 *     the memory is allocated as the sequence grows
 * @param vision the memory of the vision tower and of encoding an image of the largest size, in bytes, which is
 *     allocated when it is first needed; 0 if the model sees no images
 * @param contextLength the length of the sequence, in tokens
 */
public record MemoryPlan(long weights, long recurrentState, long keysAndValues, long vision, int contextLength) {

    /** Returns the memory that the model needs with one sequence of this length, in bytes. */
    public long total() {
        return weights + recurrentState + keysAndValues + vision;
    }

    @Override
    public String toString() {
        return "%s weights, %s recurrent state, %s keys and values at %d tokens%s"
                .formatted(
                        bytes(weights),
                        bytes(recurrentState),
                        bytes(keysAndValues),
                        contextLength,
                        vision == 0 ? "" : ", %s vision".formatted(bytes(vision)));
    }

    /** Formats a number of bytes: {@code 3.1 MiB}. */
    public static String bytes(long bytes) {
        if (bytes < 1 << 10) {
            return bytes + " bytes";
        }
        double value = bytes;
        String[] units = {"KiB", "MiB", "GiB", "TiB"};
        int unit = -1;
        while (value >= 1024 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
    }
}
