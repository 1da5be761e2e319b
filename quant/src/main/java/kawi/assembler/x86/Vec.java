package kawi.assembler.x86;

/**
 * A vector register: the lowest {@code bits} bits of number 0 to 31.
 *
 * @param bits 128, 256 or 512
 */
public record Vec(int number, int bits) implements VecOrMem {

    public Vec {
        if (number < 0 || number > 31) {
            throw new IllegalArgumentException("vector register " + number + ": there are 0 to 31");
        }
        if (bits != 128 && bits != 256 && bits != 512) {
            throw new IllegalArgumentException("a vector register of " + bits + " bits");
        }
    }

    public static Vec xmm(int number) {
        return new Vec(number, 128);
    }

    public static Vec ymm(int number) {
        return new Vec(number, 256);
    }

    public static Vec zmm(int number) {
        return new Vec(number, 512);
    }

    /** The same register's lowest 128 bits. */
    public Vec xmm() {
        return xmm(number);
    }

    /** The same register's lowest 256 bits. */
    public Vec ymm() {
        return ymm(number);
    }

    int bytes() {
        return bits / 8;
    }
}
