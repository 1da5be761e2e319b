package kawi.architecture.kimilinear;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kawi.ModelFileException;
import kawi.architecture.Blueprint;
import kawi.architecture.Experts;
import kawi.architecture.kimilinear.KimiLinearWeights.DeltaAttentionWeights;
import kawi.architecture.kimilinear.KimiLinearWeights.Dense;
import kawi.architecture.kimilinear.KimiLinearWeights.LatentAttentionWeights;
import kawi.architecture.kimilinear.KimiLinearWeights.Layer;
import kawi.architecture.kimilinear.KimiLinearWeights.MixerWeights;
import kawi.architecture.kimilinear.KimiLinearWeights.MlpWeights;
import kawi.architecture.kimilinear.KimiLinearWeights.Sparse;
import kawi.checkpoint.HuggingFaceCheckpoint;
import kawi.checkpoint.JsonFile;
import kawi.quant.Tensor;

/**
 * Finds a Kimi Linear model in a Hugging Face folder. The sizes of the linear layers are under {@code
 * linear_attn_config}, as the published configurations have them, or at the top level, as transformers writes them.
 */
public final class KimiLinearHuggingFace {

    private final HuggingFaceCheckpoint folder;
    private final KimiLinearConfig config;

    private KimiLinearHuggingFace(HuggingFaceCheckpoint folder) {
        this.folder = folder;
        this.config = readConfig(folder.textConfig());
    }

    /** The model in {@code folder}. */
    public static Blueprint read(HuggingFaceCheckpoint folder) {
        return new KimiLinearHuggingFace(folder).weights();
    }

    private KimiLinearConfig readConfig(JsonFile json) {
        expect(json, "hidden_act", json.string("hidden_act").orElse("silu"), "silu");
        expect(
                json,
                "moe_router_activation_func",
                json.string("moe_router_activation_func").orElse("sigmoid"),
                "sigmoid");
        require(!json.has("q_lora_rank"), json, "q_lora_rank", "queries of low rank are not supported");
        require(!json.bool("attention_bias", false), json, "attention_bias", "true is not supported");
        require(!json.bool("mla_use_output_gate", false), json, "mla_use_output_gate", "true is not supported");
        require(json.bool("mla_use_nope", true), json, "mla_use_nope", "false is not supported");
        int heads = json.integer("num_attention_heads");
        require(
                json.integer("num_key_value_heads", heads) == heads,
                json,
                "num_key_value_heads",
                "differs from num_attention_heads, which is not supported");
        int layers = json.integer("num_hidden_layers");
        require(
                layers >= 1 && layers <= folder.tensorNames().size(),
                json,
                "num_hidden_layers",
                "is %d, but there are %d tensors"
                        .formatted(layers, folder.tensorNames().size()));
        JsonFile linear = json.object("linear_attn_config").orElse(null);
        int experts = json.integer("num_experts", 0);
        KimiLinearConfig read = new KimiLinearConfig(
                json.integer("hidden_size"),
                json.integer("intermediate_size"),
                folder.tensor("model.embed_tokens.weight").rows(),
                json.integer("model_max_length", json.integer("max_position_embeddings", 1 << 20)),
                fullAttention(json, layers),
                sparse(json, layers, experts),
                heads,
                json.integer("qk_nope_head_dim"),
                json.integer("qk_rope_head_dim"),
                json.integer("v_head_dim"),
                json.integer("kv_lora_rank"),
                linear != null ? linear.integer("num_heads") : json.integer("linear_num_heads"),
                linear != null ? linear.integer("head_dim") : json.integer("linear_head_dim"),
                linear != null ? linear.integer("short_conv_kernel_size") : json.integer("linear_conv_kernel_dim"),
                json.integer("moe_intermediate_size", 0),
                json.integer("num_shared_experts", 1),
                new Experts.Router(
                        experts,
                        json.integer("num_experts_per_token", json.integer("num_experts_per_tok", 0)),
                        json.integer("num_expert_group", 1),
                        json.integer("topk_group", 1),
                        json.bool("moe_renormalize", true),
                        (float) json.number("routed_scaling_factor", 1)),
                (float) json.number("rms_norm_eps"));
        read.check(json.where());
        return read;
    }

    private static void expect(JsonFile json, String key, String found, String expected) {
        require(found.equals(expected), json, key, "\"%s\" is not supported, only \"%s\"".formatted(found, expected));
    }

    private static void require(boolean condition, JsonFile json, String key, String problem) {
        if (!condition) {
            throw new ModelFileException("%s: key %s: %s".formatted(json.where(), key, problem));
        }
    }

    /** {@code layer_types}, or lists of layers numbered from 1, or every fourth layer. */
    private static List<Boolean> fullAttention(JsonFile json, int layers) {
        JsonFile linear = json.object("linear_attn_config").orElse(null);
        if (linear != null && linear.has("full_attn_layers")) {
            List<Integer> full = linear.integers("full_attn_layers");
            return IntStream.rangeClosed(1, layers).mapToObj(full::contains).toList();
        }
        if (json.has("layer_types")) {
            return kinds(json, "layer_types", layers, "full_attention", "linear_attention");
        }
        return IntStream.rangeClosed(1, layers)
                .mapToObj(layer -> layer % 4 == 0)
                .toList();
    }

    /** {@code mlp_layer_types}, or all layers from {@code first_k_dense_replace} on. */
    private static List<Boolean> sparse(JsonFile json, int layers, int experts) {
        if (experts == 0) {
            return IntStream.range(0, layers).mapToObj(_ -> false).toList();
        }
        if (json.has("mlp_layer_types")) {
            return kinds(json, "mlp_layer_types", layers, "sparse", "dense");
        }
        int frequency = json.integer("moe_layer_freq", 1);
        require(frequency == 1, json, "moe_layer_freq", "%d is not supported, only 1".formatted(frequency));
        int firstSparse = json.integer("first_k_dense_replace", 1);
        return IntStream.range(0, layers)
                .mapToObj(layer -> layer >= firstSparse)
                .toList();
    }

