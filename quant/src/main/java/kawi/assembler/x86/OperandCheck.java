package kawi.assembler.x86;

import kawi.assembler.x86.VectorOp.Form;
import kawi.assembler.x86.VectorOp.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * Rejects operands that an instruction does not support. Otherwise they would be encoded as a different or invalid
 * instruction.
 */
final class OperandCheck {

    private OperandCheck() {}

    /**
     * @param length the register that the vector length comes from
     * @param second the operand in vvvv
     * @throws IllegalArgumentException with a message that gives the operand found and the operand expected
     */
    static void check(VectorOp op, Masking masking, Vec length, @Nullable Vec second, VecOrMem rm) {
        if ((op.form == Form.THREE) != (second != null)) {
            throw new IllegalArgumentException(
                    op + (second == null ? " takes two sources, got one" : " takes one source, got two"));
        }
        checkLength(op, length);
        if (second != null && second.bits() != length.bits()) {
            throw new IllegalArgumentException(
                    "%s of %s with %s: both have the same length".formatted(op, length, second));
        }
        switch (rm) {
            case Vec register -> checkRegister(op, length, register);
            case Mem memory -> checkMemory(op, masking, memory);
        }
        if (masking.mask() != Mask.K0 && !maskable(op)) {
            throw new IllegalArgumentException(op + " does not take a mask");
        }
    }

    private static void checkLength(VectorOp op, Vec length) {
        int least = switch (op) {
            case VPERMD, VEXTRACTF128, VSHUFF32X4 -> 256;
            case VEXTRACTF64X4 -> 512;
            default -> 128;
        };
        if (length.bits() < least || length.bits() > greatest(op)) {
            throw new IllegalArgumentException(
                    "%s of %s: it has lengths from %d to %d bits".formatted(op, length, least, greatest(op)));
        }
    }

    private static int greatest(VectorOp op) {
        boolean scalar = op.form == Form.THREE && (op.tuple == Tuple.FOUR_BYTES || op.tuple == Tuple.EIGHT_BYTES);
        return scalar || memoryOrGeneral(op) ? 128 : op.set == VectorOp.Set.VEX_ONLY ? 256 : 512;
    }

    private static void checkRegister(VectorOp op, Vec length, Vec register) {
        boolean memoryOnly = switch (op) {
            case VMASKMOVPS, VMASKMOVPS_STORE -> true;
            default -> memoryOrGeneral(op);
        };
        if (memoryOnly) {
            throw new IllegalArgumentException(
                    "%s between %s and %s: one of them is in memory".formatted(op, length, register));
        }
        int expected = switch (op.tuple) {
            case FULL, FULL_MEMORY -> length.bits();
            case HALF_MEMORY -> Math.max(128, length.bits() / 2);
            case QUARTER_MEMORY -> Math.max(128, length.bits() / 4);
            case FOUR_BYTES, EIGHT_BYTES, SIXTEEN_BYTES -> 128;
            case THIRTY_TWO_BYTES -> 256;
        };
        if (register.bits() != expected) {
            throw new IllegalArgumentException(
                    "%s of %s with %s: that one has %d bits".formatted(op, length, register, expected));
        }
    }

    private static void checkMemory(VectorOp op, Masking masking, Mem memory) {
        if (op == VectorOp.VMOVHLPS || op == VectorOp.VPMOVB2M) {
            throw new IllegalArgumentException(op + " works on registers alone");
        }
        if (memory.broadcast() && !op.tuple.broadcasts()) {
            throw new IllegalArgumentException(op + " does not broadcast its memory operand");
        }
        if (op.form == Form.STORE && masking.zero()) {
            throw new IllegalArgumentException(
                    op + " to memory leaves the other lanes as they are, it cannot zero them");
        }
    }

    /** The moves whose other operand is in memory or a general-purpose register. */
    private static boolean memoryOrGeneral(VectorOp op) {
        return op == VectorOp.VMOVD_LOAD || op == VectorOp.VMOVD_STORE || op == VectorOp.VPEXTRD;
    }

    private static boolean maskable(VectorOp op) {
        return op != VectorOp.VMOVHLPS && !memoryOrGeneral(op) && !op.intoMask();
    }
}
