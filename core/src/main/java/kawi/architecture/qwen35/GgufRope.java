package kawi.architecture.qwen35;

import java.util.List;
import kawi.architecture.RopeScaling;

/**
 * The parameters of the rotary embedding in a GGUF file, with the meanings that llama.cpp gives them:
 *
 * <pre>
 *    rope.scaling.type                      none, linear or yarn; without it, a factor is that of linear scaling
 *    rope.scaling.factor, rope.scale_linear 0 is the same as 1
 *    rope.scaling.original_context_length   of yarn; the default is context_length
 *    rope.scaling.yarn_beta_fast, yarn_beta_slow
 *    rope.scaling.yarn_log_multiplier       0.1 of mscale_all_dim in transformers
 *    rope.scaling.yarn_attn_factor          attention_factor in transformers
 *    rope.scaling.attn_factor               multiplies the magnitude that follows from the others
 * </pre>
 */
final class GgufRope {

    private static final String SCALING = "rope.scaling.";
    private static final String TYPE = SCALING + "type";
    private static final String FACTOR = SCALING + "factor";

    private final GgufSizes sizes;

    GgufRope(GgufSizes sizes) {
        this.sizes = sizes;
    }

    double theta() {
        return sizes.floating("rope.freq_base");
    }

    /** The declared number of positions. */
    int declaredLength() {
        return sizes.integer("context_length", 1, Integer.MAX_VALUE);
    }

    List<Integer> sections() {
        for (String key : List.of("rope.mrope_interleaved", "mrope_interleaved")) {
            if (!sizes.optionalBool(key).orElse(true)) {
                throw sizes.refusal(key, "false is not supported");
            }
        }
        return sizes.integers(List.of("rope.dimension_sections", "rope.mrope_section", "mrope_sections"));
    }

    RopeScaling scaling() {
        double factor = factor();
        double attention = positive(SCALING + "attn_factor", 1);
        String type = sizes.optionalString(TYPE).orElse("linear");
        return switch (type) {
            case "none", "default", "mrope" -> new RopeScaling.Linear(1, attention);
            case "linear" -> new RopeScaling.Linear(factor, attention);
            case "yarn" -> yarn(factor, attention);
            default ->
                throw sizes.refusal(
                        TYPE,
                        "scaling \"%s\" of positions is not supported, only none, linear and yarn".formatted(type));
        };
    }

    private RopeScaling yarn(double factor, double attention) {
        if (!sizes.has(FACTOR)) {
            throw sizes.refusal(FACTOR, "is missing, but type \"yarn\" needs it");
        }
        double mixed = sizes.optionalFloating(SCALING + "yarn_ext_factor").orElse(1);
        if (mixed != 1 && mixed >= 0) { // negative is "not set"
            throw sizes.refusal(SCALING + "yarn_ext_factor", "%s is not supported, only 1".formatted(mixed));
        }
        double all =
                10 * sizes.optionalFloating(SCALING + "yarn_log_multiplier").orElse(0);
        double usual = RopeScaling.Yarn.magnitude(factor, 1) / (all == 0 ? 1 : RopeScaling.Yarn.magnitude(factor, all));
        return new RopeScaling.Yarn(
                factor,
                attention * positive(SCALING + "yarn_attn_factor", usual),
                sizes.optionalInteger(SCALING + "original_context_length", 0, Integer.MAX_VALUE).stream()
                        .filter(length -> length > 0)
                        .findFirst()
                        .orElseGet(this::declaredLength),
                positive(SCALING + "yarn_beta_fast", RopeScaling.Yarn.BETA_FAST),
                positive(SCALING + "yarn_beta_slow", RopeScaling.Yarn.BETA_SLOW),
                true);
    }

    private double factor() {
        double factor = 1;
        for (String key : List.of(FACTOR, "rope.scale_linear")) {
            double found = sizes.optionalFloating(key).orElse(0);
            if (found == 0) {
                continue;
            }
            if (factor != 1 && factor != found) {
                throw sizes.refusal(key, "%s contradicts the factor %s".formatted(found, factor));
            }
            factor = found;
        }
        return factor;
    }

    /** A number that is not set if it is missing, 0 or negative. */
    private double positive(String key, double otherwise) {
        double found = sizes.optionalFloating(key).orElse(0);
        return found > 0 ? found : otherwise;
    }
}
