package kawi;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Writes a model as a GGUF file with weights in other formats.
 *
 * {@snippet :
 *    Quantization.of(Path.of("Qwen3.5-0.8B"), "Q4_K_M").writeTo(Path.of("Qwen3.5-0.8B-Q4_K_M.gguf"), step -> {});
 * }
 *
 * @param model a Hugging Face folder, or a GGUF file in any format that Kawi reads
 * @param format the format of most matrices, such as {@code Q8_0} or {@code Q4_0}, or a mixture: those that llama.cpp
 *     calls {@code Q4_K_M}, {@code Q4_K_S} and so on, with more bits for some matrices, and two for Qwen3.5, {@code K4}
 *     and {@code K4_S}, which has the size of {@code Q4_K_M}; or the name of a {@link WeightFormat} that the program
 *     provides and that can encode
 * @param importance a file with the importance of the columns of each matrix, an {@code imatrix} of llama.cpp
 * @param tensors formats of individual matrices, by regular expressions that are searched for in their names, the first
 *     of which counts: {@code "ffn_down" -> "Q6_K"}
 * @param threads the number of threads, which does not change the file
 */
public record Quantization(
        Path model, String format, Optional<Path> importance, Map<String, String> tensors, int threads) {

    public Quantization {
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
        if (threads < 1) {
            throw new IllegalArgumentException("threads is %d; it must be positive".formatted(threads));
        }
    }

    /** Quantization without an importance matrix, with as many threads as there are processors. */
    public static Quantization of(Path model, String format) {
        return new Quantization(
                model, format, Optional.empty(), Map.of(), Runtime.getRuntime().availableProcessors());
    }

    /** Returns the same with an importance matrix, in the format of llama.cpp or in its older one. */
    public Quantization importance(Path file) {
        return new Quantization(model, format, Optional.of(file), tensors, threads);
    }

    /**
     * Returns the same with another format for some matrices.
     *
     * @param pattern a regular expression, which is searched for in the names of matrices in GGUF files, such as
     *     {@code blk.0.ffn_down.weight}
     */
    public Quantization tensor(String pattern, String tensorFormat) {
        Map<String, String> all = new LinkedHashMap<>(tensors);
        all.put(pattern, tensorFormat);
        return new Quantization(model, format, importance, all, threads);
    }

    /** Returns the same with another number of threads. */
    public Quantization threads(int number) {
        return new Quantization(model, format, importance, tensors, number);
    }

    /**
     * Writes the file, replacing an existing one. If this fails, the existing file is unchanged. The memory in use does
     * not depend on the size of the model.
     *
     * @param file the file to write; its folder must exist
     * @param progress is notified of the bytes of the original that have been converted, on the calling thread
     * @throws IllegalArgumentException if there is no such format, or an expression is invalid
     * @throws ModelFileException if the model or the importance matrix cannot be used
     * @throws java.io.UncheckedIOException if the file cannot be written
     */
    public QuantizationReport writeTo(Path file, Progress progress) {
        return Engine.provider().quantize(this, file, progress);
    }
}
