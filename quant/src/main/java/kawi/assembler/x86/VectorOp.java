package kawi.assembler.x86;

import static kawi.assembler.x86.VectorOp.Form.LOAD;
import static kawi.assembler.x86.VectorOp.Form.SHIFT;
import static kawi.assembler.x86.VectorOp.Form.STORE;
import static kawi.assembler.x86.VectorOp.Form.THREE;
import static kawi.assembler.x86.VectorOp.Form.TWO;
import static kawi.assembler.x86.VectorOp.Set.AVX512;
import static kawi.assembler.x86.VectorOp.Set.BOTH;
import static kawi.assembler.x86.VectorOp.Set.VEX_ONLY;
import static kawi.assembler.x86.VectorOp.Tuple.EIGHT_BYTES;
import static kawi.assembler.x86.VectorOp.Tuple.FOUR_BYTES;
import static kawi.assembler.x86.VectorOp.Tuple.FULL;
import static kawi.assembler.x86.VectorOp.Tuple.FULL_MEMORY;
import static kawi.assembler.x86.VectorOp.Tuple.HALF_MEMORY;
import static kawi.assembler.x86.VectorOp.Tuple.QUARTER_MEMORY;
import static kawi.assembler.x86.VectorOp.Tuple.SIXTEEN_BYTES;
import static kawi.assembler.x86.VectorOp.Tuple.THIRTY_TWO_BYTES;

/**
 * The vector instructions of the kernels, one line each as in the manual's opcode column: mandatory prefix, opcode map,
 * opcode, operands, what the memory operand measures, and which of the two encodings exist.
 */
public enum VectorOp {
    // Moves.
    VMOVUPS(Prefix.NP, Map.M0F, 0x10, LOAD, FULL_MEMORY, BOTH),
    VMOVUPS_STORE(Prefix.NP, Map.M0F, 0x11, STORE, FULL_MEMORY, BOTH),
    VMOVD_LOAD(Prefix.P66, Map.M0F, 0x6E, LOAD, FOUR_BYTES, BOTH),
    VMOVD_STORE(Prefix.P66, Map.M0F, 0x7E, STORE, FOUR_BYTES, BOTH),
    VBROADCASTSS(Prefix.P66, Map.M0F38, 0x18, TWO, FOUR_BYTES, BOTH),
    VPBROADCASTD(Prefix.P66, Map.M0F38, 0x58, TWO, FOUR_BYTES, BOTH),
    VMASKMOVPS(Prefix.P66, Map.M0F38, 0x2C, THREE, FULL_MEMORY, VEX_ONLY),
    /** Operands in the order {@code source, mask, [mem]}. */
    VMASKMOVPS_STORE(Prefix.P66, Map.M0F38, 0x2E, THREE, FULL_MEMORY, VEX_ONLY),

    // Floats.
    VADDPS(Prefix.NP, Map.M0F, 0x58, THREE, FULL, BOTH),
    VSUBPS(Prefix.NP, Map.M0F, 0x5C, THREE, FULL, BOTH),
    VMULPS(Prefix.NP, Map.M0F, 0x59, THREE, FULL, BOTH),
    VDIVPS(Prefix.NP, Map.M0F, 0x5E, THREE, FULL, BOTH),
    VMINPS(Prefix.NP, Map.M0F, 0x5D, THREE, FULL, BOTH),
    VMAXPS(Prefix.NP, Map.M0F, 0x5F, THREE, FULL, BOTH),
    VSCALEFPS(Prefix.P66, Map.M0F38, 0x2C, THREE, FULL, AVX512),
    VADDSS(Prefix.PF3, Map.M0F, 0x58, THREE, FOUR_BYTES, BOTH),
    VMULSS(Prefix.PF3, Map.M0F, 0x59, THREE, FOUR_BYTES, BOTH),
    VDIVSS(Prefix.PF3, Map.M0F, 0x5E, THREE, FOUR_BYTES, BOTH),
    VSQRTSS(Prefix.PF3, Map.M0F, 0x51, THREE, FOUR_BYTES, BOTH),
    VFMADD213PS(Prefix.P66, Map.M0F38, 0xA8, THREE, FULL, BOTH),
    VFMADD231PS(Prefix.P66, Map.M0F38, 0xB8, THREE, FULL, BOTH),
    VFNMADD231PS(Prefix.P66, Map.M0F38, 0xBC, THREE, FULL, BOTH),
    VFMADD231SS(Prefix.P66, Map.M0F38, 0xB9, THREE, FOUR_BYTES, BOTH),

