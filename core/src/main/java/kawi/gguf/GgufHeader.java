package kawi.gguf;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import kawi.ModelFileException;
import kawi.files.Excerpt;
import kawi.files.FileBytes;
import kawi.files.FileContent;
import kawi.quant.RowHeader;
import kawi.quant.WeightFormat;
import kawi.quant.WeightFormats;
import kawi.weights.ProvidedFormats;
import org.jspecify.annotations.Nullable;

/**
 * Everything before the weights of a GGUF file.
 *
 * <p>Tensors that cannot be read (of a format that is not supported, or without weights) are part of the header,
 * because files contain tensors that are not needed; they are rejected when they are requested.
 *
 * @param version of the format, 2 or 3, which differ only in the big-endian files of version 3
 * @param tensors by name, in file order
 */
record GgufHeader(int version, Metadata metadata, SequencedMap<String, TensorInfo> tensors) {

    /* A file, all little endian and without gaps up to the data:
     *
     *     "GGUF"  u32 version  u64 tensor count  u64 metadata count
     *     metadata    string key, u32 type, value                        as many as counted
     *     tensors     string name, u32 n, u64 dim[n], u32 type, u64 at   as many as counted
     *     padding to the next multiple of general.alignment
     *     data        tensor i from data + at[i] on
     *
     * A string is a u64 length and as many bytes; an array is a u32 element type, a u64 count and the elements.
     *
     * The limits on counts are far above real files (which have some fifty keys and at most a few thousand tensors);
     * they bound the cost of a file that consists of tiny entries only. Gaps between tensors are allowed. Overlaps are
     * not: no writer produces them, so a file that has one is damaged.
     */

    static final byte[] MAGIC = {'G', 'G', 'U', 'F'};
    static final String ALIGNMENT_KEY = "general.alignment";
    static final int DEFAULT_ALIGNMENT = 32;
    private static final int MIN_ALIGNMENT = 8;
    private static final int MAX_ALIGNMENT = 1 << 20;
    private static final int MAX_KEYS = 1 << 16;
    private static final int MAX_TENSORS = 1 << 16;
    static final int MAX_DIMENSIONS = 4;

    /** The format permits more than the four dimensions that its own library supports. */
    private static final int MAX_READ_DIMENSIONS = 8;

    private static final int MIN_ENTRY_BYTES = 8 + 1 + 4 + 1;
    private static final int MIN_TENSOR_BYTES = 8 + 1 + 4 + 8 + 4 + 8;

    /** A tensor's entry; {@code offset} counts from the start of the data, the rest is as in {@link TensorInfo}. */
    private record Declared(
            String name,
            String type,
            @Nullable WeightFormat format,
            @Nullable String problem,
            List<Long> shape,
            int rows,
            int columns,
            long offset,
            long infoAt) {

        Declared as(WeightFormat other) {
            return new Declared(name, other.name(), other, problem, shape, rows, columns, offset, infoAt);
        }
    }

    /** Reads and checks the header of {@code file}. */
    static GgufHeader read(FileBytes file) {
        byte[] magic = new byte[(int) Math.min(file.size(), MAGIC.length)];
        file.read(0, magic, magic.length);
        if (!Arrays.equals(magic, MAGIC)) {
            throw new ModelFileException(
                    "%s is not a GGUF file: %s".formatted(file.name(), FileContent.describe(file)));
        }
        var cursor = new Cursor(file, "header", null, MAGIC.length);
        int version = version(cursor);
        int tensorCount = cursor.count("tensors", MIN_TENSOR_BYTES, MAX_TENSORS);
        int keyCount = cursor.count("metadata entries", MIN_ENTRY_BYTES, MAX_KEYS);
        Metadata metadata = Metadata.read(file, cursor, keyCount);
        int alignment = alignment(metadata, file.name());
        var provided = new ProvidedFormats();
        var declared = new ArrayList<Declared>();
        for (int i = 0; i < tensorCount; i++) {
            cursor.reading("tensor entry " + i, null);
            declared.add(tensor(cursor, alignment, provided));
        }
        long dataStart = (cursor.position() + alignment - 1) & -alignment;
        List<Declared> tensors = inGroups(declared, file.size() - dataStart, alignment);
        return new GgufHeader(version, metadata, place(tensors, dataStart, file.size(), cursor));
    }

    private static int version(Cursor cursor) {
        long at = cursor.position();
        int version = cursor.int32();
        if (version == 2 || version == 3) {
            return version;
        }
        if (version == 1) {
            throw cursor.failure(at, "GGUF version 1 is obsolete since 2023; convert the original model again");
        }
        if ((version & 0xFFFF) == 0 && version != 0) {
            throw cursor.failure(
                    at,
                    "the file is big endian (version %d); only little-endian GGUF is read"
                            .formatted(Integer.reverseBytes(version)));
        }
        throw cursor.failure(
                at,
                "GGUF version %s is unknown; versions 2 and 3 are read".formatted(Integer.toUnsignedString(version)));
    }

