package kawi.jmh;

import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import kawi.Sampling;
import kawi.sampling.Sampler;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The choice of a token from the logits of Qwen3.5's vocabulary, including the copy of the logits. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Benchmark)
public class SamplingBenchmark {

    private static final int VOCABULARY = 248_320;
    private static final int TOKENS = 248_077;

    /** {@code flat}: no token is probable; {@code typical}: some tens of tokens are; {@code peaked}: one is. */
    @Param({"flat", "typical", "peaked"})
    public String distribution = "typical";

    @Param({"greedy", "draw", "top-p", "min-p", "top-k", "qwen"})
    public String options = "draw";

    private final float[] given = new float[VOCABULARY];
    private final float[] logits = new float[VOCABULARY];
    private Sampler sampler;

    @Setup
    public void draw() {
        var random = new Random(5);
        double spread = distribution.equals("flat") ? 0.5 : 2;
        for (int id = 0; id < given.length; id++) {
            given[id] = (float) (spread * random.nextGaussian());
        }
        int probable = distribution.equals("flat") ? 0 : distribution.equals("typical") ? 40 : 1;
        for (int i = 0; i < probable; i++) {
            given[random.nextInt(TOKENS)] = 20 - i * 0.35f;
        }
        var padding = new BitSet();
        padding.set(TOKENS, VOCABULARY);
        int[] prompt = random.ints(2000, 0, TOKENS).toArray();
        sampler = new Sampler(sampling(), VOCABULARY, padding, List.of(), prompt);
    }

    private Sampling sampling() {
        Sampling plain = Sampling.defaults().temperature(1).seed(7);
        return switch (options) {
            case "greedy" -> plain.temperature(0);
            case "top-p" -> plain.topP(0.95);
            case "min-p" -> plain.minP(0.05);
            case "top-k" -> plain.topK(40);
            case "qwen" -> plain.temperature(0.7).topK(20).topP(0.8).presencePenalty(1.5);
            default -> plain;
        };
    }

    @Benchmark
    public int sample() {
        System.arraycopy(given, 0, logits, 0, given.length);
        return sampler.sample(logits);
    }
}
