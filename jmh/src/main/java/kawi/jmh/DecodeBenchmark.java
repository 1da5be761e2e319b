package kawi.jmh;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import kawi.Model;
import kawi.ModelLoader;
import kawi.Sequence;
import kawi.demo.DemoModel;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A whole decoding step: one token in, the logits of the next one out, at a depth of 64 to 320 tokens. An operation is a token. The model
 * is the demo model unless {@code -p model=FILE} names another.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsPrepend = "--add-modules=jdk.incubator.vector")
@State(Scope.Benchmark)
public class DecodeBenchmark {

    private static final int SHORTEST = 64;
    private static final int LONGEST = 320;

    @Param("demo")
    public String model = "demo";

    @Param({"scalar", "vector"})
    public String kernels = "vector";

    @Param({"1", "2"})
    public int threads;

    private Model loaded;
    private Sequence sequence;

    @Setup(Level.Trial)
    public void load() {
        ModelLoader loader = model.equals("demo") ? DemoModel.loader() : Model.loader(Path.of(model));
        loaded = loader.kernels(kernels).threads(threads).load();
        begin();
    }

    private void begin() {
        sequence = loaded.newSequence();
        sequence.append(new int[SHORTEST]);
    }

    @TearDown(Level.Trial)
    public void close() {
        loaded.close();
    }

    @Benchmark
    public float[] step() {
        if (sequence.length() == LONGEST) {
            sequence.close();
            begin();
        }
        sequence.append(sequence.length());
        return sequence.logits();
    }
}
