package kawi.assembler;

/** The mask registers of AVX-512. As a write mask K0 means no mask, so kernels take K1 and above. */
public enum Mask {
    K0,
    K1,
    K2,
    K3,
    K4,
    K5,
    K6,
    K7;

    int number() {
        return ordinal();
    }
}
