package kawi.architecture.qwen35;

import static kawi.architecture.Reference.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kawi.ModelFileException;
import kawi.architecture.Blueprint;
import kawi.architecture.Decoder;
import kawi.architecture.Reference;
import kawi.architecture.Runs;
import kawi.architecture.registry.Architectures;
import kawi.checkpoint.Checkpoint;
import kawi.compute.Compute;
import kawi.compute.KernelTier;
import kawi.compute.TierChoice;
import kawi.files.Fixture;
import kawi.gguf.GgufEdit;
import kawi.gguf.GgufFile;
import kawi.gguf.MetadataType;
import kawi.kernels.KvFormat;
import kawi.kernels.KvFormats;
import kawi.kernels.WorkerPool;
import kawi.quant.Tensor;
import kawi.quant.WeightFormats;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Models whose matrices are stored for rotated inputs: those of the fixture, rotated here by the definition in double
 * precision, which must give the outputs of the reference library.
 */
class RotatedInputsTest {

    private static final String FOLDER = "text-vgtk-tied/f32";
    private static final Path GGUF = Fixture.path(Fixture.F32_GGUF);
    private static final String EMBEDDING = "token_embd.weight";
    private static final int BLOCK = 16;

    @TempDir
    Path temp;

    private final Qwen35Config config = config();
    private final Map<Integer, int[]> signs = new TreeMap<>();

    private int[] signs(int width) {
        return signs.computeIfAbsent(width, columns -> {
            int[] own = new int[columns];
            for (int i = 0; i < columns; i++) {
                own[i] = (i * 31 + columns) % 7 < 3 ? -1 : 1;
            }
            return own;
        });
    }

    /**
     * The fixture with rotated matrices.
     *
     * @param grouped whether the inputs of {@code ssm_out} are put into the order of published checkpoints first
     * @param identity whether all signs are 1
     * @param head whether there is an output head beside the embedding
     */
    private GgufEdit rotated(boolean grouped, boolean identity, boolean head) {
        GgufEdit edit = GgufEdit.of(GGUF);
        List<String> names = new ArrayList<>();
        try (GgufFile file = GgufFile.open(GGUF)) {
            for (String name : List.copyOf(file.tensorNames())) {
                boolean matrix = name.matches("blk\\.\\d+\\.(attn_(q|k|v|qkv|gate|output)|ffn_\\w+|ssm_out)\\.weight");
                if (!matrix && !name.equals(EMBEDDING)) {
                    continue;
                }
                Tensor tensor = file.tensor(name);
                edit.removeTensors(name::equals);
                put(edit, name, tensor, grouped && name.endsWith("ssm_out.weight"), identity);
                if (matrix) {
                    names.add(name);
                } else if (head) {
                    put(edit, "output.weight", tensor, false, identity);
                    names.add("output.weight");
                }
            }
        }
        edit.put("prism.hadamard.version", MetadataType.UINT32, head ? 1 : 2)
                .put("prism.hadamard.tied_output", MetadataType.BOOL, !head)
                .put("prism.hadamard.block_size", MetadataType.UINT32, BLOCK)
                .put("prism.hadamard.transform", MetadataType.STRING, "normalized-sylvester-walsh-hadamard")
                .put("prism.hadamard.axis", MetadataType.STRING, "input-last-dimension")
                .put("prism.hadamard.sign_mode", MetadataType.STRING, identity ? "identity" : "explicit")
                .put("prism.hadamard.weight_names", MetadataType.STRING, names)
                .put("prism.hadamard.inverse_weight_names", MetadataType.STRING, List.of(EMBEDDING))
                .put("prism.hadamard.gdn_v_grouped", MetadataType.BOOL, grouped);
        if (!identity) {
            List<Integer> values = new ArrayList<>();
            signs.values().forEach(own -> {
                for (int sign : own) {
                    values.add(sign);
                }
            });
            edit.put("prism.hadamard.sign_widths", MetadataType.INT32, List.copyOf(signs.keySet()))
                    .put("prism.hadamard.sign_values", MetadataType.INT32, values);
        }
        return edit;
    }

