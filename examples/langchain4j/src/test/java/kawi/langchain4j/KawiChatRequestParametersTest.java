package kawi.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ToolChoice;
import java.util.List;
import java.util.Map;
import kawi.SamplingPreset;
import org.junit.jupiter.api.Test;

class KawiChatRequestParametersTest {

    private static KawiChatRequestParameters.Builder all() {
        return KawiChatRequestParameters.builder()
                .modelName("m")
                .temperature(0.5)
                .topP(0.9)
                .topK(40)
                .frequencyPenalty(0.1)
                .presencePenalty(0.2)
                .maxOutputTokens(100)
                .stopSequences("stop")
                .toolChoice(ToolChoice.NONE)
                .responseFormat(ResponseFormat.JSON)
                .seed(1L)
                .preset(SamplingPreset.THINKING)
                .minP(0.05)
                .typicalP(0.95)
                .repetitionPenalty(1.1)
                .penaltyWindow(64)
                .logitBias(Map.of(3, -1f))
                .thinking(true)
                .thinkingBudget(10)
                .loopGuard(true)
                .parallelToolCalls(true)
                .templateVariables(Map.of("a", "b"));
    }

    @Test
    void nothingIsSetAtFirst() {
        KawiChatRequestParameters empty = KawiChatRequestParameters.EMPTY;
        assertNull(empty.seed());
        assertNull(empty.preset());
        assertNull(empty.minP());
        assertNull(empty.typicalP());
        assertNull(empty.repetitionPenalty());
        assertNull(empty.penaltyWindow());
        assertEquals(Map.of(), empty.logitBias());
        assertNull(empty.thinking());
        assertNull(empty.thinkingBudget());
        assertNull(empty.loopGuard());
        assertNull(empty.parallelToolCalls());
        assertEquals(Map.of(), empty.templateVariables());
        assertNull(empty.temperature());
        assertEquals(List.of(), empty.stopSequences());
    }

    @Test
    void parametersThatAreSetOverrideAndOthersStay() {
        KawiChatRequestParameters some = KawiChatRequestParameters.builder()
                .temperature(0.0)
                .seed(2L)
                .thinking(false)
                .logitBias(Map.of(4, 1f))
                .build();
        assertEquals(
                all().temperature(0.0)
                        .seed(2L)
                        .thinking(false)
                        .logitBias(Map.of(4, 1f))
                        .build(),
                all().build().overrideWith(some));
        assertEquals(all().build(), all().build().overrideWith(KawiChatRequestParameters.EMPTY));
        assertEquals(all().build(), KawiChatRequestParameters.EMPTY.overrideWith(all().build()));
    }

    @Test
    void everyParameterCanBeOverridden() {
        KawiChatRequestParameters other = KawiChatRequestParameters.builder()
                .modelName("n")
                .temperature(0.6)
                .topP(0.8)
                .topK(41)
                .frequencyPenalty(0.3)
                .presencePenalty(0.4)
                .maxOutputTokens(101)
                .stopSequences("halt")
                .toolChoice(ToolChoice.AUTO)
                .responseFormat(ResponseFormat.TEXT)
                .seed(3L)
                .preset(SamplingPreset.NON_THINKING)
                .minP(0.06)
                .typicalP(0.94)
                .repetitionPenalty(1.2)
                .penaltyWindow(65)
                .logitBias(Map.of(5, 2f))
                .thinking(false)
                .thinkingBudget(11)
                .loopGuard(false)
                .parallelToolCalls(false)
                .templateVariables(Map.of("c", "d"))
                .build();
        assertEquals(other, all().build().overrideWith(other));
        assertEquals(all().build(), all().build().defaultedBy(other));
    }

    @Test
    void plainParametersCanBeMixedWithThose() {
        ChatRequestParameters plain =
                ChatRequestParameters.builder().temperature(0.0).build();
        assertEquals(all().temperature(0.0).build(), all().build().overrideWith(plain));
        assertEquals(all().build(), all().build().defaultedBy(plain));
        assertEquals(all().build(), plain.overrideWith(all().build()), "the class that knows more is kept");
        ChatRequestParameters merged = plain.defaultedBy(all().build());
        assertEquals(
                1L, assertInstanceOf(KawiChatRequestParameters.class, merged).seed());
        assertEquals(0.0, merged.temperature());
        assertEquals(0.0, KawiChatRequestParameters.of(plain).temperature());
    }

    @Test
    void differentParametersAreNotEqual() {
        assertEquals(all().build(), all().build());
        assertEquals(all().build().hashCode(), all().build().hashCode());
        List<KawiChatRequestParameters> others = List.of(
                all().temperature(1.0).build(),
                all().seed(7L).build(),
                all().preset(null).build(),
                all().minP(0.5).build(),
                all().typicalP(0.5).build(),
                all().repetitionPenalty(2.0).build(),
                all().penaltyWindow(1).build(),
                all().logitBias(Map.of()).build(),
                all().thinking(false).build(),
                all().thinkingBudget(1).build(),
                all().loopGuard(false).build(),
                all().parallelToolCalls(false).build(),
                all().templateVariables(Map.of()).build());
        others.forEach(other -> assertNotEquals(all().build(), other));
    }

    @Test
    void theTextNamesEveryParameterOfKawi() {
        String text = all().build().toString();
        for (String part : List.of(
                "temperature=0.5",
                "seed=1",
                "preset=thinking",
                "minP=0.05",
                "typicalP=0.95",
                "repetitionPenalty=1.1",
                "penaltyWindow=64",
                "logitBias={3=-1.0}",
                "thinking=true",
                "thinkingBudget=10",
                "loopGuard=true",
                "parallelToolCalls=true",
                "templateVariables={a=b}")) {
            assertTrue(text.contains(part), () -> text + " has no " + part);
        }
    }
}