    private static int alignment(Metadata metadata, String file) {
        if (!metadata.has(ALIGNMENT_KEY)) {
            return DEFAULT_ALIGNMENT;
        }
        long alignment = metadata.integer(ALIGNMENT_KEY);
        if (!isAlignment(alignment)) {
            throw new ModelFileException("%s: key %s is %d, but must be a power of two from %d to %d"
                    .formatted(file, ALIGNMENT_KEY, alignment, MIN_ALIGNMENT, MAX_ALIGNMENT));
        }
        return Math.toIntExact(alignment);
    }

    static boolean isAlignment(long alignment) {
        return alignment >= MIN_ALIGNMENT && alignment <= MAX_ALIGNMENT && Long.bitCount(alignment) == 1;
    }

    private static Declared tensor(Cursor cursor, int alignment, ProvidedFormats provided) {
        long infoAt = cursor.position();
        String name = cursor.name();
        cursor.reading("tensor", name);
        List<Long> shape = shape(cursor);
        int columns = shape.isEmpty() ? 1 : Math.toIntExact(shape.getFirst());
        long rowCount = 1;
        for (int i = 1; i < shape.size(); i++) {
            rowCount *= shape.get(i);
        }
        int rows = Math.toIntExact(rowCount);
        int type = cursor.int32();
        WeightFormat format = null;
        String problem = null;
        try {
            format = format(type, provided);
        } catch (IllegalArgumentException e) {
            problem = e.getMessage();
        }
        if (format != null && columns % format.blockSize() != 0) {
            problem = "%s comes in blocks of %d, but rows have %d weights"
                    .formatted(format.name(), format.blockSize(), columns);
            format = null;
        }
        if (columns == 0 || rows == 0) {
            problem = "the shape %s has no weights".formatted(dimensions(shape));
            format = null;
        }
        long offsetAt = cursor.position();
        long offset = cursor.int64();
        if (offset % alignment != 0) {
            throw cursor.failure(
                    offsetAt,
                    "the data offset %s is not a multiple of the alignment %d"
                            .formatted(Long.toUnsignedString(offset), alignment));
        }
        String typeName = format == null ? WeightFormats.ggmlTypeName(type) : format.name();
        return new Declared(name, typeName, format, problem, shape, rows, columns, offset, infoAt);
    }

    private static WeightFormat format(int type, ProvidedFormats provided) {
        try {
            return WeightFormats.ofGgmlType(type);
        } catch (IllegalArgumentException e) {
            return provided.ofGgufType(type, String.valueOf(e.getMessage()));
        }
    }

    /** Dimensions of which the first, and the product of the others, fit an {@code int}. */
    private static List<Long> shape(Cursor cursor) {
        long countAt = cursor.position();
        int dimensions = cursor.int32();
        if (dimensions < 0 || dimensions > MAX_READ_DIMENSIONS) {
            throw cursor.failure(
                    countAt,
                    "%s dimensions are declared; 0 to %d are read"
                            .formatted(Integer.toUnsignedString(dimensions), MAX_READ_DIMENSIONS));
        }
        var shape = new ArrayList<Long>();
        long rows = 1;
        for (int i = 0; i < dimensions; i++) {
            long at = cursor.position();
            long size = cursor.int64();
            if (size < 0 || size > Integer.MAX_VALUE) {
                throw cursor.failure(
                        at,
                        "dimension %d is %s, but must be from 0 to %d"
                                .formatted(i, Long.toUnsignedString(size), Integer.MAX_VALUE));
            }
            shape.add(size);
            rows *= i == 0 ? 1 : size;
            if (rows > Integer.MAX_VALUE) {
                throw cursor.failure(
                        at, "the dimensions %s make more than %d rows".formatted(shape, Integer.MAX_VALUE));
            }
        }
        return List.copyOf(shape);
    }

    /**
     * Recognizes groups of 128 in tensors of type Q2_0, which files have that were written by PrismML's fork before
     * ggml had a type of this number, with groups of 64: all these tensors end where PQ2_0 would, and some are too
     * short for Q2_0.
     */
    private static List<Declared> inGroups(List<Declared> declared, long room, int alignment) {
        WeightFormat groups64 = WeightFormats.byName("Q2_0");
        WeightFormat groups128 = WeightFormats.byName("PQ2_0");
        long[] starts = declared.stream().mapToLong(Declared::offset).sorted().toArray();
        List<Declared> found = declared.stream()
                .filter(tensor -> groups64.equals(tensor.format()))
                .toList();
        boolean possible = true;
        boolean necessary = false;
        for (Declared tensor : found) {
            long weights = (long) tensor.rows() * tensor.columns();
            long gap = Math.min(room, next(starts, tensor.offset())) - tensor.offset();
            long bytes = groups128.bytes(weights);
            possible &= tensor.columns() % groups128.blockSize() == 0 && gap >= bytes && gap < bytes + alignment;
            necessary |= gap < groups64.bytes(weights);
        }
        boolean wide = possible && necessary;
        if (!wide) {
            return declared;
        }
        return declared.stream()
                .map(tensor -> groups64.equals(tensor.format()) ? tensor.as(groups128) : tensor)
                .toList();
    }

