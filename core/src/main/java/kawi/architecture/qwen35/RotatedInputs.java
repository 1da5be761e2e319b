package kawi.architecture.qwen35;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import kawi.ModelFileException;
import kawi.checkpoint.GgufCheckpoint;
import kawi.gguf.Metadata;
import kawi.quant.InputRotation;
import kawi.quant.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The matrices of a GGUF file that are stored for rotated inputs, as the keys {@code prism.hadamard.*} of the Ternary
 * Bonsai 2 models declare them:
 *
 * <pre>
 *    version                 1, or 2 if the output head is the embedding, stored for rotated inputs
 *    tied_output             true in version 2, otherwise false or absent
 *    block_size              the size of the Hadamard matrix
 *    transform, axis         one value each
 *    sign_mode               identity, or explicit: with the signs for each number of inputs (sign_widths, sign_values)
 *    weight_names            the matrices
 *    inverse_weight_names    the embedding, if its rows are stored like those of the matrices
 *    gdn_v_grouped           whether the inputs of ssm_out are the value heads in grouped order, while all other
 *                            tensors have them in tiled order
 * </pre>
 *
 * A file with other values is rejected, because its weights would be multiplied with the wrong numbers.
 */
final class RotatedInputs {

    private static final String PREFIX = "prism.hadamard.";
    private static final String VERSION = PREFIX + "version";
    private static final String TIED_OUTPUT = PREFIX + "tied_output";
    private static final String BLOCK_SIZE = PREFIX + "block_size";
    private static final String TRANSFORM = PREFIX + "transform";
    private static final String AXIS = PREFIX + "axis";
    private static final String SIGN_MODE = PREFIX + "sign_mode";
    private static final String SIGN_WIDTHS = PREFIX + "sign_widths";
    private static final String SIGN_VALUES = PREFIX + "sign_values";
    private static final String WEIGHT_NAMES = PREFIX + "weight_names";
    private static final String INVERSE_WEIGHT_NAMES = PREFIX + "inverse_weight_names";
    private static final String GROUPED = PREFIX + "gdn_v_grouped";

    private static final String NORMALIZED = "normalized-sylvester-walsh-hadamard";
    private static final String LAST_DIMENSION = "input-last-dimension";
    private static final String IDENTITY = "identity";
    private static final String EXPLICIT = "explicit";

    private static final String EMBEDDING = "token_embd.weight";
    private static final String OUTPUT = "output.weight";
    private static final String DELTA_OUTPUT = "ssm_out.weight";

    private static final Pattern MATRICES = Pattern.compile(
            "output\\.weight|blk\\.\\d+\\.(attn_(q|k|v|qkv|gate|output)|ffn_(gate|up|down)|ssm_out)\\.weight");

    private final GgufCheckpoint file;
    private final Metadata metadata;
    private final Set<String> names = new LinkedHashSet<>();

    /** For each number of inputs. */
    private final Map<Integer, InputRotation> rotations = new HashMap<>();

    /** For {@code ssm_out}. */
    private @Nullable InputRotation grouped;

    private RotatedInputs(GgufCheckpoint file) {
        this.file = file;
        this.metadata = file.metadata();
    }

    static RotatedInputs read(GgufCheckpoint file, Qwen35Config config) {
        RotatedInputs read = new RotatedInputs(file);
        if (read.metadata.keys().stream().anyMatch(key -> key.startsWith(PREFIX))) {
            read.readNames();
            read.readRotations(config);
        }
        return read;
    }

    private void readNames() {
        expect(TRANSFORM, NORMALIZED);
        expect(AXIS, LAST_DIMENSION);
        int version = metadata.integer(VERSION, 1, 2);
        boolean tied = metadata.optionalBool(TIED_OUTPUT).orElse(false);
        if (tied != (version == 2)) {
            throw refusal(TIED_OUTPUT, "%s is not possible in version %d".formatted(tied, version));
        }
        names.addAll(metadata.strings(WEIGHT_NAMES));
        for (String name : names) {
            if (!MATRICES.matcher(name).matches() || !file.hasTensor(name)) {
                throw refusal(WEIGHT_NAMES, "there is no tensor %s that can have rotated inputs".formatted(name));
            }
        }
        List<String> inverse = metadata.has(INVERSE_WEIGHT_NAMES) ? metadata.strings(INVERSE_WEIGHT_NAMES) : List.of();
        boolean embedding = inverse.equals(List.of(EMBEDDING));
        if (!embedding && !inverse.isEmpty()) {
            throw refusal(INVERSE_WEIGHT_NAMES, "%s is not supported, only %s".formatted(inverse, EMBEDDING));
        }
        if (tied && (!embedding || file.hasTensor(OUTPUT))) {
            throw refusal(
                    TIED_OUTPUT, "the embedding has to be among the matrices, and no tensor %s".formatted(OUTPUT));
        }
        if (embedding && !tied && !file.hasTensor(OUTPUT)) {
            throw refusal(INVERSE_WEIGHT_NAMES, "version 1 requires a tensor %s".formatted(OUTPUT));
        }
        names.addAll(inverse);
    }

