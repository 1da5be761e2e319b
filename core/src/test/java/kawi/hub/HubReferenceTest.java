package kawi.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kawi.ModelFileException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HubReferenceTest {

    @Test
    void namesARepository() {
        assertEquals(
                new HubReference("Qwen", "Qwen3.5-0.8B", null, null, null), HubReference.parse("hf:Qwen/Qwen3.5-0.8B"));
    }

    @Test
    void namesAQuantizationOrAFileAndARevision() {
        assertEquals(new HubReference("o", "r", "Q4_K_M", null, null), HubReference.parse("hf:o/r:Q4_K_M"));
        assertEquals(new HubReference("o", "r", "Q4_K_M", null, "v1.0"), HubReference.parse("hf:o/r:Q4_K_M@v1.0"));
        assertEquals(new HubReference("o", "r", null, null, "refs/pr/1"), HubReference.parse("hf:o/r@refs/pr/1"));
        assertEquals(
                new HubReference("o", "r", null, "a b/x.GGUF", "feature/x"),
                HubReference.parse("hf:o/r/a b/x.GGUF@feature/x"));
        assertEquals(new HubReference("o", "r", null, "a@b.gguf", "main"), HubReference.parse("hf:o/r/a@b.gguf@main"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hf:",
                "hf:o",
                "hf:o/",
                "hf:/r",
                "hf:o//x.gguf",
                "hf:o/r/",
                "hf:o/r:",
                "hf:o/r@",
                "hf:o/r@..",
                "hf:o/r@a..b",
                "hf:o/r@/a",
                "hf:o/r@a/",
                "hf:o/r@a b",
                "hf:o/r@-x",
                "hf:o/r@.x",
                "hf:o/r@a//b",
                "hf:o/r@a/.b",
                "hf:o/r@x.lock",
                "hf:o/r@\u0007",
                "hf:../r",
                "hf:o/..",
                "hf:o/a--b",
                "hf:o/r/../x.gguf",
                "hf:o/r/a/../../x.gguf",
                "hf:o/r//x.gguf",
                "hf:o/r/C:x.gguf",
                "hf:o/r/a\\x.gguf",
                "hf:o/r/x.safetensors",
                "hf:o/r/\u001b[1m.gguf",
                "hf:o/r:Q4 K",
                "hf:o/r:Q4/x.gguf",
                "hf:o r/x",
                "hf:o/r:../x",
                "hf:https://huggingface.co/o/r",
                "o/r"
            })
    void anythingElseIsASentence(String text) {
        String message = String.valueOf(assertThrows(ModelFileException.class, () -> HubReference.parse(text))
                .getMessage());
        assertTrue(message.contains("expected hf:OWNER/REPOSITORY"), message);
        assertFalse(message.chars().anyMatch(Character::isISOControl), message);
    }

    @Test
    void onlyThePrefixMakesAReference() {
        assertTrue(HubReference.isOne("hf:nonsense"));
        assertFalse(HubReference.isOne("models/hf:x"));
        assertFalse(HubReference.isOne("HF:o/r"));
    }
}
