package kawi.kernels.assembled.a64;

import static kawi.assembler.a64.Vec.v;
import static kawi.assembler.a64.VectorOp.ADD;
import static kawi.assembler.a64.VectorOp.EXT;
import static kawi.assembler.a64.VectorOp.FADD;
import static kawi.assembler.a64.VectorOp.FADDP_SCALAR;
import static kawi.assembler.a64.VectorOp.FCVTZS_FIXED;
import static kawi.assembler.a64.VectorOp.FDIV;
import static kawi.assembler.a64.VectorOp.FMAX;
import static kawi.assembler.a64.VectorOp.FMIN;
import static kawi.assembler.a64.VectorOp.FMLA;
import static kawi.assembler.a64.VectorOp.FMLS;
import static kawi.assembler.a64.VectorOp.FMUL;
import static kawi.assembler.a64.VectorOp.FNEG;
import static kawi.assembler.a64.VectorOp.FRINTN;
import static kawi.assembler.a64.VectorOp.FSQRT;
import static kawi.assembler.a64.VectorOp.SHL;
import static kawi.assembler.a64.VectorOp.SSHR;
import static kawi.assembler.a64.VectorOp.SUB;

import java.util.List;
import java.util.stream.IntStream;
import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Vec;
import kawi.kernels.FloatMath;

/**
 * Emits the functions of {@link FloatMath} on vector registers, and the sum of 16 partial sums. FMAX, FMIN, FCVTZS and
 * FNEG treat NaN and zeros as Java does; the payload of a NaN may differ.
 *
 * <p>The operations of the exponential are those of the definition, with two exceptions that do not change a bit: FRINTN
 * rounds x / ln 2 to an integer as the addition and subtraction of 1.5 * 2^23 do, up to the sign of a zero, and the first
 * of the two powers of two is added to the exponent of the polynomial, as that product is always a normal number:
 *
 * <pre>
 *    N = n << 23                     FCVTZS with 23 bits of fraction
 *    H = (n >> 1) << 23              N >> 24 << 23
 *    exp = float(p + H) * float(1f + N - H)       sums of bits
 * </pre>
 *
 * <p>The constants of the exponential are in V22 to V31; {@link #begin} loads them. Factors are elements of V31, addends
 * fill a register each, as FMLA overwrites its addend and so takes a copy of it.
 */
final class FunctionCode {

    private static final int EXPONENT_SHIFT = 23;

    private static final Vec MIN = v(22);
    private static final Vec MAX = v(23);
    private static final Vec C7 = v(29);
    private static final Vec ONE = v(30);
    /** The addends of the steps of the polynomial. */
    private static final List<Vec> COEFFICIENTS = List.of(v(24), v(25), v(26), v(27), v(28), ONE, ONE);

    private static final Vec FACTORS = v(31);

    private final A64Code code;
    private final Assembler a;

    FunctionCode(A64Code code) {
        this.code = code;
        this.a = code.a;
    }

    /** Loads the constants. */
    void begin() {
        code.set(MIN, FloatMath.EXP_MIN);
        code.set(MAX, FloatMath.EXP_MAX);
        float[] coefficients = {FloatMath.C6, FloatMath.C5, FloatMath.C4, FloatMath.C3, FloatMath.C2};
        for (int i = 0; i < coefficients.length; i++) {
            code.set(COEFFICIENTS.get(i), coefficients[i]);
        }
        code.set(C7, FloatMath.C7);
        code.set(ONE, 1f);
        code.load(
                FACTORS,
                a.constant(List.of(
                        Float.floatToRawIntBits(FloatMath.LOG2_E),
                        Float.floatToRawIntBits(FloatMath.LN2_HIGH),
                        Float.floatToRawIntBits(FloatMath.LN2_LOW),
                        0)));
    }

    /** The vector of ones, one of the constants. */
    static Vec one() {
        return ONE;
    }

