package kawi.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Set;
import kawi.kernels.RowKernel;
import kawi.kernels.ScalarRowKernel;
import org.junit.jupiter.api.Test;

class StopwatchTest {

    private static final int BYTES = 256 << 10;

    /** The same work as the reference is done once while the reference is done once, more or less. */
    @Test
    void theSpeedIsRelativeToTheReference() {
        try (Arena arena = Arena.ofConfined()) {
            RowKernel kernel = new ScalarRowKernel();
            MemorySegment memory = arena.allocate(BYTES, 64);
            int[] sum = new int[1];
            double speed = new Stopwatch(kernel, arena, 50_000_000)
                    .speed(() -> sum[0] += kernel.sum(memory, 0, BYTES), 50_000_000);
            assertTrue(speed > 0.05 && speed < 20, String.valueOf(speed));
            assertEquals(0, sum[0]);
        }
    }

    @Test
    void everyBenchmarkCanBePrepared() throws Exception {
        Set<String> methods = new HashSet<>();
        for (Trial trial : Suite.trials(Suite.Mode.QUICK)) {
            if (methods.add(trial.method())) {
                try (Trial.Work work = trial.open(Tiers.SCALAR)) {
                    work.run();
                }
            }
        }
        assertTrue(methods.size() > 10, methods.toString());
    }
}
