package kawi.architecture.qwen35;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import kawi.ModelFileException;
import kawi.RandomModel;
import kawi.architecture.Decoder;
import kawi.architecture.Reference;
import kawi.architecture.RopeScaling;
import kawi.architecture.Runs;
import kawi.architecture.registry.Architectures;
import kawi.checkpoint.Checkpoint;
import kawi.compute.Compute;
import kawi.compute.KernelTier;
import kawi.compute.TierChoice;
import kawi.files.Fixture;
import kawi.gguf.GgufEdit;
import kawi.gguf.MetadataType;
import kawi.kernels.KvFormat;
import kawi.kernels.KvFormats;
import kawi.kernels.WorkerPool;
import kawi.quant.Tensor;
import kawi.quant.WeightFormat;
import kawi.quant.WeightFormats;
import kawi.safetensors.SafetensorsFile;
import kawi.safetensors.SafetensorsWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The ways in which writers spell one model, and what is rejected because it could mean something else. */
class SpellingsTest {

    private static final Path GGUF = Fixture.path(Fixture.F32_GGUF);
    private static final String FOLDER = "text-vgtk-tied/f32";
    private static final WeightFormat F32 = WeightFormats.byName("F32");

    @TempDir
    Path temp;

    private Qwen35Config config(GgufEdit edit) {
        return read(edit.writeTo(temp.resolve("spelled.gguf"))).config();
    }

    private static Qwen35Weights read(Path path) {
        try (Checkpoint checkpoint = Checkpoint.open(path)) {
            return (Qwen35Weights) Architectures.read(checkpoint);
        }
    }

    private static String refusal(Path path) {
        return String.valueOf(
                assertThrows(ModelFileException.class, () -> read(path)).getMessage());
    }

    private String refusal(GgufEdit edit) {
        return refusal(edit.writeTo(temp.resolve("refused.gguf")));
    }

    private static void assertRefused(String expected, String refusal) {
        assertTrue(refusal.contains(expected), () -> "expected «" + expected + "» in: " + refusal);
    }

    // GGUF

    /** Blocks 0 to 2 are recurrent, 3 has full attention, 4 is for prediction. */
    @Test
    void sizesAreGivenOnceOrForEachBlock() {
        Qwen35Config expected = read(GGUF).config();
        GgufEdit edit = GgufEdit.of(GGUF)
                .put("qwen35.attention.head_count", MetadataType.UINT32, List.of(0, 0, 0, 4, 8))
                .put("qwen35.attention.head_count_kv", MetadataType.INT32, List.of(0, 0, 0, 2))
                .put("qwen35.feed_forward_length", MetadataType.UINT64, List.of(112, 112, 112, 112, 7))
                .put("qwen35.ssm.state_size", MetadataType.UINT16, List.of(16, 16, 16, 0, 0))
                .put("qwen35.attention.key_length", MetadataType.UINT32, List.of(32))
                .put("qwen35.rope.freq_base", MetadataType.UINT32, 10_000_000)
                .put("qwen35.rope.dimension_sections", MetadataType.INT64, List.of(3, 3, 2))
                .put("qwen35.mrope_sections", MetadataType.INT32, List.of(3, 3, 2, 0));
        assertEquals(112, expected.intermediateSize());
        assertEquals(expected, config(edit));
    }

    @Test
    void entriesThatContradictEachOtherAreRejected() {
        assertRefused(
                "key qwen35.feed_forward_length: the entries of blocks 0 and 2 contradict each other: 112 and 95",
                refusal(GgufEdit.of(GGUF)
                        .put("qwen35.feed_forward_length", MetadataType.UINT32, List.of(112, 112, 95, 112))));
        assertRefused(
                "key qwen35.attention.head_count_kv: block 3 has full attention, but its entry is 0",
                refusal(GgufEdit.of(GGUF)
                        .put("qwen35.attention.head_count_kv", MetadataType.UINT32, List.of(2, 0, 0, 0))));
        assertRefused(
                "key qwen35.attention.head_count_kv: the entry of block 3 is 0, but must be from 1",
                refusal(GgufEdit.of(GGUF)
                        .put("qwen35.attention.head_count_kv", MetadataType.UINT32, List.of(0, 0, 0, 0))));
        assertRefused(
                "key qwen35.attention.head_count: there are 3 entries for 5 blocks, of which 4 are run",
                refusal(GgufEdit.of(GGUF).put("qwen35.attention.head_count", MetadataType.UINT32, List.of(4, 4, 4))));
        assertRefused(
                "key qwen35.mrope_sections: [2, 3, 3] contradicts qwen35.rope.dimension_sections",
                refusal(GgufEdit.of(GGUF).put("qwen35.mrope_sections", MetadataType.UINT32, List.of(2, 3, 3))));
    }

