package kawi.gguf;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import kawi.files.StagedFile;
import kawi.quant.WeightFormat;
import kawi.quant.WeightFormats;
import kawi.weights.ProvidedFormat;

/**
 * Writes GGUF files of version 3. Metadata and the list of tensors are collected first; {@link #writeTo} then requests
 * the weights tensor by tensor and row by row, so a file may be far larger than memory.
 *
 * <pre>
 *     new GgufWriter()
 *         .put("general.architecture", MetadataType.STRING, "qwen35")
 *         .tensor("output_norm.weight", F32, new long[] {64}, (row, out) -&gt; Arrays.fill(out, 1))
 *         .writeTo(Path.of("model.gguf"));</pre>
 *
 * <p>Input that {@link GgufFile} would reject (duplicates, shapes that do not form whole blocks, values that do not fit
 * their type) causes an {@link IllegalArgumentException}.
 */
public final class GgufWriter {

    private static final int VERSION = 3;

    /** Encoded type and value by key. */
    private final SequencedMap<String, byte[]> metadata = new LinkedHashMap<>();

    private final SequencedMap<String, Content> tensors = new LinkedHashMap<>();
    private int alignment = GgufHeader.DEFAULT_ALIGNMENT;

    /** A tensor to be written. */
    private record Content(WeightFormat format, List<Long> shape, long bytes, Source source) {}

    /** Writes the bytes of a tensor. */
    @FunctionalInterface
    private interface Source {
        void writeTo(StagedFile file) throws IOException;
    }

    /** The source of the weights of a tensor. */
    @FunctionalInterface
    public interface Rows {

        /** Stores the weights of row {@code row} in {@code out}; rows are requested in order, each once. */
        void read(long row, float[] out);
    }

    /** Receives the bytes of a tensor. */
    @FunctionalInterface
    public interface Sink {

        /** Appends bytes, which may be overwritten afterwards. */
        void write(MemorySegment bytes) throws IOException;
    }

    /** The source of the bytes of a tensor. */
    @FunctionalInterface
    public interface Data {

        /** Passes all bytes of the tensor to {@code sink}, in order. */
        void writeTo(Sink sink) throws IOException;
    }

    /**
     * Adds a key.
     *
     * @param value a value as in {@link Metadata#value}; a float may be any {@link Number}, an integer any integral one
     */
    public GgufWriter put(String key, MetadataType type, Object value) {
        checkName(key);
        byte[] bytes = new Encoder().int32(type.code()).value(type, value).toBytes();
        boolean aligns = key.equals(GgufHeader.ALIGNMENT_KEY);
        if (aligns && !(type == MetadataType.UINT32 && GgufHeader.isAlignment(((Number) value).longValue()))) {
            throw new IllegalArgumentException(
                    "%s %s is not an alignment; expected a u32 that is a power of two and at least 8"
                            .formatted(type, value));
        }
        if (metadata.putIfAbsent(key, bytes) != null) {
            throw new IllegalArgumentException("key %s was already added".formatted(key));
        }
        if (aligns) {
            alignment = ((Number) value).intValue();
        }
        return this;
    }

    /** Adds an array; {@code put} with a {@link MetadataArray}. */
    public GgufWriter put(String key, MetadataType elementType, List<?> values) {
        return put(key, MetadataType.ARRAY, new MetadataArray(elementType, values));
    }

    /**
     * Adds a tensor whose weights are encoded while they are written.
     *
     * @param shape one to four dimensions, the contiguous one first; {@code rows} gives that many weights at a time
     */
    public GgufWriter tensor(String name, WeightFormat format, long[] shape, Rows rows) {
        List<Long> dimensions = dimensions(name, format, shape);
        return add(name, format, dimensions, file -> {
            int columns = Math.toIntExact(dimensions.getFirst());
            long rowCount = weights(dimensions) / columns;
            float[] row = new float[columns];
            MemorySegment encoded = MemorySegment.ofArray(new byte[Math.toIntExact(format.bytes(columns))]);
            for (long i = 0; i < rowCount; i++) {
                rows.read(i, row);
                format.encode(row, 0, columns, encoded, 0);
                file.write(encoded);
            }
        });
    }

