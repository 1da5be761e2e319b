package kawi.kernels;

import java.util.Locale;

/** The format in which keys or values are stored. */
public enum KvFormat {
    /**
     * IEEE half precision, rounded to nearest, half to even: half the memory, and half the memory traffic for long
     * sequences. Beyond 65,504 a number becomes infinite; normalized keys and the values of trained models are far
     * below.
     */
    F16(Short.SIZE),

    /** The result without conversion. */
    F32(Float.SIZE),

    /** Rotated, in 8 bits per number with a scale per key or value, see {@link KvQuantization}. */
    Q8(8),

    /** Rotated, in 4 bits per number with a scale per key or value, see {@link KvQuantization}. */
    Q4(4);

    private final int bits;

    KvFormat(int bits) {
        this.bits = bits;
    }

    /** Bits per number, without scales. */
    public int bits() {
        return bits;
    }

    /** Whether numbers are stored as integers with scales. */
    public boolean quantized() {
        return this == Q8 || this == Q4;
    }

    /**
     * The format of this name, ignoring case.
     *
     * @param name {@code f16}, {@code f32}, {@code q8}, {@code q4}, or {@code auto} for {@code usual}
     */
    public static KvFormat of(String name, KvFormat usual) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "auto" -> usual;
            case "f16" -> F16;
            case "f32" -> F32;
            case "q8" -> Q8;
            case "q4" -> Q4;
            default ->
                throw new IllegalArgumentException(
                        "keys and values in '%s': expected auto, f16, f32, q8 or q4".formatted(name));
        };
    }

    /** The name that {@link #of} takes. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