    @Test
    void theKindsOfBlocksAreGivenInThreeWays() {
        Qwen35Config expected = read(GGUF).config();
        GgufEdit edit = GgufEdit.of(GGUF);
        edit.remove("qwen35.full_attention_interval")
                .put("qwen35.attention.head_count_kv", MetadataType.UINT32, List.of(0, 0, 0, 2));
        assertEquals(expected, config(edit));
        edit.put("qwen35.attention.recurrent_layers", MetadataType.BOOL, List.of(true, true, true, false, false));
        assertEquals(expected, config(edit));
        edit.put("qwen35.attention.recurrent_layers", MetadataType.UINT8, List.of(1, 1, 1, 0));
        assertEquals(expected, config(edit));
        edit.put("qwen35.attention.recurrent_layers", MetadataType.UINT8, List.of(0, 1, 1, 0));
        assertRefused("block 0 has full attention, but its entry is 0", refusal(edit));
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen3_5", "qwen3.5", "Qwen3_5", "qwen3_5_text", "qwen35"})
    void theArchitectureHasSeveralSpellings(String name) {
        Qwen35Config expected = read(GGUF).config();
        GgufEdit edit = GgufEdit.of(GGUF).put("general.architecture", MetadataType.STRING, name);
        assertEquals(expected, config(edit));
        edit.renameKeys(key -> key.replace("qwen35.", name + "."));
        assertEquals(expected, config(edit));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "general.architecture | qwen35moe   | is Qwen3.5 with experts, which is not supported",
                "general.architecture | qwen3_5_moe | is Qwen3.5 with experts, which is not supported",
                "general.architecture | kimi-linear | is not supported in GGUF files, only in Hugging Face folders",
                "general.architecture | clip        | is the vision part of a model",
                "general.architecture | gemma3      | architecture \"gemma3\" is not supported; Kawi runs Qwen3.5",
                "general.type         | adapter     | is a LoRA adapter",
                "general.type         | mmproj      | is the vision part of a model (mmproj)",
                "general.type         | imatrix     | is an importance matrix",
            })
    void otherFilesSayWhatTheyAre(String key, String value, String sentence) {
        assertRefused(sentence, refusal(GgufEdit.of(GGUF).put(key, MetadataType.STRING, value)));
    }

    @Test
    void tensorsHaveSeveralSpellings() {
        Qwen35Weights expected = read(GGUF);
        for (UnaryOperator<String> spelling : List.<UnaryOperator<String>>of(
                name -> name.replace("ssm_dt.bias", "ssm_dt"),
                name -> name.replace("ssm_dt.bias", "ssm_dt.weight"),
                name -> name.endsWith("ssm_a") ? name + ".weight" : name)) {
            GgufEdit edit = GgufEdit.of(GGUF);
            List<String> before = edit.tensorNames();
            assertFalse(before.equals(edit.renameTensors(spelling).tensorNames()));
            Qwen35Weights found = read(edit.writeTo(temp.resolve("spelled.gguf")));
            Qwen35Weights.LinearAttention mixer =
                    (Qwen35Weights.LinearAttention) found.layers().getFirst().mixer();
            Qwen35Weights.LinearAttention same =
                    (Qwen35Weights.LinearAttention) expected.layers().getFirst().mixer();
            assertArrayEquals(same.dtBias(), mixer.dtBias());
            assertArrayEquals(same.rate(), mixer.rate());
        }
    }

    @Test
    void valueHeadsAreInTheOrderThatTheFileSays() {
        GgufEdit edit = GgufEdit.of(GGUF).put("qwen35.ssm.v_head_reordered", MetadataType.BOOL, true);
        assertTrue(config(edit).tiledValueHeads());
        assertFalse(config(edit.put("qwen35.ssm.v_head_reordered", MetadataType.BOOL, false))
                .tiledValueHeads());
    }

