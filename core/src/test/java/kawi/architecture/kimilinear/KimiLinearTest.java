package kawi.architecture.kimilinear;

import static kawi.architecture.Reference.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import kawi.ModelFileException;
import kawi.architecture.Batch;
import kawi.architecture.Blueprint;
import kawi.architecture.Mixer;
import kawi.architecture.Runs;
import kawi.architecture.TestModel;
import kawi.architecture.registry.Architectures;
import kawi.checkpoint.Checkpoint;
import kawi.compute.KernelTier;
import kawi.files.Fixture;
import kawi.kernels.Activations;
import kawi.safetensors.SafetensorsFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The decoder against a float64 run of transformers, and against itself. */
class KimiLinearTest {

    private static final JsonNode FIXTURE = JsonMapper.shared().readTree(Fixture.path("kimi-linear/fixture.json"));

    private static int[] ids(String key) {
        int[] ids = new int[FIXTURE.get(key).size()];
        Arrays.setAll(ids, i -> FIXTURE.get(key).get(i).intValue());
        return ids;
    }

    private static float[] expected(String name) {
        try (SafetensorsFile file = SafetensorsFile.open(Fixture.path("kimi-linear/expected.safetensors"))) {
            return file.tensor(name).toFloats();
        }
    }

    @Test
    void reproducesTheReference() {
        double tolerance = FIXTURE.get("tolerance_abs_fp32").doubleValue();
        int[] prompt = ids("input_ids");
        int[] greedy = ids("greedy_continuation");
        for (KernelTier tier : KernelTier.values()) {
            try (TestModel model = new TestModel("kimi-linear", tier, 2)) {
                float[] logits = model.logits(model.sequence(), prompt);
                float[] expected = expected("logits");
                assertEquals(expected.length, logits.length);
                for (int i = 0; i < expected.length; i++) {
                    assertEquals(
                            expected[i], logits[i], tolerance / 20, "far below the tolerance of another float32 run");
                }
                assertArrayEquals(greedy, Runs.greedy(model.decoder(), prompt, greedy.length));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void kimiDeltaAttentionReproducesTheReference(KernelTier tier) {
        int rows = 11;
        int hidden = 32;
        try (TestModel model = new TestModel("kimi-linear", tier, 2)) {
            Mixer mixer = model.parts().layers().get(1).mixer();
            mixer.workspace().reserve(rows, model.arena(), model.arena());
            Activations h = Activations.allocate(model.arena(), rows, hidden);
            Activations out = Activations.outputs(model.arena(), rows, hidden);
            float[] input = expected("kda_layer1.input");
            MemorySegment.copy(input, 0, h.floats(), ValueLayout.JAVA_FLOAT, 0, input.length);
            mixer.apply(h, new Batch().add(model.sequence(), new int[rows], 0, rows, 0, 0), 1, out);
            assertClose(
                    expected("kda_layer1.output"), Runs.rows(out.floats(), rows * hidden), 1e-5, "kda_layer1.output");
        }
    }

    @Test
    void chunksThreadsAndTiersDoNotChangeABit() {
        int[] ids = new SplittableRandom(1).ints(300, 0, 64).toArray();
        float[] expected;
        try (TestModel model = new TestModel("kimi-linear", KernelTier.SCALAR, 1)) {
            expected = model.logits(model.sequence(), ids);
        }
        for (KernelTier tier : KernelTier.values()) {
            for (int threads = 1; threads <= 3; threads++) {
                try (TestModel model = new TestModel("kimi-linear", tier, threads)) {
                    for (int[] chunks : new int[][] {{ids.length}, {1}, {37, 113}, {5, 1, 64, 3, 2}}) {
                        String what = "%s, %d threads, chunks %s".formatted(tier, threads, Arrays.toString(chunks));
                        assertArrayEquals(expected, Runs.logits(model.decoder(), ids, chunks), what);
                    }
                }
            }
        }
    }

    private static Blueprint read(Path folder) {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            return Architectures.read(checkpoint);
        }
    }

    private static Path folder(Path temporary, String from, String to) throws IOException {
        String config = Files.readString(Fixture.path("kimi-linear/config.json"));
        assertTrue(config.contains(from), from);
        Files.writeString(temporary.resolve("config.json"), config.replace(from, to));
        Files.copy(Fixture.path("kimi-linear/model.safetensors"), temporary.resolve("model.safetensors"));
        return temporary;
    }

    @Test
    void saysWhatItIs() {
        Blueprint blueprint = read(Fixture.path("kimi-linear"));
        assertEquals("Kimi Linear", blueprint.family());
        assertEquals(64, blueprint.vocabularySize());
        assertEquals(1L << 20, blueprint.contextLength());
        assertEquals(1L, blueprint.sizes().get("full_attention_layers"));
        assertEquals(8, blueprint.sizes().get("num_experts"));
    }

    /** The published configurations put the sizes of the linear layers in an object and count layers from 1. */
    @Test
    void readsThePublishedFormOfTheConfiguration(@TempDir Path temporary) throws IOException {
        JsonNode config = FIXTURE.get("config");
        StringBuilder json = new StringBuilder("{");
        for (String key : config.propertyNames()) {
            if (!key.startsWith("linear_") && !key.endsWith("layer_types")) {
                json.append("\"%s\": %s,\n".formatted(key, config.get(key)));
            }
        }
        json.append("""
                "first_k_dense_replace": 1, "moe_layer_freq": 1, "mla_use_nope": true, "q_lora_rank": null,
                "moe_router_activation_func": "sigmoid",
                "linear_attn_config": {"full_attn_layers": [4], "kda_layers": [1, 2, 3], "head_dim": 8,
                  "num_heads": 4, "short_conv_kernel_size": 4}}
                """);
        Files.writeString(temporary.resolve("config.json"), json);
        Files.copy(Fixture.path("kimi-linear/model.safetensors"), temporary.resolve("model.safetensors"));
        assertEquals(read(Fixture.path("kimi-linear")).sizes(), read(temporary).sizes());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"hidden_act\": \"silu\"     | \"hidden_act\": \"situ\"      | key hidden_act: \"situ\" is not supported",
                "\"num_key_value_heads\": 2   | \"num_key_value_heads\": 1    | key num_key_value_heads",
                "\"num_experts_per_token\": 2 | \"num_experts_per_token\": 9  | 9 experts per token of 8",
                "\"num_expert_group\": 1      | \"num_expert_group\": 3       | 8 experts in 3 groups",
                "\"num_experts\": 8           | \"num_experts\": 9            | experts.8.w1.weight",
                "\"kv_lora_rank\": 16         | \"kv_lora_rank\": 15          | kv_a_proj_with_mqa.weight is 20 x 32",
                "\"num_hidden_layers\": 4     | \"num_hidden_layers\": 5      | 4 entries for 5 layers",
                "\"linear_head_dim\": 8       | \"linear_head_dim\": 0        | linear head size 0 is not between",
                "\"sparse\"                   | \"dance\"                     | \"dance\" is neither sparse nor dense",
                "\"attention_bias\": false    | \"attention_bias\": true      | key attention_bias",
                "\"use_cache\": true          | \"q_lora_rank\": 8            | key q_lora_rank",
                "\"use_cache\": true          | \"mla_use_output_gate\": true | key mla_use_output_gate",
                "\"use_cache\": true          | \"mla_use_nope\": false       | key mla_use_nope",
            })
    void whatItCannotDoIsRefused(String from, String to, String problem, @TempDir Path temporary) throws IOException {
        Path folder = folder(temporary, from, to);
        ModelFileException e = assertThrows(ModelFileException.class, () -> read(folder));
        assertTrue(String.valueOf(e.getMessage()).contains(problem), e.getMessage());
    }
}
