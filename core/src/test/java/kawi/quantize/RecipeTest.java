package kawi.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The expected blocks are what {@code llama-quantize --dry-run} says of a model with 25 blocks, the last predicted. */
class RecipeTest {

    private static final Recipe.Model MODEL = new Recipe.Model(25, 24, true, 4, false);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Q4_K_M | attn_qkv    | Q6_K | 0,1,2,5,8,11,14,17,20,21,22,23,24",
                "Q4_K_M | ffn_down    | Q6_K | 0,1,2,5,8,11,14,17,20,21,22,23,24",
                "Q5_K_M | attn_v      | Q6_K | 0,1,2,5,8,11,14,17,20,21,22,23,24",
                "Q4_K_S | attn_qkv    | Q5_K | 0,1,2,3",
                "Q4_K_S | ffn_down    | Q5_K | 0,1,2",
                "Q3_K_M | attn_qkv    | Q5_K | 0,1",
                "Q3_K_M | ffn_down    | Q5_K | 0",
                "Q2_K_S | ffn_down    | Q4_K | 0,1,2"
            })
    void someBlocksHaveMoreBits(Recipe recipe, String kind, String format, String blocks) {
        String found = IntStream.range(0, 25)
                .filter(block -> recipe.format(new TensorRole(kind, block), 256, MODEL)
                        .name()
                        .equals(format))
                .mapToObj(String::valueOf)
                .collect(Collectors.joining(","));
        assertEquals(blocks, found);
    }

    @ParameterizedTest
    @CsvSource({
        "Q4_K_M, token_embd, Q6_K",
        "Q4_0,   token_embd, Q6_K",
        "Q8_0,   token_embd, Q8_0",
        "F16,    token_embd, F16",
        "Q2_K,   attn_qkv,   Q4_K",
        "Q2_K,   ffn_down,   Q3_K",
        "Q2_K,   attn_output, Q3_K",
        "Q3_K_L, attn_output, Q5_K",
        "Q3_K_L, attn_v,     Q5_K",
        "Q3_K_M, attn_output, Q4_K",
        "Q3_K_S, attn_v,     Q3_K",
        "Q5_K_S, ffn_down,   Q5_K",
        "Q4_K_M, ssm_out,    Q4_K",
        "K4,     ssm_out,    Q6_K",
        "K4,     attn_qkv,   Q6_K",
        "K4,     ffn_down,   Q4_K",
        "K4,     token_embd, Q6_K",
        "K4_S,   token_embd, Q5_K",
        "K4_S,   attn_gate,  Q6_K",
        "K4_S,   attn_v,     Q4_K"
    })
    void allBlocksHaveTheSame(Recipe recipe, String kind, String format) {
        int block = kind.equals("token_embd") ? -1 : 4;
        assertEquals(
                format, recipe.format(new TensorRole(kind, block), 256, MODEL).name());
    }

    @Test
    void anEmbeddingBesideAnOutputMatrixIsNotOne() {
        Recipe.Model untied = new Recipe.Model(24, 24, false, 4, false);
        TensorRole embedding = TensorRole.of("token_embd.weight");
        assertEquals("Q4_K", Recipe.Q4_K_M.format(embedding, 256, untied).name());
        assertEquals(
                "Q6_K",
                Recipe.Q4_K_M
                        .format(TensorRole.of("output.weight"), 256, untied)
                        .name());
    }

    @ParameterizedTest
    @CsvSource({"Q4_K_S, 64, Q5_0", "Q5_K_S, 64, Q5_1", "Q6_K, 64, Q8_0", "Q6_K, 48, F16", "Q4_0, 48, F16"})
    void shortRowsHaveOtherFormats(Recipe recipe, int columns, String format) {
        assertEquals(
                format,
                recipe.format(TensorRole.of("blk.9.ffn_up.weight"), columns, MODEL)
                        .name());
    }

    @Test
    void predictionLayersHaveFewerBits() {
        assertEquals(
                "Q4_K",
                Recipe.K4.format(new TensorRole("attn_output", 24), 256, MODEL).name());
        assertEquals(
                "Q3_K",
                Recipe.K4_S.format(new TensorRole("ffn_up", 24), 256, MODEL).name());
    }

    @Test
    void namesAreThoseOfLlamaCpp() {
        assertEquals(Recipe.Q4_K_M, Recipe.named("q4_k"));
        assertEquals(Recipe.Q5_K_S, Recipe.named("Q5_K_S"));
        String message = String.valueOf(assertThrows(IllegalArgumentException.class, () -> Recipe.named("Q7"))
                .getMessage());
        assertTrue(message.endsWith("K4, K4_S"), message);
    }
}
