package kawi.architecture.registry;

import kawi.ModelFileException;
import kawi.architecture.Blueprint;
import kawi.architecture.kimilinear.KimiLinearHuggingFace;
import kawi.architecture.qwen35.Qwen35Gguf;
import kawi.architecture.qwen35.Qwen35HuggingFace;
import kawi.architecture.residual.AttentionResidualBlueprint;
import kawi.checkpoint.Checkpoint;
import kawi.checkpoint.GgufCheckpoint;
import kawi.checkpoint.HuggingFaceCheckpoint;

/** The supported architectures, by the names used in files. A new architecture adds its names here. */
public final class Architectures {

    private Architectures() {}

    /**
     * Finds the model in a checkpoint.
     *
     * @throws ModelFileException if the architecture is unknown, or the checkpoint lacks something it needs
     */
    public static Blueprint read(Checkpoint checkpoint) {
        return AttentionResidualBlueprint.of(checkpoint, family(checkpoint));
    }

    private static Blueprint family(Checkpoint checkpoint) {
        String name = checkpoint.architecture();
        return switch (checkpoint) {
            case GgufCheckpoint gguf when name.equals("qwen35") -> Qwen35Gguf.read(gguf);
            case HuggingFaceCheckpoint folder
            when name.equals("qwen3_5_text") || name.equals("qwen3_5") -> Qwen35HuggingFace.read(folder);
            case HuggingFaceCheckpoint folder when name.equals("kimi_linear") -> KimiLinearHuggingFace.read(folder);
            default ->
                throw new ModelFileException(
                        "%s: architecture \"%s\" is not supported; Kawi runs Qwen3.5 (qwen35, qwen3_5) and Kimi Linear (kimi_linear)"
                                .formatted(checkpoint.name(), name));
        };
    }
}
