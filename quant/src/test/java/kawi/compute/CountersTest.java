package kawi.compute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import kawi.kernels.Activations;
import kawi.kernels.AttentionShape;
import kawi.kernels.DeltaShape;
import kawi.kernels.DeltaState;
import kawi.kernels.KvFormat;
import kawi.kernels.KvLayout;
import kawi.kernels.KvPages;
import kawi.kernels.PackedMatrix;
import kawi.kernels.PagePool;
import kawi.kernels.Rotation;
import kawi.kernels.WorkerPool;
import kawi.quant.Tensor;
import kawi.quant.WeightFormat;
import kawi.quant.WeightFormats;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the operations of a model count. */
class CountersTest {

    private static final int THREADS = 3;

    private final Arena arena = Arena.ofShared();
    private final PagePool pages = new PagePool();
    private final WorkerPool pool = new WorkerPool(THREADS);
    private final Counters counters = new Counters(THREADS);
    private final Compute counted =
            new Compute(TierChoice.kernels(KernelTier.SCALAR, arena), pool, bytes -> {}, counters);
    private final Compute plain = new Compute(TierChoice.kernels(KernelTier.SCALAR, arena), pool);

    @AfterEach
    void close() {
        pool.close();
        pages.close();
        arena.close();
    }

    private Activations rows(int rows, int width) {
        SplittableRandom random = new SplittableRandom(width);
        Activations x = Activations.allocate(arena, rows, width);
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < width; i++) {
                x.set(row, i, (float) random.nextGaussian());
            }
        }
        return x;
    }

    private PackedMatrix matrix(int rows, int columns) {
        WeightFormat format = WeightFormats.byName("Q8_0");
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (i * 31 % 100 - 50) / 64f;
        }
        MemorySegment data = arena.allocate(format.bytes(values.length), 64);
        format.encode(values, 0, values.length, data, 0);
        return plain.pack(new Tensor("w", format, rows, columns, data), arena);
    }

    private void assertCounted(Operation operation, int calls, long read, long written) {
        assertEquals(calls, counters.calls(operation), operation.label());
        assertEquals(read, counters.readBytes(operation), operation.label());
        assertEquals(written, counters.writtenBytes(operation), operation.label());
        long time = counters.nanos(operation);
        long waiting = counters.waitingNanos(operation);
        assertTrue(calls == 0 ? time == 0 : time > 0, operation.label());
        assertTrue(waiting >= 0 && waiting <= time, operation.label());
    }

    @Test
    void productsCountTheirWeightsWhereTheyBelong() {
        PackedMatrix a = matrix(64, 256);
        PackedMatrix b = matrix(32, 256);
        Activations x = rows(5, 256);
        counted.productsOf(Operation.MLP);
        counted.products(x, 5)
                .with(a, Activations.outputs(arena, 5, 64))
                .with(b, Activations.outputs(arena, 5, 32))
                .run();
        counted.productsOf(Operation.HEAD);
        counted.products(x, 1).with(b, Activations.outputs(arena, 5, 32)).run();
        assertCounted(Operation.MLP, 1, a.bytes() + b.bytes(), 0);
        assertCounted(Operation.HEAD, 1, b.bytes(), 0);
        assertCounted(Operation.PROJECTIONS, 0, 0, 0);
        assertCounted(Operation.QUANTIZATION, 2, 0, 0);
    }

    @Test
    void attentionCountsTheKeysAndValuesThatItReadsAndWrites() {
        AttentionShape shape = AttentionShape.gated(4, 2, 16, 4);
        KvPages kv = new KvPages(KvLayout.of(shape, KvFormat.F16), pages);
        kv.reserve(310);
        AttentionWork work = counted.attention(
                shape,
                rows(10, shape.queryWidth()),
                rows(10, shape.keyWidth()),
                rows(10, shape.valueWidth()),
                new Rotation(4, 1e4, 10, arena),
                rows(10, shape.outWidth()),
                arena);
        work.begin(rows(1, 16).floats(), rows(1, 16).floats(), 1e-6f)
                .add(kv, 300, 0, 10)
                .run();
        long position = 2 * (16 + 16) * 2;
        assertCounted(Operation.ATTENTION, 1, 310 * position, 10 * position);
    }

    @Test
    void deltaRulesCountTheirStates() {
        DeltaShape shape = new DeltaShape(2, 4, 16, 16, 4, false, false);
        DeltaState first = DeltaState.allocate(shape, arena, pages);
        DeltaState second = DeltaState.allocate(shape, arena, pages);
        DeltaWork work = counted.delta(
                shape,
                rows(3, shape.channels()),
                rows(3, shape.channels()),
                rows(3, shape.decayWidth()),
                rows(3, shape.valueHeads()),
                rows(3, shape.outWidth()));
        work.begin(
                        rows(4, shape.channels()).floats(),
                        rows(1, 4).floats(),
                        rows(1, 4).floats())
                .add(first, 0, 2, 0)
                .add(second, 2, 1, 0)
                .run();
        assertCounted(Operation.DELTA_RULE, 1, 2 * DeltaState.bytes(shape), 2 * DeltaState.bytes(shape));
        first.release();
        second.release();
    }

    @Test
    void anOperationThatIsNotDividedLeavesTheOtherThreadsWaiting() {
        Activations x = rows(1, 64);
        counted.rmsNorm(x, rows(1, 64).floats(), 1e-6f, x, 1);
        long time = counters.nanos(Operation.NORMS);
        assertEquals(time - time / THREADS, counters.waitingNanos(Operation.NORMS));
    }

    @Test
    void gatheringIsWaitingAndSamplingIsNot() {
        counters.gathered(System.nanoTime() - 1000);
        counters.sampled(System.nanoTime() - 1000);
        assertEquals(counters.nanos(Operation.GATHERING), counters.waitingNanos(Operation.GATHERING));
        assertTrue(counters.nanos(Operation.GATHERING) >= 1000);
        assertCounted(Operation.SAMPLING, 1, 0, 0);
        assertEquals(0, counters.waitingNanos(Operation.SAMPLING));
    }

    @Test
    void countingChangesNoResult() {
        PackedMatrix weights = matrix(4096, 256);
        Activations x = rows(40, 256);
        Activations byCounted = Activations.outputs(arena, 40, 4096);
        Activations byPlain = Activations.outputs(arena, 40, 4096);
        counted.products(x, 40).with(weights, byCounted).run();
        plain.products(x, 40).with(weights, byPlain).run();
        assertEquals(-1, byCounted.floats().mismatch(byPlain.floats()));
    }

    @Test
    void withoutAProfileNothingIsCounted() {
        assertNull(plain.counters());
        WorkerPool.Task task = number -> {};
        assertEquals(task, plain.counted(task));
        assertEquals(0, plain.begin());
    }

    @Test
    void memoryCanBeRead() {
        assertTrue(plain.readBandwidth() > 0);
    }
}
