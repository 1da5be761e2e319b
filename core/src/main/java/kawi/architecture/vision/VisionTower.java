package kawi.architecture.vision;

import java.lang.foreign.MemorySegment;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import kawi.image.PatchShape;

/**
 * A loaded vision transformer. The result of {@link #encode} is the same to the last bit in every tier and for any
 * number of threads.
 */
public interface VisionTower extends AutoCloseable {

    /** How images are cut into patches, and the limits of their sizes. */
    PatchShape patchShape();

    /** Numbers per row of the result: the hidden size of the text model. */
    int outputSize();

    /** The sizes of the transformer. */
    VisionConfig config();

    /** The bytes of working memory that {@link #encode} allocates, and frees when it returns, for so many patches. */
    long workspaceBytes(int patches);

    /** The bytes of the weights in memory. */
    long weightBytes();

    /**
     * Encodes one temporal patch: an image, or a pair of frames of a film. Only one thread at a time.
     *
     * @param rows f32 [gridHeight * gridWidth][3 * temporal * patch * patch], in the order of merged blocks
     * @param gridHeight patches from top to bottom; a multiple of the patch shape's {@code merge}, as is
     *     {@code gridWidth}
     * @param out receives f32 [gridHeight * gridWidth / merge^2][outputSize]
     * @param cancelled asked at least once in each block
     * @param blockDone notified with the number of blocks that are done, from 1 to {@link VisionConfig#depth}
     * @throws java.util.concurrent.CancellationException if {@code cancelled} returns true; {@code out} is unspecified
     *     then
     */
    void encode(
            MemorySegment rows,
            int gridHeight,
            int gridWidth,
            MemorySegment out,
            BooleanSupplier cancelled,
            IntConsumer blockDone);

    /** Frees the weights. */
    @Override
    void close();
}
