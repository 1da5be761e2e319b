package kawi.assembler.x86;

import kawi.assembler.CodeBuffer;

/** The prefix of a vector instruction, VEX or EVEX; {@link Assembler} draws their fields. */
final class VectorPrefix {

    private final CodeBuffer code;

    VectorPrefix(CodeBuffer code) {
        this.code = code;
    }

    void vex(VectorOp op, int reg, int bits, int vvvv, int x, int b) {
        int notR = ~reg >> 3 & 1;
        int last = (~vvvv & 15) << 3 | (bits == 256 ? 4 : 0) | op.prefix.code;
        if (op.map == VectorOp.Map.M0F && x == 0 && b == 0) {
            code.putBytes(0xC5, notR << 7 | last);
        } else {
            code.putBytes(0xC4, notR << 7 | (~x & 1) << 6 | (~b & 1) << 5 | op.map.code, last);
        }
    }

    void evex(VectorOp op, Masking masking, int reg, int bits, int vvvv, boolean broadcast, int x, int b) {
        code.putBytes(
                0x62,
                (~reg >> 3 & 1) << 7 | (~x & 1) << 6 | (~b & 1) << 5 | (~reg >> 4 & 1) << 4 | op.map.code,
                (op.wide() ? 0x80 : 0) | (~vvvv & 15) << 3 | 4 | op.prefix.code,
                (masking.zero() ? 0x80 : 0)
                        | (bits == 512 ? 0x40 : bits == 256 ? 0x20 : 0)
                        | (broadcast ? 0x10 : 0)
                        | (~vvvv >> 4 & 1) << 3
                        | masking.mask().number());
    }
}
