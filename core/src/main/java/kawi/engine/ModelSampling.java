package kawi.engine;

import kawi.Prompt;
import kawi.Sampling;
import kawi.SamplingPreset;
import kawi.dialect.Dialect;
import org.jspecify.annotations.Nullable;

/**
 * The default sampling options of a model, see {@link kawi.Model#sampling()}.
 *
 * @param name of the model, for messages
 * @param own those of the loader or of the model's files, or null
 */
record ModelSampling(
        String name,
        Dialect dialect,
        long parameters,
        @Nullable Sampling own) {

    /**
     * Those of an answer.
     *
     * @param chat whether it is that of a chat, {@code thinking} whether it begins with a thought
     */
    Sampling of(boolean chat, boolean thinking) {
        if (own != null) {
            return own;
        }
        return chat
                ? dialect.defaultSampling(thinking, parameters).orElse(Prompt.DEFAULT_SAMPLING)
                : Prompt.DEFAULT_SAMPLING;
    }

    /** Those recommended for a task. */
    Sampling recommended(SamplingPreset preset) {
        return dialect.recommended(preset, parameters)
                .orElseThrow(() -> new IllegalStateException(
                        "no sampling options are recommended for %s; set them one by one, see Sampling"
                                .formatted(name)));
    }
}
