package kawi;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A model with random weights that has the architecture, the sizes and the weight formats of a published Qwen3.5 model.
 * Its output is meaningless, but it takes the time and the memory of the real model, so it can be used for benchmarks
 * and tests without a download.
 *
 * {@snippet :
 *    RandomModel.of("0.8b").type("Q4_K_M").writeTo(Path.of("random.gguf"), step -> {});
 * }
 *
 * @param size {@code tiny}, {@code 0.8b}, {@code 2b}, {@code 4b}, {@code 9b} or {@code 27b}
 * @param type the format of the matrices, such as {@code BF16}, {@code Q8_0}, {@code Q4_0}, {@code Q4_K}, {@code
 *     IQ4_XS} or {@code MXFP4}, or the mixture {@code Q4_K_M}; all formats that Kawi reads but {@code Q8_K} and {@code IQ4_KS}
 * @param seed determines the weights: the same values produce the same file, byte for byte
 * @param tokenizer a {@code tokenizer.json}, or a {@code tokenizer.json.gz}, to include in the file; if empty, the
 *     tokenizer has one token for each byte
 * @param prediction whether the model has a layer for multi-token prediction, as the published models have. The other
 *     weights are the same with it and without it
 * @param vision whether prompts may contain images: the tokenizer for bytes then has their tokens, and the chat
 *     template places them. The vision part has a file of its own, which {@link #writeVisionTo} writes
 */
public record RandomModel(
        String size, String type, long seed, Optional<Path> tokenizer, boolean prediction, boolean vision) {

    /** A model of the given size in BF16, with seed 1, a tokenizer for bytes and a layer for multi-token prediction. */
    public static RandomModel of(String size) {
        return new RandomModel(size, "BF16", 1, Optional.empty(), true, false);
    }

    /** Returns this model with other weight formats. */
    public RandomModel type(String value) {
        return new RandomModel(size, value, seed, tokenizer, prediction, vision);
    }

    /** Returns this model with another seed. */
    public RandomModel seed(long value) {
        return new RandomModel(size, type, value, tokenizer, prediction, vision);
    }

    /** Returns this model with the tokenizer in a {@code tokenizer.json} or {@code tokenizer.json.gz}. */
    public RandomModel tokenizer(Path file) {
        return new RandomModel(size, type, seed, Optional.of(file), prediction, vision);
    }

    /** Returns this model with or without a layer for multi-token prediction. */
    public RandomModel prediction(boolean value) {
        return new RandomModel(size, type, seed, tokenizer, value, vision);
    }

    /** Returns this model for prompts with images, or for text only. */
    public RandomModel vision(boolean value) {
        return new RandomModel(size, type, seed, tokenizer, prediction, value);
    }

    /**
     * Writes the model as a GGUF file, replacing an existing file. If this fails, the existing file is unchanged.
     *
     * @param file the file to write; its folder must exist
     * @param progress is notified of the tensors written, on the calling thread
     * @throws IllegalArgumentException if there is no such size or type
     * @throws ModelFileException if the tokenizer cannot be read or does not fit
     * @throws java.io.UncheckedIOException if the file cannot be written
     */
    public void writeTo(Path file, Progress progress) {
        Engine.provider().write(this, file, progress);
    }

    /**
     * Writes the vision part of a model of this size as an {@code mmproj} GGUF file, replacing an existing file. If
     * this fails, the existing file is unchanged.
     *
     * @param file the file to write; its folder must exist
     * @param progress is notified of the tensors written, on the calling thread
     * @throws IllegalArgumentException if there is no such size or type
     * @throws java.io.UncheckedIOException if the file cannot be written
     */
    public void writeVisionTo(Path file, Progress progress) {
        Engine.provider().writeVision(this, file, progress);
    }
}
