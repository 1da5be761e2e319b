package kawi.architecture.kimilinear;

import java.util.List;
import kawi.architecture.Experts;
import kawi.architecture.SizeCheck;
import kawi.kernels.AttentionShape;
import kawi.kernels.DeltaShape;

/**
 * The sizes of a Kimi Linear model, under the names of its {@code config.json}.
 *
 * @param fullAttention per layer: latent attention (true) or Kimi Delta Attention
 * @param sparse per layer: experts (true) or one feed-forward network
 */
record KimiLinearConfig(
        int hiddenSize,
        int intermediateSize,
        int vocabSize,
        int contextLength,
        List<Boolean> fullAttention,
        List<Boolean> sparse,
        int numAttentionHeads,
        int qkNopeHeadDim,
        int qkRopeHeadDim,
        int vHeadDim,
        int kvLoraRank,
        int linearNumHeads,
        int linearHeadDim,
        int linearConvKernelDim,
        int moeIntermediateSize,
        int numSharedExperts,
        Experts.Router router,
        float rmsNormEps) {

    /** Rejects inconsistent sizes. */
    void check(String file) {
        SizeCheck check = new SizeCheck(file);
        check.size("hidden size", hiddenSize);
        check.size("intermediate size", intermediateSize);
        check.size("vocabulary size", vocabSize);
        check.size("number of layers", fullAttention.size());
        check.size("number of attention heads", numAttentionHeads);
        check.size("size of a head's own keys", qkNopeHeadDim);
        check.require(
                qkRopeHeadDim >= 0 && qkRopeHeadDim <= SizeCheck.MAX_SIZE,
                "size of the shared keys %d is not between 0 and %d".formatted(qkRopeHeadDim, SizeCheck.MAX_SIZE));
        check.size("value head size", vHeadDim);
        check.size("rank of keys and values", kvLoraRank);
        check.size("number of linear heads", linearNumHeads);
        check.size("linear head size", linearHeadDim);
        check.size("convolution kernel", linearConvKernelDim);
        check.require(contextLength > 0, "context length %d is not positive".formatted(contextLength));
        check.epsilon(rmsNormEps);
        check.width("attention", (long) numAttentionHeads * qkHeadDim());
        check.width("values", (long) numAttentionHeads * vHeadDim);
        check.width("linear attention", 3L * linearNumHeads * linearHeadDim);
        if (sparse.contains(true)) {
            checkExperts(check);
        }
    }

    private void checkExperts(SizeCheck check) {
        check.size("number of experts", router.experts());
        check.size("number of experts per token", router.topK());
        check.size("number of expert groups", router.groups());
        check.size("number of expert groups per token", router.topGroups());
        check.size("intermediate size of experts", moeIntermediateSize);
        check.size("number of shared experts", numSharedExperts);
        check.width("shared experts", (long) moeIntermediateSize * numSharedExperts);
        check.require(
                router.experts() % router.groups() == 0 && router.topGroups() <= router.groups(),
                "%d experts in %d groups, of which %d are chosen, do not fit"
                        .formatted(router.experts(), router.groups(), router.topGroups()));
        check.require(
                router.topK() <= router.experts() / router.groups() * router.topGroups(),
                "%d experts per token of %d in %d of %d groups do not fit"
                        .formatted(router.topK(), router.experts(), router.topGroups(), router.groups()));
    }

    int numHiddenLayers() {
        return fullAttention.size();
    }

    /** The size of a query or key head: its own part, and the part whose keys all heads share. */
    int qkHeadDim() {
        return qkNopeHeadDim + qkRopeHeadDim;
    }

    AttentionShape attentionShape() {
        return new AttentionShape(numAttentionHeads, numAttentionHeads, qkHeadDim(), vHeadDim, 0, false, false, true);
    }

    DeltaShape deltaShape() {
        return new DeltaShape(
                linearNumHeads, linearNumHeads, linearHeadDim, linearHeadDim, linearConvKernelDim, false, true);
    }

    /** Channels of the shared experts, which are computed as one network. */
    int sharedIntermediateSize() {
        return moeIntermediateSize * numSharedExperts;
    }
}
