package kawi.safetensors;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Builds small valid and invalid safetensors files. */
final class SafetensorsBytes {

    private SafetensorsBytes() {}

    /** A file with the header {@code json}, followed by {@code dataBytes} bytes 1, 2, 3 and so on. */
    static byte[] file(String json, int dataBytes) {
        byte[] header = json.getBytes(StandardCharsets.UTF_8);
        return file(header.length, header, dataBytes);
    }

    static byte[] file(long declaredLength, byte[] header, int dataBytes) {
        ByteBuffer bytes = ByteBuffer.allocate(8 + header.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(declaredLength).put(header);
        for (int i = 1; i <= dataBytes; i++) {
            bytes.put((byte) i);
        }
        return bytes.array();
    }

    static SafetensorsFile read(byte[] bytes) {
        return SafetensorsFile.of(MemorySegment.ofArray(bytes), "test.safetensors");
    }
}
