package kawi.spring.ai.autoconfigure;

import java.nio.file.Path;
import kawi.Concurrency;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How the model is loaded. Whatever is not set has Kawi's default.
 *
 * @param model GGUF file, Hugging Face folder, reference such as hf:Qwen/Qwen3.5-0.8B, or resource such as
 *     classpath:model.gguf.
 * @param vision Vision tower: mmproj file, Hugging Face folder, reference such as hf:OWNER/REPOSITORY, or resource. By
 *     default the one in the model or beside it.
 * @param images How many tokens images take, and the memory for them.
 * @param contextLength Maximum length of a sequence in tokens. By default that of the model.
 * @param threads Number of threads that compute. By default the number of processors.
 * @param kernels Kernel tier: auto, scalar, vector or assembled.
 * @param keysAndValues Format of keys and values: auto, f16, f32, q8, q4, or one for keys and one for values, as in q8:q4.
 * @param quantize Format that the weights are converted to while they are loaded, such as Q4_K_M. By default they keep
 *     that of the files.
 * @param importance Importance matrix by which errors are weighed when the weights are converted, as kawi imatrix writes
 *     it.
 * @param ropeScaling Scaling of positions for a longer context: auto, none or, for example, yarn:4.
 * @param prefixCache Memory for the beginnings that prompts and conversations share.
 * @param concurrency Limits for many callers at once.
 * @param offline Whether a model from a hub must be in the cache already.
 */
@ConfigurationProperties("spring.ai.kawi")
public record KawiProperties(
        @Nullable String model,
        @Nullable String vision,
        @DefaultValue Images images,
        @Nullable Integer contextLength,
        @Nullable Integer threads,
        @Nullable String kernels,
        @Nullable String keysAndValues,
        @Nullable String quantize,
        @Nullable Path importance,
        @Nullable String ropeScaling,
        @Nullable DataSize prefixCache,
        @DefaultValue Limits concurrency,
        @Nullable Boolean offline) {

    /**
     * How images are seen.
     *
     * @param minTokens Smallest number of tokens of an image, to which smaller ones are enlarged. 0 for that of the
     *     model.
     * @param maxTokens Largest number of tokens of an image, to which larger ones are reduced.
     * @param cache Memory for encoded images, which are not encoded again.
     */
    public record Images(
            @DefaultValue("0") int minTokens,
            @DefaultValue("1280") int maxTokens,
            @Nullable DataSize cache) {}

    /**
     * The limits of {@link Concurrency}.
     *
     * @param sequences Maximum number of answers in progress. They are computed together.
     * @param waiting Maximum number of callers that wait for their turn. Further ones are refused.
     * @param keyValueMemory Maximum memory of keys and values of answers in progress.
     */
    public record Limits(
            @Nullable Integer sequences,
            @Nullable Integer waiting,
            @Nullable DataSize keyValueMemory) {

        Concurrency toConcurrency() {
            Concurrency limits = Concurrency.defaults();
            if (sequences != null) {
                limits = limits.sequences(sequences);
            }
            if (waiting != null) {
                limits = limits.waiting(waiting);
            }
            return keyValueMemory == null ? limits : limits.keyValueBytes(keyValueMemory.toBytes());
        }
    }
}
