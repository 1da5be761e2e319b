package kawi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rows of the Qwen3.5 model cards, "best practices" section. */
class SamplingPresetTest {

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
                SamplingPreset.named(name).forQwen35(parameters));
    }

    @Test
    void everyPresetIsFoundByItsName() {
        for (var preset : SamplingPreset.values()) {
            assertEquals(preset, SamplingPreset.named(preset.toString()));
        }
    }

    @Test
    void anUnknownNameListsTheNames() {
        var refusal = assertThrows(IllegalArgumentException.class, () -> SamplingPreset.named("creative"));
        assertEquals(
                "unknown sampling preset \"creative\"; the presets are thinking, thinking-coding, thinking-vision,"
                        + " non-thinking, non-thinking-reasoning, non-thinking-vision",
                refusal.getMessage());
    }
}