    // Conversions.
    VCVTDQ2PS(Prefix.NP, Map.M0F, 0x5B, TWO, FULL, BOTH),
    VCVTPS2DQ(Prefix.P66, Map.M0F, 0x5B, TWO, FULL, BOTH),
    VCVTPH2PS(Prefix.P66, Map.M0F38, 0x13, TWO, HALF_MEMORY, BOTH),
    VCVTPS2PH(Prefix.P66, Map.M0F3A, 0x1D, STORE, HALF_MEMORY, BOTH),
    VPMOVSXBD(Prefix.P66, Map.M0F38, 0x21, TWO, QUARTER_MEMORY, BOTH),
    VPMOVZXWD(Prefix.P66, Map.M0F38, 0x33, TWO, HALF_MEMORY, BOTH),
    VPMOVZXBD(Prefix.P66, Map.M0F38, 0x31, TWO, QUARTER_MEMORY, BOTH),
    VPMOVDB(Prefix.PF3, Map.M0F38, 0x31, STORE, QUARTER_MEMORY, AVX512),
    VPACKSSDW(Prefix.P66, Map.M0F, 0x6B, THREE, FULL, BOTH),
    VPACKSSWB(Prefix.P66, Map.M0F, 0x63, THREE, FULL_MEMORY, BOTH),

    // Integers and bits. VPAND, VPOR and VPXOR are VPANDD, VPORD and VPXORD where AVX-512 encodes them.
    VPAND(Prefix.P66, Map.M0F, 0xDB, THREE, FULL, BOTH),
    VPOR(Prefix.P66, Map.M0F, 0xEB, THREE, FULL, BOTH),
    VPXOR(Prefix.P66, Map.M0F, 0xEF, THREE, FULL, BOTH),
    VPTERNLOGD(Prefix.P66, Map.M0F3A, 0x25, THREE, FULL, AVX512),
    VPADDW(Prefix.P66, Map.M0F, 0xFD, THREE, FULL_MEMORY, BOTH),
    VPADDD(Prefix.P66, Map.M0F, 0xFE, THREE, FULL, BOTH),
    VPSUBD(Prefix.P66, Map.M0F, 0xFA, THREE, FULL, BOTH),
    VPSUBB(Prefix.P66, Map.M0F, 0xF8, THREE, FULL_MEMORY, BOTH),
    VPMAXSD(Prefix.P66, Map.M0F38, 0x3D, THREE, FULL, BOTH),
    VPMINSD(Prefix.P66, Map.M0F38, 0x39, THREE, FULL, BOTH),
    VPABSB(Prefix.P66, Map.M0F38, 0x1C, TWO, FULL_MEMORY, BOTH),
    VPSIGNB(Prefix.P66, Map.M0F38, 0x08, THREE, FULL_MEMORY, VEX_ONLY),
    VPMADDUBSW(Prefix.P66, Map.M0F38, 0x04, THREE, FULL_MEMORY, BOTH),
    VPMADDWD(Prefix.P66, Map.M0F, 0xF5, THREE, FULL_MEMORY, BOTH),
    VPDPBUSD(Prefix.P66, Map.M0F38, 0x50, THREE, FULL, BOTH),
    VPCMPEQB(Prefix.P66, Map.M0F, 0x74, THREE, FULL_MEMORY, VEX_ONLY),
    VPSLLVD(Prefix.P66, Map.M0F38, 0x47, THREE, FULL, BOTH),
    VPSLLW(Prefix.P66, Map.M0F, 0x71, 6, SHIFT, FULL_MEMORY, BOTH),
    VPSRLW(Prefix.P66, Map.M0F, 0x71, 2, SHIFT, FULL_MEMORY, BOTH),
    VPSRAW(Prefix.P66, Map.M0F, 0x71, 4, SHIFT, FULL_MEMORY, BOTH),
    VPSLLD(Prefix.P66, Map.M0F, 0x72, 6, SHIFT, FULL, BOTH),
    VPSRLD(Prefix.P66, Map.M0F, 0x72, 2, SHIFT, FULL, BOTH),
    VPSRAD(Prefix.P66, Map.M0F, 0x72, 4, SHIFT, FULL, BOTH),

