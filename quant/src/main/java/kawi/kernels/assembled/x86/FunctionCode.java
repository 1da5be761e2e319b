package kawi.kernels.assembled.x86;

import static kawi.assembler.x86.VectorOp.VADDPS;
import static kawi.assembler.x86.VectorOp.VADDSS;
import static kawi.assembler.x86.VectorOp.VCMPPS;
import static kawi.assembler.x86.VectorOp.VCVTPS2DQ;
import static kawi.assembler.x86.VectorOp.VDIVPS;
import static kawi.assembler.x86.VectorOp.VDIVSS;
import static kawi.assembler.x86.VectorOp.VEXTRACTF128;
import static kawi.assembler.x86.VectorOp.VEXTRACTF64X4;
import static kawi.assembler.x86.VectorOp.VFMADD213PS;
import static kawi.assembler.x86.VectorOp.VFMADD231PS;
import static kawi.assembler.x86.VectorOp.VFNMADD231PS;
import static kawi.assembler.x86.VectorOp.VMAXPS;
import static kawi.assembler.x86.VectorOp.VMINPS;
import static kawi.assembler.x86.VectorOp.VMOVHLPS;
import static kawi.assembler.x86.VectorOp.VMULPS;
import static kawi.assembler.x86.VectorOp.VPADDD;
import static kawi.assembler.x86.VectorOp.VPAND;
import static kawi.assembler.x86.VectorOp.VPERMILPS;
import static kawi.assembler.x86.VectorOp.VPOR;
import static kawi.assembler.x86.VectorOp.VPSLLD;
import static kawi.assembler.x86.VectorOp.VPSRAD;
import static kawi.assembler.x86.VectorOp.VPSUBD;
import static kawi.assembler.x86.VectorOp.VPXOR;
import static kawi.assembler.x86.VectorOp.VSCALEFPS;
import static kawi.assembler.x86.VectorOp.VSQRTSS;
import static kawi.assembler.x86.VectorOp.VSUBPS;

import kawi.assembler.x86.Assembler;
import kawi.assembler.x86.Vec;
import kawi.kernels.FloatMath;

/**
 * Emits the functions of {@link FloatMath} on vector registers, with the same sequence of operations, and the sum of 16
 * partial sums.
 *
 * <p>Differences between Java and the instructions:
 *
 * <ul>
 *   <li>{@code Math.max} of a NaN is NaN, MAXPS returns its second operand. So the limit is the first operand.
 *   <li>{@code (int) NaN} is 0, CVTPS2DQ returns 2^31. In both cases the power of two is multiplied with a NaN.
 *   <li>{@code -x} also flips the sign of zeros and NaNs, which XOR does and a subtraction does not.
 * </ul>
 *
 * The payload of a NaN may differ from Java's.
 */
final class FunctionCode {

    private static final int SIGN = 1 << 31;
    private static final int UNORDERED = 3;
    private static final int EXPONENT_BIAS = 127;
    private static final int EXPONENT_SHIFT = 23;

    private final KernelCode code;
    private final Assembler a;

    public FunctionCode(KernelCode code) {
        this.code = code;
        this.a = code.a;
    }

    /** {@code x = exp(x)}; the spares are overwritten. */
    void exp(Vec x, Vec spare1, Vec spare2) {
        loadConstant(spare1, FloatMath.EXP_MIN);
        a.op(VMAXPS, x, spare1, x);
        loadConstant(spare1, FloatMath.EXP_MAX);
        a.op(VMINPS, x, spare1, x);

        Vec n = spare1;
        a.op(VMULPS, n, x, code.constant(FloatMath.LOG2_E));
        a.op(VADDPS, n, n, code.constant(FloatMath.ROUNDER));
        a.op(VSUBPS, n, n, code.constant(FloatMath.ROUNDER));
        Vec r = x;
        a.op(VFMADD231PS, r, n, code.constant(-FloatMath.LN2_HIGH));
        a.op(VFMADD231PS, r, n, code.constant(-FloatMath.LN2_LOW));

        Vec p = spare2;
        loadConstant(p, FloatMath.C7);
        a.op(VFMADD213PS, p, r, code.constant(FloatMath.C6));
        a.op(VFMADD213PS, p, r, code.constant(FloatMath.C5));
        a.op(VFMADD213PS, p, r, code.constant(FloatMath.C4));
        a.op(VFMADD213PS, p, r, code.constant(FloatMath.C3));
        a.op(VFMADD213PS, p, r, code.constant(FloatMath.C2));
        a.op(VFMADD213PS, p, r, code.constant(1f));
        a.op(VFMADD213PS, p, r, code.constant(1f));

        if (code.isa.avx512()) {
            // p * 2^half is exact, so the two products round once, as this one does.
            a.op(VSCALEFPS, x, p, n);
        } else {
            Vec power = n;
            a.op(VCVTPS2DQ, power, n);
            Vec half = x;
            a.op(VPSRAD, half, power, 1);
            a.op(VPSUBD, power, power, half);
            powerOfTwo(half);
            powerOfTwo(power);
            a.op(VMULPS, p, p, half);
            a.op(VMULPS, x, p, power);
        }
    }

