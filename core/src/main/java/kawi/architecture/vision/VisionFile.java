package kawi.architecture.vision;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import kawi.ModelFileException;
import kawi.checkpoint.Checkpoint;
import kawi.checkpoint.GgufCheckpoint;
import kawi.checkpoint.HuggingFaceCheckpoint;
import kawi.compute.Compute;
import kawi.image.PatchShape;

/**
 * A vision transformer in a checkpoint: a Hugging Face folder with vision tensors, or an {@code mmproj} GGUF file.
 * Opening it reads headers only; {@link #load} reads the weights.
 */
public final class VisionFile implements AutoCloseable {

    private final Checkpoint checkpoint;
    private final boolean owned;
    private final VisionConfig config;

    private VisionFile(Checkpoint checkpoint, boolean owned) {
        this.checkpoint = checkpoint;
        this.owned = owned;
        this.config = switch (checkpoint) {
            case GgufCheckpoint gguf -> VisionGguf.config(gguf);
            case HuggingFaceCheckpoint folder -> VisionHuggingFace.config(folder);
        };
    }

    /** Whether a checkpoint has a vision transformer, supported or not. */
    public static boolean present(Checkpoint checkpoint) {
        return switch (checkpoint) {
            case GgufCheckpoint gguf -> VisionGguf.present(gguf);
            case HuggingFaceCheckpoint folder -> VisionHuggingFace.present(folder);
        };
    }

    /**
     * Opens a Hugging Face folder or an {@code mmproj} file.
     *
     * @throws ModelFileException if it has no vision transformer, or one that is not supported, or is damaged
     */
    public static VisionFile open(Path path) {
        Checkpoint checkpoint = Checkpoint.open(path);
        try {
            return new VisionFile(checkpoint, true);
        } catch (RuntimeException e) {
            checkpoint.close();
            throw e;
        }
    }

    /**
     * The vision transformer in a checkpoint, which the caller closes after it has closed the tower.
     *
     * @throws ModelFileException as {@link #open} does
     */
    public static VisionFile of(Checkpoint checkpoint) {
        return new VisionFile(checkpoint, false);
    }

    /** File or folder, for messages. */
    public String name() {
        return checkpoint.name();
    }

    public VisionConfig config() {
        return config;
    }

    /** How images are cut into patches. */
    public PatchShape patchShape() {
        return switch (checkpoint) {
            case GgufCheckpoint gguf -> VisionGguf.patchShape(gguf, config);
            case HuggingFaceCheckpoint folder -> VisionHuggingFace.patchShape(folder, config);
        };
    }

    /** Bytes of all vision tensors in the file. */
    public long weightBytes() {
        Predicate<String> vision = switch (checkpoint) {
            case GgufCheckpoint _ -> _ -> true;
            case HuggingFaceCheckpoint folder -> VisionHuggingFace.tensors(folder);
        };
        return checkpoint.tensorNames().stream()
                .filter(vision)
                .mapToLong(name -> checkpoint.describe(name).bytes())
                .sum();
    }

    /** Bytes of the memory, in addition to the weights, that encoding an image of {@code patches} patches takes. */
    public long workspaceBytes(int patches) {
        return VisionTransformer.workspaceBytes(config, patches) + (long) patches * config.patchWidth() * Float.BYTES;
    }

    /** The checkpoint with the tensors. */
    public Checkpoint checkpoint() {
        return checkpoint;
    }

    private VisionWeights weights() {
        return switch (checkpoint) {
            case GgufCheckpoint gguf -> VisionGguf.weights(gguf, config);
            case HuggingFaceCheckpoint folder -> VisionHuggingFace.weights(folder, config);
        };
    }

    /**
     * Loads the weights.
     *
     * @param compute the kernels and threads that encode images
     * @param cancelled asked before each layer
     * @return the tower, to be closed before this file
     * @throws ModelFileException if a tensor is missing, has another shape, or cannot be read
     * @throws java.util.concurrent.CancellationException if {@code cancelled} returns true
     */
    public VisionTower load(Compute compute, BooleanSupplier cancelled) {
        checkpoint.checkUnchanged();
        Arena arena = Arena.ofShared();
        try {
            VisionTower tower =
                    new VisionTransformer(config, patchShape(), weights(), weightBytes(), compute, arena, cancelled);
            checkpoint.checkUnchanged();
            return tower;
        } catch (RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }

    /** Closes the checkpoint if {@link #open} opened it. */
    @Override
    public void close() {
        if (owned) {
            checkpoint.close();
        }
    }
}
