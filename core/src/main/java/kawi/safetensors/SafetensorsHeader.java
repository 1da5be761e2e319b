package kawi.safetensors;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import kawi.ModelFileException;
import kawi.files.Excerpt;
import kawi.files.FileBytes;
import kawi.files.FileContent;
import org.jspecify.annotations.Nullable;

/**
 * The directory at the start of a safetensors file.
 *
 * @param metadata the free-form pairs under {@code __metadata__}
 * @param tensors by name, in the order of the header
 * @param dataBytes how many bytes follow the header
 */
record SafetensorsHeader(Map<String, String> metadata, SequencedMap<String, Entry> tensors, long dataBytes) {

    /* A file:
     *
     *     u64 N, little endian
     *     N bytes of JSON, beginning with '{' and possibly padded with spaces:
     *         {"__metadata__": {"format": "pt"},
     *          "model.norm.weight": {"dtype": "BF16", "shape": [1024], "data_offsets": [0, 2048]}, ...}
     *     data; offsets count from its first byte
     *
     * The tensors must fill the data exactly, without overlap, hole or remainder. So each tensor begins where the one
     * before it in the data ends, which is all there is to check once they are sorted.
     */

    private static final ValueLayout.OfLong LENGTH = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final String METADATA = "__metadata__";
    private static final int MAX_TENSORS = 1 << 18;
    private static final int MAX_DIMENSIONS = 64;

    /**
     * A tensor.
     *
     * @param shape its dimensions, the contiguous one last
     * @param weights their product
     * @param begin its first byte, from the start of the file
     * @param end the byte after its last
     */
    record Entry(String dtype, List<Long> shape, long weights, long begin, long end) {}

    /** Reads and checks the header of {@code bytes}. */
    static SafetensorsHeader read(FileBytes bytes) {
        String file = bytes.name();
        int length = length(bytes);
        long dataStart = (long) Long.BYTES + length;
        var metadata = new LinkedHashMap<String, String>();
        var tensors = new LinkedHashMap<String, Entry>();
        JsonText.read(bytes.head(dataStart), file, Long.BYTES, length, (name, json) -> {
            if (name.equals(METADATA)) {
                json.object(key -> metadata.put(key, json.string()));
            } else if (tensors.size() == MAX_TENSORS) {
                throw json.failure("there are more than %d tensors".formatted(MAX_TENSORS));
            } else {
                tensors.put(name, new EntryReader(name, json).read(dataStart));
            }
        });
        checkCoverage(tensors, dataStart, bytes.size(), file);
        return new SafetensorsHeader(metadata, tensors, bytes.size() - dataStart);
    }

    private static int length(FileBytes bytes) {
        String file = bytes.name();
        long size = bytes.size();
        MemorySegment data = bytes.head(Long.BYTES + 1);
        if (size <= Long.BYTES || data.get(ValueLayout.JAVA_BYTE, Long.BYTES) != '{') {
            throw new ModelFileException(
                    "%s is not a safetensors file: %s".formatted(file, FileContent.describe(bytes)));
        }
        long length = data.get(LENGTH, 0);
        if (length < 2 || length > size - Long.BYTES || length > JsonText.MAX_BYTES) {
            throw new ModelFileException(
                    "%s: at byte 0: a header of %s bytes is declared; it must be from 2 to %d, and the file has %d more"
                            .formatted(file, Long.toUnsignedString(length), JsonText.MAX_BYTES, size - Long.BYTES));
        }
        return (int) length;
    }

    private static void checkCoverage(Map<String, Entry> tensors, long dataStart, long fileSize, String file) {
        var byOffset = new ArrayList<>(tensors.entrySet());
        byOffset.sort(Comparator.<Map.Entry<String, Entry>>comparingLong(
                        tensor -> tensor.getValue().begin())
                .thenComparingLong(tensor -> tensor.getValue().end()));
        long covered = dataStart;
        for (Map.Entry<String, Entry> tensor : byOffset) {
            long begin = tensor.getValue().begin();
            if (begin != covered) {
                throw new ModelFileException("%s: tensor %s begins at byte %d, but the tensors before it end at byte %d"
                        .formatted(file, Excerpt.of(tensor.getKey()), begin, covered));
            }
            covered = tensor.getValue().end();
        }
        if (covered != fileSize) {
            throw new ModelFileException("%s: the tensors end at byte %d, but the file at byte %d; %s"
                    .formatted(
                            file,
                            covered,
                            fileSize,
                            covered > fileSize ? "the file is truncated" : "the rest is unknown"));
        }
    }

    /** Reads the description of one tensor. */
    private static final class EntryReader {

        private final String name;
        private final JsonText json;
        private final List<Long> shape = new ArrayList<>();
        private final List<Long> offsets = new ArrayList<>();
        private @Nullable String dtype;
        private boolean hasShape;

        EntryReader(String name, JsonText json) {
            this.name = name;
            this.json = json;
        }

        Entry read(long dataStart) {
            json.object(this::field);
            if (dtype == null || !hasShape || offsets.size() != 2) {
                throw failure("dtype, shape and two data_offsets are required, but one of them is missing");
            }
            long begin = offsets.getFirst();
            long end = offsets.getLast();
            if (begin > end || end > Long.MAX_VALUE - dataStart) {
                throw failure("the data offsets %d to %d are not a range".formatted(begin, end));
            }
            long weights = weights(dtype, end - begin);
            return new Entry(dtype, List.copyOf(shape), weights, dataStart + begin, dataStart + end);
        }

        private void field(String field) {
            switch (field) {
                case "dtype" -> dtype = json.string();
                case "shape" -> {
                    hasShape = true;
                    json.array(() -> add(shape, MAX_DIMENSIONS, "dimensions"));
                }
                case "data_offsets" -> json.array(() -> add(offsets, 2, "data offsets"));
                default -> json.skip();
            }
        }

        private void add(List<Long> sizes, int limit, String what) {
            if (sizes.size() == limit) {
                throw failure("there are more than %d %s".formatted(limit, what));
            }
            sizes.add(json.size());
        }

        /** The product of the dimensions, which must match the number of {@code bytes}. */
        private long weights(String dtype, long bytes) {
            long weights = 1;
            for (long size : shape) {
                if (size != 0 && weights > Long.MAX_VALUE / Long.SIZE / size) {
                    throw failure("the dimensions %s multiply to more than can be addressed".formatted(shape));
                }
                weights *= size;
            }
            int bits = Dtype.bits(dtype).orElse(0);
            // A type of unknown size cannot be checked, but is never decoded.
            if (bits != 0 && (weights * bits % Byte.SIZE != 0 || weights * bits / Byte.SIZE != bytes)) {
                throw failure("%s of shape %s needs %d bits, but the data offsets have %d bytes"
                        .formatted(dtype, shape, weights * bits, bytes));
            }
            return weights;
        }

        private ModelFileException failure(String sentence) {
            return json.failure("tensor %s: %s".formatted(Excerpt.of(name), sentence));
        }
    }
}
