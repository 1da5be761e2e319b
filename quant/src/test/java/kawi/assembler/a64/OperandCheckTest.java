package kawi.assembler.a64;

import static kawi.assembler.a64.Vec.v;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Operands without an encoding are rejected and not encoded as another instruction. */
class OperandCheckTest {

    private static final Mem LITERAL = Mem.at(new Assembler().here());

    private final Assembler a = new Assembler();

    private void refused(String part, Executable call) {
        String message = String.valueOf(
                assertThrows(IllegalArgumentException.class, call).getMessage());
        assertTrue(message.contains(part), message);
        assertEquals(0, a.finish().length, "something was emitted");
    }

    /** All shapes of one, two and three registers: exactly those of the manual's table are accepted. */
    @Test
    void shapesThatDoNotExist() {
        for (VectorOp op : VectorOp.values()) {
            Set<List<String>> expected = new HashSet<>();
            for (List<String> form : VectorForms.of(op).forms()) {
                expected.add(form.stream()
                        .filter(s -> !s.equals("#0") && !s.equals("#0.0"))
                        .toList());
            }
            Set<List<String>> accepted = new HashSet<>();
            for (Shape to : Shape.values()) {
                for (Shape first : Shape.values()) {
                    Vec t = v(1).as(to);
                    Vec f = v(2).as(first);
                    tryForm(accepted, List.of(to.text(), first.text()), b -> b.op(op, t, f));
                    for (Shape second : Shape.values()) {
                        tryForm(
                                accepted,
                                List.of(to.text(), first.text(), second.text()),
                                b -> b.op(op, t, f, v(3).as(second)));
                    }
                    for (Element element : List.of(v(3).b(1), v(3).h(1), v(3).s(1), v(3).d(1), v(3).b4(1))) {
                        String kind =
                                element.toString().replaceFirst(".*\\.", "").replace("[1]", "[]");
                        tryForm(accepted, List.of(to.text(), first.text(), kind), b -> b.op(op, t, f, element));
                    }
                }
            }
            Set<List<String>> known = new HashSet<>();
            for (List<String> form : expected) {
                boolean others = form.size() > 3
                        || form.stream().anyMatch(s -> s.startsWith("#") || s.equals("x") || s.equals("w"));
                if (!others) {
                    known.add(form);
                }
            }
            assertEquals(known, accepted, op.name());
        }
    }

    private interface Call {
        void emit(Assembler b);
    }

    private static void tryForm(Set<List<String>> accepted, List<String> form, Call call) {
        Assembler b = new Assembler();
        try {
            call.emit(b);
            accepted.add(form);
        } catch (IllegalArgumentException refused) {
            assertEquals(0, b.finish().length);
        }
    }

    @Test
    void numbersOfRegistersAndElements() {
        refused("there are 0 to 31", () -> v(32));
        refused("there are 0 to 31", () -> v(-1));
        refused("there are 0 to 31", () -> v(32).s(0));
        refused("there are 0 to 15", () -> v(0).b(16));
        refused("there are 0 to 7", () -> v(0).h(8));
        refused("there are 0 to 3", () -> v(0).s(4));
        refused("there are 0 to 3", () -> v(0).b4(4));
        refused("there are 0 to 1", () -> v(0).d(2));
        refused("there are 0 to 1", () -> v(0).d(-1));
        refused("v0 to v15", () -> a.op(VectorOp.SMLAL, v(0), v(1).h4(), v(16).h(0)));
        refused("v0 to v15", () -> a.op(VectorOp.MUL, v(0).h8(), v(1).h8(), v(31).h(7)));
    }

    @Test
    void operandsTooManyOrTooFew() {
        refused("takes 2 sources, got 1", () -> a.op(VectorOp.ADD, v(0), v(1)));
        refused("takes 1 sources, got 2", () -> a.op(VectorOp.ABS, v(0), v(1), v(2)));
        refused("takes 3 sources, got 2", () -> a.op(VectorOp.FMADD, v(0).s(), v(1).s(), v(2).s()));
        refused("takes 2 sources, got 3", () -> a.op(VectorOp.FADD, v(0).s(), v(1).s(), v(2).s(), v(3).s()));
        refused("needs an immediate", () -> a.op(VectorOp.SHL, v(0), v(1)));
        refused("needs an immediate", () -> a.op(VectorOp.EXT, v(0).b16(), v(1).b16(), v(2).b16()));
        refused("takes no count", () -> a.op(VectorOp.ADD, v(0), v(1), 3));
        refused("takes no two sources with an index", () -> a.op(VectorOp.ADD, v(0), v(1), v(2), 3));
        refused("takes no element", () -> a.op(VectorOp.ADD, v(0), v(1), v(2).s(1)));
        refused("does not write a general register", () -> a.op(VectorOp.FADD, Gp.X0, v(0).s()));
        refused("does not read a general register", () -> a.op(VectorOp.FADD, v(0).s(), Gp.X0));
    }

