package kawi.gguf;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Set;
import kawi.ModelFileException;
import kawi.files.MappedFile;
import kawi.quant.Tensor;
import kawi.quant.WeightFormat;
import org.jspecify.annotations.Nullable;

/**
 * A GGUF file of version 2 or 3, little endian: metadata and tensors, neither copied out of the file before it is asked for.
 *
 * <p>Opening reads all that stands before the weights and checks every count, length, offset and size in it. Afterwards all
 * methods may be called from any thread. After {@link #close}, values and tensors of this file throw
 * {@link IllegalStateException}.
 */
public final class GgufFile implements AutoCloseable {

    private final String name;
    private final MemorySegment data;
    private final GgufHeader header;
    private final @Nullable MappedFile owned;

    private GgufFile(String name, MemorySegment data, GgufHeader header, @Nullable MappedFile owned) {
        this.name = name;
        this.data = data;
        this.header = header;
        this.owned = owned;
    }

    /**
     * Maps and reads the file at {@code path}; {@link #close} unmaps it.
     *
     * @throws ModelFileException if it is not there, not GGUF, damaged, or has tensors of a format Kawi does not read
     */
    public static GgufFile open(Path path) {
        MappedFile mapped = MappedFile.open(path, "a GGUF file");
        try {
            return new GgufFile(mapped.name(), mapped.data(), GgufHeader.read(mapped.data(), mapped.name()), mapped);
        } catch (RuntimeException e) {
            mapped.close();
            throw e;
        }
    }

    /**
     * Reads a file that is in memory. The memory stays the caller's: {@link #close} leaves it alone, and it must live as
     * long as this file is used.
     *
     * @param name what to call the file in messages
     * @throws ModelFileException as {@link #open} does
     */
    public static GgufFile of(MemorySegment data, String name) {
        MemorySegment readOnly = data.asReadOnly();
        return new GgufFile(name, readOnly, GgufHeader.read(readOnly, name), null);
    }

    /** The file's name without its folder. */
    public String name() {
        return name;
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
     * The tensor called {@code tensor}, its bytes left in the file: {@code columns} is the first dimension, {@code rows} the
     * product of the others.
     *
     * @throws ModelFileException if there is none
     */
    public Tensor tensor(String tensor) {
        if (!data.scope().isAlive()) {
            throw new IllegalStateException(name + " is closed");
        }
        TensorInfo info = info(tensor);
        MemorySegment bytes = data.asSlice(info.offset(), info.bytes());
        return new Tensor(tensor, info.format(), info.rows(), info.columns(), bytes);
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
                    .formatted(name, tensor, header.tensors().size()));
        }
        return info;
    }

    /** Unmaps a file that was opened by path; closing twice is harmless. */
    @Override
    public void close() {
        if (owned != null) {
            owned.close();
        }
    }
}
