package kawi.kernels.assembled;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static kawi.kernels.Guarded.assertSame;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import kawi.kernels.Activations;
import kawi.kernels.AttentionCall;
import kawi.kernels.AttentionKernel;
import kawi.kernels.AttentionShape;
import kawi.kernels.Guarded;
import kawi.kernels.KvFormat;
import kawi.kernels.KvLayout;
import kawi.kernels.KvPages;
import kawi.kernels.KvQuantization;
import kawi.kernels.PagePool;
import kawi.kernels.Rotation;
import kawi.kernels.ScalarAttentionKernel;
import kawi.kernels.Tiers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Attention in machine code against the scalar kernel, bit for bit, between inaccessible pages. */
class AssembledAttentionKernelTest {

    private static final float EPS = 1e-6f;

    /** Groups of 1 to 9 heads; values of a size that is a multiple of 16, or not. */
    private static final List<AttentionShape> SHAPES = List.of(
            AttentionShape.gated(2, 2, 16, 8),
            AttentionShape.gated(2, 1, 32, 32),
            AttentionShape.gated(6, 2, 48, 6),
            AttentionShape.gated(8, 2, 64, 16),
            AttentionShape.gated(5, 1, 16, 10),
            AttentionShape.gated(6, 1, 80, 38),
            AttentionShape.gated(7, 1, 112, 0),
            AttentionShape.gated(8, 1, 32, 2),
            AttentionShape.gated(9, 1, 144, 100),
            AttentionShape.gated(4, 1, 256, 64),
            AttentionShape.gated(3, 1, 20, 8),
            AttentionShape.gated(2, 2, 5, 2),
            full(3, 64),
            full(2, 72),
            full(2, 12));

    /** All rows attend to all positions, as in a vision transformer. */
    private static AttentionShape full(int heads, int dim) {
        return new AttentionShape(heads, heads, dim, dim, dim, false, false, false);
    }

    private final Arena arena = Arena.ofShared();
    private final SplittableRandom random = new SplittableRandom(17);
    private final AttentionKernel scalar = new ScalarAttentionKernel();

    @AfterEach
    void close() {
        arena.close();
    }

    private AttentionKernel assembled(InstructionSet isa) {
        Tiers.assumeExecuted(isa);
        return new AssembledAttentionKernel(isa.emitter(), arena);
    }

    private interface Case {
        void run(Guarded memory, AttentionShape shape, KvFormat format, int awkward);
    }

