package kawi.kernels.assembled.x86;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static kawi.kernels.assembled.x86.KernelCode.arg;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import kawi.assembler.x86.Gp;
import kawi.kernels.FloatMath;
import kawi.kernels.Guarded;
import kawi.kernels.Tiers;
import kawi.machine.MachineCode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The functions in machine code give the bits of their definition for every kind of float. */
class FunctionCodeTest {

    private static final int COUNT = 1 << 18;

    @FunctionalInterface
    private interface Function {
        void emit(KernelCode code, FunctionCode functions);
    }

    /** Applies a function to registers 0 of a run of floats. */
    private static void apply(X86Isa isa, Arena arena, MemorySegment x, Function function) {
        MachineCode overRow = X86Emitter.code(isa, arena, code -> {
            RowCode row = new RowCode(code);
            code.a.load(Gp.RSI, arg(0));
            row.width(arg(8));
            row.begin();
            do {
                row.load(code.v(0), row.at(Gp.RSI));
                function.emit(code, new FunctionCode(code));
                row.store(row.at(Gp.RSI), code.v(0));
            } while (row.next());
        });
        MemorySegment arguments = arena.allocate(2 * Long.BYTES, 64);
        arguments.setAtIndex(JAVA_LONG, 0, x.address());
        arguments.setAtIndex(JAVA_LONG, 1, x.byteSize() / Float.BYTES);
        overRow.run(arguments);
    }

    private static void check(X86Isa isa, String name, Function function, UnaryOperator<Float> definition) {
        Tiers.assumeExecuted(isa);
        SplittableRandom random = new SplittableRandom(42);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment x = arena.allocate((long) COUNT * Float.BYTES, 64);
            Guarded.fill(x, 110, 20, random);
            for (int i = 0; i < COUNT; i += 2) {
                x.setAtIndex(JAVA_FLOAT, i, Float.intBitsToFloat(random.nextInt()));
            }
            MemorySegment y = arena.allocate(x.byteSize(), 64).copyFrom(x);
            apply(isa, arena, y, function);
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

    @ParameterizedTest
    @EnumSource
    void expIsTheSame(X86Isa isa) {
        check(isa, "exp", (code, f) -> f.exp(code.v(0), code.v(1), code.v(2)), FloatMath::exp);
    }

    @ParameterizedTest
    @EnumSource
    void sigmoidIsTheSame(X86Isa isa) {
        check(isa, "sigmoid", (code, f) -> f.sigmoid(code.v(0), code.v(1), code.v(2)), FloatMath::sigmoid);
    }

    @ParameterizedTest
    @EnumSource
    void siluIsTheSame(X86Isa isa) {
        check(
                isa,
                "silu",
                (code, f) -> {
                    code.move(code.v(4), code.v(0));
                    f.silu(code.v(0), code.v(4), code.v(1), code.v(2));
                },
                FloatMath::silu);
    }
}
