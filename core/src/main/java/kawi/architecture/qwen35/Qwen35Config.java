package kawi.architecture.qwen35;

import java.util.List;
import java.util.stream.IntStream;
import kawi.architecture.Batch;
import kawi.architecture.RequestedScaling;
import kawi.architecture.RopeScaling;
import kawi.architecture.SizeCheck;
import kawi.kernels.AttentionShape;
import kawi.kernels.DeltaShape;

/**
 * The sizes of a Qwen3.5 text model, under the names of its {@code config.json}.
 *
 * @param contextLength the longest sequence, with {@code ropeScaling}
 * @param fullAttention per layer: full attention (true) or Gated DeltaNet
 * @param rotaryDims leading dimensions of each attention head that are rotated
 * @param ropeSections rotated pairs that follow a row's position in time, height and width, interleaved
 * @param tiledValueHeads numbering of value heads, see {@link DeltaShape}
 */
record Qwen35Config(
        int hiddenSize,
        int intermediateSize,
        int vocabSize,
        int contextLength,
        List<Boolean> fullAttention,
        int numAttentionHeads,
        int numKeyValueHeads,
        int headDim,
        int rotaryDims,
        double ropeTheta,
        List<Integer> ropeSections,
        RopeScaling ropeScaling,
        int linearNumKeyHeads,
        int linearNumValueHeads,
        int linearKeyHeadDim,
        int linearValueHeadDim,
        int linearConvKernelDim,
        float rmsNormEps,
        boolean tiledValueHeads) {

    /** Rejects inconsistent sizes. */
    void check(String file) {
        SizeCheck check = new SizeCheck(file);
        check.size("hidden size", hiddenSize);
        check.size("intermediate size", intermediateSize);
        check.size("vocabulary size", vocabSize);
        check.size("number of layers", fullAttention.size());
        check.size("number of attention heads", numAttentionHeads);
        check.size("number of key/value heads", numKeyValueHeads);
        check.size("head size", headDim);
        check.size("number of linear key heads", linearNumKeyHeads);
        check.size("number of linear value heads", linearNumValueHeads);
        check.size("linear key head size", linearKeyHeadDim);
        check.size("linear value head size", linearValueHeadDim);
        check.size("convolution kernel", linearConvKernelDim);
        check.require(contextLength > 0, "context length %d is not positive".formatted(contextLength));
        check.require(
                numAttentionHeads % numKeyValueHeads == 0,
                "%d attention heads cannot share %d key/value heads evenly"
                        .formatted(numAttentionHeads, numKeyValueHeads));
        check.require(
                linearNumValueHeads % linearNumKeyHeads == 0,
                "%d linear value heads cannot share %d key heads evenly"
                        .formatted(linearNumValueHeads, linearNumKeyHeads));
        check.require(
                rotaryDims > 0 && rotaryDims % 2 == 0 && rotaryDims <= headDim,
                "%d rotary dimensions do not fit a head of %d".formatted(rotaryDims, headDim));
        check.require(ropeTheta > 0 && ropeTheta < 1e30, "rope theta %s is out of range".formatted(ropeTheta));
        ropeScaling.check(check, ropeTheta);
        check.require(
                ropeSections.size() == Batch.AXES
                        && ropeSections.stream().allMatch(pairs -> pairs >= 0 && pairs <= rotaryDims / 2),
                "sections %s of rotary pairs do not fit %d rotary dimensions".formatted(ropeSections, rotaryDims));
        check.epsilon(rmsNormEps);
        check.width("attention", 2L * numAttentionHeads * headDim);
        check.width(
                "linear attention",
                2L * linearNumKeyHeads * linearKeyHeadDim + (long) linearNumValueHeads * linearValueHeadDim);
    }

    /** These sizes with another scaling of positions, and the context length that follows from it. */
    Qwen35Config scaled(RequestedScaling requested) {
        RopeScaling scaling = requested.scaling(ropeScaling, contextLength);
        Qwen35Config scaled = new Qwen35Config(
                hiddenSize,
                intermediateSize,
                vocabSize,
                scaling.contextLength(ropeScaling.originalLength(contextLength)),
                fullAttention,
                numAttentionHeads,
                numKeyValueHeads,
                headDim,
                rotaryDims,
                ropeTheta,
                ropeSections,
                scaling,
                linearNumKeyHeads,
                linearNumValueHeads,
                linearKeyHeadDim,
                linearValueHeadDim,
                linearConvKernelDim,
                rmsNormEps,
                tiledValueHeads);
        scaled.check("ropeScaling");
        return scaled;
    }

    /** The published pattern: every {@code interval}-th layer has full attention. */
    static List<Boolean> everyNth(int interval, int layers) {
        return IntStream.rangeClosed(1, layers)
                .mapToObj(layer -> layer % interval == 0)
                .toList();
    }

    /**
     * Returns the sections in a file, without a possible unused fourth axis. If there are none, all pairs follow the
     * position in time.
     */
    static List<Integer> sections(List<Integer> found, int rotaryDims) {
        if (found.isEmpty()) {
            return List.of(rotaryDims / 2, 0, 0);
        }
        return found.size() == Batch.AXES + 1 && found.getLast() == 0 ? found.subList(0, Batch.AXES) : found;
    }

    /** The same sizes with value heads in the order of GGUF files. */
    Qwen35Config withTiledValueHeads() {
        return new Qwen35Config(
                hiddenSize,
                intermediateSize,
                vocabSize,
                contextLength,
                fullAttention,
                numAttentionHeads,
                numKeyValueHeads,
                headDim,
                rotaryDims,
                ropeTheta,
                ropeSections,
                ropeScaling,
                linearNumKeyHeads,
                linearNumValueHeads,
                linearKeyHeadDim,
                linearValueHeadDim,
                linearConvKernelDim,
                rmsNormEps,
                true);
    }

    int numHiddenLayers() {
        return fullAttention.size();
    }

    AttentionShape attentionShape() {
        return AttentionShape.gated(numAttentionHeads, numKeyValueHeads, headDim, rotaryDims);
    }

    DeltaShape deltaShape() {
        return new DeltaShape(
                linearNumKeyHeads,
                linearNumValueHeads,
                linearKeyHeadDim,
                linearValueHeadDim,
                linearConvKernelDim,
                tiledValueHeads,
                false);
    }
}
