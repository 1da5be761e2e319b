package kawi.architecture.qwen35;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import kawi.architecture.Blueprint;
import kawi.architecture.GgufForm;
import kawi.architecture.RequestedScaling;
import kawi.architecture.RopeScaling;
import kawi.architecture.Stack;
import kawi.compute.Compute;
import kawi.kernels.DeltaState;
import kawi.kernels.KvFormats;
import kawi.kernels.KvLayout;
import kawi.kernels.KvPages;
import kawi.quant.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The tensors of a Qwen3.5 text model under the names of the published checkpoints, regardless of the file format.
 * Differences between formats have been resolved: {@code rate} is {@code -exp(A_log)}, zero-centred norm weights
 * include their 1, and {@link Qwen35Config#tiledValueHeads} is the numbering of value heads.
 *
 * @param lmHead the output head; null where it is tied to {@code embedTokens}
 * @param mtp the layer of multi-token prediction; null if there is none that can be run
 * @param unusedParts see {@link Blueprint#unusedParts}
 */
record Qwen35Weights(
        Qwen35Config config,
        Tensor embedTokens,
        @Nullable Tensor lmHead,
        float[] norm,
        List<Layer> layers,
        @Nullable Mtp mtp,
        List<String> unusedParts)
        implements Blueprint {

    record Layer(
            float[] inputLayernorm,
            MixerWeights mixer,
            float[] postAttentionLayernorm,
            Tensor gateProj,
            Tensor upProj,
            Tensor downProj) {}

    /**
     * Multi-token prediction (Qwen3.5 specification, section 8).
     *
     * @param layer a layer with full attention
     * @param embedTokens an embedding of its own; null where it is that of the model
     * @param lmHead an output head of its own; null where it is that of the model
     */
    record Mtp(
            Tensor fc,
            float[] preFcNormEmbedding,
            float[] preFcNormHidden,
            Layer layer,
            float[] norm,
            @Nullable Tensor embedTokens,
            @Nullable Tensor lmHead) {}

    sealed interface MixerWeights {}

    record SelfAttention(Tensor qProj, Tensor kProj, Tensor vProj, Tensor oProj, float[] qNorm, float[] kNorm)
            implements MixerWeights {}

    record LinearAttention(
            Tensor inProjQkv,
            Tensor inProjZ,
            Tensor inProjB,
            Tensor inProjA,
            Tensor outProj,
            Tensor conv1d,
            float[] rate,
            float[] dtBias,
            float[] norm)
            implements MixerWeights {}

    @Override
    public String family() {
        return "Qwen3.5";
    }

    @Override
    public Map<String, Object> sizes() {
        Map<String, Object> sizes = new LinkedHashMap<>();
        sizes.put("hidden_size", config.hiddenSize());
        sizes.put("intermediate_size", config.intermediateSize());
        sizes.put("num_hidden_layers", config.numHiddenLayers());
        sizes.put("full_attention_layers", fullAttentionLayers());
        sizes.put("num_attention_heads", config.numAttentionHeads());
        sizes.put("num_key_value_heads", config.numKeyValueHeads());
        sizes.put("head_dim", config.headDim());
        sizes.put("rotary_dims", config.rotaryDims());
        sizes.put("rope_theta", config.ropeTheta());
        if (!config.ropeScaling().equals(RopeScaling.NONE)) {
            sizes.put("rope_scaling", config.ropeScaling().describe());
        }
        sizes.put("linear_num_key_heads", config.linearNumKeyHeads());
        sizes.put("linear_num_value_heads", config.linearNumValueHeads());
        sizes.put("linear_key_head_dim", config.linearKeyHeadDim());
        sizes.put("linear_value_head_dim", config.linearValueHeadDim());
        sizes.put("linear_conv_kernel_dim", config.linearConvKernelDim());
        sizes.put("vocab_size", config.vocabSize());
        sizes.put("max_position_embeddings", config.contextLength());
        sizes.put("tie_word_embeddings", lmHead == null);
        if (mtp != null) {
            sizes.put("mtp_num_hidden_layers", 1);
        }
        return sizes;
    }

    private long fullAttentionLayers() {
        return config.fullAttention().stream().filter(full -> full).count();
    }

    @Override
    public long parameters() {
        long vectors = norm.length;
        for (Layer layer : layers) {
            vectors += vectors(layer);
        }
        if (mtp != null) {
            vectors +=
                    vectors(mtp.layer) + mtp.preFcNormEmbedding.length + mtp.preFcNormHidden.length + mtp.norm.length;
        }
        return vectors
                + tensors().stream()
                        .mapToLong(tensor -> (long) tensor.rows() * tensor.columns())
                        .sum();
    }

    private static long vectors(Layer layer) {
        long ofMixer = switch (layer.mixer) {
            case SelfAttention full -> full.qNorm.length + full.kNorm.length;
            case LinearAttention linear -> linear.rate.length + linear.dtBias.length + linear.norm.length;
        };
        return ofMixer + layer.inputLayernorm.length + layer.postAttentionLayernorm.length;
    }

    @Override
    public List<Tensor> tensors() {
        List<Tensor> tensors = new ArrayList<>();
        tensors.add(embedTokens);
        if (lmHead != null) {
            tensors.add(lmHead);
        }
        for (Layer layer : layers) {
            addTensors(layer, tensors);
        }
        if (mtp != null) {
            tensors.add(mtp.fc);
            addTensors(mtp.layer, tensors);
            Stream.of(mtp.embedTokens, mtp.lmHead).filter(Objects::nonNull).forEach(tensors::add);
        }
        return tensors;
    }

    /** Includes the rows of a converted embedding, which are held beside its form for products if it is the head. */
    @Override
    public long weightBytes() {
        boolean twice = lmHead == null && embedTokens.source().isConverted();
        return Blueprint.super.weightBytes() + (twice ? embedTokens.bytes() : 0);
    }

    private static void addTensors(Layer layer, List<Tensor> tensors) {
        tensors.addAll(
                switch (layer.mixer) {
                    case SelfAttention full -> List.of(full.qProj, full.kProj, full.vProj, full.oProj);
                    case LinearAttention linear ->
                        List.of(
                                linear.inProjQkv,
                                linear.inProjZ,
                                linear.inProjB,
                                linear.inProjA,
                                linear.outProj,
                                linear.conv1d);
                });
        tensors.addAll(List.of(layer.gateProj, layer.upProj, layer.downProj));
    }

    @Override
    public int vocabularySize() {
        return config.vocabSize();
    }

    @Override
    public int hiddenSize() {
        return config.hiddenSize();
    }

    @Override
    public int contextLength() {
        return config.contextLength();
    }

    @Override
    public Qwen35Weights scaled(RequestedScaling scaling) {
        return new Qwen35Weights(config.scaled(scaling), embedTokens, lmHead, norm, layers, mtp, unusedParts);
    }

    @Override
    public StateSize stateSize(int length, KvFormats kvFormat) {
        long full = fullAttentionLayers();
        long cached = mtp == null ? full : full + 1;
        long pages = ((long) length + KvPages.POSITIONS - 1) / KvPages.POSITIONS;
        return new StateSize(
                (config.numHiddenLayers() - full) * DeltaState.bytes(config.deltaShape()),
                cached * pages * KvLayout.of(config.attentionShape(), kvFormat).pageBytes());
    }

    @Override
    public GgufForm ggufForm() {
        return new Qwen35GgufForm(this);
    }

    @Override
    public Stack.Parts declare(Compute compute, KvFormats kvFormat, Arena arena) {
        return new Qwen35(this, compute, kvFormat, arena).parts();
    }
}