    private void powerOfTwo(Vec exponent) {
        a.op(VPADDD, exponent, exponent, code.constant(EXPONENT_BIAS));
        a.op(VPSLLD, exponent, exponent, EXPONENT_SHIFT);
    }

    /** {@code x = sigmoid(x)}; the spares are overwritten. */
    void sigmoid(Vec x, Vec spare1, Vec spare2) {
        a.op(VPXOR, x, x, code.constant(SIGN));
        exp(x, spare1, spare2);
        a.op(VADDPS, x, x, code.constant(1f));
        loadConstant(spare1, 1f);
        a.op(VDIVPS, x, spare1, x);
    }

    /** {@code to = silu(x)}; {@code x} and the spares are overwritten. */
    void silu(Vec to, Vec x, Vec spare1, Vec spare2) {
        code.move(to, x);
        sigmoid(x, spare1, spare2);
        a.op(VMULPS, to, to, x);
    }

    /** {@code to = geluTanh(x)}; {@code x} and the spares are overwritten. */
    void geluTanh(Vec to, Vec x, Vec spare1, Vec spare2) {
        code.move(to, x);
        a.op(VMULPS, spare1, x, x);
        loadConstant(spare2, FloatMath.GELU_CUBIC);
        a.op(VFMADD213PS, spare1, spare2, code.constant(FloatMath.GELU_LINEAR));
        a.op(VMULPS, x, x, spare1);
        sigmoid(x, spare1, spare2);
        a.op(VMULPS, to, to, x);
    }

    /** {@code to = geluErf(x)}; {@code x} and the spares are overwritten. */
    void geluErf(Vec to, Vec x, Vec size, Vec t, Vec p, Vec spare) {
        a.op(VPAND, size, x, code.constant(~SIGN));
        Vec z = to;
        a.op(VMULPS, z, size, code.constant(FloatMath.HALF_SQRT));
        loadConstant(t, FloatMath.ERF_P);
        a.op(VFMADD213PS, t, z, code.constant(1f));
        loadConstant(p, 1f);
        a.op(VDIVPS, t, p, t);
        loadConstant(p, FloatMath.ERF_A5);
        a.op(VFMADD213PS, p, t, code.constant(FloatMath.ERF_A4));
        a.op(VFMADD213PS, p, t, code.constant(FloatMath.ERF_A3));
        a.op(VFMADD213PS, p, t, code.constant(FloatMath.ERF_A2));
        a.op(VFMADD213PS, p, t, code.constant(FloatMath.ERF_A1));
        a.op(VMULPS, p, p, t);
        a.op(VMULPS, z, z, z);
        a.op(VPXOR, z, z, code.constant(SIGN));
        exp(z, t, spare);
        Vec tail = p;
        a.op(VMULPS, tail, p, z);
        a.op(VMULPS, to, size, code.constant(0.5f));
        loadConstant(t, 0.5f);
        a.op(VFMADD231PS, to, t, x);
        a.op(VFNMADD231PS, to, size, tail);
    }

    /** {@code x = 1 / sqrt(x)} in the lowest lane; {@code spare} is overwritten. */
    void inverseSqrt(Vec x, Vec spare) {
        a.op(VSQRTSS, x.xmm(), x.xmm(), x.xmm());
        loadConstant(spare, 1f);
        a.op(VDIVSS, x.xmm(), spare.xmm(), x.xmm());
    }

    /**
     * Adds 16 partial sums as the tree 8, 4, 2, 1; the result is in the lowest lane of {@code low}.
     *
     * @param low the partial sums, or the first 8 of them where a register has no more
     * @param high the other 8; overwritten
     */
    void treeSum(Vec low, Vec high) {
        if (code.isa.avx512()) {
            a.op(VEXTRACTF64X4, low, high.ymm(), 1);
        }
        a.op(VADDPS, low.ymm(), low.ymm(), high.ymm());
        a.op(VEXTRACTF128, low.ymm(), high.xmm(), 1);
        a.op(VADDPS, low.xmm(), low.xmm(), high.xmm());
        a.op(VMOVHLPS, high.xmm(), low.xmm(), low.xmm());
        a.op(VADDPS, low.xmm(), low.xmm(), high.xmm());
        a.op(VPERMILPS, high.xmm(), low.xmm(), 1);
        a.op(VADDSS, low.xmm(), low.xmm(), high.xmm());
    }

    /**
     * {@code x = Math.max(x, y)}: for two zeros, or if one operand is a NaN, MAXPS returns its second operand. So the
     * results of both orders agree except for the sign of a zero, which an AND makes positive, and for NaN, which is
     * restored from the bits of a comparison.
     *
     * @param x of 128 or 256 bits, among the first 16 registers like the others
     */
    void max(Vec x, Vec y, Vec spare1, Vec spare2) {
        a.op(VCMPPS, spare1, x, y, UNORDERED);
        a.op(VMAXPS, spare2, x, y);
        a.op(VMAXPS, x, y, x);
        a.op(VPAND, x, x, spare2);
        a.op(VPOR, x, x, spare1);
    }

    private void loadConstant(Vec to, float value) {
        code.broadcast(to, a.constant(value));
    }
}
