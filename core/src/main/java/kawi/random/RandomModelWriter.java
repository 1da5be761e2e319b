package kawi.random;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import kawi.Progress;
import kawi.RandomModel;
import kawi.gguf.GgufWriter;
import kawi.gguf.MetadataType;
import kawi.quant.WeightFormat;

/**
 * Writes a Qwen3.5 model with random weights, by default with a layer for multi-token prediction.
 *
 * <p>Matrices are normally distributed with mean 0 and standard deviation 0.02 (in the tiny model {@code 1 /
 * sqrt(columns)}, so that its few narrow layers have an effect); norms {@code 1 + 0.1 N}, convolutions {@code 0.3 N},
 * decay rates uniform in [-8, -0.05], their biases uniform in [-5, -1]. Vectors and convolutions are F32, as in
 * published files.
 */
public final class RandomModelWriter {

    private static final double DEVIATION = 0.02;

    private final RandomShape shape;
    private final QuantizationMix mix;
    private final boolean prediction;
    private final RandomTensors tensors;

    private RandomModelWriter(RandomShape shape, QuantizationMix mix, long seed, boolean prediction) {
        this.shape = shape;
        this.mix = mix;
        this.prediction = prediction;
        this.tensors = new RandomTensors(seed);
        plan();
    }

    /** Writes a model, see {@link RandomModel#writeTo}. */
    public static void write(RandomModel model, Path file, Progress progress) {
        RandomShape shape = RandomShape.named(model.size());
        var writer =
                new RandomModelWriter(shape, QuantizationMix.named(model.type()), model.seed(), model.prediction());
        RandomVocabulary vocabulary = model.tokenizer()
                .map(json -> RandomVocabulary.read(json, shape.vocabulary))
                .orElseGet(() -> RandomVocabulary.ofBytes(shape.vocabulary, model.vision()));
        try {
            writer.writeTo(file, vocabulary, model.vision(), progress);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void plan() {
        matrix("token_embd.weight", shape.vocabulary, shape.hidden, mix.embedding(shape));
        norm("output_norm.weight", shape.hidden);
        if (!shape.tied) {
            matrix("output.weight", shape.vocabulary, shape.hidden, mix.output());
        }
        for (int i = 0; i < shape.layers; i++) {
            layer(i, shape.isFullAttention(i));
        }
        if (prediction) { // last, so that it does not change what is drawn for the others
            predictionLayer(shape.layers);
        }
    }

    private void layer(int i, boolean full) {
        norm(name(i, "attn_norm.weight"), shape.hidden);
        norm(name(i, "post_attention_norm.weight"), shape.hidden);
        if (full) {
            fullAttention(i);
        } else {
            linearAttention(i);
        }
        matrix(i, "ffn_gate", shape.intermediate, shape.hidden);
        matrix(i, "ffn_up", shape.intermediate, shape.hidden);
        matrix(i, "ffn_down", shape.hidden, shape.intermediate);
    }

    private void predictionLayer(int i) {
        layer(i, true);
        matrix(i, "nextn.eh_proj", shape.hidden, 2 * shape.hidden);
        for (String norm : List.of("enorm", "hnorm", "shared_head_norm")) {
            norm(name(i, "nextn." + norm + ".weight"), shape.hidden);
        }
    }

    private void fullAttention(int layer) {
        int width = shape.heads * RandomShape.HEAD_DIM;
        matrix(layer, "attn_q", 2 * width, shape.hidden); // queries and gates
        matrix(layer, "attn_k", shape.kvHeads * RandomShape.HEAD_DIM, shape.hidden);
        matrix(layer, "attn_v", shape.kvHeads * RandomShape.HEAD_DIM, shape.hidden);
        matrix(layer, "attn_output", shape.hidden, width);
        norm(name(layer, "attn_q_norm.weight"), RandomShape.HEAD_DIM);
        norm(name(layer, "attn_k_norm.weight"), RandomShape.HEAD_DIM);
    }

    private void linearAttention(int layer) {
        int heads = shape.linearValueHeads;
        int channels = 2 * shape.linearKeyWidth() + shape.linearValueWidth();
        matrix(layer, "attn_qkv", channels, shape.hidden);
        matrix(layer, "attn_gate", shape.linearValueWidth(), shape.hidden);
        matrix(layer, "ssm_alpha", heads, shape.hidden);
        matrix(layer, "ssm_beta", heads, shape.hidden);
        matrix(layer, "ssm_out", shape.hidden, shape.linearValueWidth());
        tensors.vector(
                name(layer, "ssm_conv1d.weight"),
                new long[] {RandomShape.CONV_KERNEL, channels},
                r -> r.nextGaussian(0, 0.3));
        tensors.vector(name(layer, "ssm_a"), new long[] {heads}, r -> -r.nextDouble(0.05, 8));
        tensors.vector(name(layer, "ssm_dt.bias"), new long[] {heads}, r -> r.nextDouble(-5, -1));
        norm(name(layer, "ssm_norm.weight"), RandomShape.LINEAR_HEAD_DIM);
    }

    private static String name(int layer, String tensor) {
        return "blk.%d.%s".formatted(layer, tensor);
    }

    private void matrix(int layer, String kind, int rows, int columns) {
        matrix(name(layer, kind + ".weight"), rows, columns, mix.layer(kind, layer, shape.layers));
    }

    private void matrix(String name, int rows, int columns, WeightFormat format) {
        double deviation = shape == RandomShape.TINY ? 1 / Math.sqrt(columns) : DEVIATION;
        tensors.matrix(name, rows, columns, format, deviation);
    }

    private void norm(String name, int size) {
        tensors.vector(name, new long[] {size}, r -> r.nextGaussian(1, 0.1));
    }

    private void writeTo(Path target, RandomVocabulary vocabulary, boolean vision, Progress progress)
            throws IOException {
        GgufWriter file = new GgufWriter();
        describe(file);
        vocabulary.putInto(file, vision);
        tensors.writeTo(file, target, progress);
    }

    private void describe(GgufWriter file) {
        file.put("general.architecture", MetadataType.STRING, "qwen35")
                .put("general.name", MetadataType.STRING, "random-qwen3.5-" + shape)
                .put("general.file_type", MetadataType.UINT32, mix.fileType)
                .put("general.quantization_version", MetadataType.UINT32, 2);
        size(file, "block_count", prediction ? shape.layers + 1 : shape.layers);
        if (prediction) {
            size(file, "nextn_predict_layers", 1);
        }
        size(file, "context_length", RandomShape.CONTEXT);
        size(file, "embedding_length", shape.hidden);
        size(file, "feed_forward_length", shape.intermediate);
        size(file, "vocab_size", shape.vocabulary);
        size(file, "attention.head_count", shape.heads);
        size(file, "attention.head_count_kv", shape.kvHeads);
        size(file, "attention.key_length", RandomShape.HEAD_DIM);
        size(file, "attention.value_length", RandomShape.HEAD_DIM);
        file.put("qwen35.attention.layer_norm_rms_epsilon", MetadataType.FLOAT32, 1e-6f);
        size(file, "rope.dimension_count", RandomShape.ROTARY_DIMS);
        file.put("qwen35.rope.dimension_sections", MetadataType.INT32, List.of(11, 11, 10, 0));
        file.put("qwen35.rope.freq_base", MetadataType.FLOAT32, 1e7f);
        size(file, "ssm.conv_kernel", RandomShape.CONV_KERNEL);
        size(file, "ssm.state_size", RandomShape.LINEAR_HEAD_DIM);
        size(file, "ssm.group_count", shape.linearKeyHeads);
        size(file, "ssm.time_step_rank", shape.linearValueHeads);
        size(file, "ssm.inner_size", shape.linearValueWidth());
        size(file, "full_attention_interval", RandomShape.FULL_ATTENTION_INTERVAL);
    }

    private static void size(GgufWriter file, String key, int value) {
        file.put("qwen35." + key, MetadataType.UINT32, value);
    }
}
