package kawi.architecture.qwen35;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import kawi.ModelFileException;
import kawi.architecture.Blueprint;
import kawi.architecture.GgufForm;
import kawi.architecture.RopeScaling;
import kawi.architecture.qwen35.Qwen35Weights.Layer;
import kawi.architecture.qwen35.Qwen35Weights.LinearAttention;
import kawi.architecture.qwen35.Qwen35Weights.MixerWeights;
import kawi.architecture.qwen35.Qwen35Weights.Mtp;
import kawi.architecture.qwen35.Qwen35Weights.SelfAttention;
import kawi.gguf.GgufWriter;
import kawi.gguf.MetadataType;
import kawi.quant.Tensor;

/** A Qwen3.5 text model in the form of a GGUF file: the inverse of {@link Qwen35Gguf}. */
final class Qwen35GgufForm implements GgufForm {

    private static final String ARCHITECTURE = "qwen35";

    private final Qwen35Weights weights;

    Qwen35GgufForm(Qwen35Weights weights) {
        this.weights = TiledHeads.of(weights);
    }

    @Override
    public SequencedMap<String, Tensor> matrices() {
        SequencedMap<String, Tensor> found = new LinkedHashMap<>();
        with((name, matrix) -> {
            found.put(name, matrix);
            return matrix;
        });
        return found;
    }

    @Override
    public Blueprint with(BiFunction<String, Tensor, Tensor> conversion) {
        Tensor embedTokens = conversion.apply("token_embd.weight", weights.embedTokens());
        Tensor lmHead = weights.lmHead() == null ? null : conversion.apply("output.weight", weights.lmHead());
        List<Layer> layers = new ArrayList<>();
        for (Layer layer : weights.layers()) {
            layers.add(layer(layer, "blk.%d.".formatted(layers.size()), conversion));
        }
        Mtp mtp = weights.mtp();
        return new Qwen35Weights(
                weights.config(),
                embedTokens,
                lmHead,
                weights.norm(),
                layers,
                mtp == null ? null : prediction(mtp, "blk.%d.".formatted(layers.size()), conversion),
                weights.unusedParts());
    }

    private static Layer layer(Layer layer, String blk, BiFunction<String, Tensor, Tensor> conversion) {
        MixerWeights mixer = switch (layer.mixer()) {
            case SelfAttention full ->
                new SelfAttention(
                        conversion.apply(blk + "attn_q.weight", full.qProj()),
                        conversion.apply(blk + "attn_k.weight", full.kProj()),
                        conversion.apply(blk + "attn_v.weight", full.vProj()),
                        conversion.apply(blk + "attn_output.weight", full.oProj()),
                        full.qNorm(),
                        full.kNorm());
            case LinearAttention linear ->
                new LinearAttention(
                        conversion.apply(blk + "attn_qkv.weight", linear.inProjQkv()),
                        conversion.apply(blk + "attn_gate.weight", linear.inProjZ()),
                        conversion.apply(blk + "ssm_beta.weight", linear.inProjB()),
                        conversion.apply(blk + "ssm_alpha.weight", linear.inProjA()),
                        conversion.apply(blk + "ssm_out.weight", linear.outProj()),
                        conversion.apply(blk + "ssm_conv1d.weight", linear.conv1d()),
                        linear.rate(),
                        linear.dtBias(),
                        linear.norm());
        };
        return new Layer(
                layer.inputLayernorm(),
                mixer,
                layer.postAttentionLayernorm(),
                conversion.apply(blk + "ffn_gate.weight", layer.gateProj()),
                conversion.apply(blk + "ffn_up.weight", layer.upProj()),
                conversion.apply(blk + "ffn_down.weight", layer.downProj()));
    }

    private static Mtp prediction(Mtp mtp, String blk, BiFunction<String, Tensor, Tensor> conversion) {
        String nextn = blk + "nextn.";
        Tensor embedTokens = mtp.embedTokens();
        Tensor lmHead = mtp.lmHead();
        return new Mtp(
                conversion.apply(nextn + "eh_proj.weight", mtp.fc()),
                mtp.preFcNormEmbedding(),
                mtp.preFcNormHidden(),
                layer(mtp.layer(), blk, conversion),
                mtp.norm(),
                embedTokens == null ? null : conversion.apply(nextn + "embed_tokens.weight", embedTokens),
                lmHead == null ? null : conversion.apply(nextn + "shared_head_head.weight", lmHead));
    }

    @Override
    public SequencedMap<String, float[]> vectors() {
        SequencedMap<String, float[]> found = new LinkedHashMap<>();
        found.put("output_norm.weight", weights.norm());
        int block = 0;
        for (Layer layer : weights.layers()) {
            addVectors(layer, "blk.%d.".formatted(block++), found);
        }
        Mtp mtp = weights.mtp();
        if (mtp != null) {
            String blk = "blk.%d.".formatted(block);
            addVectors(mtp.layer(), blk, found);
            found.put(blk + "nextn.enorm.weight", mtp.preFcNormEmbedding());
            found.put(blk + "nextn.hnorm.weight", mtp.preFcNormHidden());
            found.put(blk + "nextn.shared_head_norm.weight", mtp.norm());
        }
        return found;
    }