    // Lanes.
    VPEXTRD(Prefix.P66, Map.M0F3A, 0x16, STORE, FOUR_BYTES, BOTH),
    VPERMILPS(Prefix.P66, Map.M0F3A, 0x04, TWO, FULL, BOTH),
    VMOVHLPS(Prefix.NP, Map.M0F, 0x12, THREE, EIGHT_BYTES, BOTH),
    VPERMD(Prefix.P66, Map.M0F38, 0x36, THREE, FULL, BOTH),
    VPSHUFB(Prefix.P66, Map.M0F38, 0x00, THREE, FULL_MEMORY, BOTH),
    VEXTRACTF128(Prefix.P66, Map.M0F3A, 0x19, STORE, SIXTEEN_BYTES, BOTH),
    VSHUFF32X4(Prefix.P66, Map.M0F3A, 0x23, THREE, FULL, AVX512),
    VEXTRACTF64X4(Prefix.P66, Map.M0F3A, 0x1B, STORE, THIRTY_TWO_BYTES, AVX512),

    // Comparisons, and bits into a mask register.
    VCMPPS(Prefix.NP, Map.M0F, 0xC2, THREE, FULL, VEX_ONLY),
    VPMOVB2M(Prefix.PF3, Map.M0F38, 0x29, TWO, FULL_MEMORY, AVX512);

    /** The order of the operands in ModRM. */
    enum Form {
        /** {@code reg, vvvv, rm} */
        THREE,
        /** {@code reg, rm} */
        TWO,
        /** {@code reg, rm}, only from memory or a register of the same kind */
        LOAD,
        /** {@code rm, reg} */
        STORE,
        /** {@code vvvv, rm, imm8}, with an opcode extension in reg */
        SHIFT
    }

    /**
     * What the memory operand measures; an 8-bit displacement counts in this unit (EVEX, "compressed displacement").
     */
    enum Tuple {
        FULL,
        FULL_MEMORY,
        HALF_MEMORY,
        QUARTER_MEMORY,
        FOUR_BYTES,
        EIGHT_BYTES,
        SIXTEEN_BYTES,
        THIRTY_TWO_BYTES;

        int bytes(int vectorBytes, boolean broadcast) {
            return switch (this) {
                case FULL -> broadcast ? 4 : vectorBytes;
                case FULL_MEMORY -> vectorBytes;
                case HALF_MEMORY -> vectorBytes / 2;
                case QUARTER_MEMORY -> vectorBytes / 4;
                case FOUR_BYTES -> 4;
                case EIGHT_BYTES -> 8;
                case SIXTEEN_BYTES -> 16;
                case THIRTY_TWO_BYTES -> 32;
            };
        }

        boolean broadcasts() {
            return this == FULL;
        }
    }

    /** The encodings an instruction has. */
    enum Set {
        BOTH,
        VEX_ONLY,
        AVX512
    }

    /** Mandatory prefixes and their codes in the pp field. */
    enum Prefix {
        NP(0),
        P66(1),
        PF3(2);

        final int code;

        Prefix(int code) {
            this.code = code;
        }
    }

    /** Opcode maps and their codes in the mmmmm field. */
    enum Map {
        M0F(1),
        M0F38(2),
        M0F3A(3);

        final int code;

        Map(int code) {
            this.code = code;
        }
    }

    final Prefix prefix;
    final Map map;
    final int opcode;
    final int extension;
    final Form form;
    final Tuple tuple;
    final Set set;

    VectorOp(Prefix prefix, Map map, int opcode, Form form, Tuple tuple, Set set) {
        this(prefix, map, opcode, 0, form, tuple, set);
    }

    VectorOp(Prefix prefix, Map map, int opcode, int extension, Form form, Tuple tuple, Set set) {
        this.prefix = prefix;
        this.map = map;
        this.opcode = opcode;
        this.extension = extension;
        this.form = form;
        this.tuple = tuple;
        this.set = set;
    }

    /** W of EVEX; in VEX none of these has it. */
    boolean wide() {
        return this == VEXTRACTF64X4;
    }

    /** Whether the destination is a mask register. */
    boolean intoMask() {
        return this == VPMOVB2M;
    }

    /** Whether an immediate byte ends the instruction. */
    boolean immediate() {
        return map == Map.M0F3A || form == SHIFT || this == VCMPPS;
    }
}
