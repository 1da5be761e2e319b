package kawi.architecture.qwen35;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kawi.ModelFileException;
import kawi.architecture.Blueprint;
import kawi.architecture.SizeCheck;
import kawi.architecture.qwen35.Qwen35Weights.Layer;
import kawi.architecture.qwen35.Qwen35Weights.LinearAttention;
import kawi.architecture.qwen35.Qwen35Weights.MixerWeights;
import kawi.architecture.qwen35.Qwen35Weights.SelfAttention;
import kawi.checkpoint.GgufCheckpoint;
import kawi.gguf.Metadata;
import kawi.quant.Tensor;

/**
 * Finds a Qwen3.5 text model in a GGUF file of architecture {@code qwen35} (Qwen3.5 specification, sections 3.2 to
 * 3.4). Such files hold zero-centred norms with their 1 added, {@code ssm_a = -exp(A_log)}, and value heads in tiled
 * order; a multi-token-prediction layer is counted as a block.
 */
public final class Qwen35Gguf {

    private final GgufCheckpoint file;
    private final Metadata metadata;
    private final Qwen35Config config;

    private Qwen35Gguf(GgufCheckpoint file) {
        this.file = file;
        this.metadata = file.metadata();
        this.config = readConfig();
    }

    /** The model in {@code file}. */
    public static Blueprint read(GgufCheckpoint file) {
        return new Qwen35Gguf(file).weights();
    }

    /** Blocks that belong to multi-token prediction, at the end of the file. */
    static int predictionLayers(Metadata metadata) {
        return metadata.optionalInteger("qwen35.nextn_predict_layers", 0, SizeCheck.MAX_SIZE)
                .orElse(0);
    }

    private Qwen35Config readConfig() {
        int layers = size("block_count") - predictionLayers(metadata);
        if (layers < 1 || layers > file.tensorNames().size()) {
            throw new ModelFileException(
                    "%s: key qwen35.block_count: %d blocks besides prediction layers do not fit %d tensors"
                            .formatted(file.name(), layers, file.tensorNames().size()));
        }
        String scaling = metadata.optionalString("qwen35.rope.scaling.type").orElse("none");
        boolean unscaled = scaling.equals("none")
                || (scaling.equals("linear")
                        && metadata.optionalFloating("qwen35.rope.scaling.factor")
                                        .orElse(1)
                                == 1);
        if (!unscaled) {
            throw new ModelFileException(
                    "%s: key qwen35.rope.scaling.type: scaling \"%s\" of positions is not supported, only none"
                            .formatted(file.name(), scaling));
        }
        int headDim = size("attention.key_length");
        if (size("attention.value_length") != headDim) {
            throw new ModelFileException(
                    "%s: key qwen35.attention.value_length: values of %d and keys of %d are not supported, only equal sizes"
                            .formatted(file.name(), size("attention.value_length"), headDim));
        }
        int valueHeads = size("ssm.time_step_rank");
        int inner = size("ssm.inner_size");
        if (inner % valueHeads != 0) {
            throw new ModelFileException(
                    "%s: key qwen35.ssm.inner_size: %d channels cannot be divided among %d value heads"
                            .formatted(file.name(), inner, valueHeads));
        }
        int rotaryDims = size("rope.dimension_count");
        Qwen35Config read = new Qwen35Config(
                size("embedding_length"),
                size("feed_forward_length"),
                file.tensor("token_embd.weight").rows(),
                metadata.integer("qwen35.context_length", 1, Integer.MAX_VALUE),
                fullAttention(layers),
                size("attention.head_count"),
                size("attention.head_count_kv"),
                headDim,
                rotaryDims,
                metadata.floating("qwen35.rope.freq_base"),
                Qwen35Config.sections(ropeSections(), rotaryDims),
                size("ssm.group_count"),
                valueHeads,
                size("ssm.state_size"),
                inner / valueHeads,
                size("ssm.conv_kernel"),
                (float) metadata.floating("qwen35.attention.layer_norm_rms_epsilon"),
                true);
        read.check(file.name());
        return read;
    }

