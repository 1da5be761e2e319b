package kawi.architecture.kimilinear;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kawi.architecture.Blueprint;
import kawi.architecture.Stack;
import kawi.compute.Compute;
import kawi.kernels.DeltaState;
import kawi.kernels.KvFormats;
import kawi.kernels.KvLayout;
import kawi.kernels.KvPages;
import kawi.quant.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The tensors of a Kimi Linear model under the names of the published checkpoints.
 *
 * @param lmHead the output head; null where it is tied to {@code embedTokens}
 */
record KimiLinearWeights(
        KimiLinearConfig config,
        Tensor embedTokens,
        @Nullable Tensor lmHead,
        float[] norm,
        List<Layer> layers) implements Blueprint {

    record Layer(float[] inputLayernorm, MixerWeights mixer, float[] postAttentionLayernorm, MlpWeights mlp) {}

    sealed interface MixerWeights {

        List<Tensor> tensors();

        /** The number of weights outside of the matrices. */
        long vectors();
    }

    /**
     * @param kvAProjWithMqa [kvLoraRank + qkRopeHeadDim, hidden]: the latent of keys and values, and the shared part of
     *     the keys
     */
    record LatentAttentionWeights(
            Tensor qProj, Tensor kvAProjWithMqa, float[] kvALayernorm, Tensor kvBProj, Tensor oProj)
            implements MixerWeights {

        @Override
        public List<Tensor> tensors() {
            return List.of(qProj, kvAProjWithMqa, kvBProj, oProj);
        }

        @Override
        public long vectors() {
            return kvALayernorm.length;
        }
    }

    /**
     * @param convolutions of queries, keys and values, [channels, taps] each
     * @param rate {@code -exp(A_log)}, [heads]
     * @param dtBias [heads * headDim]
     */
    record DeltaAttentionWeights(
            Tensor qProj,
            Tensor kProj,
            Tensor vProj,
            List<Tensor> convolutions,
            Tensor bProj,
            Tensor fAProj,
            Tensor fBProj,
            Tensor gAProj,
            Tensor gBProj,
            Tensor oProj,
            float[] rate,
            float[] dtBias,
            float[] oNorm)
            implements MixerWeights {

        @Override
        public List<Tensor> tensors() {
            List<Tensor> all = new ArrayList<>(convolutions);
            all.addAll(List.of(qProj, kProj, vProj, bProj, fAProj, fBProj, gAProj, gBProj, oProj));
            return all;
        }

        @Override
        public long vectors() {
            return (long) rate.length + dtBias.length + oNorm.length;
        }
    }

    sealed interface MlpWeights {

        List<Tensor> tensors();
    }

    record Dense(Tensor gateProj, Tensor upProj, Tensor downProj) implements MlpWeights {

        @Override
        public List<Tensor> tensors() {
            return List.of(gateProj, upProj, downProj);
        }
    }

    /** @param correctionBias {@code e_score_correction_bias}, [experts] */
    record Sparse(Tensor gate, float[] correctionBias, List<Dense> experts, Dense shared) implements MlpWeights {

        @Override
        public List<Tensor> tensors() {
            List<Tensor> all = new ArrayList<>(shared.tensors());
            all.add(gate);
            experts.forEach(expert -> all.addAll(expert.tensors()));
            return all;
        }
    }

    @Override
    public String family() {
        return "Kimi Linear";
    }

    @Override
    public Map<String, Object> sizes() {
        Map<String, Object> sizes = new LinkedHashMap<>();
        sizes.put("hidden_size", config.hiddenSize());
        sizes.put("intermediate_size", config.intermediateSize());
        sizes.put("num_hidden_layers", config.numHiddenLayers());
        sizes.put("full_attention_layers", fullAttentionLayers());
        sizes.put("num_attention_heads", config.numAttentionHeads());
        sizes.put("qk_nope_head_dim", config.qkNopeHeadDim());
        sizes.put("qk_rope_head_dim", config.qkRopeHeadDim());
        sizes.put("v_head_dim", config.vHeadDim());
        sizes.put("kv_lora_rank", config.kvLoraRank());
        sizes.put("linear_num_heads", config.linearNumHeads());
        sizes.put("linear_head_dim", config.linearHeadDim());
        sizes.put("linear_conv_kernel_dim", config.linearConvKernelDim());
        sizes.put("num_experts", config.router().experts());
        sizes.put("num_experts_per_token", config.router().topK());
        sizes.put("num_shared_experts", config.numSharedExperts());
        sizes.put("moe_intermediate_size", config.moeIntermediateSize());
        sizes.put("vocab_size", config.vocabSize());
        sizes.put("model_max_length", config.contextLength());
        sizes.put("tie_word_embeddings", lmHead == null);
        return sizes;
    }

    private long fullAttentionLayers() {
        return config.fullAttention().stream().filter(full -> full).count();
    }

    @Override
    public long parameters() {
        long parameters = norm.length;
        for (Layer layer : layers) {
            parameters += layer.inputLayernorm.length + layer.postAttentionLayernorm.length + layer.mixer.vectors();
            parameters += layer.mlp instanceof Sparse sparse ? sparse.correctionBias.length : 0;
        }
        for (Tensor tensor : tensors()) {
            parameters += (long) tensor.rows() * tensor.columns();
        }
        return parameters;
    }

    @Override
    public List<Tensor> tensors() {
        List<Tensor> tensors = new ArrayList<>();
        tensors.add(embedTokens);
        if (lmHead != null) {
            tensors.add(lmHead);
        }
        for (Layer layer : layers) {
            tensors.addAll(layer.mixer.tensors());
            tensors.addAll(layer.mlp.tensors());
        }
        return tensors;
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
    public StateSize stateSize(int length, KvFormats kvFormat) {
        long full = fullAttentionLayers();
        long pages = ((long) length + KvPages.POSITIONS - 1) / KvPages.POSITIONS;
        return new StateSize(
                (config.numHiddenLayers() - full) * DeltaState.bytes(config.deltaShape()),
                full * pages * KvLayout.of(config.attentionShape(), kvFormat).pageBytes());
    }

    @Override
    public List<String> unusedParts() {
        return List.of();
    }

    @Override
    public Stack.Parts declare(Compute compute, KvFormats kvFormat, Arena arena) {
        return new KimiLinear(this, compute, kvFormat, arena).parts();
    }
}
