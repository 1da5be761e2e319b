package kawi.kernels.assembled.x86;

import java.util.Locale;
import kawi.kernels.assembled.Emitter;
import kawi.kernels.assembled.InstructionSet;

/** The x86-64 instruction sets that the assembled tier supports, best first. */
public enum X86Isa implements InstructionSet {
    /** 512 bits, with the 8-bit dot product. */
    AVX512_VNNI(512),
    /** 512 bits: F, BW, DQ and VL. */
    AVX512(512),
    /** 256 bits with FMA and F16C, and the 8-bit dot product with VEX encoding. */
    AVX2_VNNI(256),
    /** 256 bits with FMA and F16C. */
    AVX2(256);

    private final int bits;

    X86Isa(int bits) {
        this.bits = bits;
    }

    /** Bits per vector register. */
    int bits() {
        return bits;
    }

    /** Floats per vector register. */
    public int lanes() {
        return bits / Float.SIZE;
    }

    /** Whether there are 32 registers, masks and broadcasting memory operands. */
    boolean avx512() {
        return bits == 512;
    }

    /** Whether one instruction multiplies bytes and adds the products to 32-bit sums. */
    boolean vnni() {
        return this == AVX512_VNNI || this == AVX2_VNNI;
    }

    boolean runsOn(X86Cpu cpu) {
        return switch (this) {
            case AVX512_VNNI -> cpu.avx512Vnni();
            case AVX512 -> cpu.avx512();
            case AVX2_VNNI -> cpu.avxVnni();
            case AVX2 -> cpu.avx2();
        };
    }

    @Override
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace("_", "");
    }

    @Override
    public Emitter emitter() {
        return new X86Emitter(this);
    }
}