    private List<Integer> ropeSections() {
        String key = "qwen35.rope.dimension_sections";
        return metadata.has(key) ? Arrays.stream(metadata.ints(key)).boxed().toList() : List.of();
    }

    private int size(String key) {
        return metadata.integer("qwen35." + key, 1, SizeCheck.MAX_SIZE);
    }

    private List<Boolean> fullAttention(int layers) {
        List<Boolean> full = new ArrayList<>(layers);
        if (metadata.has("qwen35.attention.recurrent_layers")) {
            boolean[] recurrent = metadata.bools("qwen35.attention.recurrent_layers");
            if (recurrent.length < layers) {
                throw new ModelFileException("%s: key qwen35.attention.recurrent_layers: %d entries for %d layers"
                        .formatted(file.name(), recurrent.length, layers));
            }
            for (int i = 0; i < layers; i++) {
                full.add(!recurrent[i]);
            }
        } else {
            int interval = metadata.optionalInteger("qwen35.full_attention_interval", 1, SizeCheck.MAX_SIZE)
                    .orElse(4);
            full.addAll(Qwen35Config.everyNth(interval, layers));
        }
        return full;
    }

    private Qwen35Weights weights() {
        int hidden = config.hiddenSize();
        int vocab = config.vocabSize();
        Tensor embedTokens = file.tensor("token_embd.weight", vocab, hidden);
        Tensor lmHead = file.hasTensor("output.weight") ? file.tensor("output.weight", vocab, hidden) : null;
        List<Layer> layers = new ArrayList<>();
        for (int i = 0; i < config.numHiddenLayers(); i++) {
            layers.add(layer(i));
        }
        return new Qwen35Weights(
                config, embedTokens, lmHead, file.vector("output_norm.weight", hidden), layers, unusedParts());
    }

    private List<String> unusedParts() {
        return predictionLayers(metadata) > 0 ? List.of("MTP") : List.of();
    }

    private Layer layer(int i) {
        String blk = "blk." + i + ".";
        int hidden = config.hiddenSize();
        int intermediate = config.intermediateSize();
        return new Layer(
                file.vector(blk + "attn_norm.weight", hidden),
                config.fullAttention().get(i) ? selfAttention(blk) : linearAttention(blk),
                file.vector(blk + "post_attention_norm.weight", hidden),
                file.tensor(blk + "ffn_gate.weight", intermediate, hidden),
                file.tensor(blk + "ffn_up.weight", intermediate, hidden),
                file.tensor(blk + "ffn_down.weight", hidden, intermediate));
    }

    private MixerWeights selfAttention(String blk) {
        int hidden = config.hiddenSize();
        int dim = config.headDim();
        int heads = config.numAttentionHeads();
        int kvHeads = config.numKeyValueHeads();
        return new SelfAttention(
                file.tensor(blk + "attn_q.weight", heads * 2 * dim, hidden),
                file.tensor(blk + "attn_k.weight", kvHeads * dim, hidden),
                file.tensor(blk + "attn_v.weight", kvHeads * dim, hidden),
                file.tensor(blk + "attn_output.weight", hidden, heads * dim),
                file.vector(blk + "attn_q_norm.weight", dim),
                file.vector(blk + "attn_k_norm.weight", dim));
    }

    private MixerWeights linearAttention(String blk) {
        int hidden = config.hiddenSize();
        int channels = config.deltaShape().channels();
        int valueHeads = config.linearNumValueHeads();
        int valueWidth = valueHeads * config.linearValueHeadDim();
        return new LinearAttention(
                file.tensor(blk + "attn_qkv.weight", channels, hidden),
                file.tensor(blk + "attn_gate.weight", valueWidth, hidden),
                file.tensor(blk + "ssm_beta.weight", valueHeads, hidden),
                file.tensor(blk + "ssm_alpha.weight", valueHeads, hidden),
                file.tensor(blk + "ssm_out.weight", hidden, valueWidth),
                file.tensor(blk + "ssm_conv1d.weight", channels, config.linearConvKernelDim()),
                file.vector(blk + "ssm_a", valueHeads),
                file.vector(blk + "ssm_dt.bias", valueHeads),
                file.vector(blk + "ssm_norm.weight", config.linearValueHeadDim()));
    }
}