    @Test
    void countsOutOfRange() {
        refused("there are 0 to 31", () -> a.op(VectorOp.SHL, v(0), v(1), 32));
        refused("there are 0 to 7", () -> a.op(VectorOp.SHL, v(0).b16(), v(1).b16(), -1));
        refused("there are 1 to 32", () -> a.op(VectorOp.SSHR, v(0), v(1), 0));
        refused("there are 1 to 64", () -> a.op(VectorOp.USHR, v(0).d2(), v(1).d2(), 65));
        refused("there are 1 to 16", () -> a.op(VectorOp.SHRN, v(0).h4(), v(1), 17));
        refused("there are 0 to 15", () -> a.op(VectorOp.SSHLL, v(0), v(1).h4(), 16));
        refused("there are 0 to 7", () -> a.op(VectorOp.EXT, v(0).b8(), v(1).b8(), v(2).b8(), 8));
        refused("there are 0 to 63", () -> a.lsl(Gp.X0, Gp.X1, 64));
        refused("there are 0 to 63", () -> a.lsr(Gp.X0, Gp.X1, -1));
        refused("there are 0 to 63", () -> a.asr(Gp.X0, Gp.X1, 64));
        refused("there are 0 to 63", () -> a.ubfx(Gp.X0, Gp.X1, 60, 5));
        refused("there are 0 to 63", () -> a.tbz(Gp.X0, 64, a.label()));
        refused("there are 0 to 63", () -> a.op(GpOp.ADD, Gp.X0, Gp.X1, Gp.X2, Shift.LSL, 64));
        refused("does not shift", () -> a.op(GpOp.MUL, Gp.X0, Gp.X1, Gp.X2, Shift.LSL, 1));
    }

    @Test
    void shapesOfShifts() {
        refused("shape 2d", () -> a.op(VectorOp.SSHLL, v(0).d2(), v(1).d2(), 1));
        refused("has shape 8h here", () -> a.op(VectorOp.SSHLL, v(0).s4(), v(1).b8(), 1));
        refused("has shape 4s here", () -> a.op(VectorOp.SHL, v(0), v(1).h8(), 1));
        refused("has shape 2d here", () -> a.op(VectorOp.SHRN2, v(0), v(1), 1));
        refused("has shape 16b here", () -> a.op(VectorOp.EXT, v(0).b16(), v(1).b8(), v(2).b16(), 1));
        refused("shape 4s", () -> a.op(VectorOp.EXT, v(0), v(1), v(2), 1));
    }

    @Test
    void immediatesWithoutAnEncoding() {
        refused("has no encoding", () -> a.movi(v(0), 0x101));
        refused("has no encoding", () -> a.movi(v(0).h8(), 0x101));
        refused("has no encoding", () -> a.movi(v(0).d2(), 1));
        refused("does not fit in 8 bits", () -> a.movi(v(0).b16(), 256));
        refused("does not fit in 16 bits", () -> a.movi(v(0).h8(), -32769));
        refused("does not fit in 32 bits", () -> a.movi(v(0), 1L << 32));
        refused("takes a vector or d", () -> a.movi(v(0).s(), 1));
        refused("takes a vector or d", () -> a.movi(v(0).d1(), 0));
        for (float value : new float[] {0, -0f, 0.1f, 32, 1 / 16f, 1 + 1 / 32f, Float.NaN, Float.POSITIVE_INFINITY}) {
            refused("has no encoding", () -> a.fmov(v(0), value));
        }
        refused("takes 32 or 64 bits", () -> a.fmov(v(0).h8(), 1f));
        for (long value : new long[] {0, -1, 5, 0x1234, Long.MIN_VALUE + 2}) {
            refused("repeated pattern", () -> a.op(GpOp.AND, Gp.X0, Gp.X1, value));
        }
        refused("takes registers", () -> a.op(GpOp.BIC, Gp.X0, Gp.X1, 1));
        refused("takes registers", () -> a.op(GpOp.MUL, Gp.X0, Gp.X1, 3));
        refused("multiples of 4096", () -> a.op(GpOp.ADD, Gp.X0, Gp.X1, 1 << 24));
        refused("multiples of 4096", () -> a.op(GpOp.SUB, Gp.X0, Gp.X1, -(1 << 24) - 1));
        refused("multiples of 4096", () -> a.op(GpOp.SUBS, Gp.X0, Gp.X1, 4097));
    }

