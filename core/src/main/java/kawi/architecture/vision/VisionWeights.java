package kawi.architecture.vision;

import java.util.Arrays;
import java.util.List;
import kawi.quant.Tensor;

/**
 * The tensors of a vision transformer by role, independent of the file format. Matrices are [outputs, inputs].
 *
 * @param patchEmbed [hidden, patch width], in the order channel, frame, row, column
 * @param positions [numPositionEmbeddings, hidden], in raster order
 */
record VisionWeights(Linear patchEmbed, Tensor positions, List<Block> blocks, Merger merger) {

    /** A linear layer with a bias. */
    record Linear(Tensor weight, float[] bias) {

        /** The layer that computes outputs {@code [first, first + count)} of this one. */
        Linear outputs(int first, int count) {
            return new Linear(weight.slice(first, count), Arrays.copyOfRange(bias, first, first + count));
        }
    }

    /** A layer norm. */
    record Norm(float[] weight, float[] bias) {}

    record Block(Norm norm1, Linear q, Linear k, Linear v, Linear proj, Norm norm2, Linear fc1, Linear fc2) {}

    record Merger(Norm norm, Linear fc1, Linear fc2) {}
}
