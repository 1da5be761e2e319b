package kawi.kernels.assembled;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static kawi.kernels.Guarded.assertSame;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import kawi.kernels.Activations;
import kawi.kernels.BiasedRows;
import kawi.kernels.Guarded;
import kawi.kernels.RowKernel;
import kawi.kernels.ScalarRowKernel;
import kawi.kernels.Tiers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The row operations in machine code against the scalar ones, bit for bit, between inaccessible pages. */
class AssembledRowKernelTest {

    private static final int[] WIDTHS = IntStream.concat(IntStream.rangeClosed(1, 80), IntStream.of(127, 1023, 1024))
            .toArray();

    private final Arena arena = Arena.ofShared();
    private final SplittableRandom random = new SplittableRandom(7);
    private final RowKernel scalar = new ScalarRowKernel();

    @AfterEach
    void close() {
        arena.close();
    }

    private RowKernel assembled(InstructionSet isa) {
        Tiers.assumeExecuted(isa);
        return new AssembledRowKernel(isa.emitter(), arena);
    }

    private interface Case {
        void run(Guarded memory, int rows, int width, double size, int awkward);
    }

    private void overShapes(Case test) {
        for (Guarded.Side side : Guarded.Side.values()) {
            for (int width : WIDTHS) {
                try (Arena own = Arena.ofConfined()) {
                    Guarded memory = new Guarded(own, side);
                    test.run(memory, 3, width, 1, 0);
                    test.run(memory, 2, width, 100, 6);
                    test.run(memory, 1, width, 1e-20, 0);
                }
            }
        }
    }

    private static Activations filled(
            Guarded memory, int rows, int width, double size, int awkward, SplittableRandom random) {
        Activations x = memory.rows(rows, width);
        Guarded.fill(x.floats(), size, awkward, random);
        return x;
    }

    @ParameterizedTest
    @MethodSource("kawi.kernels.Tiers#allInstructionSets")
    void rmsNormIsTheSame(InstructionSet isa) {
        RowKernel assembled = assembled(isa);
        overShapes((memory, rows, width, size, awkward) -> {
            Activations x = filled(memory, rows, width, size, awkward / 6 * width, random);
            MemorySegment weight = filled(memory, 1, width, 2, awkward, random).floats();
            Activations expected = memory.rows(rows, width);
            Activations actual = memory.rows(rows, width);
            scalar.rmsNorm(x, weight, 1e-6f, expected, 0, rows);
            assembled.rmsNorm(x, weight, 1e-6f, actual, 0, rows);
            assertSame(expected.floats(), actual.floats(), isa + " rmsNorm of " + width);
            assembled.rmsNorm(x, weight, 1e-6f, x, 0, rows);
            assertSame(expected.floats(), x.floats(), isa + " rmsNorm in place of " + width);
        });
    }

    @ParameterizedTest
    @MethodSource("kawi.kernels.Tiers#allInstructionSets")
    void siluTimesIsTheSame(InstructionSet isa) {
        RowKernel assembled = assembled(isa);
        overShapes((memory, rows, width, size, awkward) -> {
            Activations gate = filled(memory, rows, width, size, awkward, random);
            Activations up = filled(memory, rows, width, 3, awkward, random);
            Activations expected = memory.copy(gate);
            scalar.siluTimes(expected, up, 0, rows);
            assembled.siluTimes(gate, up, 0, rows);
            assertSame(expected.floats(), gate.floats(), isa + " siluTimes of " + width);
        });
    }

    @ParameterizedTest
    @MethodSource("kawi.kernels.Tiers#allInstructionSets")
    void addIsTheSame(InstructionSet isa) {
        RowKernel assembled = assembled(isa);
        overShapes((memory, rows, width, size, awkward) -> {
            Activations x = filled(memory, rows, width, size, awkward, random);
            Activations y = filled(memory, rows, width, 3, awkward, random);
            Activations expected = memory.copy(x);
            scalar.add(expected, y, 0, rows);
            assembled.add(x, y, 0, rows);
            assertSame(expected.floats(), x.floats(), isa + " add of " + width);
        });
    }

    @ParameterizedTest
    @MethodSource("kawi.kernels.Tiers#allInstructionSets")
    void hadamardIsTheSame(InstructionSet isa) {
        RowKernel assembled = assembled(isa);
        overShapes((memory, rows, width, size, awkward) -> {
            for (int matrix = 1; width % matrix == 0; matrix *= 2) {
                Activations x = filled(memory, rows, width, size, awkward, random);
                Activations expected = memory.copy(x);
                scalar.hadamard(expected, matrix, 0, rows);
                assembled.hadamard(x, matrix, 0, rows);
                assertSame(expected.floats(), x.floats(), isa + " hadamard of " + matrix + " in " + width);
            }
        });
    }