    /** Computes the position of every tensor in the file and checks that no two of them overlap. */
    private static SequencedMap<String, TensorInfo> place(
            List<Declared> declared, long dataStart, long fileSize, Cursor cursor) {
        var tensors = new LinkedHashMap<String, TensorInfo>();
        long[] starts = new long[declared.size()];
        for (int i = 0; i < starts.length; i++) {
            starts[i] = declared.get(i).offset();
        }
        Arrays.sort(starts);
        for (Declared tensor : declared) {
            cursor.reading("tensor", tensor.name());
            long room = fileSize - dataStart;
            if (tensor.offset() < 0 || tensor.offset() > room) {
                throw outside(tensor, dataStart, fileSize, cursor);
            }
            long bytes;
            if (tensor.format() != null) {
                bytes = bytes(tensor, tensor.format(), dataStart, fileSize, cursor);
            } else if (tensor.rows() == 0 || tensor.columns() == 0) {
                bytes = 0;
            } else {
                bytes = Math.min(room, next(starts, tensor.offset())) - tensor.offset();
            }
            var info = new TensorInfo(
                    tensor.type(),
                    tensor.format(),
                    tensor.problem(),
                    tensor.shape(),
                    tensor.rows(),
                    tensor.columns(),
                    dataStart + tensor.offset(),
                    bytes);
            if (tensors.putIfAbsent(tensor.name(), info) != null) {
                throw cursor.failure(tensor.infoAt(), "the tensor is declared twice");
            }
        }
        checkOverlaps(tensors, cursor);
        return tensors;
    }

    /** The first of the sorted {@code starts} after {@code offset}. */
    private static long next(long[] starts, long offset) {
        int at = Arrays.binarySearch(starts, offset + 1);
        int index = at < 0 ? -at - 1 : at;
        return index < starts.length ? starts[index] : Long.MAX_VALUE;
    }

    private static long bytes(Declared tensor, WeightFormat format, long dataStart, long fileSize, Cursor cursor) {
        long rowBytes = RowHeader.rowBytes(format, tensor.columns());
        if (tensor.rows() > (fileSize - dataStart - tensor.offset()) / rowBytes) {
            throw outside(tensor, dataStart, fileSize, cursor);
        }
        return tensor.rows() * rowBytes;
    }

    private static ModelFileException outside(Declared tensor, long dataStart, long fileSize, Cursor cursor) {
        BigInteger needed = tensor.format() == null
                ? BigInteger.ZERO
                : BigInteger.valueOf(tensor.rows())
                        .multiply(BigInteger.valueOf(RowHeader.rowBytes(tensor.format(), tensor.columns())));
        return cursor.failure(
                tensor.infoAt(),
                "%s %s needs %d bytes at data offset %s; the data begins at byte %d and the file ends at byte %d"
                        .formatted(
                                dimensions(tensor.shape()),
                                tensor.type(),
                                needed,
                                Long.toUnsignedString(tensor.offset()),
                                dataStart,
                                fileSize));
    }

    private static String dimensions(List<Long> shape) {
        return shape.isEmpty() ? "1" : shape.stream().map(String::valueOf).collect(Collectors.joining("x"));
    }

    private static void checkOverlaps(SequencedMap<String, TensorInfo> tensors, Cursor cursor) {
        var byOffset = new ArrayList<>(tensors.entrySet());
        byOffset.removeIf(entry -> entry.getValue().bytes() == 0);
        byOffset.sort(Comparator.comparingLong(entry -> entry.getValue().offset()));
        Map.Entry<String, TensorInfo> previous = null;
        for (Map.Entry<String, TensorInfo> next : byOffset) {
            if (previous != null) {
                long end = previous.getValue().offset() + previous.getValue().bytes();
                if (end > next.getValue().offset()) {
                    cursor.reading("tensor", next.getKey());
                    throw cursor.failure(
                            next.getValue().offset(),
                            "its data begins inside that of tensor %s, which ends at byte %d"
                                    .formatted(Excerpt.of(previous.getKey()), end));
                }
            }
            previous = next;
        }
    }
}
