package kawi.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import kawi.ModelFileException;
import kawi.gguf.GgufEdit;
import kawi.gguf.GgufFile;
import kawi.gguf.MetadataType;
import kawi.tokenizer.Tokenizer;
import kawi.tokenizer.TokenizerException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenTypesTest {

    private static final Path DEMO = Path.of("../examples/demo-model/src/main/resources/kawi/demo/demo-q8_0.gguf");
    private static final String TYPES = "tokenizer.ggml.token_type";

    @TempDir
    Path temp;

    private Path write(GgufEdit edit) {
        return edit.writeTo(temp.resolve("tokens.gguf"));
    }

    /** The types of the demo model follow from its merges. */
    @Test
    void missingTypesFollowFromTheMerges() {
        int[] expected;
        try (GgufFile file = GgufFile.open(DEMO)) {
            expected = file.metadata().ints(TYPES);
        }
        List<Integer> ones = Collections.nCopies(expected.length, 1);
        for (GgufEdit edit :
                List.of(GgufEdit.of(DEMO).remove(TYPES), GgufEdit.of(DEMO).put(TYPES, MetadataType.INT32, ones))) {
            try (GgufFile file = GgufFile.open(write(edit))) {
                assertArrayEquals(expected, TokenTypes.of(file.metadata(), expected.length, file.name()));
            }
        }
    }

    @Test
    void onlyTokensThatLookAddedAndResultFromNoMergeAreAdded() {
        GgufEdit edit = GgufEdit.of(DEMO)
                .remove(TYPES)
                .put(
                        "tokenizer.ggml.tokens",
                        MetadataType.STRING,
                        List.of("a", "ab", "xyz", "<|a|>", "<think>", "</think>", "<b>", "[PAD8]", "<", "< b>", "<|"))
                .put("tokenizer.ggml.merges", MetadataType.STRING, List.of("a b", "<b >"));
        try (GgufFile file = GgufFile.open(write(edit))) {
            assertArrayEquals(
                    new int[] {1, 1, 1, 3, 4, 4, 1, 5, 1, 1, 1}, TokenTypes.of(file.metadata(), 11, file.name()));
        }
    }

    @Test
    void controlTokensOfAPromptAreFoundWithoutTypes() {
        String prompt = "<|im_start|>user\nA fox.<|im_end|>";
        try (Checkpoint typed = Checkpoint.open(DEMO);
                Checkpoint untyped = Checkpoint.open(write(GgufEdit.of(DEMO).remove(TYPES)))) {
            Tokenizer tokenizer = Objects.requireNonNull(untyped.tokenizer());
            assertArrayEquals(
                    Objects.requireNonNull(typed.tokenizer()).encodeWithSpecials(prompt),
                    tokenizer.encodeWithSpecials(prompt));
            assertEquals(typed.endTokens(typed.tokenizer()), untyped.endTokens(tokenizer));
        }
    }

    @Test
    void endTokensMayBeOff() {
        String eos = "tokenizer.ggml.eos_token_id";
        assertEquals(Set.of(2037), endTokens(GgufEdit.of(DEMO).put(eos, MetadataType.UINT32, 2037)));
        assertEquals(Set.of(), endTokens(GgufEdit.of(DEMO).put(eos, MetadataType.UINT32, 0xFFFF_FFFFL)));
        assertEquals(Set.of(), endTokens(GgufEdit.of(DEMO).put(eos, MetadataType.INT32, -1)));
        assertEquals(
                Set.of(5, 6, 7),
                endTokens(GgufEdit.of(DEMO)
                        .put(eos, MetadataType.INT32, List.of(5, -1))
                        .put("tokenizer.ggml.eos_token_ids", MetadataType.INT32, List.of(5, 6))
                        .put("tokenizer.ggml.eom_token_id", MetadataType.UINT32, 7)));
    }

    @Test
    void endTokensHaveALimit() {
        GgufEdit edit = GgufEdit.of(DEMO)
                .put("tokenizer.ggml.eos_token_ids", MetadataType.UINT8, Collections.nCopies(70_000, 1));
        String message = String.valueOf(
                assertThrows(ModelFileException.class, () -> endTokens(edit)).getMessage());
        assertTrue(message.contains("there are more than 65536 ids"), message);
    }

    private Set<Integer> endTokens(GgufEdit edit) {
        try (Checkpoint checkpoint = Checkpoint.open(write(edit))) {
            return checkpoint.endTokens(null);
        }
    }

    @Test
    void tokenizersOfOtherKindsAreNamed() {
        GgufEdit edit = GgufEdit.of(DEMO).remove("tokenizer.ggml.merges");
        assertRefused("key tokenizer.ggml.merges is missing", edit);
        assertRefused(
                "tokenizer.ggml.model is \"llama\"", edit.put("tokenizer.ggml.model", MetadataType.STRING, "llama"));
    }

    private void assertRefused(String expected, GgufEdit edit) {
        try (Checkpoint checkpoint = Checkpoint.open(write(edit))) {
            String message = assertThrows(TokenizerException.class, checkpoint::tokenizer)
                    .getMessage();
            assertTrue(message.contains(expected), message);
        }
    }
}