    /** Writers count blocks for prediction or not, and have them in the file or not. */
    @Test
    void predictionLayersAreNeverRun() {
        Qwen35Config expected = read(GGUF).config();
        GgufEdit without = GgufEdit.of(GGUF).removeTensors(name -> name.startsWith("blk.4."));
        assertEquals(expected, config(without));
        for (long off : new long[] {0, 0xFFFF_FFFFL}) {
            assertEquals(
                    expected, config(GgufEdit.of(GGUF).put("qwen35.nextn_predict_layers", MetadataType.UINT32, off)));
        }
        GgufEdit undeclared = GgufEdit.of(GGUF).remove("qwen35.nextn_predict_layers");
        assertEquals(expected, config(undeclared));
        assertEquals(expected, config(undeclared.put("qwen35.block_count", MetadataType.UINT32, 4)));
        assertRefused(
                "blocks from 3 on are prediction layers, but by the tensors (nextn) those from 4 on are",
                refusal(GgufEdit.of(GGUF).put("qwen35.block_count", MetadataType.UINT32, 4)));
        assertRefused(
                "blocks from 4 on are prediction layers, but by the tensors (nextn) there are none",
                refusal(GgufEdit.of(GGUF).removeTensors(name -> name.contains(".nextn."))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "blk.3.attn_q.bias",
                "blk.0.ffn_up.scale",
                "output.bias",
                "rope_freqs.weight",
                "blk.1.ssm_out.input_scale"
            })
    void tensorsThatWouldChangeTheResultAreRejected(String name) {
        GgufEdit edit = GgufEdit.of(GGUF).tensor(name, F32, new long[] {1}, MemorySegment.ofArray(new byte[4]));
        assertRefused("tensor " + name + " is not supported in a Qwen3.5 model", refusal(edit));
    }

    @Test
    void aTensorMayHaveAFactor() {
        Path plain = temp.resolve("plain.gguf");
        RandomModel.of("tiny").type("NVFP4").writeTo(plain, step -> {});
        MemorySegment half = MemorySegment.ofArray(new byte[] {0, 0, 0, 0x3f});
        GgufEdit edit = GgufEdit.of(plain)
                .tensor("blk.0.ffn_up.scale", F32, new long[] {1}, half)
                .tensor("blk.0.ffn_up.input_scale", F32, new long[] {1}, half)
                .tensor("blk.4.attn_q.scale", F32, new long[] {1}, half);
        Path scaled = edit.writeTo(temp.resolve("scaled.gguf"));
        try (Checkpoint before = Checkpoint.open(plain);
                Checkpoint after = Checkpoint.open(scaled)) {
            Qwen35Weights expected = (Qwen35Weights) Architectures.read(before);
            Qwen35Weights found = (Qwen35Weights) Architectures.read(after);
            float[] weights = expected.layers().getFirst().upProj().toFloats();
            for (int i = 0; i < weights.length; i++) {
                weights[i] /= 2;
            }
            assertArrayEquals(weights, found.layers().getFirst().upProj().toFloats());
            assertEquals("NVFP4", found.layers().getFirst().gateProj().format().name());
            assertNotNull(found.mtp());
        }
        edit.tensor("blk.0.ffn_gate.scale", F32, new long[] {2}, MemorySegment.ofArray(new byte[8]));
        assertRefused(
                "tensor blk.0.ffn_gate.scale has 2 factors, but there must be one for all weights of blk.0.ffn_gate.weight",
                refusal(edit));
    }

    @Test
    void tensorsOfOtherPartsDoNotMatter() {
        Qwen35Config expected = read(GGUF).config();
        GgufEdit edit = GgufEdit.of(GGUF);
        for (String name : List.of("v.blk.0.attn_q.bias", "mm.0.bias", "mtp.fc.weight", "blk.4.attn_q.bias", "foo")) {
            edit.tensor(name, F32, new long[] {1}, MemorySegment.ofArray(new byte[4]));
        }
        Path file = edit.writeTo(temp.resolve("parts.gguf"));
        assertEquals(expected, read(file).config());
        assertEquals(List.of("vision", "MTP"), read(file).unusedParts());
    }

    @Test
    void whatIsSwitchedOffIsNotRejected() {
        Qwen35Config expected = read(GGUF).config();
        GgufEdit edit = GgufEdit.of(GGUF)
                .put("qwen35.attention.sliding_window", MetadataType.UINT32, 0xFFFF_FFFFL)
                .put("qwen35.expert_count", MetadataType.UINT32, 0)
                .put("qwen35.attention.causal", MetadataType.BOOL, true);
        assertEquals(expected, config(edit));
        assertRefused(
                "key qwen35.attention.sliding_window: 4096 is not supported, only 0",
                refusal(edit.put("qwen35.attention.sliding_window", MetadataType.UINT32, 4096)));
    }

    // Scaled positions

    @Test
    void scalingIsReadAsLlamaCppDoes() {
        assertEquals(RopeScaling.NONE, scaling("type", "none", "factor", 4f));
        assertEquals(RopeScaling.NONE, scaling("factor", 0f));
        assertEquals(new RopeScaling.Linear(4, 1), scaling("factor", 4f));
        assertEquals(new RopeScaling.Linear(4, 1), scaling("type", "linear", "factor", 4));
        assertEquals(new RopeScaling.Linear(1, 1.5), scaling("attn_factor", 1.5f));
        double usual = RopeScaling.Yarn.magnitude(4, 1);
        assertEquals(
                new RopeScaling.Yarn(4, usual, 1024, 32, 1, true),
                scaling("type", "yarn", "factor", 4f, "original_context_length", 1024));
        assertEquals(
                new RopeScaling.Yarn(4, usual, 4096, 64, 2, true),
                scaling("type", "yarn", "factor", 4f, "yarn_beta_fast", 64f, "yarn_beta_slow", 2f, "finetuned", 1),
                "the original length is the declared one");
        assertEquals(
                new RopeScaling.Yarn(4, 1.25, 4096, 32, 1, true),
                scaling("type", "yarn", "factor", 4f, "yarn_attn_factor", 1.25f));
        assertEquals(
                new RopeScaling.Yarn(4, 2 * usual, 4096, 32, 1, true),
                scaling("type", "yarn", "factor", 4f, "attn_factor", 2f, "yarn_ext_factor", -1f));
        assertEquals(
                1,
                scaling("type", "yarn", "factor", 4f, "yarn_log_multiplier", 0.1f)
                        .magnitude(),
                1e-7);
        assertEquals(
                16_384,
                config(GgufEdit.of(GGUF).put("qwen35.rope.scaling.factor", MetadataType.FLOAT32, 4f))
                        .contextLength());
    }

    private RopeScaling scaling(Object... values) {
        GgufEdit edit = GgufEdit.of(GGUF);
        for (int i = 0; i < values.length; i += 2) {
            MetadataType type = switch (values[i + 1]) {
                case String text -> MetadataType.STRING;
                case Float number -> MetadataType.FLOAT32;
                default -> MetadataType.UINT32;
            };
            edit.put("qwen35.rope.scaling." + values[i], type, values[i + 1]);
        }
        return config(edit).ropeScaling();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "type    | longrope | scaling \"longrope\" of positions is not supported",
                "factor  | 0.5      | the rope scaling factor is 0.5",
            })
    void scalingThatIsNotUnderstoodIsRejected(String key, String value, String sentence) {
        boolean text = key.equals("type");
        assertRefused(
                sentence,
                refusal(GgufEdit.of(GGUF)
                        .put(
                                "qwen35.rope.scaling." + key,
                                text ? MetadataType.STRING : MetadataType.FLOAT32,
                                text ? value : (Object) Float.valueOf(value))));
        assertRefused(
                "key qwen35.rope.scaling.yarn_ext_factor: 0.5 is not supported",
                refusal(GgufEdit.of(GGUF)
                        .put("qwen35.rope.scaling.type", MetadataType.STRING, "yarn")
                        .put("qwen35.rope.scaling.factor", MetadataType.FLOAT32, 4f)
                        .put("qwen35.rope.scaling.yarn_ext_factor", MetadataType.FLOAT32, 0.5f)));
    }