    @ParameterizedTest
    @MethodSource("kawi.kernels.Tiers#allInstructionSets")
    void layerNormIsTheSame(InstructionSet isa) {
        RowKernel assembled = assembled(isa);
        overShapes((memory, rows, width, size, awkward) -> {
            Activations x = filled(memory, rows, width, size, awkward / 6 * width, random);
            MemorySegment weight = filled(memory, 1, width, 2, awkward, random).floats();
            MemorySegment bias = filled(memory, 1, width, 2, awkward, random).floats();
            Activations expected = memory.rows(rows, width);
            Activations actual = memory.rows(rows, width);
            scalar.layerNorm(x, weight, bias, 1e-6f, expected, 0, rows);
            assembled.layerNorm(x, weight, bias, 1e-6f, actual, 0, rows);
            assertSame(expected.floats(), actual.floats(), isa + " layerNorm of " + width);
            scalar.layerNorm(x, weight, bias, 1e-6f, expected, 1, rows);
            assembled.layerNorm(x, weight, bias, 1e-6f, actual, 1, rows);
            assertSame(expected.floats(), actual.floats(), isa + " layerNorm of some rows of " + width);
        });
    }

    @ParameterizedTest
    @MethodSource("kawi.kernels.Tiers#allInstructionSets")
    void operationsWithABiasAreTheSame(InstructionSet isa) {
        RowKernel assembled = assembled(isa);
        overShapes((memory, rows, width, size, awkward) -> {
            MemorySegment bias = filled(memory, 1, width, 2, awkward, random).floats();
            for (BiasedRows operation : BiasedRows.values()) {
                Activations x = filled(memory, rows, width, size, awkward, random);
                Activations y = filled(memory, rows, width, 3, awkward, random);
                Activations expected = memory.copy(x);
                operation.run(scalar, expected, y, bias, rows / 2, rows);
                operation.run(assembled, x, y, bias, rows / 2, rows);
                operation.run(assembled, x, y, bias, rows, rows);
                assertSame(expected.floats(), x.floats(), "%s %s of %d".formatted(isa, operation, width));
            }
        });
    }

    @ParameterizedTest
    @MethodSource("kawi.kernels.Tiers#allInstructionSets")
    void sumIsTheSame(InstructionSet isa) {
        RowKernel assembled = assembled(isa);
        for (Guarded.Side side : Guarded.Side.values()) {
            for (int steps : new int[] {1, 2, 7}) {
                int bytes = steps * RowKernel.SUMMED_BYTES;
                MemorySegment memory =
                        new Guarded(arena, side).rows(1, bytes / Float.BYTES).floats();
                for (int i = 0; i < bytes / Integer.BYTES; i++) {
                    memory.setAtIndex(JAVA_INT, i, random.nextInt());
                }
                assertEquals(scalar.sum(memory, 0, bytes), assembled.sum(memory, 0, bytes), isa + " of " + bytes);
                int rest = bytes - RowKernel.SUMMED_BYTES;
                if (rest > 0) {
                    assertEquals(scalar.sum(memory, 1024, rest), assembled.sum(memory, 1024, rest), isa + " of a part");
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kawi.kernels.Tiers#allInstructionSets")
    void onlyTheRowsGivenChange(InstructionSet isa) {
        RowKernel assembled = assembled(isa);
        Guarded memory = new Guarded(arena, Guarded.Side.END);
        Activations x = filled(memory, 5, 37, 1, 0, random);
        Activations y = filled(memory, 5, 37, 1, 0, random);
        Activations byScalar = memory.copy(x);
        Activations byAssembled = memory.copy(x);
        scalar.add(byScalar, y, 1, 3);
        scalar.siluTimes(byScalar, y, 2, 4);
        scalar.rmsNorm(y, x.floats(), 1e-6f, byScalar, 3, 4);
        assembled.add(byAssembled, y, 1, 3);
        assembled.siluTimes(byAssembled, y, 2, 4);
        assembled.rmsNorm(y, x.floats(), 1e-6f, byAssembled, 3, 4);
        assembled.add(byAssembled, y, 2, 2);
        assembled.siluTimes(byAssembled, y, 2, 2);
        assembled.rmsNorm(y, x.floats(), 1e-6f, byAssembled, 2, 2);
        assertSame(byScalar.floats(), byAssembled.floats(), isa + " some rows");
    }

    @Test
    void rowsThatAreNotThereAreRefused() {
        Tiers.assumeAssembled();
        RowKernel assembled = assembled(Tiers.instructionSets().getFirst());
        Activations x = Activations.allocate(arena, 2, 16);
        Activations few = Activations.allocate(arena, 1, 16);
        assertThrows(IndexOutOfBoundsException.class, () -> assembled.add(x, few, 0, 2));
        assertThrows(IndexOutOfBoundsException.class, () -> assembled.add(x, x, 1, 3));
        MemorySegment onHeap = MemorySegment.ofArray(new float[16]);
        assertThrows(IllegalArgumentException.class, () -> assembled.rmsNorm(x, onHeap, 1e-6f, x, 0, 1));
    }
}
