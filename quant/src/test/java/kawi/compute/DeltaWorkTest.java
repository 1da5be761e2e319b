package kawi.compute;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import kawi.kernels.Activations;
import kawi.kernels.DeltaShape;
import kawi.kernels.DeltaState;
import kawi.kernels.Kernels;
import kawi.kernels.PagePool;
import kawi.kernels.WorkerPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Spans, revocable rows and the kinds of decay of the delta rule, in every tier and with several numbers of threads,
 * bit for bit.
 */
class DeltaWorkTest {

    private static final int CAPACITY = 24;

    private final Arena arena = Arena.ofShared();
    private final PagePool statePages = new PagePool();
    private final SplittableRandom random = new SplittableRandom(7);

    @AfterEach
    void close() {
        arena.close();
        statePages.close();
    }

    /** What rows bring along. */
    private record Input(float[] u, float[] a, float[] b) {}

    private Input input(DeltaShape shape, int rows) {
        return new Input(
                floats(rows * shape.channels(), 1),
                floats(rows * shape.decayWidth(), 3),
                floats(rows * shape.valueHeads(), 3));
    }

    private float[] floats(int n, double size) {
        float[] x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = (float) ((random.nextDouble() * 2 - 1) * size);
        }
        return x;
    }

    /** A layer's weights. */
    private record Weights(MemorySegment convolution, MemorySegment rate, MemorySegment dtBias) {}

    private Weights weights(DeltaShape shape) {
        return new Weights(
                floatsOffHeap(shape.kernel() * shape.channels()),
                floatsOffHeap(shape.valueHeads()),
                floatsOffHeap(shape.decayWidth()));
    }

    private MemorySegment floatsOffHeap(int n) {
        return arena.allocate((long) n * Float.BYTES, 64).copyFrom(MemorySegment.ofArray(floats(n, 1)));
    }

    /** A layer, and the buffers of one executor. */
    private final class Layer {

        final Weights weights;
        final Activations u;
        final Activations y;
        final Activations a;
        final Activations b;
        final Activations out;
        final DeltaWork work;

        /** Rows added since the last run. */
        int rows;

        Layer(DeltaShape shape, Weights weights, Compute compute) {
            this.weights = weights;
            this.u = Activations.outputs(arena, CAPACITY, shape.channels());
            this.y = Activations.outputs(arena, CAPACITY, shape.channels());
            this.a = Activations.outputs(arena, CAPACITY, shape.decayWidth());
            this.b = Activations.outputs(arena, CAPACITY, shape.valueHeads());
            this.out = Activations.outputs(arena, CAPACITY, shape.outWidth());
            this.work = compute.delta(shape, u, y, a, b, out);
        }

        void begin() {
            work.begin(weights.convolution, weights.rate, weights.dtBias);
        }

        /** Adds a span of the rows of {@code input}, {@code from} on. */
        Layer add(DeltaState state, Input input, int from, int count, int revocable) {
            if (rows == 0) {
                begin();
            }
            put(u, input.u, from, count);
            put(a, input.a, from, count);
            put(b, input.b, from, count);
            work.add(state, rows, count, revocable);
            rows += count;
            return this;
        }

        private void put(Activations to, float[] from, int row, int count) {
            int width = to.width();
            MemorySegment.copy(
                    from, row * width, to.floats(), JAVA_FLOAT, (long) rows * width * Float.BYTES, count * width);
        }

        /** The outputs of all rows that were added. */
        float[] run() {
            work.run();
            float[] result = out.floats()
                    .asSlice(0, (long) rows * out.width() * Float.BYTES)
                    .toArray(JAVA_FLOAT);
            rows = 0;
            return result;
        }
    }

    private static void assertSame(DeltaState expected, DeltaState actual, String where) {
        assertEquals(-1, expected.recurrent().mismatch(actual.recurrent()), where + ": state");
        assertEquals(-1, expected.history().mismatch(actual.history()), where + ": history");
    }

    private interface Case {
        void run(Layer layer, String where);
    }

    private void everywhere(DeltaShape shape, Case test) {
        Weights weights = weights(shape);
        for (Kernels kernels : TestedKernels.all(arena)) {
            for (int threads = 1; threads <= 3; threads++) {
                try (WorkerPool pool = new WorkerPool(threads)) {
                    test.run(
                            new Layer(shape, weights, new Compute(kernels, pool)),
                            "%s, %d threads".formatted(kernels.tier(), threads));
                }
            }
        }
    }

    private DeltaState state(DeltaShape shape) {
        return DeltaState.allocate(shape, arena, statePages);
    }

    /** Append 5, take back some, append others: as if the rows taken back had never been appended. */
    @ParameterizedTest
    @CsvSource({
        "2,4,16,64,4,false",
        "1,2,128,128,4,false",
        "2,2,20,12,2,false",
        "1,3,5,7,1,false",
        "1,1,8,200,9,false",
        "2,2,16,64,4,true",
        "1,2,5,7,3,true"
    })
    void rowsTakenBackWereNeverThere(
            int keyHeads, int valueHeads, int keyDim, int valueDim, int taps, boolean perChannel) {
        DeltaShape shape = new DeltaShape(keyHeads, valueHeads, keyDim, valueDim, taps, true, perChannel);
        Input first = input(shape, 9);
        Input guessed = input(shape, 16);
        Input others = input(shape, 7);
        everywhere(shape, (layer, where) -> {
            for (int guess : new int[] {1, 5, 16}) {
                for (int back = 0; back <= guess; back += guess == 16 ? 5 : 1) {
                    DeltaState expected = state(shape);
                    layer.add(expected, first, 0, 9, 0).run();
                    layer.add(expected, guessed, 0, guess, 0).run();
                    DeltaState never = state(shape);
                    layer.add(never, first, 0, 9, 0).run();
                    float[] kept = guess > back
                            ? layer.add(never, guessed, 0, guess - back, 0).run()
                            : new float[0];
                    float[] after = layer.add(never, others, 0, 3, 0).run();
                    float[] last = layer.add(never, others, 3, 4, 0).run();

                    DeltaState actual = state(shape);
                    layer.add(actual, first, 0, 9, 2).run();
                    float[] guesses =
                            layer.add(actual, guessed, 0, guess, guess).run();
                    assertArrayEquals(kept, Arrays.copyOf(guesses, kept.length), where);
                    assertEquals(guess, actual.revocable());
                    actual.takeBack(back);
                    assertEquals(guess - back, actual.revocable());
                    // Revocable again, two of three.
                    assertArrayEquals(after, layer.add(actual, others, 0, 3, 2).run(), where);
                    assertArrayEquals(last, layer.add(actual, others, 3, 4, 0).run(), where);
                    assertSame(never, actual, where + ", " + back + " of " + guess);
                }
            }
        });
    }

    /** Rows that are final only in part, and a span without rows, which makes all final. */
    @Test
    void revocableRowsBecomeFinal() {
        DeltaShape shape = new DeltaShape(1, 2, 32, 48, 4, true, false);
        Input input = input(shape, 12);
        everywhere(shape, (layer, where) -> {
            DeltaState expected = state(shape);
            float[] all = layer.add(expected, input, 0, 12, 0).run();
            DeltaState actual = state(shape);
            assertArrayEquals(all, layer.add(actual, input, 0, 12, 5).run(), where);
            assertEquals(5, actual.revocable());
            layer.add(actual, input, 0, 0, 0).run();
            assertEquals(0, actual.revocable());
            assertSame(expected, actual, where);

            DeltaState settled = state(shape);
            layer.add(settled, input, 0, 12, 3).run();
            layer.work.settle(settled);
            assertSame(expected, settled, where);
        });
    }

    /** Three sequences in one pass, one with rows that are kept, one with rows to be kept, as three passes. */
    @ParameterizedTest
    @CsvSource({"2,4,16,64,4,false", "1,2,5,7,3,false", "1,2,16,16,4,true"})
    void spansOfOnePassGiveTheBitsOfPassesOfTheirOwn(
            int keyHeads, int valueHeads, int keyDim, int valueDim, int taps, boolean perChannel) {
        DeltaShape shape = new DeltaShape(keyHeads, valueHeads, keyDim, valueDim, taps, false, perChannel);
        Input past = input(shape, 9);
        Input input = input(shape, 20);
        everywhere(shape, (layer, where) -> {
            List<DeltaState> apart = List.of(state(shape), state(shape), state(shape));
            List<DeltaState> together = List.of(state(shape), state(shape), state(shape));
            for (List<DeltaState> states : List.of(apart, together)) {
                layer.add(states.get(0), past, 0, 9, 4).run();
                layer.add(states.get(1), past, 0, 2, 0).run();
                states.get(0).takeBack(1);
            }
            float[] first = layer.add(apart.get(0), input, 0, 1, 0).run();
            float[] second = layer.add(apart.get(1), input, 1, 2, 2).run();
            float[] third = layer.add(apart.get(2), input, 3, 17, 1).run();
            float[] all = layer.add(together.get(0), input, 0, 1, 0)
                    .add(together.get(1), input, 1, 2, 2)
                    .add(together.get(2), input, 3, 17, 1)
                    .run();
            int width = shape.outWidth();
            assertArrayEquals(first, Arrays.copyOf(all, width), where);
            assertArrayEquals(second, Arrays.copyOfRange(all, width, 3 * width), where);
            assertArrayEquals(third, Arrays.copyOfRange(all, 3 * width, 20 * width), where);
            for (int i = 0; i < 3; i++) {
                assertSame(apart.get(i), together.get(i), where);
                layer.work.settle(apart.get(i));
                layer.work.settle(together.get(i));
                assertSame(apart.get(i), together.get(i), where);
            }
        });
    }

    /** Steps of seven sequences and a prompt in one pass; the tasks of steps are larger than those of prompts. */
    @ParameterizedTest
    @CsvSource({"2,4,16,128,4,false", "1,2,128,128,4,false", "1,1,12,200,3,false", "1,2,5,7,3,true"})
    void stepsOfManySequencesGiveTheBitsOfStepsOfTheirOwn(
            int keyHeads, int valueHeads, int keyDim, int valueDim, int taps, boolean perChannel) {
        DeltaShape shape = new DeltaShape(keyHeads, valueHeads, keyDim, valueDim, taps, true, perChannel);
        int[] spans = {1, 1, 1, 9, 1, 1, 1, 1};
        Input past = input(shape, 3);
        Input input = input(shape, 16);
        everywhere(shape, (layer, where) -> {
            DeltaState[] apart = new DeltaState[spans.length];
            DeltaState[] together = new DeltaState[spans.length];
            float[][] expected = new float[spans.length][];
            int row = 0;
            for (int i = 0; i < spans.length; i++) {
                apart[i] = state(shape);
                together[i] = state(shape);
                layer.add(apart[i], past, i % 3, 1, 0).run();
                together[i].assign(apart[i]);
                expected[i] = layer.add(apart[i], input, row, spans[i], 0).run();
                row += spans[i];
            }
            row = 0;
            for (int i = 0; i < spans.length; i++) {
                layer.add(together[i], input, row, spans[i], 0);
                row += spans[i];
            }
            float[] all = layer.run();
            int at = 0;
            for (int i = 0; i < spans.length; i++) {
                assertArrayEquals(expected[i], Arrays.copyOfRange(all, at, at + expected[i].length), where);
                assertSame(apart[i], together[i], where);
                at += expected[i].length;
            }
        });
    }

    /** A copy has what is revocable as well, and rows of its own. */
    @Test
    void copiesKeepWhatIsRevocable() {
        DeltaShape shape = new DeltaShape(1, 2, 16, 16, 4, true, false);
        Input input = input(shape, 12);
        everywhere(shape, (layer, where) -> {
            DeltaState original = state(shape);
            layer.add(original, input, 0, 8, 6).run();
            DeltaState copy = state(shape);
            copy.assign(original);
            assertEquals(6, copy.revocable());
            copy.takeBack(4);
            float[] fromCopy = layer.add(copy, input, 8, 4, 0).run();
            DeltaState expected = state(shape);
            layer.add(expected, input, 0, 4, 0).run();
            assertArrayEquals(layer.add(expected, input, 8, 4, 0).run(), fromCopy, where);
            assertSame(expected, copy, where);
            assertEquals(6, original.revocable());
            layer.work.settle(original);
            DeltaState whole = state(shape);
            layer.add(whole, input, 0, 8, 0).run();
            assertSame(whole, original, where);
        });
    }

    /** Pages are used again: a new state is zero, and a released one gives no access to the state of another. */
    @Test
    void statesInPagesBeginWithZeros() {
        DeltaShape shape = new DeltaShape(1, 1, 5, 7, 4, true, false);
        try (PagePool pages = new PagePool()) {
            DeltaState kept = DeltaState.allocate(shape, arena, pages);
            DeltaState first = DeltaState.allocate(shape, arena, pages);
            first.recurrent().fill((byte) 1);
            first.history().fill((byte) 1);
            first.release();
            first.release();
            DeltaState second = DeltaState.allocate(shape, arena, pages);
            assertSame(kept, second, "in the page of another");
            assertThrows(IllegalStateException.class, first::recurrent);
            assertThrows(IllegalStateException.class, first::history);
            assertThrows(IllegalStateException.class, () -> kept.assign(first));
            assertEquals(0, second.recurrent().address() % 64);
            assertEquals(0, second.history().address() % 64);
            second.release();
            kept.release();
            assertEquals(0, pages.bytes());
        }
    }

    @Test
    void whatIsNotRevocableIsRefused() {
        DeltaShape shape = new DeltaShape(1, 1, 16, 16, 4, true, false);
        DeltaState state = state(shape);
        assertEquals(DeltaState.bytes(shape), state.bytes());
        assertThrows(IllegalArgumentException.class, () -> state.takeBack(1));
        assertThrows(IllegalArgumentException.class, () -> state.reserve(17));
        try (WorkerPool pool = new WorkerPool(1)) {
            Compute compute = new Compute(TierChoice.kernels(KernelTier.SCALAR, arena), pool);
            Layer layer = new Layer(shape, weights(shape), compute);
            Input input = input(shape, 20);
            layer.begin();
            assertThrows(IllegalArgumentException.class, () -> layer.work.add(state, 0, 20, 17));
            assertThrows(IllegalArgumentException.class, () -> layer.work.add(state, 0, 2, 3));
            assertThrows(IllegalArgumentException.class, () -> layer.work.add(state, 1, 2, 0));
            layer.add(state, input, 0, 20, 16).run();
            state.takeBack(16);
            assertThrows(IllegalArgumentException.class, () -> state.takeBack(1));
            state.clear();
            assertEquals(0, state.revocable());
        }
    }
}
