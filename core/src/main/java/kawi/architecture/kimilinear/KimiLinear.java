package kawi.architecture.kimilinear;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.List;
import java.util.function.IntUnaryOperator;
import kawi.architecture.Binder;
import kawi.architecture.Experts;
import kawi.architecture.GatedMlp;
import kawi.architecture.Mixer;
import kawi.architecture.Mlp;
import kawi.architecture.Stack;
import kawi.architecture.kimilinear.KimiLinearWeights.DeltaAttentionWeights;
import kawi.architecture.kimilinear.KimiLinearWeights.Dense;
import kawi.architecture.kimilinear.KimiLinearWeights.LatentAttentionWeights;
import kawi.architecture.kimilinear.KimiLinearWeights.Sparse;
import kawi.compute.Compute;
import kawi.kernels.KvFormats;
import kawi.quant.Tensor;

/**
 * The Kimi Linear decoder (Kimi Team, "Kimi Linear", arXiv 2510.26692): most layers use Kimi Delta Attention, every
 * fourth latent attention without positions; all feed-forward networks but the first are mixtures of experts.
 *
 * <pre>
 *    x = embedTokens[ids]
 *    for each layer:
 *        x = x + mixer(norm(x, inputLayernorm))
 *        x = x + mlp(norm(x, postAttentionLayernorm))
 *    logits = norm(x, norm) lmHead^T
 * </pre>
 */
final class KimiLinear {

    private final KimiLinearWeights weights;
    private final KimiLinearConfig config;
    private final Compute compute;
    private final Binder bind;
    private final Arena arena;
    private final LatentAttention.Space attention;
    private final KimiDeltaAttention.Space delta;
    private final GatedMlp.Space dense;
    private final GatedMlp.Space expert;
    private final GatedMlp.Space shared;
    private final Experts.Space experts;

    /** Parameters as for {@link kawi.architecture.Blueprint#declare}. */
    KimiLinear(KimiLinearWeights weights, Compute compute, KvFormats kvFormat, Arena arena) {
        this.weights = weights;
        this.config = weights.config();
        this.compute = compute;
        this.bind = new Binder(compute, arena);
        this.arena = arena;
        this.attention = new LatentAttention.Space(compute, config, kvFormat);
        this.delta = new KimiDeltaAttention.Space(compute, config.deltaShape());
        this.dense = new GatedMlp.Space(config.intermediateSize());
        this.expert = new GatedMlp.Space(config.moeIntermediateSize());
        this.shared = new GatedMlp.Space(config.sharedIntermediateSize());
        this.experts = new Experts.Space(config.router(), config.hiddenSize(), expert, shared);
    }

    Stack.Parts parts() {
        Tensor embedTokens = bind.rows(weights.embedTokens());
        return new Stack.Parts(
                embedTokens,
                weights.layers().stream().map(this::layer).toList(),
                bind.vector(weights.norm()),
                bind.matrix(weights.lmHead() == null ? embedTokens : weights.lmHead()),
                config.rmsNormEps(),
                null);
    }

    private Stack.Layer layer(KimiLinearWeights.Layer layer) {
        Mixer mixer = switch (layer.mixer()) {
            case LatentAttentionWeights full -> latentAttention(full);
            case DeltaAttentionWeights linear -> deltaAttention(linear);
        };
        Mlp mlp = switch (layer.mlp()) {
            case Dense one -> gated(dense, one);
            case Sparse many -> experts(many);
        };
        return new Stack.Layer(
                bind.vector(layer.inputLayernorm()), mixer, bind.vector(layer.postAttentionLayernorm()), mlp);
    }

    private LatentAttention latentAttention(LatentAttentionWeights full) {
        int rank = config.kvLoraRank();
        int own = config.qkNopeHeadDim();
        int value = config.vHeadDim();
        int heads = config.numAttentionHeads();
        Tensor kvA = full.kvAProjWithMqa();
        Tensor kvB = full.kvBProj();
        return new LatentAttention(
                compute,
                attention,
                bind.matrix(full.qProj()),
                bind.matrix(rows(kvA, "latent", rank, row -> row)),
                config.qkRopeHeadDim() == 0
                        ? null
                        : bind.matrix(rows(kvA, "shared keys", config.qkRopeHeadDim(), row -> rank + row)),
                bind.vector(full.kvALayernorm()),
                bind.matrix(rows(kvB, "keys", heads * own, row -> row / own * (own + value) + row % own)),
                bind.matrix(rows(kvB, "values", heads * value, row -> row / value * (own + value) + own + row % value)),
                bind.matrix(full.oProj()));
    }

    /** Returns a matrix of selected rows of another; {@code from} maps its rows to theirs. */
    private Tensor rows(Tensor tensor, String part, int rows, IntUnaryOperator from) {
        MemorySegment data = arena.allocate(rows * tensor.rowBytes(), 64);
        MemorySegment copy = arena.allocate(tensor.rowBytes(), 64);
        for (int row = 0; row < rows; row++) {
            MemorySegment found = tensor.rows(from.applyAsInt(row), 1, SegmentAllocator.prefixAllocator(copy));
            MemorySegment.copy(found, 0, data, row * tensor.rowBytes(), tensor.rowBytes());
        }
        return new Tensor(tensor.name() + " (" + part + ")", tensor.format(), rows, tensor.columns(), data);
    }

    private KimiDeltaAttention deltaAttention(DeltaAttentionWeights linear) {
        return new KimiDeltaAttention(
                compute,
                delta,
                config.rmsNormEps(),
                bind.matrix(linear.qProj()),
                bind.matrix(linear.kProj()),
                bind.matrix(linear.vProj()),
                bind.matrix(linear.bProj()),
                bind.matrix(linear.fAProj()),
                bind.matrix(linear.fBProj()),
                bind.matrix(linear.gAProj()),
                bind.matrix(linear.gBProj()),
                bind.matrix(linear.oProj()),
                bind.convolution(linear.convolutions()),
                bind.vector(linear.rate()),
                bind.vector(linear.dtBias()),
                bind.vector(linear.oNorm()));
    }

    private Experts experts(Sparse many) {
        List<GatedMlp> routed =
                many.experts().stream().map(one -> gated(expert, one)).toList();
        return new Experts(
                compute,
                experts,
                config.router(),
                bind.matrix(many.gate()),
                many.correctionBias(),
                routed,
                gated(shared, many.shared()));
    }

    private GatedMlp gated(GatedMlp.Space space, Dense one) {
        return bind.gatedMlp(space, one.gateProj(), one.upProj(), one.downProj());
    }
}
