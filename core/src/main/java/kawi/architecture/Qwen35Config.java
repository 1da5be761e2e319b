package kawi.architecture;

import java.util.List;
import java.util.stream.IntStream;
import kawi.ModelFileException;
import kawi.kernels.AttentionShape;
import kawi.kernels.DeltaShape;

/**
 * The sizes of a Qwen3.5 text model, under the names of its {@code config.json}.
 *
 * @param fullAttention per layer: full attention (true) or Gated DeltaNet
 * @param rotaryDims leading dimensions of each attention head that are rotated
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
        int linearNumKeyHeads,
        int linearNumValueHeads,
        int linearKeyHeadDim,
        int linearValueHeadDim,
        int linearConvKernelDim,
        float rmsNormEps,
        boolean tiledValueHeads) {

    /** No published or plausible size comes near; beyond it, products of sizes could overflow. */
    static final int LARGEST_SIZE = 1 << 20;

    /** Refuses sizes that contradict each other. */
    void check(String file) {
        size(file, "hidden size", hiddenSize);
        size(file, "intermediate size", intermediateSize);
        size(file, "vocabulary size", vocabSize);
        size(file, "number of layers", fullAttention.size());
        size(file, "number of attention heads", numAttentionHeads);
        size(file, "number of key/value heads", numKeyValueHeads);
        size(file, "head size", headDim);
        size(file, "number of linear key heads", linearNumKeyHeads);
        size(file, "number of linear value heads", linearNumValueHeads);
        size(file, "linear key head size", linearKeyHeadDim);
        size(file, "linear value head size", linearValueHeadDim);
        size(file, "convolution kernel", linearConvKernelDim);
        require(contextLength > 0, file, "context length %d is not positive".formatted(contextLength));
        require(
                numAttentionHeads % numKeyValueHeads == 0,
                file,
                "%d attention heads cannot share %d key/value heads evenly"
                        .formatted(numAttentionHeads, numKeyValueHeads));
        require(
                linearNumValueHeads % linearNumKeyHeads == 0,
                file,
                "%d linear value heads cannot share %d key heads evenly"
                        .formatted(linearNumValueHeads, linearNumKeyHeads));
        require(
                rotaryDims > 0 && rotaryDims % 2 == 0 && rotaryDims <= headDim,
                file,
                "%d rotary dimensions do not fit a head of %d".formatted(rotaryDims, headDim));
        require(ropeTheta > 0 && ropeTheta < 1e30, file, "rope theta %s is out of range".formatted(ropeTheta));
        require(rmsNormEps > 0 && rmsNormEps < 1, file, "RMS norm epsilon %s is out of range".formatted(rmsNormEps));
        wide(file, "attention", 2L * numAttentionHeads * headDim);
        wide(
                file,
                "linear attention",
                2L * linearNumKeyHeads * linearKeyHeadDim + (long) linearNumValueHeads * linearValueHeadDim);
    }

    private static void size(String file, String what, int value) {
        require(
                value > 0 && value <= LARGEST_SIZE,
                file,
                "%s %d is not between 1 and %d".formatted(what, value, LARGEST_SIZE));
    }

    private static void wide(String file, String what, long width) {
        require(width <= LARGEST_SIZE, file, "%s is %d wide, more than %d".formatted(what, width, LARGEST_SIZE));
    }

    private static void require(boolean condition, String file, String problem) {
        if (!condition) {
            throw new ModelFileException(file + ": " + problem);
        }
    }

    /** The published pattern: every {@code interval}-th layer has full attention. */
    static List<Boolean> everyNth(int interval, int layers) {
        return IntStream.rangeClosed(1, layers)
                .mapToObj(layer -> layer % interval == 0)
                .toList();
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
