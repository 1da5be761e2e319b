package kawi.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VisionNameTest {

    @Test
    void towersHaveMmprojInTheirName() {
        assertTrue(VisionName.matches("mmproj-F16.gguf"));
        assertTrue(VisionName.matches("Qwen3.5-4B.MMPROJ-f16.GGUF"));
        assertFalse(VisionName.matches("mmproj-F16.safetensors"));
        assertFalse(VisionName.matches("Qwen3.5-4B-F16.gguf"));
    }

    @Test
    void theFormatIsBetweenSeparators() {
        assertTrue(VisionName.hasFormat("mmproj-a-F16.gguf", "F16"));
        assertTrue(VisionName.hasFormat("a.mmproj-f16.gguf", "F16"));
        assertFalse(VisionName.hasFormat("mmproj-a-BF16.gguf", "F16"));
        assertFalse(VisionName.hasFormat("a-Q4_K_M.gguf", "Q4_K"));
    }

    @Test
    void halfPrecisionIsPreferred() {
        assertEquals(
                List.of("mmproj-f16.gguf"),
                VisionName.preferred(List.of("mmproj-BF16.gguf", "mmproj-F32.gguf", "mmproj-f16.gguf")));
        assertEquals(
                List.of("mmproj-a-Q8_0.gguf", "mmproj-b-Q8_0.gguf"),
                VisionName.preferred(List.of("mmproj-F32.gguf", "mmproj-a-Q8_0.gguf", "mmproj-b-Q8_0.gguf")));
        assertEquals(
                List.of("mmproj-a.gguf", "mmproj-b.gguf"),
                VisionName.preferred(List.of("mmproj-a.gguf", "mmproj-b.gguf")));
    }

    @ParameterizedTest
    @CsvSource({
        "mmproj-Qwen3.5-4B-F16.gguf, Qwen3.5-4B-Q4_K_M.gguf, true",
        "qwen3.5-4b.mmproj-f16.gguf, Qwen3.5-4B-UD-IQ4_XS.gguf, true",
        "mmproj-Qwen3.5-4B-F16.gguf, Qwen3.5-4B-BF16-00001-of-00002.gguf, true",
        "mmproj-Qwen3.5-4B-F16.gguf, Qwen3.5-4B.gguf, true",
        "mmproj-Qwen3.5-4B-Base-F16.gguf, Qwen3.5-4B-Q8_0.gguf, true",
        "mmproj-Qwen3.5-4B-F16.gguf, Qwen3.5-4B-Base-Q8_0.gguf, false",
        "mmproj-Qwen3.5-4B-F16.gguf, Qwen3.5-9B-Q4_0.gguf, false",
        "mmproj-Qwen3.5-14B-F16.gguf, 4B-Q4_0.gguf, false",
        "mmproj-F16.gguf, Qwen3.5-4B-F16.gguf, false",
    })
    void aTowerIsNamedAfterItsModel(String tower, String model, boolean expected) {
        assertEquals(expected, VisionName.isOf(tower, model));
    }
}
