package kawi;

import java.util.Locale;

/**
 * Memory a model takes, known before it is loaded.
 *
 * @param weights bytes of the weights
 * @param recurrentState bytes per sequence whatever its length
 * @param keysAndValues bytes per sequence of {@code contextLength} tokens; allocated as the sequence grows
 * @param contextLength tokens per sequence
 */
public record MemoryPlan(long weights, long recurrentState, long keysAndValues, int contextLength) {

    /** Bytes with one sequence of full length. */
    public long total() {
        return weights + recurrentState + keysAndValues;
    }

    @Override
    public String toString() {
        return "%s weights, %s recurrent state, %s keys and values at %d tokens"
                .formatted(bytes(weights), bytes(recurrentState), bytes(keysAndValues), contextLength);
    }

    /** A number of bytes for people: {@code 3.1 MiB}. */
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
