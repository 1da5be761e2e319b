package kawi.kernels.assembled;

import static kawi.kernels.Guarded.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import kawi.kernels.Activations;
import kawi.kernels.ConvolutionCall;
import kawi.kernels.DeltaCall;
import kawi.kernels.DeltaKernel;
import kawi.kernels.DeltaShape;
import kawi.kernels.DeltaState;
import kawi.kernels.Gate;
import kawi.kernels.Guarded;
import kawi.kernels.PagePool;
import kawi.kernels.ScalarDeltaKernel;
import kawi.kernels.Tiers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Gated DeltaNet in machine code against the scalar kernel, bit for bit, between inaccessible pages. */
class AssembledDeltaKernelTest {

    private static final List<DeltaShape> SHAPES = List.of(
            new DeltaShape(2, 2, 16, 16, 4, true, false),
            new DeltaShape(2, 4, 32, 48, 4, false, false),
            new DeltaShape(2, 4, 48, 32, 3, true, false),
            new DeltaShape(1, 2, 64, 80, 2, false, false),
            new DeltaShape(1, 2, 128, 128, 4, true, false),
            new DeltaShape(1, 2, 12, 20, 4, true, false),
            new DeltaShape(2, 2, 20, 12, 1, false, false),
            new DeltaShape(1, 3, 5, 7, 9, true, false),
            new DeltaShape(1, 1, 257, 64, 5, true, false));

    private static final int[][] CHUNKINGS = {{1}, {6}, {1, 1, 1, 1, 1, 1}, {2, 3, 1}, {1, 5}, {35, 1}};

    private final Arena arena = Arena.ofShared();
    private final PagePool statePages = new PagePool();
    private final SplittableRandom random = new SplittableRandom(11);
    private final DeltaKernel scalar = new ScalarDeltaKernel();

    @AfterEach
    void close() {
        arena.close();
        statePages.close();
    }

    private DeltaKernel assembled(InstructionSet isa) {
        Tiers.assumeExecuted(isa);
        return new AssembledDeltaKernel(isa.emitter(), arena);
    }

    private interface Case {
        void run(Guarded memory, DeltaShape shape, int awkward);
    }

    private static void overShapes(Case test) {
        for (Guarded.Side side : Guarded.Side.values()) {
            for (DeltaShape shape : SHAPES) {
                for (int awkward : new int[] {0, 7, 500}) {
                    try (Arena own = Arena.ofConfined()) {
                        test.run(new Guarded(own, side), shape, awkward);
                    }
                }
            }
        }
    }

    private Activations filled(Guarded memory, int rows, int width, double size, int awkward) {
        Activations x = memory.rows(rows, width);
        Guarded.fill(x.floats(), size, awkward, random);
        return x;
    }

    /** Rows {@code [from, from + count)} on their own. */
    private static Activations part(Guarded memory, Activations x, int from, int count) {
        Activations part = memory.rows(count, x.width());
        MemorySegment.copy(
                x.floats(),
                (long) from * x.width() * Float.BYTES,
                part.floats(),
                0,
                part.floats().byteSize());
        return part;
    }

    private static int sum(int[] chunks) {
        int sum = 0;
        for (int chunk : chunks) {
            sum += chunk;
        }
        return sum;
    }

    /** Cuts {@code 0} to {@code n} into parts, not at multiples of anything. */
    private static List<int[]> cuts(int n) {
        int first = n / 3;
        int second = n - n / 4;
        List<int[]> cuts = new ArrayList<>(List.of(new int[] {second, n}, new int[] {0, first}));
        cuts.add(new int[] {first, second});
        return cuts;
    }

    /** Over all rows of {@code u}. */
    private static ConvolutionCall convolution(
            DeltaShape shape, Activations u, MemorySegment weight, MemorySegment history, Activations y) {
        return new ConvolutionCall(shape, u, y).weight(weight).span(history, 0, u.capacity(), u.capacity());
    }

    /** Over all rows of {@code y}. */
    private static DeltaCall recurrence(
            DeltaShape shape,
            Activations y,
            Activations decay,
            Activations beta,
            MemorySegment state,
            Activations out) {
        return new DeltaCall(shape, y, decay, beta, out).span(0, y.capacity()).state(state);
    }

