package kawi.architecture.qwen35;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.IntPredicate;
import kawi.ModelFileException;
import kawi.architecture.SizeCheck;
import kawi.gguf.Metadata;

/**
 * The sizes of an architecture in the metadata of a GGUF file, without the prefix of their keys.
 *
 * <p>Writers give a size once, or as an array with an entry for each block. Of an array only the entries of the blocks
 * that use the size count. They must be equal, because the layers of a kind have one shape. A size for all blocks means
 * those that the model runs: blocks for multi-token prediction come last and may have other sizes.
 */
final class GgufSizes {

    private final String file;
    private final Metadata metadata;
    private final String prefix;
    private final int blocks;
    private final int layers;

    /**
     * @param file the name of the file, for messages
     * @param prefix of the keys: {@code qwen35.}
     * @param blocks the number of blocks in the file, of which the first {@code layers} are run
     */
    GgufSizes(String file, Metadata metadata, String prefix, int blocks, int layers) {
        this.file = file;
        this.metadata = metadata;
        this.prefix = prefix;
        this.blocks = blocks;
        this.layers = layers;
    }

    /** The number of blocks that are run. */
    int layers() {
        return layers;
    }

    boolean has(String key) {
        return metadata.has(prefix + key);
    }

    /** A size that all layers have. */
    int size(String key) {
        return size(key, layer -> true);
    }

    /** A size that only some layers have. */
    int size(String key, IntPredicate used) {
        return entry(key, used, 1, SizeCheck.MAX_SIZE);
    }

    int integer(String key, int least, int most) {
        return entry(key, layer -> true, least, most);
    }

    private int entry(String key, IntPredicate used, int least, int most) {
        if (!metadata.isArray(prefix + key)) {
            return metadata.integer(prefix + key, least, most);
        }
        long[] entries = entries(key);
        int first = -1;
        for (int layer = 0; layer < layers; layer++) {
            if (!used.test(layer)) {
                continue;
            }
            long value = entries[layer];
            if (value < least || value > most) {
                throw refusal(
                        key,
                        "the entry of block %d is %d, but must be from %d to %d".formatted(layer, value, least, most));
            }
            if (first >= 0 && entries[first] != value) {
                throw refusal(
                        key,
                        "the entries of blocks %d and %d contradict each other: %d and %d; only equal sizes are supported"
                                .formatted(first, layer, entries[first], value));
            }
            first = first < 0 ? layer : first;
        }
        if (first < 0) {
            throw refusal(key, "no block uses any of the %d entries".formatted(entries.length));
        }
        return (int) entries[first];
    }

    /** The entries of an array of integers for each block; a single entry is that of all blocks. */
    private long[] entries(String key) {
        int length = metadata.arrayLength(prefix + key);
        if (length != 1 && length != blocks && length != layers) {
            throw refusal(
                    key,
                    "there are %d entries for %s"
                            .formatted(
                                    length,
                                    blocks == layers
                                            ? blocks + " blocks"
                                            : "%d blocks, of which %d are run".formatted(blocks, layers)));
        }
        long[] entries = metadata.isArrayOfBools(prefix + key) ? numbers(key) : metadata.longs(prefix + key);
        if (length == 1) {
            long[] all = new long[blocks];
            Arrays.fill(all, entries[0]);
            return all;
        }
        return entries;
    }

    /** An array of booleans as numbers, 1 for true. */
    private long[] numbers(String key) {
        boolean[] flags = metadata.bools(prefix + key);
        long[] numbers = new long[flags.length];
        for (int i = 0; i < flags.length; i++) {
            numbers[i] = flags[i] ? 1 : 0;
        }
        return numbers;
    }

    /**
     * For each layer, whether the entry of {@code key}, an array of booleans or of numbers, is true or not 0; empty if
     * there is no such array.
     */
    Optional<boolean[]> flags(String key) {
        if (!metadata.isArray(prefix + key)) {
            return Optional.empty();
        }
        long[] entries = entries(key);
        boolean[] flags = new boolean[layers];
        for (int layer = 0; layer < layers; layer++) {
            flags[layer] = entries[layer] != 0;
        }
        return Optional.of(flags);
    }

    double floating(String key) {
        return metadata.floating(prefix + key);
    }

    OptionalDouble optionalFloating(String key) {
        return metadata.optionalFloating(prefix + key);
    }

    OptionalInt optionalInteger(String key, int least, int most) {
        return metadata.optionalInteger(prefix + key, least, most);
    }

    Optional<String> optionalString(String key) {
        return metadata.optionalString(prefix + key);
    }

    Optional<Boolean> optionalBool(String key) {
        return metadata.optionalBool(prefix + key);
    }

    /** The integers under the first of {@code keys} that exists; they must be the same under all others. */
    List<Integer> integers(List<String> keys) {
        List<Integer> first = List.of();
        String from = "";
        for (String key : keys) {
            if (!has(key)) {
                continue;
            }
            List<Integer> found =
                    Arrays.stream(metadata.ints(prefix + key)).boxed().toList();
            if (!from.isEmpty() && !trimmed(found).equals(trimmed(first))) {
                throw refusal(key, "%s contradicts %s%s, which is %s".formatted(found, prefix, from, first));
            }
            if (from.isEmpty()) {
                first = found;
                from = key;
            }
        }
        return first;
    }

    /** Without zeros at the end, which only fill an array up. */
    private static List<Integer> trimmed(List<Integer> values) {
        int end = values.size();
        while (end > 0 && values.get(end - 1) == 0) {
            end--;
        }
        return values.subList(0, end);
    }

    ModelFileException refusal(String key, String problem) {
        return new ModelFileException("%s: key %s%s: %s".formatted(file, prefix, key, problem));
    }
}
