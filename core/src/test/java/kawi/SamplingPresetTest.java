package kawi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class SamplingPresetTest {

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