    @Test
    void number31() {
        refused("SP: number 31 is ZR", () -> a.op(GpOp.AND, Gp.SP, Gp.X1, Gp.X2));
        refused("SP: number 31 is ZR", () -> a.op(GpOp.ADD, Gp.X1, Gp.X2, Gp.SP));
        refused("SP: number 31 is ZR", () -> a.op(GpOp.ADDS, Gp.SP, Gp.X1, Gp.X2));
        refused("SP: number 31 is ZR", () -> a.op(GpOp.ADD, Gp.SP, Gp.X1, Gp.X2, Shift.LSL, 1));
        refused("ZR: number 31 is SP", () -> a.op(GpOp.ADD, Gp.SP, Gp.ZR, Gp.X2));
        refused("ZR: number 31 is SP", () -> a.op(GpOp.ADD, Gp.ZR, Gp.SP, Gp.X2));
        refused("ZR: number 31 is SP", () -> a.op(GpOp.ADD, Gp.ZR, Gp.X1, 1));
        refused("ZR: number 31 is SP", () -> a.op(GpOp.ADD, Gp.X1, Gp.ZR, 1));
        refused("SP: number 31 is ZR", () -> a.op(GpOp.SUBS, Gp.SP, Gp.X1, 1));
        refused("SP: number 31 is ZR", () -> a.op(GpOp.AND, Gp.X1, Gp.SP, 1));
        refused("SP: number 31 is ZR", () -> a.madd(Gp.X0, Gp.X1, Gp.X2, Gp.SP));
        refused("SP: number 31 is ZR", () -> a.lsl(Gp.X0, Gp.SP, 1));
        refused("SP: number 31 is ZR", () -> a.csel(Gp.X0, Gp.SP, Gp.X1, Condition.EQUAL));
        refused("SP: number 31 is ZR", () -> a.cbz(Gp.SP, a.label()));
        refused("SP: number 31 is ZR", () -> a.mov(Gp.SP, 1));
        refused("SP: number 31 is ZR", () -> a.ldr(Gp.SP, Mem.at(Gp.X0)));
        refused("SP: number 31 is ZR", () -> a.stp(Gp.X0, Gp.SP, Mem.at(Gp.X1)));
        refused("SP: number 31 is ZR", () -> a.dup(v(0), Gp.SP));
        refused("SP: number 31 is ZR", () -> a.fmov(v(0).s(), Gp.SP));
        refused("base ZR", () -> Mem.at(Gp.ZR));
        refused("index SP", () -> Mem.at(Gp.X0, Gp.SP));
        refused("index ZR", () -> Mem.post(Gp.X0, Gp.ZR));
    }

    @Test
    void addresses() {
        refused("there are -256 to 255, and multiples of 8", () -> a.ldr(Gp.X0, Mem.at(Gp.X1, 8 * 4096)));
        refused("there are -256 to 255, and multiples of 16", () -> a.ldr(v(0).q(), Mem.at(Gp.X1, 264)));
        refused("there are -256 to 255, and multiples of 4", () -> a.strw(Gp.X0, Mem.at(Gp.X1, -257)));
        refused("base changed by 256", () -> a.ldr(v(0).q(), Mem.post(Gp.X1, 256)));
        refused("base changed by -257", () -> a.str(v(0).q(), Mem.pre(Gp.X1, -257)));
        refused("there are 1 and 16", () -> a.ldr(v(0).q(), Mem.at(Gp.X1, Gp.X2, 8)));
        refused("scale 3", () -> Mem.at(Gp.X1, Gp.X2, 3));
        refused("does not add a register", () -> a.ldr(v(0).q(), Mem.post(Gp.X1, Gp.X2)));
        refused("multiples of 16 from -1024 to 1008", () -> a.ldp(v(0).q(), v(1).q(), Mem.at(Gp.X1, 1024)));
        refused("multiples of 16 from -1024 to 1008", () -> a.stp(v(0).q(), v(1).q(), Mem.at(Gp.X1, 8)));
        refused("a base and an offset alone", () -> a.ldp(v(0).q(), v(1).q(), Mem.at(Gp.X1, Gp.X2)));
        refused("a base and an offset alone", () -> a.ldp(v(0).q(), v(1).q(), LITERAL));
        refused("twice", () -> a.ldp(v(0).q(), v(0).q(), Mem.at(Gp.X1)));
        refused("twice", () -> a.ldp(Gp.X0, Gp.X0, Mem.at(Gp.X1)));
        refused("both have 32, 64 or 128 bits", () -> a.stp(v(0).q(), v(1).d(), Mem.at(Gp.X1)));
        refused("both have 32, 64 or 128 bits", () -> a.stp(v(0).h(), v(1).h(), Mem.at(Gp.X1)));
        refused("a base that is changed", () -> a.ldr(Gp.X1, Mem.post(Gp.X1, 8)));
        refused("a base that is changed", () -> a.stp(Gp.X0, Gp.X1, Mem.pre(Gp.X1, 16)));
        refused("does not change its base", () -> a.prfm(Prefetch.PLDL1KEEP, Mem.post(Gp.X1, 8)));
        refused("no form with a label", () -> a.str(Gp.X0, LITERAL));
        refused("no form with a label", () -> a.ldrh(Gp.X0, LITERAL));
        refused("no form with a label", () -> a.ldr(v(0).h(), LITERAL));
        refused("no form with a label", () -> a.ld1(v(0), 1, LITERAL));
        refused("takes a label", () -> a.adr(Gp.X0, Mem.at(Gp.X1)));
    }

