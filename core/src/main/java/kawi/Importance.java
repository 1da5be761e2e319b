package kawi;

import java.nio.file.Path;

/**
 * The importance of the columns of a model's matrices, measured with a text: the mean square of their inputs. With it,
 * {@link Quantization} gives important columns smaller errors. The text should be like those that the model is used
 * for.
 *
 * {@snippet :
 *    Importance.of(Path.of("Qwen3.5-0.8B"), Path.of("calibration.txt")).writeTo(Path.of("imatrix.gguf"), step -> {});
 * }
 *
 * @param model a Hugging Face folder or a GGUF file
 * @param text a text file in UTF-8
 * @param chunkTokens the number of tokens that are read at a time, each chunk by itself; the rest of the text after the
 *     last whole chunk is not read
 * @param special whether added tokens such as {@code <|im_start|>} are recognized in the text
 * @param threads the number of threads
 */
public record Importance(Path model, Path text, int chunkTokens, boolean special, int threads) {

    public Importance {
        if (chunkTokens < 1) {
            throw new IllegalArgumentException("chunkTokens is %d; it must be positive".formatted(chunkTokens));
        }
        if (threads < 1) {
            throw new IllegalArgumentException("threads is %d; it must be positive".formatted(threads));
        }
    }

    /** Importance from chunks of 512 tokens, without added tokens, with as many threads as there are processors. */
    public static Importance of(Path model, Path text) {
        return new Importance(model, text, 512, false, Runtime.getRuntime().availableProcessors());
    }

    /** Returns the same with chunks of another length. */
    public Importance chunkTokens(int tokens) {
        return new Importance(model, text, tokens, special, threads);
    }

    /** Returns the same with or without added tokens. */
    public Importance special(boolean recognized) {
        return new Importance(model, text, chunkTokens, recognized, threads);
    }

    /** Returns the same with another number of threads. */
    public Importance threads(int number) {
        return new Importance(model, text, chunkTokens, special, number);
    }

    /**
     * Has the model read the text and writes the file, in the format of llama.cpp's {@code llama-imatrix}, replacing an
     * existing one.
     *
     * @param file the file to write; its folder must exist
     * @param progress is notified of loading the model, and of the tokens that have been read, on the calling thread
     * @throws IllegalArgumentException if the text has less than one chunk
     * @throws ModelFileException if the model cannot be used
     * @throws java.io.UncheckedIOException if a file cannot be read or written
     */
    public void writeTo(Path file, Progress progress) {
        Engine.provider().measure(this, file, progress);
    }
}
