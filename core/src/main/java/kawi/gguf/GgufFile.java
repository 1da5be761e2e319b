package kawi.gguf;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import kawi.ModelFile;
import kawi.ModelFileException;
import kawi.files.DiskFile;
import kawi.files.Excerpt;
import kawi.files.FileBytes;
import kawi.files.MemoryFile;
import kawi.quant.RowHeader;
import kawi.quant.Tensor;
import kawi.quant.TensorSource;
import kawi.quant.WeightFormat;
import kawi.weights.ConvertedSource;
import kawi.weights.ProvidedFormat;

/**
 * A GGUF file of version 2 or 3, little endian: metadata and tensors. Tensors are read from the file on request.
 *
 * <p>Opening reads everything before the weights and checks every count, length, offset and size in it. Afterwards all
 * methods are safe for use by multiple threads. After {@link #close}, values and tensors of this file throw {@link
 * IllegalStateException}.
 */
public final class GgufFile implements AutoCloseable {

    private final FileBytes file;
    private final GgufHeader header;

    private GgufFile(FileBytes file) {
        this.file = file;
        this.header = GgufHeader.read(file);
    }

    /**
     * Opens the file at {@code path} and reads its header; {@link #close} closes it.
     *
     * @throws ModelFileException if the file does not exist, is not GGUF, or is damaged
     */
    public static GgufFile open(Path path) {
        DiskFile file = DiskFile.open(path, "a GGUF file");
        try {
            return new GgufFile(file);
        } catch (RuntimeException | Error e) {
            file.close();
            throw e;
        }
    }

    /**
     * Reads a file in memory. The caller owns the memory: {@link #close} does not free it, and it must remain valid as
     * long as this file is used.
     *
     * @param name the name of the file in messages
     * @throws ModelFileException as {@link #open} does
     */
    public static GgufFile of(MemorySegment data, String name) {
        return new GgufFile(new MemoryFile(name, data));
    }

    /** The file's name without its folder. */
    public String name() {
        return file.name();
    }

    /** The version of the format, 2 or 3. */
    public int version() {
        return header.version();
    }

    /** The hyperparameters, tokenizer and all other data except the tensors. */
    public Metadata metadata() {
        return header.metadata();
    }

    /** The names of all tensors, in file order. */
    public Set<String> tensorNames() {
        return Collections.unmodifiableSet(header.tensors().keySet());
    }

    /** Whether there is a tensor named {@code tensor}. */
    public boolean hasTensor(String tensor) {
        return header.tensors().containsKey(tensor);
    }

    /**
     * The tensor named {@code tensor}, whose bytes are read on request: {@code columns} is the first dimension, {@code
     * rows} the product of the others. One in a {@link ProvidedFormat} is converted when it is read.
     *
     * @throws ModelFileException if there is none, its format is not supported, or it has no weights
     */
    public Tensor tensor(String tensor) {
        TensorInfo info = info(tensor);
        WeightFormat format = format(tensor);
        TensorSource stored = file.range(info.offset(), info.bytes());
        if (format instanceof ProvidedFormat provided) {
            return provided.tensor(file.name(), tensor, info.rows(), info.columns(), stored);
        }
        return RowHeader.isIn(format)
                ? withoutHeaders(tensor, format, info, stored)
                : new Tensor(tensor, format, info.rows(), info.columns(), stored);
    }

    private static Tensor withoutHeaders(String tensor, WeightFormat format, TensorInfo info, TensorSource stored) {
        long rowBytes = RowHeader.rowBytes(format, info.columns());
        return ConvertedSource.tensor(
                tensor, format, info.rows(), info.columns(), List.of(stored), (from, to, blocks) -> {
                    MemorySegment rows = stored.read(
                            from * rowBytes,
                            (to - from) * rowBytes,
                            (bytes, _) -> MemorySegment.ofArray(new byte[Math.toIntExact(bytes)]));
                    RowHeader.toBlocks(format, info.columns(), rows, blocks);
                });
    }

    /** A description of a tensor, which need not be readable. */
    public ModelFile.TensorInfo describe(String tensor) {
        TensorInfo info = info(tensor);
        return new ModelFile.TensorInfo(
                tensor, info.type(), info.format() != null, info.rows(), info.columns(), info.bytes());
    }

    /** The dimensions of a tensor, up to four, the contiguous one first, in the order of ggml; none for a scalar. */
    public long[] shape(String tensor) {
        return info(tensor).shape().stream().mapToLong(Long::longValue).toArray();
    }

    /**
     * The format of the weights of a tensor, as they are stored.
     *
     * @throws ModelFileException if it is not supported
     */
    public WeightFormat format(String tensor) {
        TensorInfo info = info(tensor);
        if (info.format() == null) {
            throw new ModelFileException(
                    "%s: tensor %s: %s".formatted(file.name(), Excerpt.of(tensor), info.problem()));
        }
        return info.format();
    }

    /** The total number of bytes of all tensors. */
    public long dataBytes() {
        return header.tensors().values().stream().mapToLong(TensorInfo::bytes).sum();
    }

    private TensorInfo info(String tensor) {
        TensorInfo info = header.tensors().get(tensor);
        if (info == null) {
            throw new ModelFileException("%s: there is no tensor %s among its %d"
                    .formatted(file.name(), Excerpt.of(tensor), header.tensors().size()));
        }
        return info;
    }

    /** See {@link FileBytes#checkUnchanged}. */
    public void checkUnchanged() {
        file.checkUnchanged();
    }

    /** Closes a file that was opened by path; closing again has no effect. */
    @Override
    public void close() {
        file.close();
    }
}
