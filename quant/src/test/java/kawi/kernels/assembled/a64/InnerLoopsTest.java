package kawi.kernels.assembled.a64;

import static kawi.assembler.a64.Vec.v;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import kawi.assembler.Label;
import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Condition;
import kawi.assembler.a64.Gp;
import kawi.assembler.a64.GpOp;
import kawi.assembler.a64.Mem;
import kawi.assembler.a64.VectorOp;
import org.junit.jupiter.api.Test;

/** Loops and what is counted in them. */
class InnerLoopsTest {

    private final Assembler a = new Assembler();

    @Test
    void loopsWithinLoops() {
        Label outer = a.here();
        a.nop();
        Label first = a.here();
        a.mov(v(0), v(1));
        a.cbnz(Gp.X1, first);
        Label second = a.here();
        a.nop();
        a.ldr(v(0).q(), Mem.at(Gp.X2));
        a.tbz(Gp.X1, 3, second);
        a.b(Condition.NOT_EQUAL, outer);
        Label forwards = a.label();
        a.b(forwards);
        a.bind(forwards);
        a.ret();
        a.ldr(v(0).q(), a.constant(0x17FF_FFFF, 4));
        List<InnerLoops.Loop> loops = InnerLoops.of(a.finish());
        assertEquals(List.of(new InnerLoops.Loop(2, 1, 0, 0, 0, 5), new InnerLoops.Loop(3, 0, 1, 0, 0, 4)), loops);
    }

    @Test
    void aLoopWithoutVectorsWithinALoop() {
        Label outer = a.here();
        a.mov(v(0), v(1));
        Label inner = a.here();
        a.cbnz(Gp.X1, inner);
        a.op(GpOp.SUBS, Gp.X2, Gp.X2, 1);
        a.b(Condition.NOT_EQUAL, outer);
        a.ret();
        assertEquals(List.of(new InnerLoops.Loop(4, 1, 0, 0, 0, 0)), InnerLoops.of(a.finish()));
    }

    /** Of two branches to the beginning the second ends the loop. */
    @Test
    void aLoopWithAContinuation() {
        Label loop = a.here();
        a.mov(v(0), v(1));
        a.cbz(Gp.X1, loop);
        a.nop();
        a.b(loop);
        a.ret();
        assertEquals(List.of(new InnerLoops.Loop(4, 1, 0, 0, 0, 0)), InnerLoops.of(a.finish()));
    }

    private InnerLoops.Loop loopOf(Runnable body) {
        Label loop = a.here();
        body.run();
        a.op(GpOp.SUBS, Gp.X2, Gp.X2, 1);
        a.b(Condition.NOT_EQUAL, loop);
        a.ret();
        List<InnerLoops.Loop> loops = InnerLoops.of(a.finish());
        assertEquals(1, loops.size());
        return loops.getFirst();
    }

    @Test
    void productsOfIntegers() {
        InnerLoops.Loop loop = loopOf(() -> {
            a.op(VectorOp.SDOT, v(0), v(1).b16(), v(2).b16());
            a.op(VectorOp.SDOT, v(0).s2(), v(1).b8(), v(2).b4(3));
            a.op(VectorOp.SMMLA, v(0), v(1).b16(), v(2).b16());
            a.op(VectorOp.SMULL, v(0).h8(), v(1).b8(), v(2).b8());
            a.op(VectorOp.SMLAL2, v(0).s4(), v(1).h8(), v(2).h(5));
            a.op(VectorOp.UMLSL, v(0).d2(), v(1).s2(), v(2).s2());
            // These do not count.
            a.op(VectorOp.MLA, v(0), v(1), v(2));
            a.op(VectorOp.SADDLP, v(0), v(1).h8());
            a.op(VectorOp.SADDL, v(0), v(1).h4(), v(2).h4());
        });
        assertEquals(16 + 8 + 32 + 8 + 4 + 2, loop.products());
        assertEquals(9, loop.vectors());
        assertEquals(11, loop.instructions());
        assertEquals(0, loop.fma());
    }

    @Test
    void productsOfFloats() {
        InnerLoops.Loop loop = loopOf(() -> {
            a.op(VectorOp.FMLA, v(0), v(1), v(2));
            a.op(VectorOp.FMLS, v(0).s2(), v(1).s2(), v(2).s2());
            a.op(VectorOp.FMLA, v(0), v(1), v(2).s(3));
            a.op(VectorOp.FMADD, v(0).s(), v(1).s(), v(2).s(), v(3).s());
            a.op(VectorOp.FMUL, v(0), v(1), v(2));
            a.op(VectorOp.FMUL, v(0), v(1), v(2).s(1));
            a.op(VectorOp.FADD, v(0), v(1), v(2));
        });
        assertEquals(4 + 2 + 4 + 1, loop.fma());
        assertEquals(7, loop.vectors());
    }

    @Test
    void loads() {
        InnerLoops.Loop loop = loopOf(() -> {
            a.ldr(v(0).q(), Mem.at(Gp.X0, 16));
            a.ldr(v(0).s(), Mem.post(Gp.X0, 4));
            a.ldr(v(0).d(), Mem.at(Gp.X0, Gp.X1));
            a.ldr(v(0).q(), a.constant(1, 4));
            a.ldp(v(0).q(), v(1).q(), Mem.post(Gp.X0, 32));
            a.ld1(v(0), 4, Mem.at(Gp.X0));
            a.ld1(v(0), 3, Mem.at(Gp.X0));
            a.ld2(v(0), Mem.at(Gp.X0));
            a.ld1r(v(0), Mem.at(Gp.X0));
            a.ld4r(v(0), Mem.at(Gp.X0));
            a.ld1(v(0).s(1), Mem.at(Gp.X0));
            // These do not count.
            a.str(v(0).q(), Mem.at(Gp.X0));
            a.stp(v(0).q(), v(1).q(), Mem.at(Gp.X0));
            a.st1(v(0), 4, Mem.at(Gp.X0));
            a.ldr(Gp.X1, Mem.at(Gp.X0));
            a.ldp(Gp.X1, Gp.X2, Mem.at(Gp.X0));
        });
        assertEquals(4 + 2 + 4 + 3 + 2 + 1 + 4 + 1, loop.loads());
        assertEquals(0, loop.vectors());
    }
}
