package kawi.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import kawi.MemoryPlan;
import kawi.ModelFile;
import kawi.quant.WeightFormat;
import kawi.quant.WeightFormats;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shape of Qwen3.5 27B, in a file whose weights are a hole that takes no space on the disk. */
class LargeModelTest {

    private static final int HIDDEN = 5120;
    private static final int INTERMEDIATE = 17_408;
    private static final int VOCABULARY = 248_320;
    private static final int LAYERS = 64;
    private static final int HEADS = 24;
    private static final int KV_HEADS = 4;
    private static final int HEAD_DIM = 256;
    private static final int KEY_HEADS = 16;
    private static final int VALUE_HEADS = 48;
    private static final int LINEAR_DIM = 128;
    private static final int CHANNELS = (2 * KEY_HEADS + VALUE_HEADS) * LINEAR_DIM;

    @TempDir
    Path folder;

    /** Columns and rows of every matrix, and columns of every vector. */
    private static Map<String, long[]> shapes() {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        shapes.put("token_embd.weight", new long[] {HIDDEN, VOCABULARY});
        shapes.put("output.weight", new long[] {HIDDEN, VOCABULARY});
        shapes.put("output_norm.weight", new long[] {HIDDEN});
        for (int layer = 0; layer < LAYERS; layer++) {
            String blk = "blk." + layer + ".";
            shapes.put(blk + "attn_norm.weight", new long[] {HIDDEN});
            shapes.put(blk + "post_attention_norm.weight", new long[] {HIDDEN});
            shapes.put(blk + "ffn_gate.weight", new long[] {HIDDEN, INTERMEDIATE});
            shapes.put(blk + "ffn_up.weight", new long[] {HIDDEN, INTERMEDIATE});
            shapes.put(blk + "ffn_down.weight", new long[] {INTERMEDIATE, HIDDEN});
            if (layer % 4 == 3) {
                shapes.put(blk + "attn_q.weight", new long[] {HIDDEN, HEADS * 2 * HEAD_DIM});
                shapes.put(blk + "attn_k.weight", new long[] {HIDDEN, KV_HEADS * HEAD_DIM});
                shapes.put(blk + "attn_v.weight", new long[] {HIDDEN, KV_HEADS * HEAD_DIM});
                shapes.put(blk + "attn_output.weight", new long[] {HEADS * HEAD_DIM, HIDDEN});
                shapes.put(blk + "attn_q_norm.weight", new long[] {HEAD_DIM});
                shapes.put(blk + "attn_k_norm.weight", new long[] {HEAD_DIM});
            } else {
                shapes.put(blk + "attn_qkv.weight", new long[] {HIDDEN, CHANNELS});
                shapes.put(blk + "attn_gate.weight", new long[] {HIDDEN, VALUE_HEADS * LINEAR_DIM});
                shapes.put(blk + "ssm_beta.weight", new long[] {HIDDEN, VALUE_HEADS});
                shapes.put(blk + "ssm_alpha.weight", new long[] {HIDDEN, VALUE_HEADS});
                shapes.put(blk + "ssm_out.weight", new long[] {VALUE_HEADS * LINEAR_DIM, HIDDEN});
                shapes.put(blk + "ssm_conv1d.weight", new long[] {4, CHANNELS});
                shapes.put(blk + "ssm_a", new long[] {VALUE_HEADS});
                shapes.put(blk + "ssm_dt.bias", new long[] {VALUE_HEADS});
                shapes.put(blk + "ssm_norm.weight", new long[] {LINEAR_DIM});
            }
        }
        return shapes;
    }

    private Path write(WeightFormat matrices) throws IOException {
        Map<String, Integer> sizes = new LinkedHashMap<>();
        sizes.put("block_count", LAYERS);
        sizes.put("context_length", 262_144);
        sizes.put("embedding_length", HIDDEN);
        sizes.put("feed_forward_length", INTERMEDIATE);
        sizes.put("attention.head_count", HEADS);
        sizes.put("attention.head_count_kv", KV_HEADS);
        sizes.put("attention.key_length", HEAD_DIM);
        sizes.put("attention.value_length", HEAD_DIM);
        sizes.put("rope.dimension_count", 64);
        sizes.put("ssm.conv_kernel", 4);
        sizes.put("ssm.state_size", LINEAR_DIM);
        sizes.put("ssm.group_count", KEY_HEADS);
        sizes.put("ssm.time_step_rank", VALUE_HEADS);
        sizes.put("ssm.inner_size", VALUE_HEADS * LINEAR_DIM);
        sizes.put("full_attention_interval", 4);
        Map<String, long[]> shapes = shapes();
        GgufBytes bytes = GgufBytes.header(3, shapes.size(), sizes.size() + 3)
                .key("general.architecture", MetadataType.STRING, "qwen35")
                .key("qwen35.attention.layer_norm_rms_epsilon", MetadataType.FLOAT32, 1e-6f)
                .key("qwen35.rope.freq_base", MetadataType.FLOAT32, 1e7f);
        sizes.forEach((key, value) -> bytes.key("qwen35." + key, MetadataType.UINT32, value));
        long offset = 0;
        for (Map.Entry<String, long[]> tensor : shapes.entrySet()) {
            long[] shape = tensor.getValue();
            boolean matrix = shape.length == 2 && shape[0] % matrices.blockSize() == 0;
            WeightFormat format = matrix ? matrices : WeightFormats.byName("F32");
            bytes.tensor(tensor.getKey(), WeightFormats.ggmlType(format), offset, shape);
            long rows = shape.length == 1 ? 1 : shape[1];
            offset += (rows * format.bytes(shape[0]) + 31) / 32 * 32;
        }
        Path file = Files.write(folder.resolve("27b.gguf"), bytes.data(0).toBytes());
        boolean large;
        try (RandomAccessFile hole = new RandomAccessFile(file.toFile(), "rw")) {
            hole.setLength(hole.length() + offset);
            large = true;
        } catch (IOException e) {
            large = false;
        }
        assumeTrue(large, "this file system has no files of " + offset + " bytes");
        return file;
    }

    @Test
    void theShapeOf27BIsReadAndPlanned() throws IOException {
        long linear = 48L * (10_240 * 5120 + 6144 * 5120 + 2 * 48 * 5120 + 5120 * 6144 + 4 * 10_240 + 48 + 48 + 128);
        long full = 16L * (12_288 * 5120 + 2 * 1024 * 5120 + 5120 * 6144 + 2 * 256);
        long mlp = 64L * (3L * 5120 * 17_408 + 2 * 5120);
        long ends = 2L * 248_320 * 5120 + 5120;
        try (ModelFile file = ModelFile.open(write(WeightFormats.byName("BF16")))) {
            assertEquals(linear + full + mlp + ends, file.parameters());
            assertEquals(26_895_998_464L, file.parameters());
            assertEquals(false, file.sizes().get("tie_word_embeddings"));
            assertEquals(48, file.sizes().get("linear_num_value_heads"));
            assertEquals(16L, file.sizes().get("full_attention_layers"));
            MemoryPlan plan = file.memoryPlan(262_144, "f16");
            // Keys and values of 16 layers, 4 heads of 256 each, in two bytes.
            assertEquals(262_144L * 16 * 2 * 4 * 256 * 2, plan.keysAndValues());
            assertEquals(2 * (file.parameters() - vectors()), plan.weights());
        }
    }

    private static long vectors() {
        return shapes().values().stream()
                .filter(shape -> shape.length == 1)
                .mapToLong(shape -> shape[0])
                .sum();
    }
}
