package kawi.checkpoint;

import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import kawi.Sampling;
import kawi.files.Excerpt;
import kawi.gguf.Metadata;
import kawi.gguf.MetadataType;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the sampling defaults of a checkpoint. Programs have several values that switch an option off, such as -1 for
 * {@code top_k}. A default that is out of range, or of another type, is ignored with a warning: it can be replaced by
 * an option, so it must not keep the model from loading.
 */
final class SamplingDefaults {

    private static final Logger LOG = LoggerFactory.getLogger(SamplingDefaults.class);

    private static final String GGUF_PREFIX = "general.sampling.";

    /** The values that switch an option off, besides the one that Kawi uses for it. */
    private enum Off {
        NONE,
        /** All values that are not positive, and 4294967295, which is -1 in 32 bits without sign; Kawi uses 0. */
        COUNT,
        /** Negative values; Kawi uses 1. */
        FACTOR,
        /** Negative values; Kawi uses 0. */
        THRESHOLD;

        double normalized(double value) {
            return switch (this) {
                case NONE -> value;
                case COUNT -> value <= 0 || value > Integer.MAX_VALUE ? 0 : value;
                case FACTOR -> value < 0 ? 1 : value;
                case THRESHOLD -> value < 0 ? 0 : value;
            };
        }
    }

    private final String source;
    private final Function<String, @Nullable Object> values;
    private Sampling sampling = Sampling.defaults();
    private boolean found;

    /** @param values the value of a key: a {@link Number}, a {@link JsonValue}, something else, or null */
    private SamplingDefaults(String source, Function<String, @Nullable Object> values) {
        this.source = source;
        this.values = values;
    }

    /** The defaults under {@code general.sampling}, with the names and meanings of llama.cpp. */
    static Optional<Sampling> of(Metadata metadata, String file) {
        if (!hasAny(metadata)) {
            return Optional.empty();
        }
        SamplingDefaults defaults = new SamplingDefaults(file, name -> {
            String key = GGUF_PREFIX + name;
            if (!metadata.has(key)) {
                return null;
            }
            MetadataType type = metadata.type(key);
            return switch (type) {
                case STRING, BOOL, ARRAY -> "a value of type " + type;
                default -> metadata.value(key);
            };
        });
        defaults.apply("temp", Off.NONE, Sampling::temperature);
        defaults.apply("top_k", Off.COUNT, (s, value) -> s.topK(value.intValue()));
        defaults.apply("top_p", Off.FACTOR, Sampling::topP);
        defaults.apply("min_p", Off.THRESHOLD, Sampling::minP);
        defaults.apply("penalty_repeat", Off.FACTOR, Sampling::repetitionPenalty);
        defaults.apply("penalty_last_n", Off.NONE, SamplingDefaults::window);
        defaults.notSupported("xtc_probability");
        defaults.notSupported("mirostat");
        return defaults.result();
    }

    private static boolean hasAny(Metadata metadata) {
        for (String key : metadata.keys()) {
            if (key.startsWith(GGUF_PREFIX)) {
                return true;
            }
        }
        return false;
    }

    /** The number of tokens that penalties see: -1 is the whole sequence, 0 switches penalties off. */
    private static Sampling window(Sampling sampling, double tokens) {
        if (tokens == 0) {
            return sampling.repetitionPenalty(1);
        }
        return sampling.penaltyWindow(
                tokens < 0 || tokens > Integer.MAX_VALUE ? Sampling.WHOLE_SEQUENCE : (int) tokens);
    }

    /** The defaults in a {@code generation_config.json}; none if it has no key for sampling. */
    static Optional<Sampling> of(JsonFile generationConfig) {
        SamplingDefaults defaults = new SamplingDefaults(
                generationConfig.where(),
                name -> generationConfig.has(name) ? generationConfig.node().path(name) : null);
        switch (defaults.values.apply("do_sample")) {
            case JsonValue sample
            when sample.isBoolean() -> {
                if (!sample.booleanValue()) {
                    return Optional.of(Sampling.greedy());
                }
                defaults.found = true;
            }
            case null -> {}
            case Object other -> defaults.ignore("do_sample", other);
        }
        defaults.apply("temperature", Off.NONE, Sampling::temperature);
        defaults.apply("top_k", Off.COUNT, (s, value) -> s.topK(value.intValue()));
        defaults.apply("top_p", Off.FACTOR, Sampling::topP);
        defaults.apply("min_p", Off.THRESHOLD, Sampling::minP);
        defaults.apply("typical_p", Off.FACTOR, Sampling::typicalP);
        defaults.apply("repetition_penalty", Off.FACTOR, Sampling::repetitionPenalty);
        defaults.apply("presence_penalty", Off.NONE, Sampling::presencePenalty);
        defaults.apply("frequency_penalty", Off.NONE, Sampling::frequencyPenalty);
        return defaults.result();
    }

    private void apply(String key, Off off, BiFunction<Sampling, Double, Sampling> change) {
        Object value = values.apply(key);
        if (value == null) {
            return;
        }
        Double number = number(value);
        if (number == null || (off == Off.COUNT && number != Math.rint(number))) {
            ignore(key, value);
            return;
        }
        try {
            sampling = change.apply(sampling, off.normalized(number));
            found = true;
        } catch (IllegalArgumentException e) {
            ignore(key, value);
        }
    }

    private static @Nullable Double number(Object value) {
        return switch (value) {
            case Number number -> number.doubleValue();
            case JsonValue json when json.isNumber() -> json.doubleValue();
            default -> null;
        };
    }

    /** Warns of an option that is switched on but does not exist in Kawi. */
    private void notSupported(String key) {
        Object value = values.apply(key);
        if (value instanceof Number number && number.doubleValue() != 0) {
            ignore(key, value);
        }
    }

    private void ignore(String key, Object value) {
        LOG.warn(
                "{}: the sampling default {} = {} cannot be used and is ignored",
                source,
                key,
                Excerpt.of(value.toString()));
    }

    private Optional<Sampling> result() {
        return found ? Optional.of(sampling) : Optional.empty();
    }
}
