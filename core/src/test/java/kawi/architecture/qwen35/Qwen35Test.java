package kawi.architecture.qwen35;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static kawi.architecture.Reference.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import kawi.architecture.Batch;
import kawi.architecture.Decoder;
import kawi.architecture.LayerState;
import kawi.architecture.Reference;
import kawi.architecture.ResidualStream;
import kawi.architecture.Runs;
import kawi.architecture.SequenceState;
import kawi.architecture.Stack;
import kawi.architecture.registry.Architectures;
import kawi.checkpoint.Checkpoint;
import kawi.compute.Compute;
import kawi.compute.KernelTier;
import kawi.compute.TierChoice;
import kawi.files.Fixture;
import kawi.kernels.DeltaShape;
import kawi.kernels.KvFormat;
import kawi.kernels.KvFormats;
import kawi.kernels.WorkerPool;
import kawi.quant.Tensor;
import kawi.quant.WeightFormat;
import kawi.quant.WeightFormats;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The decoder against outputs of transformers 5.18 (see fixtures/README.md for what they are and for the tolerances),
 * and against itself: in any chunking, on any number of threads and in any tier, the same bits.
 */
class Qwen35Test {

    private static final double TOLERANCE = 1e-4;
    private static final double STATE_TOLERANCE = 1e-5;

    /** Keys and values in half precision: 11 significant bits, 2^-11 of each. */
    private static final double HALF_TOLERANCE = 0x1p-11;

    private final Arena arena = Arena.ofShared();
    private final WorkerPool pool = new WorkerPool(2);

