package kawi.safetensors;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kawi.ModelFile;
import kawi.ModelFileException;
import kawi.files.DiskFile;
import kawi.files.Excerpt;
import kawi.files.FileBytes;
import kawi.files.MemoryFile;
import kawi.quant.Tensor;
import kawi.quant.TensorSource;
import kawi.quant.WeightFormat;
import kawi.quant.WeightFormats;
import kawi.weights.ProvidedFormat;
import kawi.weights.ProvidedFormats;

/**
 * A safetensors file: a directory of tensors, which are read from the file when they are requested.
 *
 * <p>Opening checks the whole directory against the file. A file may contain tensors of types other than F32, F16, BF16
 * and those of {@link ProvidedFormats}, such as integer buffers that no model reads; they are rejected when they are
 * requested. All methods are safe
 * for use by multiple threads. After {@link #close}, tensors of this file throw {@link IllegalStateException}.
 */
public final class SafetensorsFile implements AutoCloseable {

    private final FileBytes file;
    private final SafetensorsHeader header;

    /** By {@code dtype}, of the types that occur in the file. */
    private final Map<String, WeightFormat> formats = new HashMap<>();

    /** The sentences about the types that are not supported. */
    private final Map<String, String> unsupported = new HashMap<>();

    private SafetensorsFile(FileBytes file) {
        this.file = file;
        this.header = SafetensorsHeader.read(file);
        var provided = new ProvidedFormats();
        header.tensors().values().stream()
                .map(SafetensorsHeader.Entry::dtype)
                .distinct()
                .forEach(dtype -> {
                    try {
                        formats.put(dtype, format(dtype, provided));
                    } catch (IllegalArgumentException e) {
                        unsupported.put(dtype, String.valueOf(e.getMessage()));
                    }
                });
    }

    private static WeightFormat format(String dtype, ProvidedFormats provided) {
        try {
            return WeightFormats.ofSafetensors(dtype);
        } catch (IllegalArgumentException e) {
            return provided.ofSafetensors(dtype, String.valueOf(e.getMessage()));
        }
    }

    /**
     * Opens the file at {@code path} and reads its header; {@link #close} closes it.
     *
     * @throws ModelFileException if the file does not exist, is not a safetensors file, or is damaged
     */
    public static SafetensorsFile open(Path path) {
        DiskFile file = DiskFile.open(path, "a safetensors file");
        try {
            return new SafetensorsFile(file);
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
    public static SafetensorsFile of(MemorySegment data, String name) {
        return new SafetensorsFile(new MemoryFile(name, data));
    }

    /** The file's name without its folder. */
    public String name() {
        return file.name();
    }

    /** The free-form text pairs under {@code __metadata__}; empty if there are none. */
    public Map<String, String> metadata() {
        return Collections.unmodifiableMap(header.metadata());
    }

    /** The names of all tensors, in the order of the header. */
    public Set<String> tensorNames() {
        return Collections.unmodifiableSet(header.tensors().keySet());
    }

    /** Whether there is a tensor named {@code tensor}. */
    public boolean hasTensor(String tensor) {
        return header.tensors().containsKey(tensor);
    }

    /**
     * The tensor named {@code tensor}, whose bytes are read on request: {@code columns} is the last dimension, {@code
     * rows} the product of the others. A scalar has one row and one column.
     *
     * @throws ModelFileException if it does not exist, is empty or too large, or has a type that is not supported
     */
    public Tensor tensor(String tensor) {
        SafetensorsHeader.Entry entry = entry(tensor);
        List<Long> shape = entry.shape();
        long columns = shape.isEmpty() ? 1 : shape.getLast();
        // The header has been checked, so no product of dimensions overflows unless one of them is zero.
        long rows = columns == 0 ? 0 : entry.weights() / columns;
        if (rows < 1 || rows > Integer.MAX_VALUE || columns > Integer.MAX_VALUE) {
            throw refusal(
                    tensor,
                    "the shape %s makes %d rows of %d, but both must be from 1 to %d"
                            .formatted(shape, rows, columns, Integer.MAX_VALUE));
        }
        TensorSource stored = file.range(entry.begin(), entry.end() - entry.begin());
        WeightFormat format = format(tensor);
        if (format instanceof ProvidedFormat) {
            checkBlocks(tensor, entry, format, rows, columns);
        }
        return format instanceof ProvidedFormat provided
                ? provided.tensor(file.name(), tensor, (int) rows, (int) columns, stored)
                : new Tensor(tensor, format, (int) rows, (int) columns, stored);
    }

    /** Checks the size of a tensor of a type whose size was not known when the header was read. */
    private void checkBlocks(
            String tensor, SafetensorsHeader.Entry entry, WeightFormat format, long rows, long columns) {
        if (columns % format.blockSize() != 0) {
            throw refusal(
                    tensor,
                    "%s comes in blocks of %d, but rows have %d weights"
                            .formatted(format.name(), format.blockSize(), columns));
        }
        BigInteger needed = BigInteger.valueOf(rows).multiply(BigInteger.valueOf(format.bytes(columns)));
        long bytes = entry.end() - entry.begin();
        if (!needed.equals(BigInteger.valueOf(bytes))) {
            throw refusal(
                    tensor,
                    "%d x %d %s needs %d bytes, but its data have %d"
                            .formatted(rows, columns, format.name(), needed, bytes));
        }
    }

    /** The bytes of a tensor of any type, which are read on request. */
    public TensorSource bytes(String tensor) {
        SafetensorsHeader.Entry entry = entry(tensor);
        return file.range(entry.begin(), entry.end() - entry.begin());
    }

    /** The {@code dtype} of a tensor. */
    public String dtype(String tensor) {
        return entry(tensor).dtype();
    }

    /** A description of a tensor, which need not be of a supported type. */
    public ModelFile.TensorInfo describe(String tensor) {
        SafetensorsHeader.Entry entry = entry(tensor);
        long columns = entry.shape().isEmpty() ? 1 : entry.shape().getLast();
        return new ModelFile.TensorInfo(
                tensor,
                entry.dtype(),
                formats.containsKey(entry.dtype()),
                columns == 0 ? 0 : entry.weights() / columns,
                columns,
                entry.end() - entry.begin());
    }

    /** The dimensions of a tensor, the contiguous one last; none for a scalar. */
    public long[] shape(String tensor) {
        return entry(tensor).shape().stream().mapToLong(Long::longValue).toArray();
    }

    /**
     * The format of the weights of a tensor.
     *
     * @throws ModelFileException if they are of a type that is not supported
     */
    public WeightFormat format(String tensor) {
        String dtype = entry(tensor).dtype();
        WeightFormat format = formats.get(dtype);
        if (format == null) {
            throw refusal(tensor, String.valueOf(unsupported.get(dtype)));
        }
        return format;
    }

    /** The total number of bytes of all tensors. */
    public long dataBytes() {
        return header.dataBytes();
    }

    private SafetensorsHeader.Entry entry(String tensor) {
        SafetensorsHeader.Entry entry = header.tensors().get(tensor);
        if (entry == null) {
            throw new ModelFileException("%s: there is no tensor %s among its %d"
                    .formatted(file.name(), tensor, header.tensors().size()));
        }
        return entry;
    }

    private ModelFileException refusal(String tensor, String sentence) {
        return new ModelFileException("%s: tensor %s: %s".formatted(file.name(), Excerpt.of(tensor), sentence));
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