    @Test
    void structures() {
        refused("adds 32 bytes or a register", () -> a.ld1(v(0), 2, Mem.post(Gp.X1, 16)));
        refused("adds 4 bytes or a register", () -> a.ld1r(v(0), Mem.post(Gp.X1, 16)));
        refused("adds 2 bytes or a register", () -> a.st1(v(0).h(1), Mem.post(Gp.X1, 4)));
        refused("takes a base alone", () -> a.ld1(v(0), 1, Mem.at(Gp.X1, 16)));
        refused("takes a base alone", () -> a.ld1(v(0), 1, Mem.at(Gp.X1, Gp.X2)));
        refused("takes a base alone", () -> a.ld1(v(0), 1, Mem.pre(Gp.X1, 16)));
        refused("there are 1 to 4", () -> a.ld1(v(0), 5, Mem.at(Gp.X1)));
        refused("there are 1 to 4", () -> a.st1(v(0), 0, Mem.at(Gp.X1)));
        refused("takes a vector", () -> a.ld1(v(0).s(), 1, Mem.at(Gp.X1)));
        refused("takes a vector", () -> a.ld1r(v(0).q(), Mem.at(Gp.X1)));
        refused("single elements of 64 bits", () -> a.ld2(v(0).d1(), Mem.at(Gp.X1)));
        refused("elements are b, h, s and d", () -> a.ld1(v(0).b4(1), Mem.at(Gp.X1)));
    }

    @Test
    void moves() {
        refused("both have the same size", () -> a.dup(v(0), v(1).h(0)));
        refused("both have the same size", () -> a.dup(v(0).d1(), v(1).d(0)));
        refused("both have the same size", () -> a.ins(v(0).s(0), v(1).h(0)));
        refused("takes a vector", () -> a.dup(v(0).s(), Gp.X1));
        refused("fmov does that", () -> a.dup(v(0).d1(), Gp.X1));
        refused("umov does that", () -> a.smov(Gp.X1, v(0).d(0)));
        refused("elements are b, h, s and d", () -> a.umov(Gp.X1, v(0).b4(0)));
        refused("takes s and d", () -> a.fmov(v(0).h(), v(1).h()));
        refused("takes s and d", () -> a.fmov(Gp.X1, v(0)));
        refused("takes s and d", () -> a.fcmp(v(0), v(1)));
        refused("same shape", () -> a.fcmp(v(0).s(), v(1).d()));
        refused("same shape", () -> a.fcsel(v(0).s(), v(1).s(), v(1).d(), Condition.EQUAL));
        refused("takes 8b or 16b", () -> a.tbl(v(0), v(1).b16(), 1, v(2)));
        refused("takes 8b or 16b", () -> a.tbl(v(0).b8(), v(1).b8(), 1, v(2).b8()));
        refused("same shape", () -> a.tbx(v(0).b8(), v(1).b16(), 1, v(2).b16()));
        refused("there are 1 to 4", () -> a.tbl(v(0).b16(), v(1).b16(), 5, v(2).b16()));
    }

    @Test
    void anOperandThatChangesItsBaseHasNoNext() {
        assertThrows(IllegalStateException.class, () -> Mem.post(Gp.X0, 8).plus(8));
        assertEquals(Mem.at(Gp.X0, 12), Mem.at(Gp.X0, 8).plus(4));
    }
}
