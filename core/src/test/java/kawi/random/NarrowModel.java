package kawi.random;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import kawi.gguf.GgufWriter;
import kawi.gguf.MetadataType;
import kawi.quant.WeightFormat;
import kawi.quant.WeightFormats;

/**
 * A model with random weights, the pattern of layers and the numbers of heads of the smallest published one, and little
 * else: it processes long texts in seconds. It has a token for each byte, and a chat template.
 */
public final class NarrowModel {

    /** The maximum length of a sequence, in tokens. */
    public static final int CONTEXT = 262_144;

    private static final int HIDDEN = 32;
    private static final int INTERMEDIATE = 64;
    private static final int LAYERS = 4;
    private static final int HEADS = 8;
    private static final int KV_HEADS = 2;
    private static final int HEAD_DIM = 16;
    private static final int LINEAR_HEADS = 16;
    private static final int LINEAR_HEAD_DIM = 16;
    private static final int VOCABULARY = 512;
    private static final WeightFormat FORMAT = WeightFormats.byName("Q8_0");

    private NarrowModel() {}

    /** Writes the model, whose keys and values take 128 bytes for each token in f16, as a GGUF file. */
    public static Path writeTo(Path file) throws IOException {
        RandomTensors tensors = new RandomTensors(7);
        matrix(tensors, "token_embd.weight", VOCABULARY, HIDDEN);
        norm(tensors, "output_norm.weight", HIDDEN);
        for (int layer = 0; layer < LAYERS; layer++) {
            String prefix = "blk." + layer + ".";
            norm(tensors, prefix + "attn_norm.weight", HIDDEN);
            norm(tensors, prefix + "post_attention_norm.weight", HIDDEN);
            if (layer == LAYERS - 1) {
                attention(tensors, prefix);
            } else {
                linearAttention(tensors, prefix);
            }
            matrix(tensors, prefix + "ffn_gate.weight", INTERMEDIATE, HIDDEN);
            matrix(tensors, prefix + "ffn_up.weight", INTERMEDIATE, HIDDEN);
            matrix(tensors, prefix + "ffn_down.weight", HIDDEN, INTERMEDIATE);
        }
        GgufWriter gguf = new GgufWriter();
        describe(gguf);
        RandomVocabulary.ofBytes(VOCABULARY, false).putInto(gguf, false);
        tensors.writeTo(gguf, file, step -> {});
        return file;
    }

    private static void attention(RandomTensors tensors, String prefix) {
        matrix(tensors, prefix + "attn_q.weight", 2 * HEADS * HEAD_DIM, HIDDEN);
        matrix(tensors, prefix + "attn_k.weight", KV_HEADS * HEAD_DIM, HIDDEN);
        matrix(tensors, prefix + "attn_v.weight", KV_HEADS * HEAD_DIM, HIDDEN);
        matrix(tensors, prefix + "attn_output.weight", HIDDEN, HEADS * HEAD_DIM);
        norm(tensors, prefix + "attn_q_norm.weight", HEAD_DIM);
        norm(tensors, prefix + "attn_k_norm.weight", HEAD_DIM);
    }

    private static void linearAttention(RandomTensors tensors, String prefix) {
        int width = LINEAR_HEADS * LINEAR_HEAD_DIM;
        matrix(tensors, prefix + "attn_qkv.weight", 3 * width, HIDDEN);
        matrix(tensors, prefix + "attn_gate.weight", width, HIDDEN);
        matrix(tensors, prefix + "ssm_alpha.weight", LINEAR_HEADS, HIDDEN);
        matrix(tensors, prefix + "ssm_beta.weight", LINEAR_HEADS, HIDDEN);
        matrix(tensors, prefix + "ssm_out.weight", HIDDEN, width);
        tensors.vector(prefix + "ssm_conv1d.weight", new long[] {4, 3L * width}, r -> r.nextGaussian(0, 0.3));
        tensors.vector(prefix + "ssm_a", new long[] {LINEAR_HEADS}, r -> -r.nextDouble(0.05, 8));
        tensors.vector(prefix + "ssm_dt.bias", new long[] {LINEAR_HEADS}, r -> r.nextDouble(-5, -1));
        norm(tensors, prefix + "ssm_norm.weight", LINEAR_HEAD_DIM);
    }

    private static void matrix(RandomTensors tensors, String name, int rows, int columns) {
        tensors.matrix(name, rows, columns, FORMAT, 1 / Math.sqrt(columns));
    }

    private static void norm(RandomTensors tensors, String name, int size) {
        tensors.vector(name, new long[] {size}, r -> r.nextGaussian(1, 0.1));
    }

    private static void describe(GgufWriter gguf) {
        gguf.put("general.architecture", MetadataType.STRING, "qwen35")
                .put("qwen35.attention.layer_norm_rms_epsilon", MetadataType.FLOAT32, 1e-6f)
                .put("qwen35.rope.dimension_sections", MetadataType.INT32, List.of(2, 0, 0, 0))
                .put("qwen35.rope.freq_base", MetadataType.FLOAT32, 1e7f);
        size(gguf, "block_count", LAYERS);
        size(gguf, "full_attention_interval", LAYERS);
        size(gguf, "context_length", CONTEXT);
        size(gguf, "embedding_length", HIDDEN);
        size(gguf, "feed_forward_length", INTERMEDIATE);
        size(gguf, "vocab_size", VOCABULARY);
        size(gguf, "attention.head_count", HEADS);
        size(gguf, "attention.head_count_kv", KV_HEADS);
        size(gguf, "attention.key_length", HEAD_DIM);
        size(gguf, "attention.value_length", HEAD_DIM);
        size(gguf, "rope.dimension_count", HEAD_DIM / 4);
        size(gguf, "ssm.conv_kernel", 4);
        size(gguf, "ssm.state_size", LINEAR_HEAD_DIM);
        size(gguf, "ssm.group_count", LINEAR_HEADS);
        size(gguf, "ssm.time_step_rank", LINEAR_HEADS);
        size(gguf, "ssm.inner_size", LINEAR_HEADS * LINEAR_HEAD_DIM);
    }

    private static void size(GgufWriter gguf, String key, int value) {
        gguf.put("qwen35." + key, MetadataType.UINT32, value);
    }
}
