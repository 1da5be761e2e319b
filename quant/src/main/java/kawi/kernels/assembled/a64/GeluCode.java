package kawi.kernels.assembled.a64;

import static kawi.assembler.a64.Vec.v;
import static kawi.assembler.a64.VectorOp.FABS;
import static kawi.assembler.a64.VectorOp.FDIV;
import static kawi.assembler.a64.VectorOp.FMLA;
import static kawi.assembler.a64.VectorOp.FMLS;
import static kawi.assembler.a64.VectorOp.FMUL;
import static kawi.assembler.a64.VectorOp.FNEG;

import java.util.List;
import java.util.stream.IntStream;
import kawi.assembler.a64.Assembler;
import kawi.assembler.a64.Element;
import kawi.assembler.a64.Vec;
import kawi.kernels.FloatMath;

/**
 * Emits the two forms of GELU of {@link FloatMath} on vector registers, with the same sequence of operations.
 *
 * <p>The arguments are in V16 and the registers after it, the results in V0 and the registers after it. V20, and V19 for
 * the form with erf, hold constants beside those of {@link FunctionCode}; V0 to V15 are overwritten.
 */
final class GeluCode {

    /** The first register of the arguments. */
    static final int X = 16;

    /** How many vectors there may be at a time. */
    static final int TANH_VECTORS = 4;

    static final int ERF_VECTORS = 2;

    private static final Vec LOW_CONSTANTS = v(19);
    private static final Vec CONSTANTS = v(20);

    private final A64Code code;
    private final Assembler a;
    private final FunctionCode functions;

    GeluCode(A64Code code) {
        this.code = code;
        this.a = code.a;
        this.functions = new FunctionCode(code);
    }

    /** Loads the constants of the form with tanh. */
    void beginTanh() {
        functions.begin();
        set(CONSTANTS, FloatMath.GELU_CUBIC, FloatMath.GELU_LINEAR, 0f, 0f);
    }

    /** The form with tanh of {@code count} vectors. */
    void tanh(int count) {
        List<Integer> all = IntStream.range(0, count).boxed().toList();
        all.forEach(n -> a.op(FMUL, v(count + n), x(n), x(n)));
        all.forEach(n -> a.dup(v(n), CONSTANTS.s(1)));
        all.forEach(n -> a.op(FMLA, v(n), v(count + n), CONSTANTS.s(0)));
        all.forEach(n -> a.op(FMUL, v(n), x(n), v(n)));
        functions.sigmoid(0, count);
        all.forEach(n -> a.op(FMUL, v(n), x(n), v(n)));
    }

    /** Loads the constants of the form with erf. */
    void beginErf() {
        functions.begin();
        set(LOW_CONSTANTS, FloatMath.HALF_SQRT, FloatMath.ERF_P, 0.5f, FloatMath.ERF_A1);
        set(CONSTANTS, FloatMath.ERF_A5, FloatMath.ERF_A4, FloatMath.ERF_A3, FloatMath.ERF_A2);
    }

    /** The form with erf of {@code count} vectors. */
    void erf(int count) {
        List<ErfRegisters> all = IntStream.range(0, count)
                .mapToObj(n -> new ErfRegisters(x(n), v(n), v(count + n), v(4 * count + n), v(5 * count + n)))
                .toList();
        Element half = LOW_CONSTANTS.s(2);
        all.forEach(e -> a.op(FABS, e.z, e.x));
        all.forEach(e -> a.op(FMUL, e.z, e.z, LOW_CONSTANTS.s(0)));
        all.forEach(e -> a.mov(e.t, FunctionCode.one()));
        all.forEach(e -> a.op(FMLA, e.t, e.z, LOW_CONSTANTS.s(1)));
        all.forEach(e -> a.op(FDIV, e.t, FunctionCode.one(), e.t));
        all.forEach(e -> a.dup(e.p, CONSTANTS.s(1)));
        all.forEach(e -> a.op(FMLA, e.p, e.t, CONSTANTS.s(0)));
        step(all, CONSTANTS.s(2), true);
        step(all, CONSTANTS.s(3), false);
        step(all, LOW_CONSTANTS.s(3), true);
        all.forEach(e -> a.op(FMUL, e.p, e.q, e.t));
        all.forEach(e -> a.op(FMUL, e.z, e.z, e.z));
        all.forEach(e -> a.op(FNEG, e.z, e.z));
        functions.expOfNonPositive(0, count);
        all.forEach(e -> a.op(FMUL, e.p, e.p, e.z));
        all.forEach(e -> a.op(FABS, e.t, e.x));
        all.forEach(e -> a.op(FMUL, e.z, e.t, half));
        all.forEach(e -> a.op(FMLA, e.z, e.x, half));
        all.forEach(e -> a.op(FMLS, e.z, e.t, e.p));
    }

    /** A step of Horner's rule, from p to q or from q to p. */
    private void step(List<ErfRegisters> all, Element coefficient, boolean toQ) {
        all.forEach(e -> a.dup(toQ ? e.q : e.p, coefficient));
        all.forEach(e -> a.op(FMLA, toQ ? e.q : e.p, toQ ? e.p : e.q, e.t));
    }

    /** The registers of a vector: z becomes the result, p is kept during the exponential. */
    private record ErfRegisters(Vec x, Vec z, Vec t, Vec p, Vec q) {}

    private static Vec x(int n) {
        return v(X + n);
    }

    private void set(Vec to, float... constants) {
        code.load(
                to,
                a.constant(IntStream.range(0, constants.length)
                        .mapToObj(i -> Float.floatToRawIntBits(constants[i]))
                        .toList()));
    }
}