    /**
     * Replaces each of {@code count} vectors, 1 to 5, from {@code first} on by its exponential. The next
     * {@code 3 * count} registers are overwritten. The steps of the vectors alternate, as each depends on the one
     * before.
     */
    void exp(int first, int count) {
        exp(first, count, false);
    }

    /** The same for vectors without positive numbers. */
    void expOfNonPositive(int first, int count) {
        exp(first, count, true);
    }

    private void exp(int first, int count, boolean nonPositive) {
        List<Exponential> all = IntStream.range(0, count)
                .mapToObj(i -> new Exponential(
                        v(first + i), v(first + count + i), v(first + 2 * count + i), v(first + 3 * count + i)))
                .toList();
        all.forEach(e -> a.op(FMAX, e.x, e.x, MIN));
        if (!nonPositive) {
            all.forEach(e -> a.op(FMIN, e.x, e.x, MAX));
        }
        all.forEach(e -> a.op(FMUL, e.n, e.x, FACTORS.s(0)));
        all.forEach(e -> a.op(FRINTN, e.n, e.n));
        // x is the rest from here on.
        all.forEach(e -> a.op(FMLS, e.x, e.n, FACTORS.s(1)));
        all.forEach(e -> a.op(FMLS, e.x, e.n, FACTORS.s(2)));
        for (int i = 0; i < COEFFICIENTS.size(); i++) {
            int step = i;
            all.forEach(e -> a.mov(e.polynomial(step), COEFFICIENTS.get(step)));
            all.forEach(e -> a.op(FMLA, e.polynomial(step), step == 0 ? C7 : e.polynomial(step - 1), e.x));
        }
        // x becomes H, n becomes N.
        all.forEach(e -> a.op(FCVTZS_FIXED, e.n, e.n, EXPONENT_SHIFT));
        all.forEach(e -> a.op(SSHR, e.x, e.n, EXPONENT_SHIFT + 1));
        all.forEach(e -> a.op(SHL, e.x, e.x, EXPONENT_SHIFT));
        all.forEach(e -> a.op(SUB, e.n, e.n, e.x));
        all.forEach(e -> a.op(ADD, e.n, e.n, ONE));
        all.forEach(e -> a.op(ADD, e.x, e.x, e.polynomial(COEFFICIENTS.size() - 1)));
        all.forEach(e -> a.op(FMUL, e.x, e.x, e.n));
    }

    /** The registers of an exponential; the polynomial is in p and q in turn. */
    private record Exponential(Vec x, Vec n, Vec p, Vec q) {

        Vec polynomial(int step) {
            return step % 2 == 0 ? p : q;
        }
    }

    /** The same as {@link #exp} for {@code x = sigmoid(x)}. */
    void sigmoid(int first, int count) {
        for (int i = 0; i < count; i++) {
            a.op(FNEG, v(first + i), v(first + i));
        }
        exp(first, count);
        for (int i = 0; i < count; i++) {
            a.op(FADD, v(first + i), v(first + i), ONE);
            a.op(FDIV, v(first + i), ONE, v(first + i));
        }
    }

    /** {@code x = 1 / sqrt(x)} in the lowest lane; {@code spare} is overwritten. */
    void inverseSqrt(Vec x, Vec spare) {
        a.op(FSQRT, x.s(), x.s());
        a.fmov(spare.s(), 1f);
        a.op(FDIV, x.s(), spare.s(), x.s());
    }

    /** Adds 16 partial sums as the tree 8, 4, 2, 1; the result is in the lowest lane of {@code x0}. */
    void treeSum(Vec x0, Vec x1, Vec x2, Vec x3) {
        a.op(FADD, x0, x0, x2);
        a.op(FADD, x1, x1, x3);
        a.op(FADD, x0, x0, x1);
        a.op(EXT, x1.b16(), x0.b16(), x0.b16(), Long.BYTES);
        a.op(FADD, x0.s2(), x0.s2(), x1.s2());
        a.op(FADDP_SCALAR, x0.s(), x0.s2());
    }
}