    private void put(GgufEdit edit, String name, Tensor tensor, boolean grouped, boolean identity) {
        int columns = tensor.columns();
        float[] weights = tensor.toFloats();
        ByteBuffer stored = ByteBuffer.allocate(weights.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        double[] row = new double[columns];
        for (int r = 0; r < tensor.rows(); r++) {
            for (int i = 0; i < columns; i++) {
                double weight = weights[r * columns + (grouped ? tiled(i, columns) : i)];
                row[i] = identity ? weight : weight * signs(columns)[i];
            }
            for (int i = 0; i < columns; i++) {
                double sum = 0;
                for (int j = 0; j < BLOCK; j++) {
                    double sign = Integer.bitCount(i % BLOCK & j) % 2 == 0 ? 1 : -1;
                    sum += sign * row[i / BLOCK * BLOCK + j];
                }
                stored.putFloat((float) (sum / Math.sqrt(BLOCK)));
            }
        }
        edit.tensor(
                name,
                WeightFormats.byName("F32"),
                new long[] {columns, tensor.rows()},
                MemorySegment.ofArray(stored.array()));
    }

    /** The tiled place of an input of {@code ssm_out} in the order of published checkpoints. */
    private int tiled(int grouped, int columns) {
        int dim = config.linearValueHeadDim();
        int perKey = config.linearNumValueHeads() / config.linearNumKeyHeads();
        assertTrue(perKey > 1 && columns == config.linearNumValueHeads() * dim, "the order matters");
        int head = grouped / dim;
        return (head % perKey * config.linearNumKeyHeads() + head / perKey) * dim + grouped % dim;
    }

    private static Qwen35Config config() {
        try (Checkpoint checkpoint = Checkpoint.open(GGUF)) {
            return ((Qwen35Weights) Architectures.read(checkpoint)).config();
        }
    }

    private static float[] logits(Path path, KernelTier tier, int... chunks) {
        try (Arena arena = Arena.ofShared();
                WorkerPool pool = new WorkerPool(2);
                Checkpoint checkpoint = Checkpoint.open(path)) {
            Blueprint model = Architectures.read(checkpoint);
            Compute compute = new Compute(TierChoice.kernels(tier, arena), pool);
            try (Decoder decoder = model.bind(compute, KvFormats.of(KvFormat.F32), arena)) {
                return Runs.logits(decoder, new Reference(FOLDER).ids("ids_short"), chunks);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"true, false, true", "true, false, false", "false, false, true", "true, true, false"})
    void reproducesTheReference(boolean grouped, boolean identity, boolean head) {
        Path path = rotated(grouped, identity, head).writeTo(temp.resolve("rotated.gguf"));
        float[] expected = new Reference(FOLDER).expected("short.logits");
        float[] scalar = logits(path, KernelTier.SCALAR, 7);
        assertClose(expected, scalar, 1e-4, "logits");
        for (KernelTier tier : KernelTier.values()) {
            if (TierChoice.obstacle(tier).isEmpty()) {
                assertArrayEquals(scalar, logits(path, tier, 8, 1), tier + ": the same bits");
            }
        }
    }

    private void assertRefused(String expected, GgufEdit edit) {
        Path path = edit.writeTo(temp.resolve("refused.gguf"));
        try (Checkpoint checkpoint = Checkpoint.open(path)) {
            String message = String.valueOf(assertThrows(ModelFileException.class, () -> Architectures.read(checkpoint))
                    .getMessage());
            assertTrue(message.contains(expected), () -> "expected «" + expected + "» in: " + message);
        }
    }

    @Test
    void whatWouldBeMultipliedWithOtherNumbersIsRejected() {
        assertRefused(
                "the value is 3, but must be from 1 to 2",
                rotated(true, false, true).put("prism.hadamard.version", MetadataType.UINT32, 3));
        assertRefused(
                "key prism.hadamard.transform: dct is not supported, only normalized-sylvester-walsh-hadamard",
                rotated(true, false, true).put("prism.hadamard.transform", MetadataType.STRING, "dct"));
        assertRefused(
                "key prism.hadamard.axis: output is not supported",
                rotated(true, false, true).put("prism.hadamard.axis", MetadataType.STRING, "output"));
        assertRefused(
                "key prism.hadamard.sign_mode: random is not supported, only explicit",
                rotated(true, false, true).put("prism.hadamard.sign_mode", MetadataType.STRING, "random"));
        assertRefused(
                "key prism.hadamard.block_size: 32 is not a power of two that divides the 112 inputs of",
                rotated(true, false, true).put("prism.hadamard.block_size", MetadataType.UINT32, 32));
        assertRefused(
                "key prism.hadamard.weight_names: there is no tensor blk.0.ssm_beta.weight that can have rotated inputs",
                rotated(true, false, true)
                        .put("prism.hadamard.weight_names", MetadataType.STRING, List.of("blk.0.ssm_beta.weight")));
        assertRefused(
                "there is no tensor blk.9.ffn_up.weight",
                rotated(true, false, true)
                        .put("prism.hadamard.weight_names", MetadataType.STRING, List.of("blk.9.ffn_up.weight")));
        assertRefused(
                "key prism.hadamard.inverse_weight_names: [output.weight] is not supported",
                rotated(true, false, true)
                        .put("prism.hadamard.inverse_weight_names", MetadataType.STRING, List.of("output.weight")));
        assertRefused(
                "key prism.hadamard.sign_widths: there are no signs for the 64 inputs of output.weight",
                rotated(true, false, true)
                        .put("prism.hadamard.sign_widths", MetadataType.INT32, List.of(1))
                        .put("prism.hadamard.sign_values", MetadataType.INT32, List.of(1)));
        assertRefused(
                "key prism.hadamard.sign_values: 2 is not a sign, 1 or -1",
                rotated(true, false, true)
                        .put("prism.hadamard.sign_widths", MetadataType.INT32, List.of(2))
                        .put("prism.hadamard.sign_values", MetadataType.INT32, List.of(1, 2)));
        assertRefused(
                "key prism.hadamard.sign_values: 1 signs are for no number of inputs",
                rotated(true, false, true)
                        .put("prism.hadamard.sign_widths", MetadataType.INT32, List.of(1))
                        .put("prism.hadamard.sign_values", MetadataType.INT32, List.of(1, 1)));
        assertRefused(
                "key prism.hadamard.sign_widths: 3 cannot be the next of different numbers of inputs, of which 2",
                rotated(true, false, true)
                        .put("prism.hadamard.sign_widths", MetadataType.INT32, List.of(3))
                        .put("prism.hadamard.sign_values", MetadataType.INT32, List.of(1, 1)));
    }

    @Test
    void embeddingsThatAreAlsoTheHeadNeedVersion2() {
        assertRefused(
                "key prism.hadamard.inverse_weight_names: version 1 requires a tensor output.weight",
                rotated(true, false, false)
                        .put("prism.hadamard.version", MetadataType.UINT32, 1)
                        .put("prism.hadamard.tied_output", MetadataType.BOOL, false));
        assertRefused(
                "key prism.hadamard.tied_output: false is not possible in version 2",
                rotated(true, false, false).put("prism.hadamard.tied_output", MetadataType.BOOL, false));
        assertRefused(
                "key prism.hadamard.tied_output: the embedding has to be among the matrices",
                rotated(true, false, true)
                        .put("prism.hadamard.version", MetadataType.UINT32, 2)
                        .put("prism.hadamard.tied_output", MetadataType.BOOL, true));
        assertRefused(
                "key prism.hadamard.version: rotated inputs are supported only with value heads in tiled order",
                rotated(true, false, true).put("qwen35.ssm.v_head_reordered", MetadataType.BOOL, false));
    }
}