    private void expect(String key, String value) {
        String found = metadata.string(key);
        if (!found.equals(value)) {
            throw refusal(key, "%s is not supported, only %s".formatted(found, value));
        }
    }

    private void readRotations(Qwen35Config config) {
        int blockSize = metadata.integer(BLOCK_SIZE, 1, 1 << 20);
        Map<Integer, float[]> signs = signs();
        for (String name : names) {
            int width = file.tensor(name).columns();
            if (!rotations.containsKey(width)) {
                float[] own = signs.get(width);
                if (own == null) {
                    throw refusal(SIGN_WIDTHS, "there are no signs for the %d inputs of %s".formatted(width, name));
                }
                if (Integer.bitCount(blockSize) != 1 || width % blockSize != 0) {
                    throw refusal(
                            BLOCK_SIZE,
                            "%d is not a power of two that divides the %d inputs of %s"
                                    .formatted(blockSize, width, name));
                }
                rotations.put(width, new InputRotation(blockSize, own));
            }
        }
        if (!config.tiledValueHeads()) {
            throw refusal(VERSION, "rotated inputs are supported only with value heads in tiled order");
        }
        InputRotation inner = rotations.get(config.linearNumValueHeads() * config.linearValueHeadDim());
        if (metadata.optionalBool(GROUPED).orElse(false) && inner != null) {
            grouped = inner.arranged(tiledPlaces(config), config.linearValueHeadDim());
        }
    }

    /** For each grouped value head its place among the tiled ones. */
    private static int[] tiledPlaces(Qwen35Config config) {
        int keyHeads = config.linearNumKeyHeads();
        int[] places = new int[config.linearNumValueHeads()];
        int each = places.length / keyHeads;
        for (int head = 0; head < places.length; head++) {
            places[head] = head % each * keyHeads + head / each;
        }
        return places;
    }

    /** The signs for each number of inputs. */
    private Map<Integer, float[]> signs() {
        Map<Integer, float[]> signs = new HashMap<>();
        if (metadata.string(SIGN_MODE).equals(IDENTITY)) {
            for (String name : names) {
                signs.computeIfAbsent(file.tensor(name).columns(), RotatedInputs::ones);
            }
            return signs;
        }
        expect(SIGN_MODE, EXPLICIT);
        int[] values = metadata.ints(SIGN_VALUES);
        int at = 0;
        for (int width : metadata.ints(SIGN_WIDTHS)) {
            if (width < 1 || width > values.length - at || signs.containsKey(width)) {
                throw refusal(
                        SIGN_WIDTHS,
                        "%d cannot be the next of different numbers of inputs, of which %d signs are left"
                                .formatted(width, values.length - at));
            }
            float[] own = new float[width];
            for (int i = 0; i < width; i++) {
                own[i] = values[at + i];
                if (Math.abs(own[i]) != 1) {
                    throw refusal(SIGN_VALUES, "%d is not a sign, 1 or -1".formatted(values[at + i]));
                }
            }
            signs.put(width, own);
            at += width;
        }
        if (at != values.length) {
            throw refusal(SIGN_VALUES, "%d signs are for no number of inputs".formatted(values.length - at));
        }
        return signs;
    }

    private static float[] ones(int width) {
        float[] ones = new float[width];
        Arrays.fill(ones, 1);
        return ones;
    }

    private ModelFileException refusal(String key, String problem) {
        return new ModelFileException("%s: key %s: %s".formatted(file.name(), key, problem));
    }

    /** The matrix with its rotation, if it is one of those with rotated inputs. */
    Tensor of(Tensor matrix) {
        if (!names.contains(matrix.name())) {
            return matrix;
        }
        InputRotation rotation = rotations.get(matrix.columns());
        if (grouped != null && matrix.name().endsWith(DELTA_OUTPUT)) {
            rotation = grouped;
        }
        return rotation == null ? matrix : matrix.rotated(rotation);
    }
}