    private static final String ROPE = """
            "rope_parameters": {
              "rope_type": "default",
              "rope_theta": 10000000.0,
              "partial_rotary_factor": 0.5,
              "mrope_section": [3, 3, 2],
              "mrope_interleaved": true
            }""";

    /** The fixture with other parameters of the rotary embedding, in a folder of its own. */
    private Path folder(String rope) throws IOException {
        Path folder = Files.createDirectories(temp.resolve("model"));
        Path source = Fixture.path(FOLDER);
        if (!Files.exists(folder.resolve("model.safetensors"))) {
            Files.copy(source.resolve("model.safetensors"), folder.resolve("model.safetensors"));
        }
        String json = Files.readString(source.resolve("config.json"));
        String changed = json.replaceFirst("(?s)\"rope_parameters\": \\{.*?\\}", rope.replace("\n", " "));
        assertFalse(changed.equals(json));
        Files.writeString(folder.resolve("config.json"), changed);
        return folder;
    }

    private Qwen35Config config(String rope) throws IOException {
        return read(folder(rope)).config();
    }

    @Test
    void ropeParametersHaveSeveralPlaces() throws IOException {
        Qwen35Config expected = config(ROPE);
        assertEquals(read(Fixture.path(FOLDER)).config(), expected);
        assertEquals(
                expected,
                config(ROPE.replace("\"rope_parameters\": {", "\"rope_parameters\": {\"full_attention\": {") + "}"));
        assertEquals(expected, config("""
                        "rope_scaling": {"type": "mrope", "rope_type": "default", "mrope_section": [3, 3, 2]},
                        "rope_theta": 10000000, "partial_rotary_factor": 0.5"""));
        assertEquals(expected, config("\"rope_scaling\": null, " + ROPE));
        assertEquals(
                expected.ropeTheta(),
                config("\"rope_scaling\": null, \"rope_theta\": 10000000, \"partial_rotary_factor\": 0.5")
                        .ropeTheta());
    }

