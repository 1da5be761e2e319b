package kawi.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.TreeSet;
import kawi.compute.Compute;
import kawi.compute.KernelTier;
import kawi.compute.TierChoice;
import kawi.kernels.Activations;
import kawi.kernels.WorkerPool;
import kawi.quant.Tensor;
import kawi.quant.WeightFormats;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Guesses are chosen among the first ids, those that are always included, and those that were seen last. */
class ShortListTest {

    private static final int VOCABULARY = ShortList.MAX_FIRST + 3000;
    private static final int HIDDEN = 32;

    private final Arena arena = Arena.ofShared();
    private final WorkerPool pool = new WorkerPool(2);
    private final float[] weights = new float[VOCABULARY * HIDDEN];

    @AfterEach
    void close() {
        pool.close();
        arena.close();
    }

    private ShortList list(KernelTier tier) {
        MemorySegment data = arena.allocate(weights.length * 4L, 64);
        MemorySegment.copy(weights, 0, data, ValueLayout.JAVA_FLOAT, 0, weights.length);
        Tensor rows = new Tensor("head", WeightFormats.byName("F32"), VOCABULARY, HIDDEN, data);
        Compute compute = new Compute(TierChoice.kernels(tier, arena), pool);
        return new ShortList(compute, compute.pack(rows, arena), rows);
    }

    /** Activations whose logit of id i is weight 0 of its row. */
    private Activations first(int rows) {
        Activations y = Activations.allocate(arena, rows, HIDDEN);
        for (int row = 0; row < rows; row++) {
            y.set(row, 0, 1 + row);
        }
        return y;
    }

    @ParameterizedTest
    @EnumSource
    void choosesTheBestOfTheList(KernelTier tier) {
        SplittableRandom random = new SplittableRandom(1);
        for (int id = 0; id < VOCABULARY; id++) {
            weights[id * HIDDEN] = (float) random.nextDouble() + (id < ShortList.MAX_FIRST ? 0 : 1 + id);
        }
        ShortList list = list(tier);
        try {
            int best = 0;
            for (int id = 1; id < ShortList.MAX_FIRST; id++) {
                best = weights[id * HIDDEN] > weights[best * HIDDEN] ? id : best;
            }
            assertChosen(list, best, "the first ids");
            assertEquals(0, list.bytes());

            TreeSet<Integer> included = new TreeSet<>();
            for (int i = 0; i < 9; i++) {
                int id = random.nextInt(ShortList.MAX_FIRST, VOCABULARY - 2000);
                list.seen(id);
                list.seen(id);
                included.add(id);
            }
            list.seen(5);
            list.seen(-1);
            list.seen(VOCABULARY);
            assertChosen(list, included.last(), "seen ids");
            assertTrue(list.bytes() > 0);

            for (int i = 0; i < 8; i++) {
                list.always(VOCABULARY - 1 - i);
            }
            assertChosen(list, VOCABULARY - 1, "ids that are always included");
            for (int id = VOCABULARY - 2000; id < VOCABULARY - 8; id++) {
                list.seen(id);
            }
            assertChosen(list, VOCABULARY - 1, "after many others");
            assertTrue(list.bytes() <= 3L * ShortList.BLOCK_ROWS * HIDDEN * 4 + 4096, () -> list.bytes() + " bytes");
        } finally {
            list.close();
        }
    }

    /** Ids that were seen last are kept, older ones are not. */
    @ParameterizedTest
    @EnumSource(names = "SCALAR")
    void olderIdsAreRemoved(KernelTier tier) {
        for (int id = 0; id < VOCABULARY; id++) {
            weights[id * HIDDEN] = id < ShortList.MAX_FIRST ? 0 : VOCABULARY - id;
        }
        ShortList list = list(tier);
        try {
            for (int id = ShortList.MAX_FIRST; id < VOCABULARY; id++) {
                list.seen(id);
            }
            list.update();
            list.products(first(1), 1);
            list.choose(0);
            int seen = VOCABULARY - list.chosen();
            assertTrue(seen >= ShortList.BLOCK_ROWS && seen <= 2 * ShortList.BLOCK_ROWS, () -> seen + " ids");
        } finally {
            list.close();
        }
    }

    private void assertChosen(ShortList list, int expected, String what) {
        list.update();
        for (int rows : new int[] {1, 3}) {
            list.products(first(rows), rows);
            for (int row = 0; row < rows; row++) {
                list.choose(row);
                assertEquals(expected, list.chosen(), what);
                assertTrue(list.confidence() > 0 && list.confidence() <= 1, what);
            }
        }
    }
}
