package kawi.assembler.a64;

/**
 * A vector register, number 0 to 31, as one instruction divides it. Other divisions of the same register: {@link #b16}
 * and the like for vectors, {@link #s()} and the like for the element at the low end, {@link #s(int)} and the like for
 * another element.
 */
public record Vec(int number, Shape shape) {

    public Vec {
        if (number < 0 || number > 31) {
            throw new IllegalArgumentException("vector register " + number + ": there are 0 to 31");
        }
    }

    /** Register {@code number} as four elements of 32 bits. */
    public static Vec v(int number) {
        return new Vec(number, Shape.S4);
    }

    /** The same register in another shape. */
    public Vec as(Shape other) {
        return new Vec(number, other);
    }

    /** 8 elements of 8 bits. */
    public Vec b8() {
        return as(Shape.B8);
    }

    /** 16 elements of 8 bits. */
    public Vec b16() {
        return as(Shape.B16);
    }

    /** 4 elements of 16 bits. */
    public Vec h4() {
        return as(Shape.H4);
    }

    /** 8 elements of 16 bits. */
    public Vec h8() {
        return as(Shape.H8);
    }

    /** 2 elements of 32 bits. */
    public Vec s2() {
        return as(Shape.S2);
    }

    /** 4 elements of 32 bits. */
    public Vec s4() {
        return as(Shape.S4);
    }

    /** 1 element of 64 bits. */
    public Vec d1() {
        return as(Shape.D1);
    }

    /** 2 elements of 64 bits. */
    public Vec d2() {
        return as(Shape.D2);
    }

    /** The low 8 bits. */
    public Vec b() {
        return as(Shape.B);
    }

    /** The low 16 bits. */
    public Vec h() {
        return as(Shape.H);
    }

    /** The low 32 bits. */
    public Vec s() {
        return as(Shape.S);
    }

    /** The low 64 bits. */
    public Vec d() {
        return as(Shape.D);
    }

    /** All 128 bits as one. */
    public Vec q() {
        return as(Shape.Q);
    }

    /** One of 16 elements of 8 bits. */
    public Element b(int index) {
        return new Element(number, Element.Kind.B, index);
    }

    /** One of 8 elements of 16 bits. */
    public Element h(int index) {
        return new Element(number, Element.Kind.H, index);
    }

    /** One of 4 elements of 32 bits. */
    public Element s(int index) {
        return new Element(number, Element.Kind.S, index);
    }

    /** One of 2 elements of 64 bits. */
    public Element d(int index) {
        return new Element(number, Element.Kind.D, index);
    }

    /** One of 4 groups of four bytes, for dot products. */
    public Element b4(int index) {
        return new Element(number, Element.Kind.B4, index);
    }

    @Override
    public String toString() {
        return shape.scalar() ? shape.text() + number : "v" + number + "." + shape.text();
    }
}
