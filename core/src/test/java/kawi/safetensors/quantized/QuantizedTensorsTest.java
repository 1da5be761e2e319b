package kawi.safetensors.quantized;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import kawi.KernelSupport;
import kawi.Model;
import kawi.ModelFile;
import kawi.ModelFileException;
import kawi.Sequence;
import kawi.checkpoint.Checkpoint;
import kawi.checkpoint.HuggingFaceCheckpoint;
import kawi.files.Fixture;
import kawi.json.JsonSyntax;
import kawi.json.JsonValue;
import kawi.quant.QuantizedFormat;
import kawi.quant.Tensor;
import kawi.safetensors.SafetensorsWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Quantized checkpoints against weights that torch computed; see fixtures/quantized/make.py. */
class QuantizedTensorsTest {

    private static final int[] IDS = {1, 17, 250, 3, 99, 42, 7, 7, 128, 64, 200, 5};

    @TempDir
    Path temp;

    private static Path folder(String name) {
        return Fixture.path("quantized/" + name);
    }

    private static JsonValue expected(String name) throws IOException {
        return JsonSyntax.PYTHON.parse(Files.readAllBytes(folder(name).resolve("expected.json")));
    }

    private static String digest(float[] weights) throws NoSuchAlgorithmException {
        ByteBuffer bytes = ByteBuffer.allocate(weights.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float weight : weights) {
            bytes.putFloat(weight);
        }
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gptq", "gptq-v2-act-order", "awq", "fp8", "compressed"})
    void weightsAreThoseOfTheReference(String name) throws Exception {
        Map<String, String> wrong = new TreeMap<>();
        Set<String> formats = new TreeSet<>();
        JsonValue expected = expected(name);
        try (Checkpoint checkpoint = Checkpoint.open(folder(name))) {
            for (String tensor : checkpoint.tensorNames()) {
                JsonValue digests = expected.get(tensor);
                if (digests == null) {
                    continue;
                }
                Tensor weights = checkpoint.tensor(tensor);
                formats.add(weights.format().name());
                boolean exact = weights.format() instanceof QuantizedFormat;
                JsonValue digest = digests.get(exact ? "exact" : "rounded");
                if (digest == null || !digest.stringValue().equals(digest(weights.toFloats()))) {
                    wrong.put(tensor, weights.format().name());
                }
            }
        }
        assertEquals(Map.of(), wrong);
        assertEquals(
                switch (name) {
                    case "gptq" -> Set.of("Q4_0", "Q5_0", "Q8_0", "F16");
                    case "gptq-v2-act-order" -> Set.of("BF16");
                    case "awq" -> Set.of("Q5_0", "F16");
                    case "fp8" -> Set.of("BF16");
                    default -> Set.of("Q4_0", "Q5_0", "Q8_0", "INT8_32_8", "BF16");
                },
                formats);
    }

    private static float[] logits(Path folder, String tier) {
        try (Model model =
                        Model.loader(folder).kernels(tier).keysAndValues("f32").load();
                Sequence sequence = model.newSequence()) {
            sequence.append(IDS);
            return sequence.logits();
        }
    }

    /** A folder with all weights of another one in F32. */
    private Path dequantized(String name) throws IOException {
        Path folder = Files.createDirectory(temp.resolve(name));
        String config = Files.readString(folder(name).resolve("config.json"));
        Files.writeString(folder.resolve("config.json"), config.replace("quantization_config", "unused"));
        try (HuggingFaceCheckpoint checkpoint = (HuggingFaceCheckpoint) Checkpoint.open(folder(name))) {
            var shapes = new LinkedHashMap<String, long[]>();
            checkpoint.tensorNames().forEach(tensor -> shapes.put(tensor, checkpoint.shape(tensor)));
            try (SafetensorsWriter writer = SafetensorsWriter.create(folder.resolve("model.safetensors"), shapes)) {
                for (String tensor : shapes.keySet()) {
                    float[] weights = checkpoint.tensor(tensor).toFloats();
                    writer.write(weights, 0, weights.length);
                }
                writer.finish();
            }
        }
        return folder;
    }

    @ParameterizedTest
    @ValueSource(strings = {"gptq-v2-act-order", "fp8"})
    void floatsGiveTheLogitsOfTheSameWeightsInF32(String name) throws IOException {
        assertArrayEquals(logits(dequantized(name), "scalar"), logits(folder(name), "scalar"));
    }

    /** Integers are multiplied with activations of 8 bits. */
    @ParameterizedTest
    @ValueSource(strings = {"gptq", "awq", "compressed"})
    void integersGiveNearlyTheLogitsOfTheSameWeightsInF32(String name) throws IOException {
        float[] exact = logits(dequantized(name), "scalar");
        float[] found = logits(folder(name), "scalar");
        double difference = 0;
        double square = 0;
        for (int i = 0; i < exact.length; i++) {
            difference += Math.pow(exact[i] - found[i], 2);
            square += Math.pow(exact[i], 2);
        }
        assertTrue(difference < square * 1e-3, difference + " of " + square);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gptq", "gptq-v2-act-order", "awq", "fp8", "compressed"})
    void allTiersAgree(String name) {
        float[] scalar = logits(folder(name), "scalar");
        for (KernelSupport.Tier tier : KernelSupport.detect().tiers()) {
            if (tier.available() && !tier.name().equals("vector")) {
                assertArrayEquals(scalar, logits(folder(name), tier.name()), tier.name());
            }
        }
    }

    @Test
    void partsAreListedAsOneTensor() throws IOException {
        try (ModelFile file = ModelFile.open(folder("gptq"))) {
            assertEquals(
                    List.of(new ModelFile.TensorInfo(
                            "model.layers.0.mlp.up_proj.weight",
                            "GPTQ",
                            true,
                            112,
                            64,
                            112 * 32 + 2 * (56 + 224) + 256)),
                    file.tensors().stream()
                            .filter(tensor -> tensor.name().contains("layers.0.mlp.up_proj"))
                            .toList());
        }
    }

    /**
     * The message about a copy of a checkpoint.
     *
     * @param change of the header's text; no longer than before
     */
    private String refusal(String name, UnaryOperator<String> change) throws IOException {
        Path folder = Files.createTempDirectory(temp, name);
        Files.copy(folder(name).resolve("config.json"), folder.resolve("config.json"));
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(folder(name).resolve("model.safetensors")))
                .order(ByteOrder.LITTLE_ENDIAN);
        byte[] header = new byte[Math.toIntExact(bytes.getLong(0))];
        bytes.get(Long.BYTES, header);
        String before = new String(header, StandardCharsets.UTF_8);
        String after = change.apply(before);
        assertNotEquals(before, after);
        byte[] changed = (after + " ".repeat(header.length - after.length())).getBytes(StandardCharsets.UTF_8);
        bytes.put(Long.BYTES, changed);
        Files.write(folder.resolve("model.safetensors"), bytes.array());
        String message = String.valueOf(assertThrows(ModelFileException.class, () -> logits(folder, "scalar"))
                .getMessage());
        String start = folder + ": tensor ";
        assertTrue(message.startsWith(start), message);
        return message.substring(start.length());
    }

    @Test
    void aMissingPartIsNamed() throws IOException {
        assertEquals(
                "model.layers.0.mlp.up_proj.weight is quantized, but tensor model.layers.0.mlp.up_proj.qzeros, which"
                        + " belongs to it, is missing",
                refusal("gptq", header -> header.replace("0.mlp.up_proj.qzeros", "0.mlp.up_proj.qzerox")));
    }

    @Test
    void partsMustFitEachOther() throws IOException {
        String of = "model.layers.0.mlp.up_proj.";
        String scales = "\"" + of + "scales\": {\"dtype\": \"F16\", \"shape\": ";
        assertEquals(
                of + "scales: its shape is [4, 56], but the other tensors of " + of + "weight require [4, 112]",
                refusal("gptq", header -> header.replace(scales + "[2, 112]", scales + "[4, 56]")));
        String zeros = "\"" + of + "qzeros\": {\"dtype\": \"I32\", \"shape\": ";
        assertEquals(
                of + "qzeros: its shape is [4, 7], but the other tensors of " + of + "weight require [2, 14]",
                refusal("awq", header -> header.replace(zeros + "[2, 14]", zeros + "[4, 7]")));
        String grid = "\"" + of + "weight_scale_inv\": {\"dtype\": \"F32\", \"shape\": ";
        assertEquals(
                of
                        + "weight_scale_inv: its shape is [6, 1], which does not divide 112 x 64 weights into blocks of [48, 40]",
                refusal("fp8", header -> header.replace(grid + "[3, 2]", grid + "[6, 1]")));
        String packed = "\"" + of + "weight_packed\": {\"dtype\": \"I32\", \"shape\": ";
        assertEquals(
                of + "weight_shape: it declares 112 x 64 weights, but there are 128 packed rows",
                refusal("compressed", header -> header.replace(packed + "[112, 8]", packed + "[128, 7]")));
    }

    @Test
    void groupsOfInputsMustExist() throws IOException {
        Path folder = Files.createTempDirectory(temp, "groups");
        Files.copy(folder("gptq").resolve("config.json"), folder.resolve("config.json"));
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(folder("gptq").resolve("model.safetensors")))
                .order(ByteOrder.LITTLE_ENDIAN);
        int header = Math.toIntExact(bytes.getLong(0));
        String text = new String(bytes.array(), Long.BYTES, header, StandardCharsets.UTF_8);
        String entry = "up_proj.g_idx\": {\"dtype\": \"I32\", \"shape\": [64], \"data_offsets\": [";
        int at = text.indexOf(entry) + entry.length();
        int begin = Integer.parseInt(text.substring(at, text.indexOf(',', at)));
        bytes.putInt(Long.BYTES + header + begin + 5 * Integer.BYTES, 2);
        Files.write(folder.resolve("model.safetensors"), bytes.array());
        assertEquals(
                folder + ": tensor model.layers.0.mlp.up_proj.g_idx: input 5 is in group 2, but there are 2 groups",
                assertThrows(ModelFileException.class, () -> logits(folder, "scalar"))
                        .getMessage());
    }

    @Test
    void partsMustBeOfTheirTypes() throws IOException {
        String scales = "\"model.layers.0.mlp.up_proj.scales\": {\"dtype\": ";
        assertEquals(
                "model.layers.0.mlp.up_proj.scales: it is of type I16, but must be F16 or BF16 or F32",
                refusal("gptq", header -> header.replace(scales + "\"F16\"", scales + "\"I16\"")));
    }
}
