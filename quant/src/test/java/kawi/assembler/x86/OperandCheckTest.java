package kawi.assembler.x86;

import static kawi.assembler.x86.Vec.xmm;
import static kawi.assembler.x86.Vec.ymm;
import static kawi.assembler.x86.Vec.zmm;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Operands without an encoding are rejected and not encoded as another instruction. */
class OperandCheckTest {

    private static final Mem HERE = Mem.at(Gp.RAX);

    private final Assembler a = new Assembler();

    @Test
    void vexOnlyInstructionsStayInVex() {
        refused("no EVEX encoding", () -> a.op(VectorOp.VPSIGNB, xmm(16), xmm(0), xmm(0)));
        refused("no EVEX encoding", () -> a.op(VectorOp.VPSIGNB, xmm(0), xmm(31), xmm(0)));
        refused("no EVEX encoding", () -> a.op(VectorOp.VPSIGNB, xmm(0), xmm(0), xmm(16)));
        refused("no EVEX encoding", () -> a.op(VectorOp.VMASKMOVPS, ymm(16), ymm(0), HERE));
        refused("no EVEX encoding", () -> a.op(VectorOp.VPCMPEQB, Masking.merge(Mask.K1), ymm(0), ymm(1), ymm(2)));
        refused("no EVEX encoding", () -> a.op(VectorOp.VCMPPS, ymm(0), ymm(1), HERE.toAll(), 0));
        refused("from 128 to 256", () -> a.op(VectorOp.VPCMPEQB, zmm(0), zmm(1), zmm(2)));
    }

    @Test
    void lengthsThatDoNotExist() {
        refused("from 256 to 512", () -> a.op(VectorOp.VPERMD, xmm(0), xmm(1), xmm(2)));
        refused("from 256 to 512", () -> a.op(VectorOp.VEXTRACTF128, xmm(0), HERE, 0));
        refused("from 512 to 512", () -> a.op(VectorOp.VEXTRACTF64X4, ymm(0), HERE, 0));
        refused("from 128 to 128", () -> a.op(VectorOp.VADDSS, ymm(0), ymm(1), HERE));
        refused("from 128 to 128", () -> a.op(VectorOp.VMOVHLPS, zmm(0), zmm(1), xmm(2)));
        refused("from 128 to 128", () -> a.op(VectorOp.VMOVD_LOAD, zmm(0), HERE));
        refused("128 bits", () -> a.vmovd(ymm(0), Gp.RAX));
        refused("128 bits", () -> a.vmovd(Gp.RAX, zmm(20)));
    }

    @Test
    void registersOfTheWrongLength() {
        refused("same length", () -> a.op(VectorOp.VADDPS, ymm(0), xmm(1), ymm(2)));
        refused("256 bits", () -> a.op(VectorOp.VADDPS, ymm(0), ymm(1), xmm(2)));
        refused("512 bits", () -> a.op(VectorOp.VMOVUPS, zmm(0), ymm(2)));
        refused("256 bits", () -> a.op(VectorOp.VMOVUPS_STORE, ymm(0), zmm(2)));
        refused("128 bits", () -> a.op(VectorOp.VPBROADCASTD, zmm(0), zmm(2)));
        refused("128 bits", () -> a.op(VectorOp.VPMOVSXBD, zmm(0), ymm(2)));
        refused("256 bits", () -> a.op(VectorOp.VCVTPH2PS, zmm(0), zmm(2)));
        refused("256 bits", () -> a.op(VectorOp.VCVTPS2PH, zmm(0), xmm(2), 0));
        refused("128 bits", () -> a.op(VectorOp.VEXTRACTF128, ymm(0), ymm(2), 0));
    }

    @Test
    void aRegisterWhereOnlyMemoryIsAndTheOtherWayRound() {
        refused("in memory", () -> a.op(VectorOp.VMASKMOVPS, xmm(0), xmm(1), xmm(2)));
        refused("in memory", () -> a.op(VectorOp.VMASKMOVPS_STORE, xmm(0), xmm(1), xmm(2)));
        refused("in memory", () -> a.op(VectorOp.VMOVD_LOAD, xmm(0), xmm(1)));
        refused("in memory", () -> a.op(VectorOp.VMOVD_STORE, xmm(0), xmm(1)));
        refused("in memory", () -> a.op(VectorOp.VPEXTRD, xmm(0), xmm(1), 2));
        refused("registers alone", () -> a.op(VectorOp.VMOVHLPS, xmm(0), xmm(1), HERE));
    }

