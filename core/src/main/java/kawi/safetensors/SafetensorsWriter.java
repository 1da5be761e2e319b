package kawi.safetensors;

import java.io.IOException;
import java.io.StringWriter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SequencedMap;
import kawi.files.StagedFile;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Writes a safetensors file of F32 tensors whose shapes are known in advance and whose values are written in pieces, so
 * that the file may be larger than memory. The target is unchanged until {@link #finish}; closing a writer before that
 * deletes what it wrote.
 */
public final class SafetensorsWriter implements AutoCloseable {

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final StagedFile file;
    private final long end;
    private final MemorySegment buffer = MemorySegment.ofArray(new byte[1 << 16]);

    private SafetensorsWriter(StagedFile file, long end) {
        this.file = file;
        this.end = end;
    }

    /**
     * Creates the file {@code target}, whose directory must exist.
     *
     * @param shapes the dimensions of every tensor by name, the contiguous one last; tensors are written in this order
     */
    public static SafetensorsWriter create(Path target, SequencedMap<String, long[]> shapes) throws IOException {
        var header = new StringWriter();
        long bytes = 0;
        try (JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), header)) {
            json.writeStartObject();
            for (var tensor : shapes.entrySet()) {
                long[] shape = tensor.getValue();
                long begin = bytes;
                bytes = Math.addExact(bytes, bytes(shape));
                json.writeName(tensor.getKey());
                json.writeStartObject();
                json.writeStringProperty("dtype", "F32");
                json.writeName("shape");
                json.writeArray(shape, 0, shape.length);
                json.writeName("data_offsets");
                json.writeArray(new long[] {begin, bytes}, 0, 2);
                json.writeEndObject();
            }
            json.writeEndObject();
        }
        byte[] text = header.toString().getBytes(StandardCharsets.UTF_8);
        // Spaces pad the header so that the data starts at a multiple of 8, as in all writers of the format.
        byte[] padded = Arrays.copyOf(text, (text.length + 7) & -8);
        Arrays.fill(padded, text.length, padded.length, (byte) ' ');
        StagedFile file = StagedFile.create(target);
        try {
            file.write(ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(padded.length)
                    .array());
            file.write(padded);
            return new SafetensorsWriter(file, file.written() + bytes);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static long bytes(long[] shape) {
        long bytes = Float.BYTES;
        for (long size : shape) {
            if (size < 0) {
                throw new IllegalArgumentException(
                        "the shape %s has a negative dimension".formatted(Arrays.toString(shape)));
            }
            bytes = Math.multiplyExact(bytes, size);
        }
        return bytes;
    }

    /**
     * Appends {@code count} values from {@code values[offset]} on to the tensors, in the order in which they were
     * declared.
     */
    public void write(float[] values, int offset, int count) throws IOException {
        write(MemorySegment.ofArray(values).asSlice((long) offset * Float.BYTES, (long) count * Float.BYTES));
    }

    /** Appends the floats in {@code values}, which are in native byte order. */
    public void write(MemorySegment values) throws IOException {
        if (values.byteSize() > end - file.written()) {
            throw new IllegalArgumentException("%d bytes of values are given, but only %d are missing"
                    .formatted(values.byteSize(), end - file.written()));
        }
        for (long at = 0; at < values.byteSize(); ) {
            long bytes = Math.min(buffer.byteSize(), values.byteSize() - at);
            MemorySegment.copy(values, ValueLayout.JAVA_FLOAT_UNALIGNED, at, buffer, FLOAT, 0, bytes / Float.BYTES);
            file.write(buffer.asSlice(0, bytes));
            at += bytes;
        }
    }

    /**
     * Replaces the target by the complete file.
     *
     * @throws IllegalStateException if values are missing
     */
    public void finish() throws IOException {
        if (file.written() != end) {
            throw new IllegalStateException("%d bytes of values are still missing".formatted(end - file.written()));
        }
        file.commit();
    }

    /** Deletes the file unless it is finished. */
    @Override
    public void close() throws IOException {
        file.close();
    }
}
