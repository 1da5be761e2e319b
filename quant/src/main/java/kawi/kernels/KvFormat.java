package kawi.kernels;

import java.util.Locale;

/** The format in which keys or values are stored. */
public enum KvFormat {
    /**
     * IEEE half precision, rounded to nearest, half to even: half the memory, and half the memory traffic for long
     * sequences. Beyond 65,504 a number becomes infinite; normalized keys and the values of trained models are far
     * below.
     */
    F16(Short.BYTES),

    /** The result without conversion. */
    F32(Float.BYTES);

    private final int bytes;

    KvFormat(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of a run of numbers. */
    public long bytes(long numbers) {
        return numbers * bytes;
    }

    /**
     * The format of this name, ignoring case.
     *
     * @param name {@code f16}, {@code f32}, or {@code auto} for {@code usual}
     */
    public static KvFormat of(String name, KvFormat usual) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "auto" -> usual;
            case "f16" -> F16;
            case "f32" -> F32;
            default ->
                throw new IllegalArgumentException(
                        "keys and values in '%s': expected auto, f16 or f32".formatted(name));
        };
    }

    /** The name that {@link #of} takes. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
