package kawi.architecture.qwen35;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import kawi.ModelFileException;
import kawi.architecture.RopeScaling;
import kawi.checkpoint.JsonFile;

/**
 * The parameters of the rotary embedding in a {@code config.json}, in the spellings of transformers 4 and 5:
 *
 * <pre>
 *    "rope_parameters": {"rope_type": ..., "rope_theta": ..., "partial_rotary_factor": ..., ...}
 *    "rope_parameters": {"full_attention": {"rope_type": ..., ...}, ...}        for each type of layer
 *    "rope_scaling": {"type": ..., ...}, "rope_theta": ..., "partial_rotary_factor": ...
 * </pre>
 *
 * <p>Keys in these objects count more than keys beside them. If both objects exist, they complete each other, and
 * values that contradict each other are rejected. So are parameters that would have no effect, or whose effect is not
 * known.
 */
final class HuggingFaceRope {

    private static final String FULL_ATTENTION = "full_attention";
    private static final String UNSCALED = "default";

    /** The default of transformers' {@code Qwen3_5TextConfig}. */
    private static final double PARTIAL_ROTARY_FACTOR = 0.25;

    private final JsonFile config;

    /** The objects with parameters. */
    private final List<JsonFile> places = new ArrayList<>();

    HuggingFaceRope(JsonFile config) {
        this.config = config;
        for (String key : List.of("rope_scaling", "rope_parameters")) {
            config.object(key)
                    .filter(found -> found.node().size() > 0)
                    .map(HuggingFaceRope::ofFullAttention)
                    .ifPresent(places::add);
        }
    }

    /** The parameters of layers with full attention, if there are parameters for each type of layer. */
    private static JsonFile ofFullAttention(JsonFile parameters) {
        boolean nested = parameters.node().properties().stream()
                .anyMatch(property -> property.getValue().isObject());
        if (!nested) {
            return parameters;
        }
        return parameters
                .object(FULL_ATTENTION)
                .orElseThrow(() ->
                        new ModelFileException("%s: there are parameters for types of layers, but none for %s: %s"
                                .formatted(
                                        parameters.where(),
                                        FULL_ATTENTION,
                                        String.join(", ", parameters.node().propertyNames()))));
    }

    double theta() {
        return numberAnywhere("rope_theta")
                .orElseThrow(() -> new ModelFileException("%s: key rope_theta is missing".formatted(config.where())));
    }

    /** The number of dimensions of a head that are rotated. */
    int rotaryDims(int headDim) {
        return (int) (headDim * numberAnywhere("partial_rotary_factor").orElse(PARTIAL_ROTARY_FACTOR));
    }

    List<Integer> sections() {
        return place("mrope_section")
                .map(place -> place.integers("mrope_section"))
                .orElse(List.of());
    }

    RopeScaling scaling() {
        place("mrope_interleaved").ifPresent(place -> {
            if (!place.bool("mrope_interleaved", true)) {
                throw refusal(place, "mrope_interleaved", "false is not supported");
            }
        });
        String type = type();
        double factor = factor(type);
        if (!type.equals(UNSCALED)) {
            // Of other programs than transformers, which ignores them.
            mustBeOne("attn_factor");
            mustBeOne("extrapolation_factor");
        }
        return switch (type) {
            case UNSCALED -> {
                if (factor != 1 && place("rope_type").or(() -> place("type")).isEmpty()) {
                    throw refusal(
                            place("factor").orElse(config),
                            "factor",
                            "is %s, but without a rope_type (such as \"yarn\") that uses it".formatted(factor));
                }
                yield RopeScaling.NONE;
            }
            case "linear" -> new RopeScaling.Linear(factor, 1);
            case "yarn" -> yarn(factor);
            default ->
                throw refusal(
                        place("rope_type").or(() -> place("type")).orElse(config),
                        "rope_type",
                        "scaling \"%s\" of positions is not supported, only default, linear and yarn".formatted(type));
        };
    }

    private RopeScaling yarn(double factor) {
        Optional<Double> mscale = number("mscale").filter(value -> value != 0);
        Optional<Double> mscaleAllDim = number("mscale_all_dim").filter(value -> value != 0);
        double magnitude = number("attention_factor")
                .orElseGet(() -> mscale.isPresent() && mscaleAllDim.isPresent()
                        ? RopeScaling.Yarn.magnitude(factor, mscale.get())
                                / RopeScaling.Yarn.magnitude(factor, mscaleAllDim.get())
                        : RopeScaling.Yarn.magnitude(factor, 1));
        return new RopeScaling.Yarn(
                factor,
                magnitude,
                originalLength(),
                number("beta_fast").filter(value -> value != 0).orElse(RopeScaling.Yarn.BETA_FAST),
                number("beta_slow").filter(value -> value != 0).orElse(RopeScaling.Yarn.BETA_SLOW),
                place("truncate").map(place -> place.bool("truncate", true)).orElse(true));
    }

    private int originalLength() {
        return place("original_max_position_embeddings")
                .or(() -> Optional.of(config).filter(place -> place.has("original_max_position_embeddings")))
                .map(place -> place.integer("original_max_position_embeddings"))
                .orElseGet(this::declaredLength);
    }

    /** The declared number of positions; the default is that of transformers' {@code Qwen3_5TextConfig}. */
    int declaredLength() {
        return config.integer("max_position_embeddings", 32_768);
    }

    private double factor(String type) {
        Optional<Double> factor = number("factor");
        if (factor.isPresent() || type.equals(UNSCALED)) {
            return factor.orElse(1.0);
        }
        if (type.equals("yarn") && place("original_max_position_embeddings").isPresent()) {
            return (double) declaredLength() / originalLength();
        }
        throw refusal(config, "factor", "is missing, but rope_type \"%s\" needs it".formatted(type));
    }

    /** The kind of scaling; the names for unscaled positions are one. */
    private String type() {
        String type = UNSCALED;
        for (JsonFile place : places) {
            for (String key : List.of("rope_type", "type")) {
                String found = place.string(key).orElse(UNSCALED);
                if (found.equals("mrope")) { // of Qwen2-VL, for positions in three axes
                    found = UNSCALED;
                }
                if (!type.equals(UNSCALED) && !found.equals(UNSCALED) && !type.equals(found)) {
                    throw refusal(place, key, "\"%s\" contradicts \"%s\"".formatted(found, type));
                }
                type = type.equals(UNSCALED) ? found : type;
            }
        }
        return type;
    }

    private void mustBeOne(String key) {
        number(key).ifPresent(value -> {
            if (value != 1) {
                throw refusal(place(key).orElse(config), key, "%s is not supported, only 1".formatted(value));
            }
        });
    }

    private Optional<Double> numberAnywhere(String key) {
        return number(key).or(() -> config.has(key) ? Optional.of(config.number(key)) : Optional.empty());
    }

    /** A number in the objects with parameters, which must be the same in both. */
    private Optional<Double> number(String key) {
        Optional<Double> first = Optional.empty();
        for (JsonFile place : places) {
            if (!place.has(key)) {
                continue;
            }
            double found = place.number(key);
            if (first.isPresent() && first.get() != found) {
                throw refusal(place, key, "%s contradicts %s".formatted(found, first.get()));
            }
            first = Optional.of(found);
        }
        return first;
    }

    private Optional<JsonFile> place(String key) {
        return places.stream().filter(place -> place.has(key)).findFirst();
    }

    private static ModelFileException refusal(JsonFile place, String key, String problem) {
        return new ModelFileException("%s: key %s: %s".formatted(place.where(), key, problem));
    }
}