    /**
     * Adds a tensor that is already encoded.
     *
     * @param shape one to four dimensions, the contiguous one first
     * @param data the weights in {@code format}; read when the file is written
     */
    public GgufWriter tensor(String name, WeightFormat format, long[] shape, MemorySegment data) {
        List<Long> dimensions = dimensions(name, format, shape);
        long bytes = format.bytes(weights(dimensions));
        if (data.byteSize() != bytes) {
            throw new IllegalArgumentException(
                    "tensor %s needs %d bytes, but %d are given".formatted(name, bytes, data.byteSize()));
        }
        return add(name, format, dimensions, file -> file.write(data));
    }

    /**
     * Adds a tensor that is already encoded, in pieces.
     *
     * @param shape one to four dimensions, the contiguous one first
     * @param data gives the weights in {@code format} when the file is written
     */
    public GgufWriter tensor(String name, WeightFormat format, long[] shape, Data data) {
        List<Long> dimensions = dimensions(name, format, shape);
        long bytes = format.bytes(weights(dimensions));
        return add(name, format, dimensions, file -> {
            long start = file.written();
            data.writeTo(file::write);
            if (file.written() - start != bytes) {
                throw new IllegalStateException(
                        "tensor %s needs %d bytes, but %d were written".formatted(name, bytes, file.written() - start));
            }
        });
    }

    private GgufWriter add(String name, WeightFormat format, List<Long> dimensions, Source source) {
        checkName(name);
        var content = new Content(format, dimensions, format.bytes(weights(dimensions)), source);
        if (tensors.putIfAbsent(name, content) != null) {
            throw new IllegalArgumentException("tensor %s was already added".formatted(name));
        }
        return this;
    }

    private static List<Long> dimensions(String name, WeightFormat format, long[] shape) {
        boolean possible = shape.length >= 1
                && shape.length <= GgufHeader.MAX_DIMENSIONS
                && Arrays.stream(shape).allMatch(size -> size >= 1 && size <= Integer.MAX_VALUE)
                && shape[0] % format.blockSize() == 0;
        if (!possible) {
            throw new IllegalArgumentException(
                    "tensor %s: the shape %s is not one to %d positive dimensions, the first a multiple of %d for %s"
                            .formatted(
                                    name,
                                    Arrays.toString(shape),
                                    GgufHeader.MAX_DIMENSIONS,
                                    format.blockSize(),
                                    format.name()));
        }
        return Arrays.stream(shape).boxed().toList();
    }

    private static long weights(List<Long> dimensions) {
        return dimensions.stream().reduce(1L, Math::multiplyExact);
    }

    private static void checkName(String name) {
        int length = name.getBytes(StandardCharsets.UTF_8).length;
        if (length == 0 || length > Cursor.MAX_NAME_BYTES) {
            throw new IllegalArgumentException(
                    "a name has 1 to %d bytes, but this one has %d: %s".formatted(Cursor.MAX_NAME_BYTES, length, name));
        }
    }

    /**
     * Writes the file beside {@code target} and replaces {@code target} when the file is complete. If anything fails,
     * {@code target} is unchanged and no other file remains.
     */
    public void writeTo(Path target) throws IOException {
        try (StagedFile file = StagedFile.create(target)) {
            file.write(header());
            for (Map.Entry<String, Content> tensor : tensors.entrySet()) {
                file.pad(alignment);
                tensor.getValue().source().writeTo(file);
            }
            file.pad(alignment);
            file.commit();
        }
    }

    private byte[] header() {
        var out = new Encoder();
        out.bytes(GgufHeader.MAGIC).int32(VERSION).int64(tensors.size()).int64(metadata.size());
        metadata.forEach((key, value) -> out.string(key).bytes(value));
        long offset = 0;
        for (Map.Entry<String, Content> entry : tensors.entrySet()) {
            Content tensor = entry.getValue();
            out.string(entry.getKey()).int32(tensor.shape().size());
            tensor.shape().forEach(out::int64);
            out.int32(type(entry.getKey(), tensor.format())).int64(offset);
            offset = (offset + tensor.bytes() + alignment - 1) & -alignment;
        }
        return out.toBytes();
    }

    private static int type(String tensor, WeightFormat format) {
        if (format instanceof ProvidedFormat provided) {
            return provided.ggufType()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "tensor %s: the weight format %s has no type number in GGUF files"
                                    .formatted(tensor, format)));
        }
        return WeightFormats.ggmlType(format);
    }
}
