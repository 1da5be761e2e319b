package kawi;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An open GGUF file or Hugging Face folder, for programs that need to know what it contains but do not run the model.
 * Weights are not read, so opening a file of any size is fast and takes little memory.
 *
 * {@snippet :
 *    try (ModelFile file = ModelFile.open(Path.of("Qwen3.5-0.8B-Q4_K_M.gguf"))) {
 *        System.out.println(file.family() + ", " + file.parameters() + " parameters");
 *        System.out.println(file.memoryPlan(4096, "f16"));
 *    }
 * }
 *
 * <p>Every well-formed file can be opened, whatever its architecture and weight formats. If Kawi cannot run the model,
 * {@link #problem()} says why, and methods that need to know the architecture throw a {@link ModelFileException}.
 * Instances are safe for use by multiple threads. After {@link #close()}, methods may throw an
 * {@link IllegalStateException}.
 */
public interface ModelFile extends AutoCloseable {

    /**
     * Opens a model.
     *
     * @param path a GGUF file, any part of a model that was split into several GGUF files in one folder, or a Hugging
     *     Face folder
     * @throws ModelFileException if there is no model at {@code path}, or it is damaged
     */
    static ModelFile open(Path path) {
        return Engine.provider().open(path);
    }

    /** The name of the file or folder, without the folders that contain it. */
    String name();

    /** The file format: {@code GGUF v3}, {@code GGUF v3 in 2 files} or {@code Hugging Face}. */
    String layout();

    /** The name of the architecture as the file spells it: {@code qwen35}. */
    String architecture();

    /**
     * The name of the family of models that share the architecture: {@code Qwen3.5}.
     *
     * @throws ModelFileException if the architecture is not supported
     */
    String family();

    /**
     * The reason why Kawi cannot run the model, as a sentence: its architecture is not supported, or something that the
     * architecture needs is missing, damaged or in a format that is not supported. Empty if nothing prevents it.
     */
    Optional<String> problem();

    /**
     * Whether the file says that its weights are random, as those of a {@link RandomModel} are, so that the quality of
     * its output says nothing. False if it does not say so.
     */
    boolean untrained();

    /**
     * The number of weights of the text model; weights that are used twice count once.
     *
     * @throws ModelFileException if the architecture is not supported
     */
    long parameters();

    /**
     * The maximum length of a sequence, in tokens.
     *
     * @throws ModelFileException if the architecture is not supported
     */
    int contextLength();

    /**
     * The maximum length of a sequence with another scaling of positions, in tokens.
     *
     * @param ropeScaling as in {@link ModelLoader#ropeScaling}: {@code yarn:4}
     * @throws IllegalArgumentException if there is no such scaling
     * @throws ModelFileException if the architecture is not supported, or its positions cannot be scaled
     */
    int contextLength(String ropeScaling);

    /**
     * The sizes of the architecture, such as {@code hidden_size}, under the names that the family's configuration uses,
     * in display order.
     *
     * @throws ModelFileException if the architecture is not supported
     */
    Map<String, Object> sizes();

    /**
     * Parts of the model that are recognized but not used, such as {@code MTP}.
     *
     * @throws ModelFileException if the architecture is not supported
     */
    List<String> unusedParts();

    /**
     * The sizes of the vision tower, under the names that the family's configuration uses, in display order. It is in
     * the model's own files, or in the only file beside them whose name begins with {@code mmproj} and ends with
     * {@code .gguf}. Empty if there is none, and the model does not see images. This file may also be a vision tower
     * itself, which is no model that can be run.
     *
     * @throws ModelFileException if it is damaged or not supported
     */
    Map<String, Object> visionSizes();

    /**
     * How the model sees an image or a film with the default options: its size after resizing, and the number of tokens
     * that it takes in a prompt.
     *
     * @throws ImageException if it cannot be used
     * @throws IllegalArgumentException if the model does not see images, or the part is a text
     * @throws ModelFileException if the vision tower is damaged or not supported
     */
    ImageUse imageUse(Part media);

    /** All tensors in file order, including those of {@linkplain #unusedParts() unused parts}. */
    List<TensorInfo> tensors();

    /**
     * The tokenizer; empty if the model has none. It can be used after this file is closed.
     *
     * @throws ModelFileException if the tokenizer is damaged or of an unsupported kind
     */
    Optional<Tokenizer> tokenizer();

    /**
     * The source of the chat template; empty if the model has none.
     *
     * @throws ModelFileException if the template cannot be parsed
     */
    Optional<String> chatTemplate();

    /**
     * The ids of the tokens that end an answer, in ascending order.
     *
     * @throws ModelFileException if the architecture is not supported, or the tokenizer cannot be used
     */
    Set<Integer> endTokens();

    /** The default sampling options in the model's files; empty if there are none. */
    Optional<Sampling> sampling();

    /**
     * The format in which keys and values are cached by default, see {@link ModelLoader#keysAndValues}: {@code f16} or
     * {@code f32}.
     *
     * @throws ModelFileException if the architecture is not supported
     */
    String keysAndValues();

    /**
     * The memory that the model needs with one sequence.
     *
     * @param contextLength the length of the sequence in tokens
     * @param keysAndValues the format of cached keys and values, as in {@link ModelLoader#keysAndValues}
     * @throws IllegalArgumentException if {@code contextLength} is not positive or the format is unknown
     * @throws ModelFileException if the architecture is not supported
     */
    MemoryPlan memoryPlan(int contextLength, String keysAndValues);

    /** Closes the file. Closing it again has no effect. */
    @Override
    void close();

    /**
     * A tensor in a model file.
     *
     * @param name the name in the file
     * @param format the name of the weight format, such as {@code Q4_K}
     * @param supported whether Kawi can read the tensor
     * @param rows the number of rows: the product of all dimensions but the contiguous one
     * @param columns the number of weights in a row
     * @param bytes the size in the file, in bytes
     */
    record TensorInfo(String name, String format, boolean supported, long rows, long columns, long bytes) {

        /** The number of weights. */
        public long weights() {
            return rows * columns;
        }
    }
}
