package kawi.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import kawi.Importance;
import kawi.ModelFileException;
import kawi.Quantization;
import kawi.RandomModel;
import kawi.checkpoint.Checkpoint;
import kawi.gguf.GgufFile;
import kawi.quant.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImportanceFileTest {

    @TempDir
    Path folder;

    @Test
    void whatIsWrittenIsRead() throws IOException {
        Path file = folder.resolve("imatrix.gguf");
        var sums = new ImportanceFile.Sums(new double[] {8, 0, 2, 1}, 4);
        ImportanceFile.write(file, Map.of("blk.0.ffn_up.weight", sums), "book.txt", 3, 512);
        Map<String, float[]> read = ImportanceFile.read(file);
        assertEquals(1, read.size());
        assertArrayEquals(new float[] {2, 0, 0.5f, 0.25f}, read.get("blk.0.ffn_up.weight"));
        try (GgufFile written = GgufFile.open(file)) {
            assertEquals("imatrix", written.metadata().string("general.type"));
            assertEquals(3, written.metadata().integer("imatrix.chunk_count"));
            assertArrayEquals(new long[] {4, 1}, written.shape("blk.0.ffn_up.weight.in_sum2"));
        }
    }

    private static byte[] oldFile() {
        byte[] name = "blk.0.ffn_up.weight".getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(64)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(1)
                .putInt(name.length)
                .put(name)
                .putInt(2)
                .putInt(3)
                .putFloat(4)
                .putFloat(1)
                .putFloat(0)
                .putInt(11)
                .array();
    }

    @Test
    void oldFilesAreRead() throws IOException {
        Path file = Files.write(folder.resolve("imatrix.dat"), oldFile());
        assertArrayEquals(new float[] {2, 0.5f, 0}, ImportanceFile.read(file).get("blk.0.ffn_up.weight"));
    }

    @Test
    void damagedFilesAreRejected() throws IOException {
        for (int length : new int[] {0, 3, 6, 10, 30, 40}) {
            Path file = Files.write(folder.resolve("cut.dat"), Arrays.copyOf(oldFile(), length));
            String message = String.valueOf(assertThrows(ModelFileException.class, () -> ImportanceFile.read(file))
                    .getMessage());
            assertTrue(message.startsWith(file + " is not an importance matrix"), message);
        }
    }

    private static int[] ids(Path model, String text) {
        try (Checkpoint checkpoint = Checkpoint.open(model)) {
            return Objects.requireNonNull(checkpoint.tokenizer()).encode(text);
        }
    }

    /** The inputs of the first layer follow from the embedding alone. */
    @Test
    void aModelReadsAText() throws IOException {
        Path model = folder.resolve("model.gguf");
        RandomModel.of("tiny").type("F32").writeTo(model, step -> {});
        Path text = Files.writeString(folder.resolve("text.txt"), "Once upon a time there was a fox. ".repeat(4));
        Path file = folder.resolve("imatrix.gguf");
        Importance.of(model, text).chunkTokens(32).writeTo(file, step -> {});
        float[] found = Objects.requireNonNull(ImportanceFile.read(file).get("blk.0.attn_qkv.weight"));

        double[] expected = new double[found.length];
        try (GgufFile weights = GgufFile.open(model)) {
            float[] norm = weights.tensor("blk.0.attn_norm.weight").toFloats();
            float[] row = new float[found.length];
            Tensor embedding = weights.tensor("token_embd.weight");
            int[] order = ids(model, Files.readString(text));
            int tokens = order.length / 32 * 32;
            assertTrue(tokens >= 64);
            for (int t = 0; t < tokens; t++) {
                embedding.decodeRow(order[t], row, 0);
                double squares = 0;
                for (float value : row) {
                    squares += (double) value * value;
                }
                double rms = Math.sqrt(squares / row.length + 1e-6);
                for (int i = 0; i < row.length; i++) {
                    expected[i] += Math.pow(row[i] / rms * norm[i], 2) / tokens;
                }
            }
        }
        for (int i = 0; i < found.length; i++) {
            assertEquals(expected[i], found[i], 1e-5 * expected[i] + 1e-9);
        }

        Path with = folder.resolve("with.gguf");
        Path without = folder.resolve("without.gguf");
        Quantization.of(model, "Q4_K_S").importance(file).writeTo(with, step -> {});
        Quantization.of(model, "Q4_K_S").writeTo(without, step -> {});
        assertEquals(Files.size(without), Files.size(with));
        assertTrue(Files.mismatch(with, without) > 0);
    }
}