    @Test
    void yarnIsReadAsTransformersDoes() throws IOException {
        double usual = RopeScaling.Yarn.magnitude(4, 1);
        RopeScaling expected = new RopeScaling.Yarn(4, usual, 1024, 32, 1, true);
        String yarn = "\"rope_type\": \"yarn\", \"factor\": 4.0, \"original_max_position_embeddings\": 1024";
        Qwen35Config config = config(ROPE.replace("\"rope_type\": \"default\"", yarn));
        assertEquals(expected, config.ropeScaling());
        assertEquals(4096, config.contextLength());
        // beside the parameters of the file, as the documentation of several programs advises
        assertEquals(
                expected, config("\"rope_scaling\": {" + yarn + "}, " + ROPE).ropeScaling());
        assertEquals(
                expected,
                config("\"rope_scaling\": {" + yarn.replace("rope_type", "type")
                                + "}, \"rope_theta\": 1e7, \"partial_rotary_factor\": 0.5")
                        .ropeScaling());
        assertEquals(
                new RopeScaling.Yarn(4, usual, 4096, 64, 2, false),
                config(ROPE.replace(
                                "\"default\"",
                                "\"yarn\", \"factor\": 4, \"beta_fast\": 64, \"beta_slow\": 2, \"truncate\": false"))
                        .ropeScaling(),
                "the original length is the declared one");
        assertEquals(
                1.25,
                config(ROPE.replace("\"default\"", "\"yarn\", \"factor\": 4, \"attention_factor\": 1.25"))
                        .ropeScaling()
                        .magnitude());
        assertEquals(
                4,
                ((RopeScaling.Yarn) config(ROPE.replace(
                                        "\"default\"",
                                        "\"yarn\", \"factor\": null, \"original_max_position_embeddings\": 1024"))
                                .ropeScaling())
                        .factor());
        assertEquals(
                new RopeScaling.Linear(2, 1),
                config(ROPE.replace("\"default\"", "\"linear\", \"factor\": 2.0"))
                        .ropeScaling());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "\"rope_parameters\": {\"sliding_attention\": {\"rope_theta\": 1e4}} | none for full_attention: sliding_attention",
                "\"rope_parameters\": {\"rope_type\": \"default\"} | key rope_theta is missing",
                "\"rope_parameters\": {\"factor\": 4.0, \"rope_theta\": 1e7} | key factor: is 4.0, but without a rope_type",
                "\"rope_parameters\": {\"rope_type\": \"dynamic\", \"factor\": 4.0} | scaling \"dynamic\" of positions is not supported",
                "\"rope_parameters\": {\"rope_type\": \"yarn\", \"factor\": 4, \"rope_theta\": 1e7}, \"rope_scaling\": {\"factor\": 8} | key factor: 4.0 contradicts 8.0",
                "\"rope_parameters\": {\"rope_type\": \"yarn\"}, \"rope_scaling\": {\"type\": \"linear\"} | key rope_type: \"yarn\" contradicts \"linear\"",
                "\"rope_parameters\": {\"rope_type\": \"yarn\", \"factor\": 4, \"attn_factor\": 2} | key attn_factor: 2.0 is not supported, only 1",
                "\"rope_parameters\": {\"rope_type\": \"linear\"} | key factor: is missing",
                "\"rope_parameters\": {\"rope_theta\": \"1e7\"} | key rope_theta should be a number",
                "\"rope_parameters\": \"none\" | key rope_parameters should be an object",
            })
    void parametersThatAreNotUnderstoodAreRejected(String rope, String sentence) throws IOException {
        assertRefused(sentence, refusal(folder(rope)));
    }

    /** Written with frequencies of transformers; see fixtures/README.md. */
    @Test
    void yarnReproducesTheReference() throws IOException {
        float[] expected = Reference.expected("rope-scaling/expected.safetensors", "yarn.logits");
        Path folder = folder(
                ROPE.replace("\"default\"", "\"yarn\", \"factor\": 8.0, \"original_max_position_embeddings\": 1024"));
        Path gguf = GgufEdit.of(GGUF)
                .put("qwen35.rope.scaling.type", MetadataType.STRING, "yarn")
                .put("qwen35.rope.scaling.factor", MetadataType.FLOAT32, 8f)
                .put("qwen35.rope.scaling.original_context_length", MetadataType.UINT32, 1024)
                .writeTo(temp.resolve("yarn.gguf"));
        for (Path path : List.of(folder, gguf)) {
            float[] logits = logits(path);
            Reference.assertClose(
                    expected,
                    Arrays.copyOfRange(logits, logits.length - expected.length, logits.length),
                    1e-4,
                    String.valueOf(path.getFileName()));
        }
    }

    private static float[] logits(Path path) {
        int[] ids = new Reference(FOLDER).ids("ids_long");
        try (Checkpoint checkpoint = Checkpoint.open(path);
                WorkerPool pool = new WorkerPool(2);
                Arena arena = Arena.ofShared()) {
            Compute compute = new Compute(TierChoice.kernels(KernelTier.SCALAR, arena), pool);
            try (Decoder decoder = Architectures.read(checkpoint).bind(compute, KvFormats.of(KvFormat.F32), arena)) {
                return Runs.logits(decoder, ids, ids.length);
            }
        }
    }

    // Hugging Face folders

    /** Keys that transformers leaves out because they have the defaults of its class. */
    @Test
    void missingKeysHaveTheDefaultsOfTheClass() throws IOException {
        Path folder = folder(ROPE);
        Path config = folder.resolve("config.json");
        String json = Files.readString(config);
        Files.writeString(config, json.replace("\"head_dim\": 32,", ""));
        assertRefused("the model's sizes require 2048 x 64", refusal(folder));
        Files.writeString(config, json.replaceFirst("\"max_position_embeddings\": \\d+,", ""));
        assertEquals(32_768, read(folder).config().contextLength());
        Files.writeString(config, json.replaceFirst("\"linear_conv_kernel_dim\": 4,", ""));
        assertEquals(4, read(folder).config().linearConvKernelDim());
    }

    @ParameterizedTest
    @ValueSource(strings = {"language_model.model.", "model.language_model.", "language_model.", "base.model.", ""})
    void theTextModelHasAnyPrefix(String prefix) throws IOException {
        Path folder = rewritten(
                "text-veqk-untied/f32", name -> name.startsWith("mtp.") ? name : name.replace("model.", prefix));
        assertArrayEquals(
                read(Fixture.path("text-veqk-untied/f32")).norm(), read(folder).norm());
        Path head = rewritten(
                "text-veqk-untied/f32", name -> name.replaceFirst("^(model|lm_head)\\.", "language_model.$1."));
        assertEquals(
                "language_model.lm_head.weight",
                Objects.requireNonNull(read(head).lmHead()).name());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "text-vgtk-tied/f32   | \"tie_word_embeddings\": true,  | true",
                "text-vgtk-tied/f32   | ''                            | true",
                "text-veqk-untied/f32 | \"tie_word_embeddings\": false, | false",
                "text-veqk-untied/f32 | \"tie_word_embeddings\": null,  | false",
                "text-veqk-untied/f32 | \"tie_word_embeddings\": true,  | true",
            })
    void theHeadIsTiedWhereTheFilesSaySo(String fixture, String key, boolean tied) throws IOException {
        Path folder = rewritten(fixture, name -> name);
        Path config = folder.resolve("config.json");
        String json = Files.readString(config).replaceFirst("\"tie_word_embeddings\": \\w+,?", "");
        Files.writeString(config, "{" + key + json.substring(1));
        assertEquals(tied, read(folder).lmHead() == null);
        if (fixture.contains("-tied")) {
            Files.writeString(config, "{\"tie_word_embeddings\": false," + json.substring(1));
            assertRefused("there is no tensor lm_head.weight", refusal(folder));
        }
    }

    /** MLX adds the 1 of norms, and moves the last dimension of convolutions. */
    @Test
    void foldersOfMlxGiveTheSameModel() throws IOException {
        Path folder = Files.createDirectories(temp.resolve("mlx"));
        SequencedMap<String, long[]> shapes = new LinkedHashMap<>();
        List<float[]> weights = new ArrayList<>();
        try (SafetensorsFile file = SafetensorsFile.open(Fixture.path(FOLDER).resolve("model.safetensors"))) {
            for (String name : file.tensorNames()) {
                if (name.startsWith("mtp.")) {
                    continue;
                }
                Tensor tensor = file.tensor(name);
                float[] values = tensor.toFloats();
                long[] shape = file.shape(name);
                if (name.endsWith("norm.weight") && !name.endsWith("linear_attn.norm.weight")) {
                    for (int i = 0; i < values.length; i++) {
                        values[i] += 1;
                    }
                }
                if (name.endsWith("conv1d.weight")) {
                    shape = new long[] {shape[0], shape[2], shape[1]};
                }
                shapes.put("language_model." + name, shape);
                weights.add(values);
            }
        }
        write(folder, shapes, weights);
        Files.copy(Fixture.path(FOLDER).resolve("config.json"), folder.resolve("config.json"));
        assertArrayEquals(logits(Fixture.path(FOLDER)), logits(folder));
    }

    @Test
    void quantizedWeightsAreRejectedByTheirMethod() throws IOException {
        Path folder = rewritten(FOLDER, name -> name.replace("down_proj.weight", "down_proj.qweight"));
        Path config = folder.resolve("config.json");
        String json = Files.readString(config);
        assertRefused("there is no tensor model.layers.0.mlp.down_proj.weight", refusal(folder));
        Files.writeString(config, "{\"quantization_config\": {\"quant_method\": \"hqq\"}," + json.substring(1));
        assertRefused("the weights are quantized (quant_method hqq)", refusal(folder));
        Files.writeString(
                config,
                "{\"quantization_config\": {\"quant_method\": \"awq\", \"version\": \"gemv\"}," + json.substring(1));
        assertRefused("the weights are quantized (quant_method awq, version \"gemv\")", refusal(folder));
        Files.writeString(config, "{\"quantization\": {\"group_size\": 64, \"bits\": 4}," + json.substring(1));
        assertRefused("the weights are quantized ({\"group_size\":64,\"bits\":4})", refusal(folder));
    }

    /** A copy of a fixture whose tensors have other names. */
    private Path rewritten(String fixture, UnaryOperator<String> name) throws IOException {
        Path folder = Files.createTempDirectory(temp, "rewritten");
        SequencedMap<String, long[]> shapes = new LinkedHashMap<>();
        List<float[]> weights = new ArrayList<>();
        try (SafetensorsFile file = SafetensorsFile.open(Fixture.path(fixture).resolve("model.safetensors"))) {
            for (String tensor : file.tensorNames()) {
                shapes.put(name.apply(tensor), file.shape(tensor));
                weights.add(file.tensor(tensor).toFloats());
            }
        }
        write(folder, shapes, weights);
        Files.copy(Fixture.path(fixture).resolve("config.json"), folder.resolve("config.json"));
        return folder;
    }

    private static void write(Path folder, SequencedMap<String, long[]> shapes, List<float[]> weights)
            throws IOException {
        try (SafetensorsWriter writer = SafetensorsWriter.create(folder.resolve("model.safetensors"), shapes)) {
            for (float[] values : weights) {
                writer.write(values, 0, values.length);
            }
            writer.finish();
        }
    }
}
