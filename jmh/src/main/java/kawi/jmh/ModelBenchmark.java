package kawi.jmh;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import kawi.Model;
import kawi.ModelLoader;
import kawi.Sequence;
import kawi.demo.DemoModel;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A whole model, in tokens per second. It is {@code demo}, a GGUF file, or SIZE-TYPE (such as {@code 0.8b-Q4_K_M}): a
 * random model of that true shape, see {@link RandomModelFile}.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 1,
        jvmArgsPrepend = {Tiers.VECTOR_FLAG, Tiers.NATIVE_FLAG})
@State(Scope.Benchmark)
public class ModelBenchmark {

    private static final int SHORTEST = 8;
    private static final int LONGEST = 520;
    private static final int PROMPT = 64;

    @Param({"scalar", "vector", "assembled"})
    public String tier = "scalar";

    @Param("demo")
    public String model = "demo";

    @Param({"1", "2"})
    public int threads = 1;

    private Model loaded;
    private Sequence sequence;

    @Setup
    public void load() throws IOException, InterruptedException {
        ModelLoader loader = model.equals("demo") ? DemoModel.loader() : Model.loader(RandomModelFile.named(model));
        loaded = loader.kernels(tier).threads(threads).load();
        begin();
    }

    private void begin() {
        sequence = loaded.newSequence();
        sequence.append(new int[SHORTEST]);
    }

    @TearDown
    public void close() {
        sequence.close();
        loaded.close();
    }

    /** One token in, the logits of the next one out, at a depth of 8 to 520 tokens. */
    @Benchmark
    public float[] decode(ProductWork work) {
        if (sequence.length() == LONGEST) {
            sequence.close();
            begin();
        }
        sequence.append(sequence.length());
        work.multiplyAdds += loaded.parameters();
        return sequence.logits();
    }

    /** A prompt of 64 tokens, to the logits after it; an operation is a token. */
    @Benchmark
    @OperationsPerInvocation(PROMPT)
    public float[] prefill(ProductWork work) {
        try (Sequence prompt = loaded.newSequence()) {
            prompt.append(new int[PROMPT]);
            work.multiplyAdds += loaded.parameters() * PROMPT;
            return prompt.logits();
        }
    }
}