    /** Whether each layer is of the first of two kinds. */
    private static List<Boolean> kinds(JsonFile json, String key, int layers, String first, String second) {
        List<String> kinds = json.strings(key);
        require(kinds.size() == layers, json, key, "%d entries for %d layers".formatted(kinds.size(), layers));
        for (String kind : kinds) {
            require(
                    kind.equals(first) || kind.equals(second),
                    json,
                    key,
                    "\"%s\" is neither %s nor %s".formatted(kind, first, second));
        }
        return kinds.stream().map(first::equals).toList();
    }

    private KimiLinearWeights weights() {
        int hidden = config.hiddenSize();
        int vocab = config.vocabSize();
        Tensor embedTokens = folder.tensor("model.embed_tokens.weight", vocab, hidden);
        boolean tied = folder.textConfig().bool("tie_word_embeddings", !folder.hasTensor("lm_head.weight"));
        List<Layer> layers = new ArrayList<>();
        for (int i = 0; i < config.numHiddenLayers(); i++) {
            String at = "model.layers." + i + ".";
            layers.add(new Layer(
                    folder.vector(at + "input_layernorm.weight", hidden),
                    config.fullAttention().get(i)
                            ? latentAttention(at + "self_attn.")
                            : deltaAttention(at + "self_attn."),
                    folder.vector(at + "post_attention_layernorm.weight", hidden),
                    mlp(at, config.sparse().get(i))));
        }
        return new KimiLinearWeights(
                config,
                embedTokens,
                tied ? null : folder.tensor("lm_head.weight", vocab, hidden),
                folder.vector("model.norm.weight", hidden),
                layers);
    }

    private MixerWeights latentAttention(String at) {
        int hidden = config.hiddenSize();
        int heads = config.numAttentionHeads();
        int rank = config.kvLoraRank();
        return new LatentAttentionWeights(
                folder.tensor(at + "q_proj.weight", heads * config.qkHeadDim(), hidden),
                folder.tensor(at + "kv_a_proj_with_mqa.weight", rank + config.qkRopeHeadDim(), hidden),
                folder.vector(at + "kv_a_layernorm.weight", rank),
                folder.tensor(at + "kv_b_proj.weight", heads * (config.qkNopeHeadDim() + config.vHeadDim()), rank),
                folder.tensor(at + "o_proj.weight", hidden, heads * config.vHeadDim()));
    }

    private MixerWeights deltaAttention(String at) {
        int hidden = config.hiddenSize();
        int heads = config.linearNumHeads();
        int dim = config.linearHeadDim();
        int width = heads * dim;
        return new DeltaAttentionWeights(
                folder.tensor(at + "q_proj.weight", width, hidden),
                folder.tensor(at + "k_proj.weight", width, hidden),
                folder.tensor(at + "v_proj.weight", width, hidden),
                Stream.of("q", "k", "v")
                        .map(x -> folder.tensor(at + x + "_conv1d.weight", width, config.linearConvKernelDim()))
                        .toList(),
                folder.tensor(at + "b_proj.weight", heads, hidden),
                folder.tensor(at + "f_a_proj.weight", dim, hidden),
                folder.tensor(at + "f_b_proj.weight", width, dim),
                folder.tensor(at + "g_a_proj.weight", dim, hidden),
                folder.tensor(at + "g_b_proj.weight", width, dim),
                folder.tensor(at + "o_proj.weight", hidden, width),
                rate(at + "A_log", heads),
                numbers(at + "dt_bias", width),
                folder.vector(at + "o_norm.weight", dim));
    }

    /** {@code -exp(A_log)}. */
    private float[] rate(String name, int heads) {
        float[] rate = numbers(name, heads);
        for (int i = 0; i < heads; i++) {
            rate[i] = (float) -StrictMath.exp(rate[i]);
        }
        return rate;
    }

    /** The elements of a tensor of any shape. */
    private float[] numbers(String name, int count) {
        float[] numbers = folder.tensor(name).toFloats();
        if (numbers.length != count) {
            throw new ModelFileException("%s: tensor %s has %d numbers, but the model's sizes ask for %d"
                    .formatted(folder.name(), name, numbers.length, count));
        }
        return numbers;
    }

    private MlpWeights mlp(String layer, boolean sparse) {
        int hidden = config.hiddenSize();
        if (!sparse) {
            return gated(layer + "mlp.", "gate_proj", "up_proj", "down_proj", config.intermediateSize());
        }
        String at = layer + "block_sparse_moe.";
        int experts = config.router().experts();
        List<Dense> routed = new ArrayList<>();
        for (int e = 0; e < experts; e++) {
            routed.add(gated(at + "experts." + e + ".", "w1", "w3", "w2", config.moeIntermediateSize()));
        }
        return new Sparse(
                folder.tensor(at + "gate.weight", experts, hidden),
                folder.vector(at + "gate.e_score_correction_bias", experts),
                routed,
                gated(at + "shared_experts.", "gate_proj", "up_proj", "down_proj", config.sharedIntermediateSize()));
    }

    private Dense gated(String at, String gate, String up, String down, int intermediate) {
        int hidden = config.hiddenSize();
        return new Dense(
                folder.tensor(at + gate + ".weight", intermediate, hidden),
                folder.tensor(at + up + ".weight", intermediate, hidden),
                folder.tensor(at + down + ".weight", hidden, intermediate));
    }
}
