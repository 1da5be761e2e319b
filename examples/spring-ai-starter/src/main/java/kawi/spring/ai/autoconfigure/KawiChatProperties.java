package kawi.spring.ai.autoconfigure;

import java.time.Duration;
import java.util.List;
import kawi.SamplingPreset;
import kawi.spring.ai.KawiChatOptions;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The options of requests that do not set them. Whatever is not set has the default of Kawi and of the model.
 *
 * @param model Name by which requests select the model. By default the name in the model's file.
 * @param maxTokens Maximum number of tokens of an answer, including its thoughts.
 * @param temperature Sampling temperature. 0 always takes the most probable token.
 * @param topK Number of most probable tokens that are sampled from.
 * @param topP Probability of the most probable tokens that are sampled from.
 * @param minP Probability that a token must have in relation to the most probable one.
 * @param frequencyPenalty Penalty of a token for each time it has occurred.
 * @param presencePenalty Penalty of tokens that have occurred.
 * @param repetitionPenalty Factor by which tokens that have occurred become less probable.
 * @param stopSequences Texts before which an answer ends.
 * @param seed Seed of the sampling. The same seed and prompt give the same answer.
 * @param preset Sampling options recommended by the makers of the model for a task.
 * @param thinking Whether the model thinks before it answers. By default as its chat template decides.
 * @param thinkingBudget Maximum number of tokens of the thoughts of an answer.
 * @param loopGuard Whether endless repetition is detected.
 * @param maxWait Maximum time that an answer waits for its turn when the model is busy.
 */
@ConfigurationProperties("spring.ai.kawi.chat")
public record KawiChatProperties(
        @Nullable String model,
        @Nullable Integer maxTokens,
        @Nullable Double temperature,
        @Nullable Integer topK,
        @Nullable Double topP,
        @Nullable Double minP,
        @Nullable Double frequencyPenalty,
        @Nullable Double presencePenalty,
        @Nullable Double repetitionPenalty,
        @Nullable List<String> stopSequences,
        @Nullable Long seed,
        @Nullable SamplingPreset preset,
        @Nullable Boolean thinking,
        @Nullable Integer thinkingBudget,
        @Nullable Boolean loopGuard,
        @Nullable Duration maxWait) {

    KawiChatOptions toOptions() {
        return KawiChatOptions.builder()
                .model(model)
                .maxTokens(maxTokens)
                .temperature(temperature)
                .topK(topK)
                .topP(topP)
                .minP(minP)
                .frequencyPenalty(frequencyPenalty)
                .presencePenalty(presencePenalty)
                .repetitionPenalty(repetitionPenalty)
                .stopSequences(stopSequences)
                .seed(seed)
                .preset(preset)
                .thinking(thinking)
                .thinkingBudget(thinkingBudget)
                .loopGuard(loopGuard)
                .maxWait(maxWait)
                .build();
    }
}
