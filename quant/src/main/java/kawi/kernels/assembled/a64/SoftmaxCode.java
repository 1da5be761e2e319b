package kawi.kernels.assembled.a64;

import static kawi.assembler.a64.Condition.GREATER;
import static kawi.assembler.a64.Condition.NOT_EQUAL;
import static kawi.assembler.a64.Gp.*;
import static kawi.assembler.a64.Vec.v;
import static kawi.kernels.assembled.a64.A64Code.arg;

import kawi.assembler.Label;
import kawi.assembler.a64.*;
import kawi.kernels.FloatMath;
import kawi.kernels.assembled.AttentionArguments.Page;

/** TEMPORARY. */
final class SoftmaxCode {

    static void emit(A64Code code, int rows) {
        Assembler a = code.a;
        a.ldr(X1, arg(Page.TOKENS));
        a.ldr(X2, arg(Page.VISIBLE));
        a.ldr(X3, arg(Page.SCORES));
        a.ldr(X4, arg(Page.MAX));
        a.ldr(X5, arg(Page.PARTIAL_ROW));
        Label token = a.here();
        a.mov(X6, X4);
        for (int row = 0; row < rows; row++) {
            a.op(GpOp.ADD, X7, X3, row * Page.SCORE_BYTES);
            a.op(GpOp.ADD, X8, X7, X2, Shift.LSL, 2);
            code.set(v(0), Float.NEGATIVE_INFINITY);
            a.stp(v(0).q(), v(0).q(), Mem.at(X8));
            a.stp(v(0).q(), v(0).q(), Mem.at(X8, 32));
            a.op(GpOp.ADD, X9, X2, 15);
            a.lsr(X9, X9, 4);
            a.mov(X10, X9);
            a.mov(X8, X7);
            Label m = a.here();
            for (int n = 0; n < 4; n++) {
                a.ldr(v(1).q(), Mem.post(X8, 16));
                a.op(VectorOp.FMAX, v(0), v(0), v(1));
            }
            a.op(GpOp.SUBS, X10, X10, 1);
            a.b(GREATER, m);
            a.op(VectorOp.FMAXV, v(0).s(), v(0));
            a.dup(v(0), v(0).s(0));
            for (int n = 0; n < 4; n++) {
                code.zero(v(4 + n));
            }
            a.mov(X10, X9);
            Label e = a.here();
            for (int n = 0; n < 4; n++) {
                a.ldr(v(1).q(), Mem.at(X7));
                a.op(VectorOp.FSUB, v(1), v(1), v(0));
                exp(code, v(1), v(2), v(3), v(16));
                a.str(v(1).q(), Mem.post(X7, 16));
                a.op(VectorOp.FADD, v(4 + n), v(4 + n), v(1));
            }
            a.op(GpOp.SUBS, X10, X10, 1);
            a.b(GREATER, e);
            a.op(VectorOp.FADD, v(4), v(4), v(6));
            a.op(VectorOp.FADD, v(5), v(5), v(7));
            a.op(VectorOp.FADD, v(4), v(4), v(5));
            a.op(VectorOp.EXT, v(5).b16(), v(4).b16(), v(4).b16(), 8);
            a.op(VectorOp.FADD, v(4), v(4), v(5));
            a.op(VectorOp.FADDP_SCALAR, v(4).s(), v(4).s2());
            a.str(v(0).s(), Mem.at(X6));
            a.str(v(4).s(), Mem.at(X6, 4));
            a.op(GpOp.ADD, X6, X6, X5);
        }
        a.op(GpOp.ADD, X3, X3, rows * Page.SCORE_BYTES);
        a.ldr(X6, arg(Page.PARTIAL_TOKEN));
        a.op(GpOp.ADD, X4, X4, X6);
        AttentionPageCode.seeOneMore(a, X2, X6);
        a.op(GpOp.SUBS, X1, X1, 1);
        a.b(NOT_EQUAL, token);
    }

    static void exp(A64Code code, Vec x, Vec n, Vec p, Vec t) {
        Assembler a = code.a;
        code.set(t, FloatMath.EXP_MIN);
        a.op(VectorOp.FMAX, x, x, t);
        code.set(t, FloatMath.EXP_MAX);
        a.op(VectorOp.FMIN, x, x, t);
        code.set(t, FloatMath.LOG2_E);
        a.op(VectorOp.FMUL, n, x, t);
        code.set(t, FloatMath.ROUNDER);
        a.op(VectorOp.FADD, n, n, t);
        a.op(VectorOp.FSUB, n, n, t);
        code.set(t, FloatMath.LN2_HIGH);
        a.op(VectorOp.FMLS, x, n, t);
        code.set(t, FloatMath.LN2_LOW);
        a.op(VectorOp.FMLS, x, n, t);
        code.set(p, FloatMath.C7);
        for (float c : new float[] {FloatMath.C6, FloatMath.C5, FloatMath.C4, FloatMath.C3, FloatMath.C2, 1f, 1f}) {
            code.set(t, c);
            a.op(VectorOp.FMLA, t, p, x);
            code.move(p, t);
        }
        a.op(VectorOp.FCVTZS, n, n);
        a.op(VectorOp.SSHR, x, n, 1);
        a.op(VectorOp.SUB, n, n, x);
        code.set(t, 127);
        a.op(VectorOp.ADD, n, n, t);
        a.op(VectorOp.ADD, x, x, t);
        a.op(VectorOp.SHL, n, n, 23);
        a.op(VectorOp.SHL, x, x, 23);
        a.op(VectorOp.FMUL, p, p, x);
        a.op(VectorOp.FMUL, x, p, n);
    }
}