    @Test
    void maskRegistersAreNotVectorRegisters() {
        refused("writes a mask", () -> a.op(VectorOp.VPMOVB2M, xmm(1), xmm(2)));
        refused("writes a vector", () -> a.op(VectorOp.VCVTDQ2PS, Mask.K1, xmm(2)));
        refused("writes a vector", () -> a.op(VectorOp.VPABSB, Mask.K1, xmm(2)));
    }

    @Test
    void masks() {
        refused("Masking.NONE", () -> Masking.merge(Mask.K0));
        refused("all lanes", () -> Masking.zero(Mask.K0));
        refused("cannot zero", () -> a.op(VectorOp.VMOVUPS_STORE, Masking.zero(Mask.K1), zmm(0), HERE));
        refused("cannot zero", () -> a.op(VectorOp.VPMOVDB, Masking.zero(Mask.K1), zmm(0), HERE));
        refused("does not take a mask", () -> a.op(VectorOp.VMOVHLPS, Masking.merge(Mask.K1), xmm(0), xmm(1), xmm(2)));
        refused("does not take a mask", () -> a.op(VectorOp.VMOVD_LOAD, Masking.zero(Mask.K1), xmm(0), HERE));
    }

    @Test
    void broadcasts() {
        refused("does not broadcast", () -> a.op(VectorOp.VPSUBB, zmm(0), zmm(1), HERE.toAll()));
        refused("does not broadcast", () -> a.load(Gp.RAX, HERE.toAll()));
        refused("does not broadcast", () -> a.prefetch(HERE.toAll()));
        refused("does not broadcast", () -> a.storeWord(HERE.toAll(), Gp.RAX));
        Set<String> broadcasting = new TreeSet<>();
        for (VectorOp op : VectorOp.values()) {
            if (VectorForms.of(op).samples(VectorForms.random(new Random(1))).stream()
                    .anyMatch(sample -> sample.text().contains("BCST"))) {
                broadcasting.add(op.name());
            }
        }
        Set<String> accepted = new TreeSet<>();
        for (VectorOp op : VectorOp.values()) {
            for (Vec register : List.of(xmm(1), ymm(1), zmm(1))) {
                for (Executable call : calls(op, register, HERE.toAll())) {
                    try {
                        call.execute();
                        accepted.add(op.name());
                    } catch (Throwable e) {
                        assertEquals(IllegalArgumentException.class, e.getClass(), op + " of " + register);
                    }
                }
            }
        }
        assertEquals(broadcasting, accepted);
    }

    private List<Executable> calls(VectorOp op, Vec register, VecOrMem rm) {
        return List.of(
                () -> a.op(op, register, rm),
                () -> a.op(op, register, rm, 1),
                () -> a.op(op, register, register, rm),
                () -> a.op(op, register, register, rm, 1));
    }

    /** All operands that the check accepts are those of the manual: no call is accepted in two shapes. */
    @Test
    void eachInstructionHasOneShape() {
        for (VectorOp op : VectorOp.values()) {
            for (Vec register : List.of(xmm(1), ymm(1), zmm(1))) {
                for (VecOrMem rm : List.of(xmm(2), ymm(2), HERE)) {
                    List<Integer> accepted = new ArrayList<>();
                    List<Executable> calls = calls(op, register, rm);
                    for (int i = 0; i < calls.size(); i++) {
                        try {
                            calls.get(i).execute();
                            accepted.add(i);
                        } catch (Throwable e) {
                            assertEquals(IllegalArgumentException.class, e.getClass(), op + " of " + register);
                        }
                    }
                    assertTrue(
                            accepted.size() <= 1,
                            () -> "%s of %s and %s in the shapes %s".formatted(op, register, rm, accepted));
                }
            }
        }
    }

