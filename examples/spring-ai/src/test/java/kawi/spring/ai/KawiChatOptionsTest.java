package kawi.spring.ai;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import kawi.SamplingPreset;
import kawi.ToolChoice;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.model.tool.StructuredOutputChatOptions;
import org.springframework.ai.model.tool.ToolCallingChatOptions;
import org.springframework.ai.test.options.AbstractChatOptionsTests;
import org.springframework.ai.tool.ToolCallback;
import org.springframework.ai.tool.function.FunctionToolCallback;

/** Spring AI's conformance tests of options, and the options of Kawi. */
final class KawiChatOptionsTest extends AbstractChatOptionsTests<KawiChatOptions, KawiChatOptions.Builder> {

    private static final ToolCallback TOOL = FunctionToolCallback.builder("now", () -> "noon")
            .description("The time")
            .build();

    @Override
    protected Class<KawiChatOptions> getConcreteOptionsClass() {
        return KawiChatOptions.class;
    }

    @Override
    protected KawiChatOptions.Builder readyToBuildBuilder() {
        return everything();
    }

    private static KawiChatOptions.Builder everything() {
        return KawiChatOptions.builder()
                .model("m")
                .frequencyPenalty(0.1)
                .maxTokens(2)
                .presencePenalty(0.3)
                .stopSequences(List.of("stop"))
                .temperature(0.4)
                .topK(5)
                .topP(0.6)
                .toolCallbacks(TOOL)
                .toolContext(Map.of("user", "Sari"))
                .outputSchema("{}")
                .regex("a+")
                .minP(0.7)
                .typicalP(0.8)
                .repetitionPenalty(1.1)
                .penaltyWindow(64)
                .logitBias(Map.of(3, 1.5f))
                .seed(9L)
                .preset(SamplingPreset.THINKING)
                .thinking(true)
                .thinkingBudget(10)
                .loopGuard(false)
                .logprobs(1)
                .maxWait(Duration.ofSeconds(1))
                .toolChoice(ToolChoice.none())
                .templateVariables(Map.of("preserve_thinking", true));
    }

    @Test
    void everyOptionIsKeptByMutate() {
        KawiChatOptions options = everything().build();
        KawiChatOptions copy = options.mutate().build();
        assertThat(copy).isEqualTo(options).hasSameHashCodeAs(options).hasNoNullFieldsOrProperties();
        assertThat(copy).usingRecursiveComparison().isEqualTo(options);
    }

    @Test
    void everyOptionIsPartOfEquality() {
        KawiChatOptions options = everything().build();
        assertThat(options)
                .isNotEqualTo(everything().model("n").build())
                .isNotEqualTo(everything().outputSchema(null).build())
                .isNotEqualTo(everything().regex("b").build())
                .isNotEqualTo(everything().minP(0.0).build())
                .isNotEqualTo(everything().typicalP(0.0).build())
                .isNotEqualTo(everything().repetitionPenalty(1.0).build())
                .isNotEqualTo(everything().penaltyWindow(1).build())
                .isNotEqualTo(everything().logitBias(Map.of()).build())
                .isNotEqualTo(everything().seed(1L).build())
                .isNotEqualTo(everything().preset(SamplingPreset.NON_THINKING).build())
                .isNotEqualTo(everything().thinking(false).build())
                .isNotEqualTo(everything().thinkingBudget(1).build())
                .isNotEqualTo(everything().loopGuard(true).build())
                .isNotEqualTo(everything().logprobs(0).build())
                .isNotEqualTo(everything().maxWait(Duration.ZERO).build())
                .isNotEqualTo(everything().toolChoice(ToolChoice.auto()).build())
                .isNotEqualTo(everything().templateVariables(Map.of()).build());
    }

    @Test
    void anOptionIsRemovedByNull() {
        assertThat(everything().seed(null).thinking(null).outputSchema(null).build())
                .returns(null, KawiChatOptions::getSeed)
                .returns(null, KawiChatOptions::getThinking)
                .returns(null, KawiChatOptions::getOutputSchema);
    }

    @Test
    void optionsOfARequestReplaceTheDefaults() {
        KawiChatOptions defaults = everything().build();
        KawiChatOptions merged = defaults.overriddenBy(KawiChatOptions.builder()
                .temperature(0.0)
                .seed(1L)
                .stopSequences(List.of("end"))
                .toolContext(Map.of("role", "admin"))
                .build());
        assertThat(merged)
                .isEqualTo(everything()
                        .temperature(0.0)
                        .seed(1L)
                        .stopSequences(List.of("end"))
                        .toolContext(Map.of("user", "Sari", "role", "admin"))
                        .build());
    }

    @Test
    void mergingTwiceChangesNothing() {
        KawiChatOptions defaults = everything().build();
        assertThat(defaults.overriddenBy(defaults)).isEqualTo(defaults);
        assertThat(defaults.overriddenBy(null)).isEqualTo(defaults);
    }

    @Test
    void optionsOfOtherClassesAreMerged() {
        KawiChatOptions defaults =
                KawiChatOptions.builder().temperature(0.4).topK(5).build();
        assertThat(defaults.overriddenBy(
                        ChatOptions.builder().topK(7).maxTokens(3).build()))
                .isEqualTo(KawiChatOptions.builder()
                        .temperature(0.4)
                        .topK(7)
                        .maxTokens(3)
                        .build());
        assertThat(defaults.overriddenBy(ToolCallingChatOptions.builder()
                                .toolCallbacks(TOOL)
                                .build())
                        .getToolCallbacks())
                .containsExactly(TOOL);
        assertThat(defaults.overriddenBy(StructuredOutputChatOptions.builder()
                                .outputSchema("{\"type\":\"object\"}")
                                .build())
                        .getOutputSchema())
                .isEqualTo("{\"type\":\"object\"}");
    }

    @Test
    void buildersAreCombined() {
        KawiChatOptions combined = KawiChatOptions.builder()
                .temperature(0.4)
                .seed(1L)
                .stopSequences(List.of("a"))
                .combineWith(KawiChatOptions.builder().seed(2L).thinking(true).stopSequences(List.of("b")))
                .combineWith(ChatOptions.builder().topK(3))
                .combineWith(StructuredOutputChatOptions.builder().outputSchema("{}"))
                .build();
        assertThat(combined)
                .isEqualTo(KawiChatOptions.builder()
                        .temperature(0.4)
                        .seed(2L)
                        .thinking(true)
                        .stopSequences(List.of("a", "b"))
                        .topK(3)
                        .outputSchema("{}")
                        .build());
    }

    @Test
    void aClonedBuilderIsIndependent() {
        KawiChatOptions.Builder builder = everything();
        KawiChatOptions.Builder clone = builder.clone();
        clone.seed(100L).stopSequences(List.of("other"));
        assertThat(builder.build()).isEqualTo(everything().build());
        assertThat(clone.build().getSeed()).isEqualTo(100L);
    }
}