    @ParameterizedTest
    @MethodSource("kawi.kernels.Tiers#allInstructionSets")
    void convolutionIsTheSame(InstructionSet isa) {
        DeltaKernel assembled = assembled(isa);
        overShapes((memory, shape, awkward) -> {
            int channels = shape.channels();
            MemorySegment weight =
                    filled(memory, shape.kernel(), channels, 1, awkward).floats();
            MemorySegment history =
                    filled(memory, shape.kernel() - 1, channels, 1, awkward).floats();
            for (int[] chunks : CHUNKINGS) {
                int tokens = sum(chunks);
                Activations u = filled(memory, tokens, channels, 2, awkward);
                MemorySegment byScalar = memory.copy(history);
                Activations expected = memory.rows(tokens, channels);
                scalar.convolve(convolution(shape, u, weight, byScalar, expected), 0, channels);

                MemorySegment byAssembled = memory.copy(history);
                int done = 0;
                for (int chunk : chunks) {
                    Activations rows = part(memory, u, done, chunk);
                    Activations y = memory.rows(chunk, channels);
                    for (int[] cut : cuts(channels)) {
                        assembled.convolve(convolution(shape, rows, weight, byAssembled, y), cut[0], cut[1]);
                    }
                    assertSame(part(memory, expected, done, chunk).floats(), y.floats(), isa + " " + shape);
                    done += chunk;
                }
                assertSame(byScalar, byAssembled, isa + " history of " + shape);
            }
        });
    }

    @ParameterizedTest
    @MethodSource("kawi.kernels.Tiers#allInstructionSets")
    void preparationIsTheSame(InstructionSet isa) {
        DeltaKernel assembled = assembled(isa);
        overShapes((memory, shape, awkward) -> {
            int tokens = 4;
            int heads = shape.valueHeads();
            Activations y = filled(memory, tokens, shape.channels(), 2, awkward == 7 ? 100 : awkward);
            Activations a = filled(memory, tokens, heads, 30, awkward);
            Activations b = filled(memory, tokens, heads, 3, awkward);
            MemorySegment rate = filled(memory, 1, heads, 1, 0).floats();
            MemorySegment bias = filled(memory, 1, heads, 1, 0).floats();
            Activations[] expected = {memory.copy(y), memory.copy(a), memory.copy(b)};
            scalar.prepare(shape, expected[0], expected[1], expected[2], rate, bias, 1, tokens);
            assembled.prepare(shape, y, a, b, rate, bias, 1, 3);
            assembled.prepare(shape, y, a, b, rate, bias, 3, 4);
            assertSame(expected[0].floats(), y.floats(), isa + " queries and keys of " + shape);
            assertSame(expected[1].floats(), a.floats(), isa + " decay of " + shape);
            assertSame(expected[2].floats(), b.floats(), isa + " strength of " + shape);
        });
    }

    @ParameterizedTest
    @MethodSource("kawi.kernels.Tiers#allInstructionSets")
    void recurrenceIsTheSame(InstructionSet isa) {
        DeltaKernel assembled = assembled(isa);
        overShapes((memory, shape, awkward) -> {
            int heads = shape.valueHeads();
            int dim = shape.valueDim();
            MemorySegment state =
                    filled(memory, heads * shape.keyDim(), dim, 1, awkward).floats();
            for (int[] chunks : CHUNKINGS) {
                int tokens = sum(chunks);
                Activations y = filled(memory, tokens, shape.channels(), 0.2, awkward == 7 ? 0 : awkward);
                Activations decay = filled(memory, tokens, heads, 1, 0);
                Activations beta = filled(memory, tokens, heads, 1, 0);
                MemorySegment byScalar = memory.copy(state);
                Activations expected = memory.rows(tokens, heads * dim);
                for (int head = 0; head < heads; head++) {
                    scalar.recur(recurrence(shape, y, decay, beta, byScalar, expected), head, 0, dim);
                }

                MemorySegment byAssembled = memory.copy(state);
                int done = 0;
                for (int chunk : chunks) {
                    Activations rows = part(memory, y, done, chunk);
                    Activations out = memory.rows(chunk, heads * dim);
                    for (int head = 0; head < heads; head++) {
                        for (int[] cut : head == 0 ? List.of(new int[] {0, dim}) : cuts(dim)) {
                            DeltaCall call = recurrence(
                                    shape,
                                    rows,
                                    part(memory, decay, done, chunk),
                                    part(memory, beta, done, chunk),
                                    byAssembled,
                                    out);
                            assembled.recur(call, head, cut[0], cut[1]);
                        }
                    }
                    assertSame(part(memory, expected, done, chunk).floats(), out.floats(), isa + " " + shape);
                    done += chunk;
                }
                assertSame(byScalar, byAssembled, isa + " state of " + shape);
            }
        });
    }

