package kawi.architecture.vision;

import java.util.ArrayList;
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

    /** Bytes of the matrices and of the table of positions in the file. */
    long bytes() {
        return positions.bytes() + matrices().stream().mapToLong(Tensor::bytes).sum();
    }

    /** The weight matrices. */
    List<Tensor> matrices() {
        List<Tensor> matrices = new ArrayList<>();
        matrices.add(patchEmbed.weight());
        for (Block block : blocks) {
            for (Linear linear : List.of(block.q(), block.k(), block.v(), block.proj(), block.fc1(), block.fc2())) {
                matrices.add(linear.weight());
            }
        }
        matrices.add(merger.fc1().weight());
        matrices.add(merger.fc2().weight());
        return matrices;
    }
}
