package kawi.kernels.assembled.a64;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static kawi.assembler.a64.Gp.X1;
import static kawi.assembler.a64.Vec.v;
import static kawi.kernels.assembled.a64.A64Code.arg;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import kawi.kernels.FloatMath;
import kawi.kernels.Guarded;
import kawi.kernels.Tiers;
import kawi.machine.MachineCode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The functions in machine code give the bits of their definition for every kind of float. */
class FunctionCodeTest {

    private static final int COUNT = (1 << 14) + 7;

    /** Emits a function of several vectors, from V0 on. */
    @FunctionalInterface
    private interface Function {
        void emit(int vectors);
    }

    private interface Maker {
        Function begin(A64Code code);
    }

    /** Applies a function to a run of floats. */
    private static void apply(A64Isa isa, Arena arena, MemorySegment x, int first, int atOnce, Maker maker) {
        Consumer<A64Code> body = code -> {
            Function function = maker.begin(code);
            RowCode row = new RowCode(code);
            code.a.ldr(X1, arg(0));
            row.width(arg(8));
            row.begin(atOnce);
            do {
                row.load(v(first), X1);
                function.emit(row.vectors());
                row.store(X1, v(0));
            } while (row.next());
        };
        MemorySegment arguments = arena.allocate(2 * Long.BYTES, 64);
        arguments.setAtIndex(JAVA_LONG, 0, x.address());
        arguments.setAtIndex(JAVA_LONG, 1, x.byteSize() / Float.BYTES);
        MachineCode overRow = A64Emitter.code(isa, arena, body);
        overRow.run(arguments);
    }

    private static void check(
            A64Isa isa, String name, int first, int atOnce, Maker maker, UnaryOperator<Float> definition) {
        Tiers.assumeExecuted(isa);
        SplittableRandom random = new SplittableRandom(42);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment x = arena.allocate((long) COUNT * Float.BYTES, 64);
            Guarded.fill(x, 110, 20, random);
            for (int i = 0; i < COUNT; i += 2) {
                x.setAtIndex(JAVA_FLOAT, i, Float.intBitsToFloat(random.nextInt()));
            }
            MemorySegment y = arena.allocate(x.byteSize(), 64).copyFrom(x);
            apply(isa, arena, y, first, atOnce, maker);
            for (int i = 0; i < COUNT; i++) {
                float argument = x.getAtIndex(JAVA_FLOAT, i);
                float expected = definition.apply(argument);
                float actual = y.getAtIndex(JAVA_FLOAT, i);
                if (Float.floatToIntBits(expected) != Float.floatToIntBits(actual)) {
                    throw new AssertionError(
                            "%s: %s(%s) is %s, expected %s".formatted(isa, name, argument, actual, expected));
                }
            }
        }
    }

    private static FunctionCode begin(A64Code code) {
        FunctionCode functions = new FunctionCode(code);
        functions.begin();
        return functions;
    }

    @ParameterizedTest
    @EnumSource
    void expIsTheSame(A64Isa isa) {
        for (int atOnce = 1; atOnce <= 4; atOnce *= 2) {
            check(
                    isa,
                    "exp",
                    0,
                    atOnce,
                    code -> {
                        FunctionCode functions = begin(code);
                        return vectors -> functions.exp(0, vectors);
                    },
                    FloatMath::exp);
        }
    }

    @ParameterizedTest
    @EnumSource
    void sigmoidIsTheSame(A64Isa isa) {
        check(
                isa,
                "sigmoid",
                0,
                4,
                code -> {
                    FunctionCode functions = begin(code);
                    return vectors -> functions.sigmoid(0, vectors);
                },
                FloatMath::sigmoid);
    }

    @ParameterizedTest
    @EnumSource
    void geluTanhIsTheSame(A64Isa isa) {
        check(
                isa,
                "geluTanh",
                GeluCode.X,
                GeluCode.TANH_VECTORS,
                code -> {
                    GeluCode gelu = new GeluCode(code);
                    gelu.beginTanh();
                    return gelu::tanh;
                },
                FloatMath::geluTanh);
    }

    @ParameterizedTest
    @EnumSource
    void geluErfIsTheSame(A64Isa isa) {
        check(
                isa,
                "geluErf",
                GeluCode.X,
                GeluCode.ERF_VECTORS,
                code -> {
                    GeluCode gelu = new GeluCode(code);
                    gelu.beginErf();
                    return gelu::erf;
                },
                FloatMath::geluErf);
    }
}
