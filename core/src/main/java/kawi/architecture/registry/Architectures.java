package kawi.architecture.registry;

import java.util.Locale;
import kawi.ModelFileException;
import kawi.architecture.Blueprint;
import kawi.architecture.kimilinear.KimiLinearHuggingFace;
import kawi.architecture.qwen35.Qwen35Gguf;
import kawi.architecture.qwen35.Qwen35HuggingFace;
import kawi.architecture.residual.AttentionResidualBlueprint;
import kawi.checkpoint.Checkpoint;
import kawi.checkpoint.GgufCheckpoint;
import kawi.checkpoint.HuggingFaceCheckpoint;
import kawi.files.Excerpt;

/** The supported architectures, by the names used in files. A new architecture adds its names here. */
public final class Architectures {

    private static final String LORA = "is a LoRA adapter; merge it into its model first";

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
        checkPurpose(checkpoint);
        String name = checkpoint.architecture();
        return switch (checkpoint) {
            case GgufCheckpoint gguf when isQwen35(name) -> Qwen35Gguf.read(gguf);
            case HuggingFaceCheckpoint folder when isQwen35(name) -> Qwen35HuggingFace.read(folder);
            case HuggingFaceCheckpoint folder when name.equals("kimi_linear") -> KimiLinearHuggingFace.read(folder);
            default -> throw new ModelFileException("%s: %s".formatted(checkpoint.name(), refusal(checkpoint, name)));
        };
    }

    /** Whether a name is one of the spellings of Qwen3.5: {@code qwen35}, {@code qwen3_5}, {@code qwen3.5-text}. */
    private static boolean isQwen35(String name) {
        String letters = letters(name);
        return letters.equals("qwen35") || letters.equals("qwen35text");
    }

    /** A name in small letters, without what separates its parts. */
    private static String letters(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[-._ ]", "");
    }

    private static String refusal(Checkpoint checkpoint, String name) {
        String letters = letters(name);
        if (letters.startsWith("qwen35moe")) {
            return "architecture \"%s\" is Qwen3.5 with experts, which is not supported; Kawi runs the Qwen3.5 models without experts"
                    .formatted(Excerpt.of(name));
        }
        if (letters.equals("kimilinear") && checkpoint instanceof GgufCheckpoint) {
            return "Kimi Linear is not supported in GGUF files, only in Hugging Face folders";
        }
        return "architecture \"%s\" is not supported; Kawi runs Qwen3.5 and, from Hugging Face folders, Kimi Linear"
                .formatted(Excerpt.of(name));
    }

    /** Rejects files that are not language models, though they may name the architecture of one. */
    private static void checkPurpose(Checkpoint checkpoint) {
        if (checkpoint instanceof HuggingFaceCheckpoint folder && !folder.hasConfig()) {
            boolean adapter = folder.tensorNames().stream().anyMatch(name -> name.contains(".lora_"));
            throw new ModelFileException("%s %s"
                    .formatted(
                            checkpoint.name(), adapter ? LORA : "has no config.json, which says what its weights are"));
        }
        if (checkpoint instanceof GgufCheckpoint gguf) {
            String type = gguf.metadata().optionalString("general.type").orElse("model");
            String problem = switch (type) {
                case "adapter" -> LORA;
                case "mmproj" -> "is the vision part of a model (mmproj); give the file of the language model";
                case "imatrix" -> "is an importance matrix for quantization, not a model";
                default -> null;
            };
            if (problem != null || checkpoint.architecture().equals("clip")) {
                throw new ModelFileException("%s %s"
                        .formatted(
                                checkpoint.name(),
                                problem == null
                                        ? "is the vision part of a model (clip); give the file of the language model"
                                        : problem));
            }
        }
    }
}
