package kawi.dialect;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import kawi.Sampling;
import kawi.SamplingPreset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QwenDialectTest {

    private final Dialect qwen = new QwenDialect();

    /** The rows of the Qwen3.5 model cards, "best practices" section. */
    @ParameterizedTest
    @CsvSource({
        // 0.8B and 2B
        "752393024, thinking, 1.0, 0.95, 1.5",
        "752393024, thinking-coding, 0.6, 0.95, 0",
        "1900000000, thinking-vision, 0.6, 0.95, 0",
        "752393024, non-thinking, 1.0, 1.0, 2.0",
        "1900000000, non-thinking, 1.0, 1.0, 2.0",
        "752393024, non-thinking-vision, 0.7, 0.8, 1.5",
        "752393024, non-thinking-reasoning, 1.0, 1.0, 2.0",
        // 4B and 9B
        "4200000000, thinking, 1.0, 0.95, 1.5",
        "4200000000, thinking-coding, 0.6, 0.95, 0",
        "4200000000, thinking-vision, 1.0, 0.95, 1.5",
        "4200000000, non-thinking, 0.7, 0.8, 1.5",
        "9000000000, non-thinking, 0.7, 0.8, 1.5",
        "4200000000, non-thinking-vision, 0.7, 0.8, 1.5",
        "9000000000, non-thinking-reasoning, 1.0, 0.95, 1.5",
    })
    void presetsAreTheCards(long parameters, String name, double temperature, double topP, double presence) {
        assertEquals(
                Sampling.defaults().temperature(temperature).topK(20).topP(topP).presencePenalty(presence),
                qwen.recommended(SamplingPreset.named(name), parameters).orElseThrow());
    }

    @Test
    void aModelSmallerThanAnyOfTheCardsHasNoDefaultOptions() {
        assertEquals(Optional.empty(), qwen.defaultSampling(true, 2_374_232));
        assertEquals(qwen.recommended(SamplingPreset.THINKING, 752_393_024), qwen.defaultSampling(true, 752_393_024));
        assertEquals(
                qwen.recommended(SamplingPreset.NON_THINKING, 4_200_000_000L),
                qwen.defaultSampling(false, 4_200_000_000L));
    }

    @Test
    void aTemplateDecidesBeforeTheArchitecture() {
        Dialect toy = new ToyDialect();
        Dialects both = new Dialects(List.of(qwen, toy));
        assertEquals(qwen, both.of("Qwen3.5", Optional.empty()));
        assertEquals(qwen, both.of("Qwen3.5", Optional.of("{{ messages[0].content }}")));
        assertEquals(qwen, both.of("Other", Optional.of("<|im_start|>assistant\n<tool_call>")));
        assertEquals(toy, both.of("Qwen3.5", Optional.of("A: [TOOL]")));
        assertEquals("plain text", both.of("Other", Optional.empty()).name());
    }
}
