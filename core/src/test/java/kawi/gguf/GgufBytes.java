package kawi.gguf;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import kawi.quant.WeightFormats;

/** Builds small valid and invalid GGUF files, and converts loaded ones back to bytes. */
final class GgufBytes {

    private final Encoder out = new Encoder();

    /** A header that declares what the test then appends, or does not. */
    static GgufBytes header(int version, long tensors, long keys) {
        var bytes = new GgufBytes();
        bytes.out
                .bytes(new byte[] {'G', 'G', 'U', 'F'})
                .int32(version)
                .int64(tensors)
                .int64(keys);
        return bytes;
    }

    GgufBytes key(String key, MetadataType type, Object value) {
        out.string(key).int32(type.code()).value(type, value);
        return this;
    }

    GgufBytes tensor(String name, int type, long offset, long... shape) {
        out.string(name).int32(shape.length);
        Arrays.stream(shape).forEach(out::int64);
        out.int32(type).int64(offset);
        return this;
    }

    GgufBytes string(String text) {
        out.string(text);
        return this;
    }

    GgufBytes int32(int value) {
        out.int32(value);
        return this;
    }

    GgufBytes int64(long value) {
        out.int64(value);
        return this;
    }

    GgufBytes bytes(int... values) {
        for (int value : values) {
            out.bytes(new byte[] {(byte) value});
        }
        return this;
    }

    /** Zeros up to the next multiple of 32, then {@code count} bytes 1, 2, 3 and so on. */
    GgufBytes data(int count) {
        out.bytes(new byte[Math.floorMod(-out.toBytes().length, 32)]);
        byte[] data = new byte[count];
        for (int i = 0; i < count; i++) {
            data[i] = (byte) (i + 1);
        }
        out.bytes(data);
        return this;
    }

    byte[] toBytes() {
        return out.toBytes();
    }

    GgufFile read() {
        return GgufFile.of(MemorySegment.ofArray(toBytes()), "test.gguf");
    }

    /** Everything before the data of {@code file}, decoded and encoded again. */
    static byte[] encodeHead(GgufFile file, MemorySegment data) {
        var bytes = header(
                file.version(),
                file.tensorNames().size(),
                file.metadata().keys().size());
        for (String key : file.metadata().keys()) {
            bytes.key(key, file.metadata().type(key), file.metadata().value(key));
        }
        long infoBytes = file.tensorNames().stream()
                .mapToLong(name -> new Encoder().string(name).toBytes().length + 16L + 8L * file.shape(name).length)
                .sum();
        long alignment =
                file.metadata().has("general.alignment") ? file.metadata().integer("general.alignment") : 32;
        long dataStart = (bytes.toBytes().length + infoBytes + alignment - 1) / alignment * alignment;
        for (String name : file.tensorNames()) {
            long offset = file.tensor(name).data().address() - data.address() - dataStart;
            bytes.tensor(name, WeightFormats.ggmlType(file.format(name)), offset, file.shape(name));
        }
        return bytes.toBytes();
    }

    /** A small file of the first elements of every array and the first tensors of {@code file}. */
    static byte[] shortened(GgufFile file) {
        List<String> tensors = file.tensorNames().stream().limit(6).toList();
        var bytes = header(3, tensors.size(), file.metadata().keys().size());
        for (String key : file.metadata().keys()) {
            Object value = file.metadata().value(key);
            if (value instanceof MetadataArray(MetadataType type, List<?> values)) {
                value = new MetadataArray(type, values.subList(0, Math.min(3, values.size())));
            }
            bytes.key(key, file.metadata().type(key), value);
        }
        long offset = 0;
        for (String name : tensors) {
            bytes.tensor(name, WeightFormats.ggmlType(file.format(name)), offset, file.shape(name));
            offset += (file.tensor(name).data().byteSize() + 31) / 32 * 32;
        }
        return bytes.data(Math.toIntExact(offset)).toBytes();
    }

    /** Replaces the eight bytes from {@code at} on, as far as there are that many. */
    static void putLong(byte[] bytes, int at, long value) {
        byte[] little = ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
        System.arraycopy(little, 0, bytes, at, Math.min(8, bytes.length - at));
    }
}
