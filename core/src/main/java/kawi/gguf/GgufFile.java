package kawi.gguf;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Set;
import kawi.ModelFileException;
import kawi.files.DiskFile;
import kawi.files.FileBytes;
import kawi.files.MemoryFile;
import kawi.quant.Tensor;
import kawi.quant.WeightFormat;

/**
 * A GGUF file of version 2 or 3, little endian: metadata and tensors. Tensors are read from the file when they are
 * asked for.
 *
 * <p>Opening reads all that stands before the weights and checks every count, length, offset and size in it. Afterwards
 * all methods may be called from any thread. After {@link #close}, values and tensors of this file throw {@link
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
     * @throws ModelFileException if it is not there, not GGUF, damaged, or has tensors of a format Kawi does not read
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
     * Reads a file that is in memory. The memory stays the caller's: {@link #close} leaves it alone, and it must live
     * as long as this file is used.
     *
     * @param name what to call the file in messages
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

    /** The hyperparameters, tokenizer and everything else that is not a tensor. */
    public Metadata metadata() {
        return header.metadata();
    }

    /** The names of all tensors, in file order. */
    public Set<String> tensorNames() {
        return Collections.unmodifiableSet(header.tensors().keySet());
    }

    /** Whether there is a tensor called {@code tensor}. */
    public boolean hasTensor(String tensor) {
        return header.tensors().containsKey(tensor);
    }

    /**
     * The tensor called {@code tensor}, whose bytes are read when they are asked for: {@code columns} is the first
     * dimension, {@code rows} the product of the others.
     *
     * @throws ModelFileException if there is none
     */
    public Tensor tensor(String tensor) {
        TensorInfo info = info(tensor);
        return new Tensor(tensor, info.format(), info.rows(), info.columns(), file.range(info.offset(), info.bytes()));
    }

    /** The dimensions of a tensor, one to four, the contiguous one first as ggml has them. */
    public long[] shape(String tensor) {
        return info(tensor).shape().stream().mapToLong(Long::longValue).toArray();
    }

    /** How the weights of a tensor are written. */
    public WeightFormat format(String tensor) {
        return info(tensor).format();
    }

    /** How many bytes all tensors have together. */
    public long dataBytes() {
        return header.tensors().values().stream().mapToLong(TensorInfo::bytes).sum();
    }

    private TensorInfo info(String tensor) {
        TensorInfo info = header.tensors().get(tensor);
        if (info == null) {
            throw new ModelFileException("%s: there is no tensor %s among its %d"
                    .formatted(file.name(), tensor, header.tensors().size()));
        }
        return info;
    }

    /** See {@link FileBytes#checkUnchanged}. */
    public void checkUnchanged() {
        file.checkUnchanged();
    }

    /** Closes a file that was opened by path; closing twice is harmless. */
    @Override
    public void close() {
        file.close();
    }
}