    private static void addVectors(Layer layer, String blk, SequencedMap<String, float[]> found) {
        found.put(blk + "attn_norm.weight", layer.inputLayernorm());
        found.put(blk + "post_attention_norm.weight", layer.postAttentionLayernorm());
        switch (layer.mixer()) {
            case SelfAttention full -> {
                found.put(blk + "attn_q_norm.weight", full.qNorm());
                found.put(blk + "attn_k_norm.weight", full.kNorm());
            }
            case LinearAttention linear -> {
                found.put(blk + "ssm_a", linear.rate());
                found.put(blk + "ssm_dt.bias", linear.dtBias());
                found.put(blk + "ssm_norm.weight", linear.norm());
            }
        }
    }

    @Override
    public void putInto(GgufWriter file) {
        Qwen35Config config = weights.config();
        file.put("general.architecture", MetadataType.STRING, ARCHITECTURE);
        int predicted = weights.mtp() == null ? 0 : 1;
        size(file, "block_count", config.numHiddenLayers() + predicted);
        if (predicted > 0) {
            size(file, "nextn_predict_layers", predicted);
        }
        size(file, "embedding_length", config.hiddenSize());
        size(file, "feed_forward_length", config.intermediateSize());
        size(file, "vocab_size", config.vocabSize());
        size(file, "attention.head_count", config.numAttentionHeads());
        size(file, "attention.head_count_kv", config.numKeyValueHeads());
        size(file, "attention.key_length", config.headDim());
        size(file, "attention.value_length", config.headDim());
        number(file, "attention.layer_norm_rms_epsilon", config.rmsNormEps());
        putRotation(file, config);
        size(file, "ssm.conv_kernel", config.linearConvKernelDim());
        size(file, "ssm.state_size", config.linearKeyHeadDim());
        size(file, "ssm.group_count", config.linearNumKeyHeads());
        size(file, "ssm.time_step_rank", config.linearNumValueHeads());
        size(file, "ssm.inner_size", config.linearNumValueHeads() * config.linearValueHeadDim());
        putPattern(file, config.fullAttention());
    }

    private static void putRotation(GgufWriter file, Qwen35Config config) {
        size(file, "rope.dimension_count", config.rotaryDims());
        List<Integer> sections = new ArrayList<>(config.ropeSections());
        sections.add(0); // a fourth axis, which is not used
        file.put(ARCHITECTURE + ".rope.dimension_sections", MetadataType.INT32, sections);
        number(file, "rope.freq_base", config.ropeTheta());
        switch (config.ropeScaling()) {
            case RopeScaling.Linear linear -> {
                size(file, "context_length", (int) Math.round(config.contextLength() / linear.factor()));
                if (linear.factor() != 1) {
                    file.put(ARCHITECTURE + ".rope.scaling.type", MetadataType.STRING, "linear");
                    number(file, "rope.scaling.factor", linear.factor());
                }
                if (linear.magnitude() != 1) {
                    number(file, "rope.scaling.attn_factor", linear.magnitude());
                }
            }
            case RopeScaling.Yarn yarn -> {
                if (!yarn.truncate()) {
                    throw new ModelFileException(
                            "GGUF files have no key for YaRN with bounds that are not rounded (truncate is false), so the model cannot be written");
                }
                size(file, "context_length", config.contextLength());
                file.put(ARCHITECTURE + ".rope.scaling.type", MetadataType.STRING, "yarn");
                number(file, "rope.scaling.factor", yarn.factor());
                size(file, "rope.scaling.original_context_length", yarn.originalLength());
                number(file, "rope.scaling.yarn_beta_fast", yarn.betaFast());
                number(file, "rope.scaling.yarn_beta_slow", yarn.betaSlow());
                if (yarn.magnitude() != RopeScaling.Yarn.magnitude(yarn.factor(), 1)) {
                    number(file, "rope.scaling.yarn_attn_factor", yarn.magnitude());
                }
            }
        }
    }

    private static void putPattern(GgufWriter file, List<Boolean> full) {
        int interval = full.indexOf(true) + 1;
        if (interval > 0 && Qwen35Config.everyNth(interval, full.size()).equals(full)) {
            size(file, "full_attention_interval", interval);
        } else {
            List<Boolean> recurrent =
                    IntStream.range(0, full.size()).mapToObj(i -> !full.get(i)).toList();
            file.put(ARCHITECTURE + ".attention.recurrent_layers", MetadataType.BOOL, recurrent);
        }
    }

    private static void size(GgufWriter file, String key, int value) {
        file.put(ARCHITECTURE + "." + key, MetadataType.UINT32, value);
    }

    private static void number(GgufWriter file, String key, double value) {
        file.put(ARCHITECTURE + "." + key, MetadataType.FLOAT32, value);
    }
}
