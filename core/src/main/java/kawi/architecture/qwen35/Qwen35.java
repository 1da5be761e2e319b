package kawi.architecture.qwen35;

import java.lang.foreign.Arena;
import java.util.List;
import kawi.architecture.Binder;
import kawi.architecture.GatedMlp;
import kawi.architecture.Mixer;
import kawi.architecture.Stack;
import kawi.architecture.qwen35.Qwen35Weights.LinearAttention;
import kawi.architecture.qwen35.Qwen35Weights.Mtp;
import kawi.architecture.qwen35.Qwen35Weights.SelfAttention;
import kawi.compute.Compute;
import kawi.kernels.KvFormats;
import kawi.kernels.PackedMatrix;
import kawi.quant.Tensor;

/**
 * The Qwen3.5 text decoder: most layers use Gated DeltaNet, every fourth full attention.
 *
 * <pre>
 *    x = embedTokens[ids]
 *    for each layer:
 *        x = x + mixer(norm(x, inputLayernorm))
 *        x = x + mlp(norm(x, postAttentionLayernorm))
 *    logits = norm(x, norm) lmHead^T
 * </pre>
 *
 * Norms include the 1 of zero-centred weights.
 */
final class Qwen35 {

    private final Qwen35Weights weights;
    private final Qwen35Config config;
    private final Compute compute;
    private final Binder bind;
    private final GatedAttention.Space attention;
    private final GatedDeltaNet.Space delta;
    private final GatedMlp.Space mlp;

    /** Parameters as for {@link kawi.architecture.Blueprint#declare}. */
    Qwen35(Qwen35Weights weights, Compute compute, KvFormats kvFormat, Arena arena) {
        this.weights = weights;
        this.config = weights.config();
        this.compute = compute;
        this.bind = new Binder(compute, arena);
        this.attention = new GatedAttention.Space(compute, config, kvFormat);
        this.delta = new GatedDeltaNet.Space(compute, config.deltaShape());
        this.mlp = new GatedMlp.Space(config.intermediateSize());
    }

    Stack.Parts parts() {
        Tensor embedTokens = bind.rows(weights.embedTokens());
        Tensor lmHead = weights.lmHead() == null ? embedTokens : weights.lmHead();
        List<Stack.Layer> layers = weights.layers().stream().map(this::layer).toList();
        PackedMatrix head = bind.matrix(lmHead);
        Mtp mtp = weights.mtp();
        return new Stack.Parts(
                embedTokens,
                layers,
                bind.vector(weights.norm()),
                head,
                config.rmsNormEps(),
                mtp == null ? null : draft(mtp, embedTokens, head, lmHead));
    }

    private Stack.Draft draft(Mtp mtp, Tensor embedTokens, PackedMatrix head, Tensor lmHead) {
        Tensor ownEmbedding = mtp.embedTokens();
        Tensor ownHead = mtp.lmHead();
        return new Stack.Draft(
                ownEmbedding == null ? embedTokens : bind.rows(ownEmbedding),
                bind.vector(mtp.preFcNormEmbedding()),
                bind.vector(mtp.preFcNormHidden()),
                bind.matrix(mtp.fc()),
                layer(mtp.layer()),
                bind.vector(mtp.norm()),
                ownHead == null ? head : bind.matrix(ownHead),
                bind.rows(ownHead == null ? lmHead : ownHead));
    }

    private Stack.Layer layer(Qwen35Weights.Layer layer) {
        Mixer mixer = switch (layer.mixer()) {
            case SelfAttention full -> selfAttention(full);
            case LinearAttention linear -> linearAttention(linear);
        };
        return new Stack.Layer(
                bind.vector(layer.inputLayernorm()),
                mixer,
                bind.vector(layer.postAttentionLayernorm()),
                bind.gatedMlp(mlp, layer.gateProj(), layer.upProj(), layer.downProj()));
    }

    private GatedAttention selfAttention(SelfAttention full) {
        return new GatedAttention(
                compute,
                attention,
                config.rmsNormEps(),
                bind.matrix(full.qProj()),
                bind.matrix(full.kProj()),
                bind.matrix(full.vProj()),
                bind.matrix(full.oProj()),
                bind.vector(full.qNorm()),
                bind.vector(full.kNorm()));
    }

    private GatedDeltaNet linearAttention(LinearAttention linear) {
        return new GatedDeltaNet(
                compute,
                delta,
                config.rmsNormEps(),
                bind.matrix(linear.inProjQkv()),
                bind.matrix(linear.inProjZ()),
                bind.matrix(linear.inProjB()),
                bind.matrix(linear.inProjA()),
                bind.matrix(linear.outProj()),
                bind.convolution(List.of(linear.conv1d())),
                bind.vector(linear.rate()),
                bind.vector(linear.dtBias()),
                bind.vector(linear.norm()));
    }
}