    /** Replayed, final and revocable rows, some of each or none. */
    @ParameterizedTest
    @MethodSource("kawi.kernels.Tiers#allInstructionSets")
    void revocableRowsAreTheSame(InstructionSet isa) {
        DeltaKernel assembled = assembled(isa);
        int[][] counts = {{0, 4, 3}, {3, 4, 3}, {2, 1, 0}, {1, 3, 0}, {5, 2, 2}, {2, 0, 0}, {0, 1, 1}, {1, 7, 2}};
        overShapes((memory, shape, awkward) -> {
            int heads = shape.valueHeads();
            int dim = shape.valueDim();
            MemorySegment state =
                    filled(memory, heads * shape.keyDim(), dim, 1, awkward).floats();
            for (int[] count : counts) {
                int replayed = count[0];
                int tokens = count[1];
                Activations kept = filled(memory, Math.max(1, replayed), shape.channels(), 0.2, 0);
                Activations keptDecay = filled(memory, Math.max(1, replayed), heads, 1, 0);
                Activations y = filled(memory, Math.max(1, tokens), shape.channels(), 0.2, awkward == 7 ? 0 : awkward);
                Activations decay = filled(memory, Math.max(1, tokens), heads, 1, 0);
                Activations beta = filled(memory, Math.max(1, tokens), heads, 1, 0);
                MemorySegment[] states = {memory.copy(state), memory.copy(state)};
                Activations[] outs = {memory.rows(y.capacity(), heads * dim), memory.rows(y.capacity(), heads * dim)};
                Activations[] ys = {memory.copy(y), memory.copy(y)};
                for (int i = 0; i < 2; i++) {
                    DeltaCall call = new DeltaCall(shape, ys[i], decay, beta, outs[i])
                            .span(0, tokens)
                            .revocable(count[2])
                            .replay(kept, keptDecay, replayed)
                            .state(states[i]);
                    for (int head = 0; head < heads; head++) {
                        for (int[] cut : i == 0 ? List.of(new int[] {0, dim}) : cuts(dim)) {
                            (i == 0 ? scalar : assembled).recur(call, head, cut[0], cut[1]);
                        }
                    }
                }
                String where = "%s %s, %s".formatted(isa, shape, Arrays.toString(count));
                if (tokens > 0) {
                    assertSame(outs[0].floats(), outs[1].floats(), where);
                }
                assertSame(ys[0].floats(), ys[1].floats(), where + ": differences");
                assertSame(states[0], states[1], where + ": state");
            }
        });
    }

    @ParameterizedTest
    @MethodSource("kawi.kernels.Tiers#allInstructionSets")
    void gatedNormIsTheSame(InstructionSet isa) {
        DeltaKernel assembled = assembled(isa);
        overShapes((memory, shape, awkward) -> {
            int tokens = 4;
            int width = shape.valueHeads() * shape.valueDim();
            Activations o = filled(memory, tokens, width, 2, awkward == 7 ? 100 : awkward);
            Activations z = filled(memory, tokens, width, 5, awkward);
            MemorySegment weight = filled(memory, 1, shape.valueDim(), 2, 0).floats();
            Activations expected = memory.copy(o);
            scalar.gatedNorm(shape, expected, memory.copy(z), weight, 1e-6f, Gate.SILU, 1, tokens);
            assembled.gatedNorm(shape, o, memory.copy(z), weight, 1e-6f, Gate.SILU, 1, 2);
            assembled.gatedNorm(shape, o, memory.copy(z), weight, 1e-6f, Gate.SILU, 2, tokens);
            assertSame(expected.floats(), o.floats(), isa + " gated norm of " + shape);
        });
    }

    @Test
    void whatIsNotThereIsRefused() {
        Tiers.assumeAssembled();
        DeltaKernel assembled = assembled(Tiers.instructionSets().getFirst());
        DeltaShape shape = new DeltaShape(1, 1, 16, 16, 4, true, false);
        Activations y = Activations.allocate(arena, 2, shape.channels());
        Activations gates = Activations.allocate(arena, 2, 1);
        Activations out = Activations.allocate(arena, 2, 16);
        DeltaState state = DeltaState.allocate(shape, arena, statePages);
        DeltaCall call = new DeltaCall(shape, y, gates, gates, out).state(state.recurrent());
        assertThrows(IndexOutOfBoundsException.class, () -> assembled.recur(call.span(0, 3), 0, 0, 16));
        assertThrows(IndexOutOfBoundsException.class, () -> assembled.recur(call.span(1, 2), 0, 0, 16));
        assertThrows(
                IndexOutOfBoundsException.class,
                () -> assembled.recur(call.span(0, 2).state(state.history()), 0, 0, 16));
        assertThrows(
                IllegalArgumentException.class,
                () -> assembled.convolve(convolution(shape, out, state.recurrent(), state.history(), y), 0, 48));
    }
}
