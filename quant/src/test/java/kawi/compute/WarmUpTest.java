package kawi.compute;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import kawi.kernels.KvFormat;
import kawi.kernels.KvFormats;
import kawi.kernels.PagePool;
import kawi.kernels.WorkerPool;
import kawi.quant.WeightFormat;
import kawi.quant.WeightFormats;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WarmUpTest {

    @BeforeEach
    void needVectors() {
        assumeTrue(ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent(), "there is no vector tier here");
    }

    /** Every kernel of the tier takes the steps, more than once, with every format there is. */
    @Test
    void stepsAreOnesThatAModelTakes() {
        try (Arena arena = Arena.ofShared();
                PagePool pages = new PagePool();
                WorkerPool pool = new WorkerPool(1)) {
            WarmUpSteps tiles = new WarmUpSteps(TierChoice.kernels(KernelTier.VECTOR, arena), arena, pages);
            List<Runnable> steps = new ArrayList<>();
            steps.addAll(tiles.rows());
            steps.addAll(tiles.delta());
            for (KvFormat format : KvFormat.values()) {
                steps.addAll(tiles.attention(KvFormats.of(format)));
            }
            for (WeightFormat format : WeightFormats.all()) {
                steps.addAll(tiles.products(format, pool));
            }
            for (int i = 0; i < 3; i++) {
                steps.forEach(Runnable::run);
            }
        }
    }

    @Test
    void closingWaitsALittleAndEndsTheThread() throws InterruptedException {
        try (Arena arena = Arena.ofShared()) {
            WarmUp warmUp = new WarmUp(TierChoice.kernels(KernelTier.VECTOR, arena), KvFormats.of(KvFormat.F16));
            WeightFormats.all().forEach(warmUp::include);
            assertTrue(running());
            long start = System.nanoTime();
            warmUp.close();
            assertTrue(Duration.ofNanos(System.nanoTime() - start).toSeconds() < 10, "close waited too long");
            for (int i = 0; i < 6000 && running(); i++) {
                Thread.sleep(10);
            }
            assertFalse(running());
        }
    }

    private static boolean running() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("kawi-warm-up"));
    }
}
