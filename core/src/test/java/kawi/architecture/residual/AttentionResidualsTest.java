package kawi.architecture.residual;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kawi.ModelFileException;
import kawi.architecture.Blueprint;
import kawi.architecture.Decoder;
import kawi.architecture.ResidualStream;
import kawi.architecture.Runs;
import kawi.architecture.Stack;
import kawi.architecture.registry.Architectures;
import kawi.checkpoint.Checkpoint;
import kawi.compute.Compute;
import kawi.compute.KernelTier;
import kawi.compute.TierChoice;
import kawi.files.Fixture;
import kawi.kernels.Activations;
import kawi.kernels.KvFormat;
import kawi.kernels.KvFormats;
import kawi.kernels.WorkerPool;
import kawi.safetensors.SafetensorsFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Depth mixing against the fixture's float64 run; the layers between are Qwen3.5's. */
class AttentionResidualsTest {

    private static final double TOLERANCE = 2e-3;
    private static final float EPS = 1e-5f;
    private static final int LAYERS = 8;
    private static final JsonNode FIXTURE = JsonMapper.shared().readTree(Fixture.path("attnres/fixture.json"));

    private final Arena arena = Arena.ofShared();
    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable closeable : opened.reversed()) {
            closeable.close();
        }
        arena.close();
    }

    private static float[] tensor(String file, String name) {
        try (SafetensorsFile tensors = SafetensorsFile.open(Fixture.path("attnres/" + file))) {
            return tensors.tensor(name).toFloats();
        }
    }

    /** Query times norm weight of every sub-layer, and of the output. */
    private static float[][] weights() {
        float[][] weights = new float[2 * LAYERS + 1][];
        for (int i = 0; i < LAYERS; i++) {
            weights[2 * i] = weight("model.layers." + i + ".self_attention_res");
            weights[2 * i + 1] = weight("model.layers." + i + ".mlp_res");
        }
        weights[2 * LAYERS] = weight("model.output_attn_res");
        return weights;
    }

    private static float[] weight(String name) {
        float[] query = tensor("model.safetensors", name + "_proj.weight");
        float[] norm = tensor("model.safetensors", name + "_norm.weight");
        for (int i = 0; i < query.length; i++) {
            query[i] *= norm[i];
        }
        return query;
    }

    private static ResidualStream.Scheme scheme(String variant) {
        return switch (variant) {
            case "standard" -> ResidualStream.Scheme.ADDITIVE;
            case "full" -> new AttentionResiduals(1, weights(), EPS);
            case "block" -> new AttentionResiduals(2 * 3, weights(), EPS);
            case "block1" -> new AttentionResiduals(2, weights(), EPS);
            case "block8" -> new AttentionResiduals(2 * 8, weights(), EPS);
            default -> {
                float[] bias = new float[2 * LAYERS];
                for (int j = 0; j < bias.length; j++) {
                    bias[j] = tensor("model.safetensors", "cumulative.bias." + j)[0];
                }
                yield new CumulativeResiduals(3, Arrays.copyOf(weights(), 2 * LAYERS), bias, EPS);
            }
        };
    }

    private Compute compute(KernelTier tier, int threads) {
        WorkerPool pool = new WorkerPool(threads);
        opened.add(pool);
        return new Compute(TierChoice.kernels(tier, arena), pool);
    }

    private Decoder decoder(Checkpoint checkpoint, Compute compute, ResidualStream.Scheme residuals) {
        Stack.Parts parts = Architectures.read(checkpoint).declare(compute, KvFormats.of(KvFormat.F32), arena);
        Decoder decoder = new Stack(compute, parts, residuals);
        opened.add(decoder);
        return decoder;
    }

    private Checkpoint open(Path path) {
        Checkpoint checkpoint = Checkpoint.open(path);
        opened.add(checkpoint);
        return checkpoint;
    }

    private static int[] ids(JsonNode array) {
        int[] ids = new int[array.size()];
        Arrays.setAll(ids, i -> array.get(i).intValue());
        return ids;
    }

    private static void assertNear(float[] expected, float[] actual) {
        assertEquals(expected.length, actual.length);
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], actual[i], TOLERANCE);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"standard", "full", "block", "block1", "block8", "cumulative"})
    void reproducesTheReference(String variant) {
        Checkpoint checkpoint = open(Fixture.path("attnres"));
        int[] prompt = ids(FIXTURE.get("input_ids"));
        int[] greedy = ids(FIXTURE.get("variants").get(variant).get("greedy_continuation"));
        float[] first = null;
        for (KernelTier tier : KernelTier.values()) {
            for (int threads = 1; threads <= 3; threads++) {
                Decoder decoder = decoder(checkpoint, compute(tier, threads), scheme(variant));
                float[] logits = Runs.logits(decoder, prompt, prompt.length);
                assertNear(tensor("expected.safetensors", "logits." + variant), logits);
                first = first == null ? logits : first;
                assertArrayEquals(first, logits, tier + " with " + threads + " threads");
                assertArrayEquals(logits, Runs.logits(decoder, prompt, 10, 1), "in pieces");
                assertArrayEquals(greedy, Runs.greedy(decoder, prompt, greedy.length));
            }
        }
    }

    /** The scores, weights and mixture of one step, without a model around it. */
    @Test
    void oneMixtureReproducesTheReference() {
        int sources = 5;
        int rows = 3;
        int hidden = 32;
        float[] all = tensor("expected.safetensors", "unit.sources");
        float[][] weights = new float[sources][hidden];
        weights[sources - 1] = tensor("expected.safetensors", "unit.w_eff");
        ResidualStream stream =
                new AttentionResiduals(1, weights, EPS).allocate(compute(KernelTier.SCALAR, 1), rows, hidden, arena);
        MemorySegment.copy(all, 0, stream.embedding().floats(), ValueLayout.JAVA_FLOAT, 0, rows * hidden);
        for (int k = 1; k < sources; k++) {
            stream.input(k - 1, rows);
            Activations y = Activations.outputs(arena, rows, hidden);
            MemorySegment.copy(all, k * rows * hidden, y.floats(), ValueLayout.JAVA_FLOAT, 0, rows * hidden);
            stream.add(k - 1, y, rows);
        }
        float[] mixed = Runs.rows(stream.output(rows).floats(), rows * hidden);
        float[] expected = tensor("expected.safetensors", "unit.mixed");
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], mixed[i], 1e-5);
        }
    }

    private static Path folder(Path temporary, String from, String to) throws IOException {
        String config = Files.readString(Fixture.path("attnres/config.json"));
        assertTrue(config.contains(from));
        Files.writeString(temporary.resolve("config.json"), config.replace(from, to));
        Files.copy(Fixture.path("attnres/model.safetensors"), temporary.resolve("model.safetensors"));
        return temporary;
    }

    /** As a user gets them: the folder says so. */
    @Test
    void aFolderThatAsksForThemGetsThem() {
        Blueprint blueprint = Architectures.read(open(Fixture.path("attnres")));
        assertInstanceOf(AttentionResidualBlueprint.class, blueprint);
        assertEquals(3, blueprint.sizes().get("attn_res_block_size"));
        Decoder decoder = blueprint.bind(compute(KernelTier.SCALAR, 1), KvFormats.of(KvFormat.F32), arena);
        opened.add(decoder);
        int[] prompt = ids(FIXTURE.get("input_ids"));
        assertNear(tensor("expected.safetensors", "logits.block"), Runs.logits(decoder, prompt, prompt.length));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"unused\": 3", "\"attn_res_block_size\": 0", "\"attn_res_block_size\": null"})
    void withoutTheKeyTheStreamIsTheOrdinaryOne(String key, @TempDir Path temporary) throws IOException {
        Checkpoint checkpoint = open(folder(temporary, "\"attn_res_block_size\": 3", key));
        Blueprint blueprint = Architectures.read(checkpoint);
        assertEquals(ResidualStream.Scheme.ADDITIVE, blueprint.residuals());
        Decoder decoder = blueprint.bind(compute(KernelTier.SCALAR, 1), KvFormats.of(KvFormat.F32), arena);
        opened.add(decoder);
        int[] prompt = ids(FIXTURE.get("input_ids"));
        assertNear(tensor("expected.safetensors", "logits.standard"), Runs.logits(decoder, prompt, prompt.length));
    }

    @Test
    void aModelTrainedWithoutThemIsNotRunWithThem(@TempDir Path temporary) throws IOException {
        String config = Files.readString(Fixture.path("text-vgtk-tied/f32/config.json"));
        int end = config.lastIndexOf('}');
        Files.writeString(temporary.resolve("config.json"), config.substring(0, end) + ", \"attn_res_block_size\": 2}");
        Files.copy(Fixture.path("text-vgtk-tied/f32/model.safetensors"), temporary.resolve("model.safetensors"));
        Checkpoint checkpoint = open(temporary);
        ModelFileException e = assertThrows(ModelFileException.class, () -> Architectures.read(checkpoint));
        assertEquals(
                temporary
                        + ": key attn_res_block_size asks for attention residuals, but there is no tensor output_attn_res_proj.weight",
                e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "2000000", "\"3\""})
    void anImpossibleBlockSizeIsRefused(String size, @TempDir Path temporary) throws IOException {
        Checkpoint checkpoint =
                open(folder(temporary, "\"attn_res_block_size\": 3", "\"attn_res_block_size\": " + size));
        ModelFileException e = assertThrows(ModelFileException.class, () -> Architectures.read(checkpoint));
        assertTrue(String.valueOf(e.getMessage()).contains("attn_res_block_size"), e.getMessage());
    }
}
