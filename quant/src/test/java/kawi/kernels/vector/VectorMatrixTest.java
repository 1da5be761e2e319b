package kawi.kernels.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.util.Random;
import kawi.kernels.Activations;
import kawi.kernels.MatrixKernel;
import kawi.kernels.PackedMatrix;
import kawi.kernels.Samples;
import kawi.kernels.Tiers;
import kawi.kernels.WorkerPool;
import kawi.quant.Tensor;
import kawi.quant.WeightFormats;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The memory that packing and multiplying in the vector tier need. */
class VectorMatrixTest {

    @BeforeEach
    void onlyWhereTheTierIs() {
        assumeTrue(Tiers.all().size() > 1, "this JVM has the scalar tier alone");
    }

    /** Decoding reads every byte of every weight, so these are figures of speed. */
    @ParameterizedTest
    @CsvSource({
        "F32, 32",
        "F16, 16",
        "BF16, 16",
        "Q8_0, 8.5",
        "Q4_0, 4.5",
        "Q4_1, 5",
        "Q5_0, 8.5",
        "Q5_1, 9",
        "Q2_K, 5.25",
        "Q3_K, 4.625",
        "Q4_K, 4.75",
        "Q5_K, 8.75",
        "Q6_K, 8.625",
        "Q8_K, 8.375"
    })
    void bitsPerWeight(String format, double bits) {
        try (Arena arena = Arena.ofConfined();
                WorkerPool pool = new WorkerPool(1)) {
            Tensor tensor = Samples.weights(arena, WeightFormats.byName(format), 64, 512, new Random(1));
            PackedMatrix w = new VectorMatrixKernel().pack(tensor, arena, pool);
            assertEquals(bits, w.bytes() * 8.0 / (64 * 512));
        }
    }

    /**
     * A vector that escapes is an object, and a kernel that makes them is a hundred times slower. That happens when a
     * method grows beyond what the compilers inline, so it is worth the seconds that compiling takes here.
     */
    @ParameterizedTest
    @ValueSource(strings = {"F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_K", "Q6_K"})
    void productsMakeNoGarbage(String format) {
        assumeTrue(System.getProperty("kawi.test.vectorBits") == null, "once is enough: at the default width");
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Arena arena = Arena.ofConfined();
                WorkerPool pool = new WorkerPool(1)) {
            Random random = new Random(1);
            MatrixKernel kernel = new VectorMatrixKernel();
            Tensor tensor = Samples.weights(arena, WeightFormats.byName(format), 64, 256, random);
            PackedMatrix w = kernel.pack(tensor, arena, pool);
            Activations x = Activations.allocate(arena, 5, 256);
            Activations y = Activations.allocate(arena, 5, 64);
            Samples.fill(x, random);
            long allocated = Long.MAX_VALUE;
            long deadline = System.nanoTime() + 60_000_000_000L;
            while (allocated > 0 && System.nanoTime() < deadline) {
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < 200; i++) {
                    kernel.quantize(x, 0, 5);
                    kernel.multiply(w, x, 5, y, 0, w.groups());
                }
                allocated = threads.getCurrentThreadAllocatedBytes() - before;
            }
            assertEquals(0, allocated, "bytes allocated in 200 products after a minute of them");
        }
    }
}
