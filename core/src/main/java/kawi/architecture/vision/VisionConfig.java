package kawi.architecture.vision;

import java.util.LinkedHashMap;
import java.util.Map;
import kawi.architecture.SizeCheck;

/**
 * The sizes of a vision transformer, under the names of the Hugging Face configuration.
 *
 * @param depth blocks
 * @param hiddenSize width of a patch's row
 * @param intermediateSize width of the feed-forward networks
 * @param numHeads attention heads
 * @param inChannels channels of a pixel
 * @param patchSize side of a patch in pixels
 * @param temporalPatchSize frames of a patch
 * @param spatialMergeSize side in patches of the square that becomes one row of the result
 * @param outHiddenSize width of a row of the result
 * @param numPositionEmbeddings rows of the table of positions, which is a square
 * @param eps of the layer norms
 */
public record VisionConfig(
        int depth,
        int hiddenSize,
        int intermediateSize,
        int numHeads,
        int inChannels,
        int patchSize,
        int temporalPatchSize,
        int spatialMergeSize,
        int outHiddenSize,
        int numPositionEmbeddings,
        float eps) {

    /** Far more blocks than any published model has. */
    private static final int MAX_DEPTH = 1024;

    /** Far above any published side of a patch. */
    private static final int MAX_SIDE = 256;

    /** Far above any published side of a square of patches. */
    private static final int MAX_MERGE = 16;

    /** A hundred times the largest published table or kernel. */
    private static final long MAX_FLOATS = 1 << 28;

    /** Channels of an RGB image. */
    private static final int CHANNELS = 3;

    /** Rejects sizes that are inconsistent or out of range. */
    void check(String where) {
        SizeCheck check = new SizeCheck(where);
        check.size("vision depth", depth);
        check.require(depth <= MAX_DEPTH, "vision depth %d is more than %d".formatted(depth, MAX_DEPTH));
        check.size("vision hidden_size", hiddenSize);
        check.size("vision intermediate_size", intermediateSize);
        check.size("vision num_heads", numHeads);
        check.size("vision out_hidden_size", outHiddenSize);
        check.size("vision num_position_embeddings", numPositionEmbeddings);
        check.require(
                inChannels == CHANNELS,
                "vision in_channels is %d, but only RGB images are supported".formatted(inChannels));
        side(check, "patch_size", patchSize, MAX_SIDE);
        side(check, "temporal_patch_size", temporalPatchSize, MAX_SIDE);
        side(check, "spatial_merge_size", spatialMergeSize, MAX_MERGE);
        check.width("the rows of patches", (long) inChannels * temporalPatchSize * patchSize * patchSize);
        check.width("the input of the merger", (long) spatialMergeSize * spatialMergeSize * hiddenSize);
        matrix(check, "patch kernel", hiddenSize, patchWidth());
        matrix(check, "table of positions", numPositionEmbeddings, hiddenSize);
        check.require(
                hiddenSize % numHeads == 0 && headDim() % 4 == 0,
                "vision hidden_size %d does not divide into %d heads whose size is a multiple of 4"
                        .formatted(hiddenSize, numHeads));
        check.require(
                tableSide() * tableSide() == numPositionEmbeddings,
                "vision num_position_embeddings %d is not a square".formatted(numPositionEmbeddings));
        check.require(
                eps > 0 && eps < 1,
                "the epsilon of the vision layer norms is %s, which is out of range".formatted(eps));
    }

    private static void side(SizeCheck check, String key, int value, int most) {
        check.require(value > 0 && value <= most, "vision %s %d is not between 1 and %d".formatted(key, value, most));
    }

    /** Rejects a matrix that would not be held in memory as floats. */
    private static void matrix(SizeCheck check, String what, long rows, long columns) {
        check.require(
                rows * columns <= MAX_FLOATS,
                "the vision %s has %d x %d numbers, more than %d".formatted(what, rows, columns, MAX_FLOATS));
    }

    /** Numbers per patch. */
    public int patchWidth() {
        return inChannels * temporalPatchSize * patchSize * patchSize;
    }

    /** Size of a head. */
    public int headDim() {
        return hiddenSize / numHeads;
    }

    /** Patches that become one row of the result. */
    public int merged() {
        return spatialMergeSize * spatialMergeSize;
    }

    /** Width of the input of the merger: the rows of these patches side by side. */
    public int mergedWidth() {
        return merged() * hiddenSize;
    }

    /** Side of the table of positions. */
    public int tableSide() {
        return (int) Math.round(Math.sqrt(numPositionEmbeddings));
    }

    /** The sizes for display, in order. */
    public Map<String, Object> sizes() {
        Map<String, Object> sizes = new LinkedHashMap<>();
        sizes.put("depth", depth);
        sizes.put("hidden_size", hiddenSize);
        sizes.put("intermediate_size", intermediateSize);
        sizes.put("num_heads", numHeads);
        sizes.put("head_dim", headDim());
        sizes.put("patch_size", patchSize);
        sizes.put("temporal_patch_size", temporalPatchSize);
        sizes.put("spatial_merge_size", spatialMergeSize);
        sizes.put("num_position_embeddings", numPositionEmbeddings);
        sizes.put("out_hidden_size", outHiddenSize);
        return sizes;
    }
}
