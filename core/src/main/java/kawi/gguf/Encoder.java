package kawi.gguf;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Encodes metadata values as the bytes that {@link Cursor} reads. */
final class Encoder {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteBuffer number = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);

    byte[] toBytes() {
        return out.toByteArray();
    }

    Encoder bytes(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    Encoder int32(int value) {
        return number(value, Integer.BYTES);
    }

    Encoder int64(long value) {
        return number(value, Long.BYTES);
    }

    /** The low {@code bytes} bytes of {@code value}. */
    private Encoder number(long value, int bytes) {
        out.write(number.putLong(0, value).array(), 0, bytes);
        return this;
    }

    Encoder string(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return int64(bytes.length).bytes(bytes);
    }

    /**
     * @throws IllegalArgumentException if {@code value} does not have the type {@code type}
     */
    Encoder value(MetadataType type, Object value) {
        return switch (value) {
            case String text when type == MetadataType.STRING -> string(text);
            case Boolean truth when type == MetadataType.BOOL -> number(truth ? 1 : 0, 1);
            case Number n when type == MetadataType.FLOAT32 -> int32(Float.floatToRawIntBits(n.floatValue()));
            case Number n when type == MetadataType.FLOAT64 -> int64(Double.doubleToRawLongBits(n.doubleValue()));
            case Number n when type.isInteger() && fits(type, n) -> number(n.longValue(), type.minimumBytes());
            case MetadataArray array when type == MetadataType.ARRAY -> array(array);
            default -> throw new IllegalArgumentException("%s is not a value of type %s".formatted(value, type));
        };
    }

    private Encoder array(MetadataArray array) {
        int32(array.elementType().code());
        int64(array.values().size());
        for (Object element : array.values()) {
            value(array.elementType(), element);
        }
        return this;
    }

    private static boolean fits(MetadataType type, Number value) {
        BigInteger integer = switch (value) {
            case Byte b -> BigInteger.valueOf(b);
            case Short s -> BigInteger.valueOf(s);
            case Integer i -> BigInteger.valueOf(i);
            case Long l -> BigInteger.valueOf(l);
            case BigInteger b -> b;
            default -> null;
        };
        if (integer == null) {
            return false;
        }
        int bits = type.minimumBytes() * Byte.SIZE;
        return switch (type) {
            case UINT8, UINT16, UINT32, UINT64 -> integer.signum() >= 0 && integer.bitLength() <= bits;
            default -> integer.bitLength() < bits;
        };
    }
}