    /** With the scalar kernels, unless the system property names others. */
    private final Compute compute = new Compute(
            TierChoice.choose(System.getProperty("kawi.test.kernels", KernelTier.SCALAR.label()))
                    .kernels(Arena.global()),
            pool);

    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable closeable : opened) {
            closeable.close();
        }
        pool.close();
        arena.close();
    }

    private Qwen35Weights read(Checkpoint checkpoint) {
        opened.add(checkpoint);
        return (Qwen35Weights) Architectures.read(checkpoint);
    }

    private Decoder bind(Qwen35Weights weights, Compute compute, KvFormats kvFormat) {
        return watch(weights.bind(compute, kvFormat, arena));
    }

    private Decoder watch(Decoder decoder) {
        opened.addFirst(decoder);
        return decoder;
    }

    private SequenceState newSequence(Decoder decoder) {
        SequenceState sequence = decoder.newSequence();
        opened.addFirst(sequence);
        return sequence;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"text-vgtk-tied/f32", "text-vgtk-tied/bf16", "text-veqk-untied/f32", "text-veqk-untied/bf16"})
    void reproducesTheReference(String folder) {
        Reference reference = new Reference(folder);
        Qwen35Weights weights = read(reference.open());
        int[] brief = reference.ids("ids_short");
        int[] lengthy = reference.ids("ids_long");
        Decoder decoder = bind(weights, compute, KvFormats.of(KvFormat.F32));

        assertClose(
                reference.expected("short.logits"),
                Runs.logits(decoder, brief, brief.length),
                TOLERANCE,
                "short.logits");
        assertClose(
                reference.expected("long.logits"),
                Runs.logits(decoder, lengthy, lengthy.length),
                TOLERANCE,
                "long.logits");

        SequenceState sequence = newSequence(decoder);
        int first = reference.json().get("prefill_then_steps").intValue();
        assertClose(
                reference.expected("step.logits"),
                Runs.logits(decoder, sequence, brief, first, 1),
                TOLERANCE,
                "step.logits");
        assertStates(reference, weights, sequence, brief.length);

        int[] greedy = reference.ids("greedy");
        assertArrayEquals(greedy, Runs.greedy(decoder, brief, greedy.length), "greedy");
    }

    private static void assertStates(Reference reference, Qwen35Weights weights, SequenceState sequence, int tokens) {
        Qwen35Config config = weights.config();
        for (int i = 0; i < config.numHiddenLayers(); i++) {
            String layer = "step.layer" + i + ".";
            switch (sequence.layer(i)) {
                case LayerState.Delta delta -> {
                    assertClose(
                            reference.expected(layer + "recurrent_state"),
                            delta.state().recurrent().toArray(JAVA_FLOAT),
                            STATE_TOLERANCE,
                            layer + "recurrent_state");
                    assertClose(
                            lastColumns(reference.expected(layer + "conv_state"), config.deltaShape()),
                            delta.state().history().toArray(JAVA_FLOAT),
                            STATE_TOLERANCE,
                            layer + "conv_state");
                }
                case LayerState.Attention attention -> {
                    assertClose(
                            reference.expected(layer + "k_cache"),
                            attention.kv().keys(tokens),
                            STATE_TOLERANCE,
                            layer + "k_cache");
                    assertClose(
                            reference.expected(layer + "v_cache"),
                            attention.kv().values(tokens),
                            STATE_TOLERANCE,
                            layer + "v_cache");
                }
                default -> fail("another kind of state: " + sequence.layer(i));
            }
        }
    }

    /** From the reference's [channels][kernel] to our [kernel - 1][channels]; the reference keeps one column more. */
    private static float[] lastColumns(float[] columns, DeltaShape shape) {
        int channels = shape.channels();
        float[] rows = new float[(shape.kernel() - 1) * channels];
        for (int j = 0; j < shape.kernel() - 1; j++) {
            for (int c = 0; c < channels; c++) {
                rows[j * channels + c] = columns[c * shape.kernel() + j + 1];
            }
        }
        return rows;
    }

    @ParameterizedTest
    @ValueSource(strings = {"text-vgtk-tied/f32", "text-veqk-untied/f32"})
    void everyLayerReproducesTheReference(String folder) {
        Reference reference = new Reference(folder);
        Qwen35Weights weights = read(reference.open());
        for (String length : List.of("short", "long")) {
            int[] ids = reference.ids("ids_" + length);
            for (int layer = 0; layer < weights.layers().size(); layer++) {
                Qwen35Weights upTo = new Qwen35Weights(
                        weights.config(),
                        weights.embedTokens(),
                        weights.lmHead(),
                        weights.norm(),
                        weights.layers().subList(0, layer + 1),
                        null,
                        List.of());
                Watched watched = new Watched();
                Stack.Parts parts = upTo.declare(compute, KvFormats.of(KvFormat.F32), arena);
                Decoder decoder = watch(new Stack(compute, parts, watched));
                SequenceState sequence = newSequence(decoder);
                Runs.append(decoder, sequence, ids);
                String name = "%s.layer%d.out".formatted(length, layer);
                int floats = ids.length * decoder.hiddenSize();
                MemorySegment stream = watched.stream().output(ids.length).floats();
                assertClose(reference.expected(name), Runs.rows(stream, floats), TOLERANCE, name);
                if (layer == weights.layers().size() - 1) {
                    MemorySegment hidden = arena.allocate(floats * 4L, 4);
                    for (int row = 0; row < ids.length; row++) {
                        sequence.copyOutput(row, hidden, (long) row * decoder.hiddenSize() * 4);
                    }
                    String norm = length + ".final_norm";
                    assertClose(reference.expected(norm), Runs.rows(hidden, floats), TOLERANCE, norm);
                }
            }
        }
    }

    /** Keeps the additive stream to look at. */
    private static final class Watched implements ResidualStream.Scheme {

        private @Nullable ResidualStream stream;

        @Override
        public ResidualStream allocate(Compute compute, int capacity, int hidden, Arena arena) {
            stream = ADDITIVE.allocate(compute, capacity, hidden, arena);
            return stream;
        }

        ResidualStream stream() {
            return Objects.requireNonNull(stream);
        }
    }

    /**
     * The text part of a checkpoint with vision has its own prefix, and its GGUF twin other names and another order of
     * heads.
     */
    @Test
    void textPartsOfVisionCheckpointsRun() {
        Qwen35Weights folder = read(Checkpoint.open(Fixture.path("vision-vgtk-tied/f32")));
        Qwen35Weights gguf = read(Checkpoint.open(Fixture.path("vision-vgtk-tied/gguf/model-f32.gguf")));
        assertEquals(List.of(), folder.unusedParts());
        int[] ids = new SplittableRandom(3).ints(50, 0, 256).toArray();
        assertClose(
                Runs.logits(bind(folder, compute, KvFormats.of(KvFormat.F32)), ids, ids.length),
                Runs.logits(bind(gguf, compute, KvFormats.of(KvFormat.F32)), ids, ids.length),
                TOLERANCE,
                "logits");
    }

    @Test
    void ggufGivesWhatTheFolderGives() {
        Reference reference = new Reference("text-vgtk-tied/f32");
        Qwen35Weights weights = read(Checkpoint.open(Fixture.path("text-vgtk-tied/gguf/model-f32.gguf")));
        assertEquals(4, weights.config().numHiddenLayers(), "the fifth block is multi-token prediction");
        assertEquals(List.of(), weights.unusedParts());
        Decoder decoder = bind(weights, compute, KvFormats.of(KvFormat.F32));
        int[] lengthy = reference.ids("ids_long");
        assertClose(
                reference.expected("long.logits"),
                Runs.logits(decoder, lengthy, lengthy.length),
                TOLERANCE,
                "long.logits");
        int[] greedy = reference.ids("greedy");
        assertArrayEquals(greedy, Runs.greedy(decoder, reference.ids("ids_short"), greedy.length), "greedy");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text-vgtk-tied/f32",
                "text-veqk-untied/bf16",
                "text-vgtk-tied/gguf/model-f32.gguf",
                "text-veqk-untied/gguf/model-q8_0.gguf"
            })
    void chunksThreadsAndTiersDoNotChangeABit(String model) {
        Qwen35Weights weights = read(Checkpoint.open(Fixture.path(model)));
        KvFormats kvFormat = KvFormats.of(weights.usualKvFormat());
        int[] ids = new Reference(model.substring(0, model.indexOf('/')) + "/f32").ids("ids_long");
        float[] expected = Runs.logits(bind(weights, compute, kvFormat), ids, ids.length);
        for (KernelTier tier : KernelTier.values()) {
            for (int threads : new int[] {1, 2, 3}) {
                try (WorkerPool own = new WorkerPool(threads)) {
                    Decoder decoder = bind(weights, new Compute(TierChoice.kernels(tier, arena), own), kvFormat);
                    for (int[] chunks : new int[][] {{ids.length}, {1}, {37, 113}, {5, 1, 64, 3, 2}}) {
                        float[] actual = Runs.logits(decoder, ids, chunks);
                        assertArrayEquals(
                                expected,
                                actual,
                                () -> "%s, %d threads, chunks %s".formatted(tier, threads, Arrays.toString(chunks)));
                    }
                }
            }
        }
    }

    /** Longer than two key blocks, so that blocks are combined; no reference, but every way must agree. */
    @ParameterizedTest
    @EnumSource
    void longSequencesAreTheSameInEveryChunking(KvFormat format) {
        KvFormats kvFormat = KvFormats.of(format);
        Qwen35Weights weights = read(new Reference("text-vgtk-tied/f32").open());
        int[] ids = new SplittableRandom(1).ints(600, 0, 260).toArray();
        float[] expected = Runs.logits(bind(weights, compute, kvFormat), ids, ids.length);
        for (KernelTier tier : KernelTier.values()) {
            Decoder decoder = bind(weights, new Compute(TierChoice.kernels(tier, arena), pool), kvFormat);
            for (int[] chunks : new int[][] {{256}, {255, 2, 255, 2, 1}, {100}}) {
                assertArrayEquals(expected, Runs.logits(decoder, ids, chunks), () -> tier + Arrays.toString(chunks));
            }
        }
    }

    @Test
    void halfPrecisionOfKeysAndValuesChangesLittle() {
        Reference reference = new Reference("text-vgtk-tied/f32");
        Qwen35Weights weights = read(reference.open());
        assertEquals(KvFormat.F32, weights.usualKvFormat());
        int[] ids = reference.ids("ids_long");
        float[] rounded = Runs.logits(bind(weights, compute, KvFormats.of(KvFormat.F16)), ids, ids.length);
        assertClose(reference.expected("long.logits"), rounded, HALF_TOLERANCE, "long.logits");
        assertEquals(
                weights.stateSize(1000, KvFormats.of(KvFormat.F32)).keysAndValues(),
                2 * weights.stateSize(1000, KvFormats.of(KvFormat.F16)).keysAndValues());
        assertEquals(
                KvFormat.F16,
                read(Checkpoint.open(Fixture.path("text-veqk-untied/gguf/model-q8_0.gguf")))
                        .usualKvFormat());
    }

    /**
     * The reference of the Q8_0 file multiplies dequantized weights with unrounded activations. With the same weights
     * as floats we meet it as exactly as any float file.
     */
    @Test
    void quantizedFileWithFloatProductsReproducesTheReference() {
        Qwen35Weights weights = read(Checkpoint.open(Fixture.path("text-veqk-untied/gguf/model-q8_0.gguf")));
        int[] ids = new Reference("text-veqk-untied/f32").ids("ids_short");
        float[] expected = Reference.expected("text-veqk-untied/gguf/reference-q8_0.safetensors", "short.logits");
        Decoder decoder = bind(widened(weights), compute, KvFormats.of(KvFormat.F32));
        assertClose(expected, Runs.logits(decoder, ids, ids.length), TOLERANCE, "short.logits");
    }

    private Qwen35Weights widened(Qwen35Weights weights) {
        List<Qwen35Weights.Layer> layers = weights.layers().stream()
                .map(layer -> new Qwen35Weights.Layer(
                        layer.inputLayernorm(),
                        switch (layer.mixer()) {
                            case Qwen35Weights.SelfAttention a ->
                                new Qwen35Weights.SelfAttention(
                                        f32(a.qProj()),
                                        f32(a.kProj()),
                                        f32(a.vProj()),
                                        f32(a.oProj()),
                                        a.qNorm(),
                                        a.kNorm());
                            case Qwen35Weights.LinearAttention a ->
                                new Qwen35Weights.LinearAttention(
                                        f32(a.inProjQkv()),
                                        f32(a.inProjZ()),
                                        f32(a.inProjB()),
                                        f32(a.inProjA()),
                                        f32(a.outProj()),
                                        a.conv1d(),
                                        a.rate(),
                                        a.dtBias(),
                                        a.norm());
                        },
                        layer.postAttentionLayernorm(),
                        f32(layer.gateProj()),
                        f32(layer.upProj()),
                        f32(layer.downProj())))
                .toList();
        Tensor lmHead = weights.lmHead();
        return new Qwen35Weights(
                weights.config(),
                f32(weights.embedTokens()),
                lmHead == null ? null : f32(lmHead),
                weights.norm(),
                layers,
                null,
                List.of());
    }

    private Tensor f32(Tensor tensor) {
        WeightFormat format = WeightFormats.byName("F32");
        float[] values = tensor.toFloats();
        MemorySegment data = arena.allocate((long) values.length * Float.BYTES, 64);
        format.encode(values, 0, values.length, data, 0);
        return new Tensor(tensor.name(), format, tensor.rows(), tensor.columns(), data);
    }

    @Test
    void cancellingLeavesASequenceThatCanOnlyBeClosed() {
        Qwen35Weights weights = read(new Reference("text-vgtk-tied/f32").open());
        Decoder decoder = bind(weights, compute, KvFormats.of(KvFormat.F32));
        SequenceState sequence = newSequence(decoder);
        int[] layers = {0};
        assertThrows(
                CancellationException.class,
                () -> decoder.forward(
                        new Batch().add(sequence, new int[] {1, 2, 3}, 0, 3, 1, 0), () -> ++layers[0] > 2));
        IllegalStateException e =
                assertThrows(IllegalStateException.class, () -> new Batch().add(sequence, new int[] {4}, 0, 1, 1, 0));
        assertTrue(String.valueOf(e.getMessage()).contains("can only be closed"), e.getMessage());
    }
}