    @Test
    void operandsTooManyOrTooFew() {
        refused("two sources", () -> a.op(VectorOp.VADDPS, xmm(0), xmm(1)));
        refused("one source", () -> a.op(VectorOp.VCVTDQ2PS, xmm(0), xmm(1), xmm(2)));
        refused("one source", () -> a.op(VectorOp.VPSLLD, xmm(0), xmm(1), xmm(2), 3));
        refused("needs an immediate", () -> a.op(VectorOp.VPSLLD, xmm(0), xmm(1)));
        refused("needs an immediate", () -> a.op(VectorOp.VPTERNLOGD, xmm(0), xmm(1), xmm(2)));
        refused("has no immediate", () -> a.op(VectorOp.VADDPS, xmm(0), xmm(1), xmm(2), 3));
        refused("has no immediate", () -> a.op(VectorOp.VMOVUPS, xmm(0), xmm(1), 3));
    }

    @Test
    void immediatesOutOfRange() {
        for (int immediate : new int[] {-1, 256, -128, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            refused("0 to 255", () -> a.op(VectorOp.VPSLLD, xmm(0), xmm(1), immediate));
            refused("0 to 255", () -> a.op(VectorOp.VPTERNLOGD, xmm(0), xmm(1), xmm(2), immediate));
        }
        refused("0 to 63", () -> a.shl(Gp.RAX, 64));
        refused("0 to 63", () -> a.shr(Gp.RAX, -1));
    }

    @Test
    void addresses() {
        refused("index rsp", () -> Mem.at(Gp.RAX, Gp.RSP, 1, 0));
        for (int scale : new int[] {0, 3, 16, -1}) {
            refused("scale", () -> Mem.at(Gp.RAX, Gp.RCX, scale, 0));
        }
        refused("without an index", () -> new Mem(Gp.RAX, null, 2, 0, null, false));
        refused("either a base register or a label", () -> new Mem(null, null, 1, 0, null, false));
        refused("either a base register or a label", () -> new Mem(Gp.RAX, null, 1, 0, a.label(), false));
        refused("index rcx", () -> new Mem(null, Gp.RCX, 1, 0, a.label(), false));
        assertThrows(
                ArithmeticException.class,
                () -> Mem.at(Gp.RAX, Integer.MAX_VALUE).plus(1));
    }

    @Test
    void vectorRegisters() {
        refused("0 to 31", () -> xmm(32));
        refused("0 to 31", () -> zmm(-1));
        refused("64 bits", () -> new Vec(0, 64));
    }

    /** The short forms without a mask are the long ones with none. */
    @Test
    void noMaskIsMaskingNone() {
        a.op(VectorOp.VMOVUPS, zmm(1), HERE);
        a.op(VectorOp.VADDPS, xmm(1), xmm(2), xmm(3));
        a.op(VectorOp.VPSLLD, xmm(1), xmm(2), 3);
        a.op(VectorOp.VPTERNLOGD, xmm(1), xmm(2), xmm(3), 4);
        Assembler b = new Assembler();
        b.op(VectorOp.VMOVUPS, Masking.NONE, zmm(1), HERE);
        b.op(VectorOp.VADDPS, Masking.NONE, xmm(1), xmm(2), xmm(3));
        b.op(VectorOp.VPSLLD, Masking.NONE, xmm(1), xmm(2), 3);
        b.op(VectorOp.VPTERNLOGD, Masking.NONE, xmm(1), xmm(2), xmm(3), 4);
        assertArrayEquals(b.finish(), a.finish());
    }

    @Test
    void theLowBytesThatOnlyAnEmptyPrefixReaches() {
        for (Gp register : List.of(Gp.RSP, Gp.RBP, Gp.RSI, Gp.RDI)) {
            refused("low byte", () -> a.storeByte(HERE, register));
        }
    }

    /** A shift of memory by a constant is new in AVX-512. */
    @Test
    void aShiftOfMemoryIsEvex() {
        a.op(VectorOp.VPSLLD, xmm(1), HERE, 3);
        assertEquals("62f17508723003", HexFormat.of().formatHex(a.finish()));
    }

    private void refused(String part, Executable call) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, call);
        assertTrue(
                String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).contains(part.toLowerCase(Locale.ROOT)),
                e::toString);
        assertEquals(0, a.finish().length, "nothing is written of what is refused");
    }
}
