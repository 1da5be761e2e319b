package kawi.jmh;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import kawi.RandomModel;
import kawi.architecture.vision.VisionConfig;
import kawi.architecture.vision.VisionFile;
import kawi.architecture.vision.VisionTower;
import kawi.compute.Compute;
import kawi.kernels.Activations;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** The encoding of an image of 256 x 256 pixels, on one thread; an operation is an image. */
public class VisionBenchmark extends KernelBenchmark {

    /** Side of the image in patches. */
    private static final int SIDE = 16;

    private static final int PATCHES = SIDE * SIDE;

    @Param({"0.8b", "9b"})
    public String size = "0.8b";

    @Param({"F16"})
    public String format = "F16";

    private Path file;
    private VisionFile vision;
    private VisionTower tower;
    private MemorySegment rows;
    private MemorySegment out;

    @Setup
    public void load() throws IOException {
        file = Files.createTempFile("mmproj-", ".gguf");
        RandomModel.of(size).type(format).writeVisionTo(file, step -> {});
        vision = VisionFile.open(file);
        Compute compute = compute();
        tower = vision.load(compute, () -> false);
        Activations patches = normal(PATCHES, tower.config().patchWidth());
        rows = patches.floats();
        out = arena.allocate(JAVA_FLOAT, (long) PATCHES / tower.config().merged() * tower.outputSize());
    }

    @TearDown
    public void close() throws IOException {
        tower.close();
        vision.close();
        Files.delete(file);
    }

    @Benchmark
    public MemorySegment encode(ProductWork work) {
        tower.encode(rows, SIDE, SIDE, out, () -> false, block -> {});
        work.multiplyAdds += multiplyAdds(tower.config());
        work.weightBytes += tower.weightBytes();
        return out;
    }

    /** The multiplications of products and attention. */
    private static long multiplyAdds(VisionConfig config) {
        long hidden = config.hiddenSize();
        long block = 4 * hidden * hidden + 2 * hidden * config.intermediateSize() + 2 * PATCHES * hidden;
        long merger = (long) config.mergedWidth() * (config.mergedWidth() + config.outHiddenSize());
        return PATCHES * (hidden * config.patchWidth() + config.depth() * block) + PATCHES / config.merged() * merger;
    }
}
