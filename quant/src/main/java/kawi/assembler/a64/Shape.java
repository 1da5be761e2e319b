package kawi.assembler.a64;

import java.util.Locale;

/**
 * How an instruction divides a vector register into elements: all of its 128 bits, the lower 64 bits, or a single
 * element at its low end.
 */
public enum Shape {
    B8(1, 8),
    B16(1, 16),
    H4(2, 4),
    H8(2, 8),
    S2(4, 2),
    S4(4, 4),
    D1(8, 1),
    D2(8, 2),
    B(1, 1),
    H(2, 1),
    S(4, 1),
    D(8, 1),
    Q(16, 1);

    private final int elementBytes;
    private final int lanes;

    Shape(int elementBytes, int lanes) {
        this.elementBytes = elementBytes;
        this.lanes = lanes;
    }

    /** The size of an element in bytes. */
    int elementBytes() {
        return elementBytes;
    }

    int lanes() {
        return lanes;
    }

    int bytes() {
        return elementBytes * lanes;
    }

    /** The logarithm of the element's size in bytes to the base 2. */
    int sizeCode() {
        return Integer.numberOfTrailingZeros(elementBytes);
    }

    /** Whether it is one element rather than a vector. */
    boolean scalar() {
        return lanes == 1 && this != D1;
    }

    /** The bit of this shape in a set of shapes. */
    @SuppressWarnings("EnumOrdinal") // any numbering will do
    int bit() {
        return 1 << ordinal();
    }

    /** Whether it has 128 bits. */
    boolean whole() {
        return bytes() == 16;
    }

    /** The vector of 64 or 128 bits with elements of this size, a power of two. */
    static Shape vector(int elementBytes, boolean whole) {
        return switch (elementBytes) {
            case 1 -> whole ? B16 : B8;
            case 2 -> whole ? H8 : H4;
            case 4 -> whole ? S4 : S2;
            default -> whole ? D2 : D1;
        };
    }

    /** One element of this size, a power of two. */
    static Shape scalar(int elementBytes) {
        return switch (elementBytes) {
            case 1 -> B;
            case 2 -> H;
            case 4 -> S;
            default -> D;
        };
    }

    /** As the manual writes it: {@code 16b}, or {@code s} for one element. */
    String text() {
        String letter = name().substring(0, 1).toLowerCase(Locale.ROOT);
        return scalar() ? letter : lanes + letter;
    }
}
