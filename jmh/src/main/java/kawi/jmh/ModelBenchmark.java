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
 * A whole model, in tokens per second. The model is {@code demo}, a GGUF file, or SIZE-TYPE (such as
 * {@code 0.8b-Q4_K_M}) for a model of that size with random weights, see {@link RandomModelFile}.
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

    private static final int MIN_LENGTH = 8;
    private static final int MAX_LENGTH = 520;
    private static final int PROMPT_LENGTH = 64;

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
        sequence.append(new int[MIN_LENGTH]);
    }

    @TearDown
    public void close() {
        sequence.close();
        loaded.close();
    }

    /** Decodes one token and computes the logits, at a sequence length of 8 to 520 tokens. */
    @Benchmark
    public float[] decode(ProductWork work) {
        if (sequence.length() == MAX_LENGTH) {
            sequence.close();
            begin();
        }
        sequence.append(sequence.length());
        work.multiplyAdds += loaded.parameters();
        return sequence.logits();
    }

    /** Processes a prompt of 64 tokens and computes the logits of the last one; an operation is one token. */
    @Benchmark
    @OperationsPerInvocation(PROMPT_LENGTH)
    public float[] prefill(ProductWork work) {
        try (Sequence prompt = loaded.newSequence()) {
            prompt.append(new int[PROMPT_LENGTH]);
            work.multiplyAdds += loaded.parameters() * PROMPT_LENGTH;
            return prompt.logits();
        }
    }
}
