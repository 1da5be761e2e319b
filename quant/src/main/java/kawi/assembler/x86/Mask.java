package kawi.assembler.x86;

/** The mask registers of AVX-512. As a write mask K0 means no mask, so kernels take K1 and above. */
public enum Mask {
    K0(0),
    K1(1),
    K2(2),
    K3(3),
    K4(4),
    K5(5),
    K6(6),
    K7(7);

    private final int number;

    Mask(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }
}