    private static void overShapes(Case test) {
        for (Guarded.Side side : Guarded.Side.values()) {
            for (AttentionShape shape : SHAPES) {
                for (KvFormat format : KvFormat.values()) {
                    for (int awkward : format.quantized() ? new int[] {5} : new int[] {0, 5, 3000}) {
                        try (Arena own = Arena.ofConfined()) {
                            test.run(new Guarded(own, side), shape, format, awkward);
                        }
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

    /** An arena of guarded memory, for what allocates by itself. */
    private static Arena arena(Guarded memory) {
        return new Arena() {
            @Override
            public MemorySegment allocate(long bytes, long alignment) {
                return memory.bytes(bytes);
            }

            @Override
            public MemorySegment.Scope scope() {
                return memory.arena().scope();
            }

            @Override
            public void close() {
                memory.arena().close();
            }
        };
    }

    /** Pages full of NaN, each on its own. */
    private static KvPages pages(Guarded memory, AttentionShape shape, KvFormat format, int positions) {
        return pages(memory, KvLayout.of(shape, format), positions);
    }

    private static KvPages pages(Guarded memory, KvLayout layout, int positions) {
        KvPages kv = new KvPages(layout, new PagePool((_, bytes) -> memory.bytes(bytes), 0));
        kv.reserve(positions);
        for (int p = 0; p * KvPages.POSITIONS < positions; p++) {
            kv.page(p).fill((byte) -1);
        }
        return kv;
    }

    private static String where(InstructionSet isa, AttentionShape shape, KvFormat format, int awkward) {
        return "%s %s %s awkward %d".formatted(isa, shape, format, awkward);
    }

    @ParameterizedTest
    @MethodSource("kawi.kernels.Tiers#allInstructionSets")
    void preparationIsTheSame(InstructionSet isa) {
        AttentionKernel assembled = assembled(isa);
        overShapes((memory, shape, format, awkward) -> {
            int tokens = 9;
            int dim = shape.keyDim();
            int position = KvPages.POSITIONS - 4;
            Activations queryGate = filled(memory, tokens, shape.queryWidth(), 3, awkward);
            Activations keys = filled(memory, tokens, shape.keyWidth(), 3, awkward);
            Activations values = filled(memory, tokens, shape.valueWidth(), 3, awkward);
            MemorySegment queryNorm = filled(memory, 1, dim, 2, awkward).floats();
            MemorySegment keyNorm = filled(memory, 1, dim, 2, awkward).floats();
            Rotation rotation = new Rotation(shape.rotaryDims(), 1e4, tokens, arena(memory));
            for (int row = 0; row < tokens; row++) {
                rotation.fill(row, position + row);
            }
            Activations byScalar = memory.copy(queryGate);
            Activations byAssembled = memory.copy(queryGate);
            KvPages expected = pages(memory, shape, format, position + tokens);
            KvPages actual = pages(memory, shape, format, position + tokens);
            for (int[] range : new int[][] {{3, 9}, {0, 3}}) {
                AttentionCall call =
                        new AttentionCall(shape, byScalar, memory.copy(keys), memory.copy(values), rotation, byScalar);
                call.norms(queryNorm, keyNorm, EPS).span(expected, position, 0, tokens);
                scalar.prepare(call, range[0], range[1]);
                call = new AttentionCall(
                        shape, byAssembled, memory.copy(keys), memory.copy(values), rotation, byAssembled);
                call.norms(queryNorm, keyNorm, EPS).span(actual, position, 0, tokens);
                assembled.prepare(call, range[0], range[1]);
            }
            String where = where(isa, shape, format, awkward);
            assertSame(byScalar.floats(), byAssembled.floats(), where);
            // Wherever nothing is stored, both still have the NaN that was there.
            int all = 2 * KvPages.POSITIONS;
            assertArrayEquals(expected.keys(all), actual.keys(all), where);
            assertArrayEquals(expected.values(all), actual.values(all), where);
        });
    }

    /** Numbers between the halves, beyond them and below the least of them. */
    @ParameterizedTest
    @MethodSource("kawi.kernels.Tiers#allInstructionSets")
    void numbersAreRoundedToHalvesTheSame(InstructionSet isa) {
        AttentionKernel assembled = assembled(isa);
        AttentionShape shape = AttentionShape.gated(1, 1, 256, 0);
        Guarded memory = new Guarded(arena, Guarded.Side.END);
        MemorySegment ones = memory.rows(1, 256).floats();
        Rotation rotation = new Rotation(0, 1e4, 256, arena);
        Activations values = memory.rows(256, 256);
        for (int i = 0; i < 1 << 16; i++) {
            // Exponents around those of halves, each with a mantissa that is a tie, just above or below one, or
            // anything.
            int mantissa = ((i >> 8) & 3) == 3
                    ? random.nextInt(1 << 23)
                    : (random.nextInt(1 << 10) << 13) | (0xfff + ((i >> 8) & 3));
            int bits = (i << 31) | ((((i >> 1) & 63) + 96) << 23) | mantissa;
            values.floats().setAtIndex(JAVA_FLOAT, i, Float.intBitsToFloat(bits));
        }
        KvPages kv = pages(memory, shape, KvFormat.F16, 256);
        Activations queries = memory.rows(256, 512);
        AttentionCall call = new AttentionCall(shape, queries, memory.rows(256, 256), values, rotation, queries);
        assembled.prepare(call.norms(ones, ones, EPS).span(kv, 0, 0, 256), 0, 256);
        for (int i = 0; i < 1 << 16; i++) {
            short half = kv.page(0).getAtIndex(JAVA_SHORT, kv.layout().valuesAt(0) / Short.BYTES + i);
            assertEquals(Float.floatToFloat16(values.floats().getAtIndex(JAVA_FLOAT, i)), half);
        }
    }

    /** Positions that some token sees hold numbers, all others NaN. */
    private KvPages filledPages(Guarded memory, AttentionShape shape, KvFormat format, int positions, int awkward) {
        KvPages kv = pages(memory, shape, format, positions);
        Activations keys = filled(memory, positions, shape.keyWidth(), 2, awkward);
        Activations values = filled(memory, positions, shape.valueWidth(), 2, awkward);
        for (int position = 0; position < positions; position++) {
            for (int head = 0; head < shape.kvHeads(); head++) {
                long key = (long) position * keys.width() + (long) head * shape.keyDim();
                long value = (long) position * values.width() + (long) head * shape.valueDim();
                kv.store(position, head, keys.floats(), key, values.floats(), value);
            }
        }
        return kv;
    }

    @ParameterizedTest
    @MethodSource("kawi.kernels.Tiers#allInstructionSets")
    void partialResultsAreTheSame(InstructionSet isa) {
        AttentionKernel assembled = assembled(isa);
        overShapes((memory, shape, format, awkward) -> {
            int tokens = 18;
            int most = KvPages.POSITIONS + 40;
            KvPages kv = filledPages(memory, shape, format, most, awkward);
            Activations queryGate = filled(memory, tokens, shape.queryWidth(), 1, awkward);
            if (format.quantized()) {
                quantize(queryGate, shape);
            }
            MemorySegment scratch = memory.bytes((long) AttentionKernel.scratchFloats(shape) * Float.BYTES);
            int[][] cases = {
                // Positions of token 0, tokens from and to, page.
                {0, 0, 18, 0},
                {most - 18, 13, 18, 0},
                {most - 18, 0, 18, 1},
                {140, 5, 6, 0},
                {KvPages.POSITIONS - 5, 5, 18, 1}
            };
            for (int[] c : cases) {
                for (int kvHead = 0; kvHead < shape.kvHeads(); kvHead++) {
                    int rows = (c[2] - c[1]) * shape.group();
                    MemorySegment expected = memory.bytes((rows + 1L) * AttentionKernel.rowFloats(shape) * Float.BYTES);
                    MemorySegment actual = memory.copy(expected);
                    Guarded.fill(scratch, 1, 1, random);
                    AttentionCall call = onQueries(shape, queryGate).span(kv, c[0], 0, tokens);
                    scalar.page(call, kvHead, c[1], c[2], c[3], expected, 1, scratch);
                    assembled.page(call, kvHead, c[1], c[2], c[3], actual, 1, scratch);
                    assertSameRows(shape, expected, actual, where(isa, shape, format, awkward));
                }
            }
        });
    }

    /** More rows than the scratch memory has room for at once, and every remainder of a division by 4. */
    @ParameterizedTest
    @MethodSource("kawi.kernels.Tiers#allInstructionSets")
    void manyRowsThatAttendToAllPositionsAreTheSame(InstructionSet isa) {
        AttentionKernel assembled = assembled(isa);
        for (int dim : new int[] {16, 64, 72}) {
            AttentionShape shape = full(2, dim);
            try (Arena own = Arena.ofConfined()) {
                Guarded memory = new Guarded(own, Guarded.Side.END);
                int tokens = 135;
                KvPages kv = filledPages(memory, shape, KvFormat.F32, tokens, 0);
                Activations queries = filled(memory, tokens, shape.queryWidth(), 1, 0);
                MemorySegment scratch = memory.bytes((long) AttentionKernel.scratchFloats(shape) * Float.BYTES);
                AttentionCall call = onQueries(shape, queries).span(kv, 0, 0, tokens);
                for (int from = 0; from < 4; from++) {
                    MemorySegment expected =
                            memory.bytes((long) tokens * AttentionKernel.rowFloats(shape) * Float.BYTES);
                    MemorySegment actual = memory.copy(expected);
                    scalar.page(call, 1, from, tokens, 0, expected, 0, scratch);
                    assembled.page(call, 1, from, tokens, 0, actual, 0, scratch);
                    assertSameRows(shape, expected, actual, "%s, dim %d from row %d".formatted(isa, dim, from));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kawi.kernels.Tiers#allInstructionSets")
    void keysAndValuesOfDifferentFormatsAreTheSame(InstructionSet isa) {
        AttentionKernel assembled = assembled(isa);
        AttentionShape shape = AttentionShape.gated(6, 2, 48, 6);
        int tokens = 21;
        Guarded memory = new Guarded(arena, Guarded.Side.END);
        Activations queryGate = filled(memory, tokens, shape.queryWidth(), 3, 0);
        Activations keys = filled(memory, tokens, shape.keyWidth(), 3, 0);
        Activations values = filled(memory, tokens, shape.valueWidth(), 3, 0);
        MemorySegment norm = filled(memory, 1, shape.keyDim(), 2, 0).floats();
        Rotation rotation = new Rotation(shape.rotaryDims(), 1e4, tokens, arena(memory));
        for (int row = 0; row < tokens; row++) {
            rotation.fill(row, row);
        }
        MemorySegment scratch = memory.bytes((long) AttentionKernel.scratchFloats(shape) * Float.BYTES);
        for (KvFormat keyFormat : KvFormat.values()) {
            for (KvFormat valueFormat : KvFormat.values()) {
                List<MemorySegment> results = new ArrayList<>();
                for (AttentionKernel kernel : List.of(scalar, assembled)) {
                    KvPages kv = pages(memory, KvLayout.of(shape, keyFormat, valueFormat), tokens);
                    Activations queries = memory.copy(queryGate);
                    AttentionCall call = new AttentionCall(
                            shape, queries, memory.copy(keys), memory.copy(values), rotation, queries);
                    call.norms(norm, norm, EPS).span(kv, 0, 0, tokens);
                    kernel.prepare(call, 0, tokens);
                    long floats = (long) tokens * shape.group() * AttentionKernel.rowFloats(shape);
                    MemorySegment partial = memory.bytes(floats * Float.BYTES);
                    kernel.page(call, 1, 0, tokens, 0, partial, 0, scratch);
                    results.add(partial);
                }
                String where = "%s, keys %s, values %s".formatted(isa, keyFormat, valueFormat);
                assertSameRows(shape, results.getFirst(), results.getLast(), where);
            }
        }
    }

    private static void quantize(Activations queries, AttentionShape shape) {
        for (int row = 0; row < queries.capacity(); row++) {
            for (int head = 0; head < shape.heads(); head++) {
                long query = (long) row * queries.width() + shape.queryColumn(head);
                KvQuantization.prepareQuery(queries.floats(), query, shape.keyDim());
            }
        }
    }

    /** With prepared queries, and nothing else. */
    private AttentionCall onQueries(AttentionShape shape, Activations queries) {
        return new AttentionCall(shape, queries, queries, queries, new Rotation(0, 1e4, 1, arena), queries);
    }

    private static void assertSameRows(
            AttentionShape shape, MemorySegment expected, MemorySegment actual, String where) {
        long row = (long) AttentionKernel.rowFloats(shape) * Float.BYTES;
        long max = (long) AttentionKernel.maxAt(shape) * Float.BYTES;
        long dim = (long) shape.valueDim() * Float.BYTES;
        for (long at = 0; at < expected.byteSize(); at += row) {
            assertSame(expected.asSlice(at, dim), actual.asSlice(at, dim), where);
            assertSame(expected.asSlice(at + max, 8), actual.asSlice(at + max, 8), where + ": maximum and mass");
        }
    }

    @ParameterizedTest
    @MethodSource("kawi.kernels.Tiers#allInstructionSets")
    void foldingAndFinishingAreTheSame(InstructionSet isa) {
        AttentionKernel assembled = assembled(isa);
        overShapes((memory, shape, format, awkward) -> {
            int tokens = 3;
            int rows = tokens * shape.group();
            int rowFloats = AttentionKernel.rowFloats(shape);
            MemorySegment partial =
                    filled(memory, rows + 1, rowFloats, 40, awkward).floats();
            MemorySegment byScalar =
                    filled(memory, rows + 2, rowFloats, 40, awkward).floats();
            MemorySegment byAssembled = memory.copy(byScalar);
            scalar.fold(shape, partial, 1, byScalar, 2, rows);
            assembled.fold(shape, partial, 1, byAssembled, 2, rows);
            assertSameRows(shape, byScalar, byAssembled, where(isa, shape, format, awkward));

            Activations queryGate = filled(memory, tokens + 1, shape.queryWidth(), 5, awkward);
            Activations expected = memory.rows(tokens + 1, shape.outWidth());
            Activations actual = memory.copy(expected);
            for (int kvHead = 0; kvHead < shape.kvHeads(); kvHead++) {
                scalar.finish(into(shape, format, queryGate, expected), kvHead, 0, tokens, memory.copy(byScalar), 2);
                assembled.finish(into(shape, format, queryGate, actual), kvHead, 0, tokens, memory.copy(byScalar), 2);
            }
            assertSame(expected.floats(), actual.floats(), where(isa, shape, format, awkward));
        });
    }

    /** From row 1 on, without keys and values. */
    private AttentionCall into(AttentionShape shape, KvFormat format, Activations queries, Activations out) {
        KvPages none = new KvPages(KvLayout.of(shape, format), new PagePool());
        return new AttentionCall(shape, queries, queries, queries, new Rotation(0, 1e4, 1, arena), out)
                .span(none, 0, 1, queries.capacity() - 1);
    }

    /** Zeros of both signs and NaN of both in the maximum, wherever they stand. */
    @ParameterizedTest
    @MethodSource("kawi.kernels.Tiers#allInstructionSets")
    void theMaximumIsThatOfJava(InstructionSet isa) {
        AttentionKernel assembled = assembled(isa);
        AttentionShape shape = AttentionShape.gated(1, 1, 16, 0);
        float[] special = {-0f, 0f, Float.NaN, Float.intBitsToFloat(0xffc00000), Float.NEGATIVE_INFINITY};
        try (Arena own = Arena.ofConfined()) {
            Guarded memory = new Guarded(own, Guarded.Side.END);
            MemorySegment partial =
                    memory.rows(1, AttentionKernel.rowFloats(shape)).floats();
            MemorySegment state = memory.copy(partial);
            long max = (long) AttentionKernel.maxAt(shape) * Float.BYTES;
            for (float a : special) {
                for (float b : special) {
                    state.set(JAVA_FLOAT, max, a);
                    partial.set(JAVA_FLOAT, max, b);
                    assembled.fold(shape, partial, 0, state, 0, 1);
                    assertEquals(Math.max(a, b), state.get(JAVA_FLOAT, max));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kawi.kernels.Tiers#allInstructionSets")
    void memoryThatIsTooSmallIsRefused(InstructionSet isa) {
        AttentionKernel assembled = assembled(isa);
        AttentionShape shape = AttentionShape.gated(2, 1, 16, 0);
        KvPages kv = pages(new Guarded(arena, Guarded.Side.END), shape, KvFormat.F16, 1);
        AttentionCall call =
                onQueries(shape, Activations.allocate(arena, 2, 64)).span(kv, 0, 0, 2);
        MemorySegment scratch = arena.allocate((long) AttentionKernel.scratchFloats(shape) * Float.BYTES, 64);
        MemorySegment rows = arena.allocate(3L * AttentionKernel.rowFloats(shape) * Float.BYTES, 64);
        assertThrows(IndexOutOfBoundsException.class, () -> assembled.page(call, 0, 0, 2, 0, rows, 0, scratch));
        assertThrows(IndexOutOfBoundsException.class, () -> assembled.page(call, 1, 0, 1, 0, rows, 0, scratch));
        assertThrows(IndexOutOfBoundsException.class, () -> assembled.fold(shape, rows, 0, rows, 2, 2));
    }
}
