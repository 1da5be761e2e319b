package kawi.checkpoint;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import kawi.ModelFile;
import kawi.ModelFileException;
import kawi.Sampling;
import kawi.gguf.GgufFile;
import kawi.gguf.GgufModel;
import kawi.quant.Tensor;
import kawi.tokenizer.Tokenizer;
import org.jspecify.annotations.Nullable;

/**
 * A model in files: tensors, sizes, tokenizer, template, defaults. Opening it is cheap, since tensors are read on
 * demand. They cannot be read after {@link #close()}.
 */
public sealed interface Checkpoint extends AutoCloseable permits GgufCheckpoint, HuggingFaceCheckpoint {

    /**
     * Opens a GGUF file, given by itself or by any of the files that it was split into, or a Hugging Face folder, given
     * by itself or by its {@code model.safetensors} or {@code config.json}.
     *
     * @throws ModelFileException if there is no model, or it is damaged
     */
    static Checkpoint open(Path path) {
        if (Files.isDirectory(path)) {
            return HuggingFaceCheckpoint.open(path);
        }
        String name = path.getFileName() == null ? "" : path.getFileName().toString();
        Path folder = path.toAbsolutePath().getParent();
        if (folder != null && Files.exists(path) && (name.endsWith(".safetensors") || name.endsWith(".json"))) {
            return HuggingFaceCheckpoint.open(folder);
        }
        return new GgufCheckpoint(GgufModel.open(path));
    }

    /** Opens a GGUF file in memory, which is copied to {@code arena}. */
    static Checkpoint of(byte[] gguf, String name, Arena arena) {
        MemorySegment data = arena.allocate(gguf.length, 64).copyFrom(MemorySegment.ofArray(gguf));
        return new GgufCheckpoint(GgufModel.of(GgufFile.of(data.asReadOnly(), name)));
    }

    /** File or folder, for messages. */
    String name();

    /** {@code GGUF v3} or {@code Hugging Face}. */
    String layout();

    /** The {@link #architecture} of a checkpoint that does not name it. */
    String UNNAMED = "unnamed";

    /** The architecture's name as the file spells it. */
    String architecture();

    /** Whether the files say that the weights are random. */
    boolean untrained();

    /** The names of all tensors in file order, including those of vision and MTP parts. */
    Set<String> tensorNames();

    boolean hasTensor(String name);

    /**
     * The tensor with a name.
     *
     * @throws ModelFileException if there is no such tensor or its type is not supported
     */
    Tensor tensor(String name);

    /** A description of the tensor with a name, which need not be of a supported type. */
    ModelFile.TensorInfo describe(String name);

    /**
     * The tokenizer, or null if the checkpoint has none.
     *
     * @throws kawi.tokenizer.TokenizerException if the tokenizer cannot be used; the weights may still be usable
     */
    @Nullable Tokenizer tokenizer();

    /** The chat templates. */
    ChatTemplates chatTemplates();

    /**
     * The special tokens, which chat templates refer to by name.
     *
     * @param tokenizer maps ids to the texts of tokens; null if there is none
     */
    SpecialTokens specialTokens(@Nullable Tokenizer tokenizer);

    /**
     * The tokens that end an answer according to the files.
     *
     * @param tokenizer maps the texts of tokens to ids; null if there is none
     */
    Set<Integer> endTokens(@Nullable Tokenizer tokenizer);

    /** Sampling defaults in the files. A default that cannot be used is ignored, with a warning in the log. */
    Optional<Sampling> sampling();

    /** The tensor with a name, whose size must be {@code rows x columns}. */
    default Tensor tensor(String name, int rows, int columns) {
        Tensor tensor = tensor(name);
        if (tensor.rows() != rows || tensor.columns() != columns) {
            throw new ModelFileException("%s: tensor %s is %d x %d, but the model's sizes require %d x %d"
                    .formatted(name(), name, tensor.rows(), tensor.columns(), rows, columns));
        }
        return tensor;
    }

    /** The vector with a name, which must have {@code length} elements. */
    default float[] vector(String name, int length) {
        return tensor(name, 1, length).toFloats();
    }

    /**
     * Checks that the files have not changed since they were opened.
     *
     * @throws ModelFileException if a file was modified
     */
    void checkUnchanged();

    @Override
    void close();
}
