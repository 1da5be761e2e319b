package kawi.jmh;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.concurrent.TimeUnit;
import kawi.architecture.Batch;
import kawi.architecture.Blueprint;
import kawi.architecture.Decoder;
import kawi.architecture.Outputs;
import kawi.architecture.SequenceState;
import kawi.architecture.registry.Architectures;
import kawi.checkpoint.Checkpoint;
import kawi.compute.Compute;
import kawi.compute.TierChoice;
import kawi.kernels.Activations;
import kawi.kernels.KvFormats;
import kawi.kernels.WorkerPool;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A verified step of one sequence: a row that is known and guessed rows after it, which are revocable, with the logits
 * of all. All but {@code accepted} of the guesses are taken back, and the next step replays these. The cost of guessing
 * is the ratio to the step of one row.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 1,
        jvmArgsPrepend = {Tiers.VECTOR_FLAG, Tiers.NATIVE_FLAG})
@State(Scope.Benchmark)
public class VerifiedStepBenchmark {

    private static final int MIN_LENGTH = 256;
    private static final int MAX_LENGTH = 768;

    /** A GGUF file, or SIZE-TYPE for random weights; see {@link RandomModelFile}. */
    @Param("0.8b-Q4_0")
    public String model = "0.8b-Q4_0";

    @Param({"1", "2"})
    public int threads = 1;

    @Param({"1", "2", "4", "8"})
    public int rows = 1;

    /** At most this many guesses are accepted. */
    @Param("7")
    public int accepted = 7;

    private final Arena arena = Arena.ofShared();
    private final Batch batch = new Batch();
    private final Outputs outputs = new Outputs();
    private final int[] ids = new int[MAX_LENGTH];
    private WorkerPool pool;
    private Checkpoint checkpoint;
    private Decoder decoder;
    private SequenceState begun;
    private SequenceState sequence;

    @Setup
    public void load() throws IOException, InterruptedException {
        pool = new WorkerPool(threads);
        checkpoint = Checkpoint.open(RandomModelFile.named(model));
        Blueprint blueprint = Architectures.read(checkpoint);
        Compute compute = new Compute(TierChoice.chosen().kernels(arena), pool);
        decoder = blueprint.bind(compute, KvFormats.of(blueprint.usualKvFormat()), arena);
        for (int i = 0; i < ids.length; i++) {
            ids[i] = i * 97 % decoder.vocabularySize();
        }
        begun = decoder.newSequence();
        decoder.forward(batch.add(begun, ids, 0, MIN_LENGTH, 1, 0), () -> false);
        batch.clear();
        sequence = begun.fork();
    }

    @TearDown
    public void close() {
        sequence.close();
        begun.close();
        decoder.close();
        pool.close();
        checkpoint.close();
        arena.close();
    }

    @Benchmark
    public Activations step() {
        if (sequence.length() + rows > MAX_LENGTH) {
            sequence.assign(begun);
        }
        decoder.forward(batch.add(sequence, ids, sequence.length(), rows, rows, rows - 1), () -> false);
        batch.clear();
        outputs.clear();
        for (int i = 0; i < rows; i++) {
            outputs.add(sequence, i);
        }
        Activations logits = decoder.logits(outputs);
        sequence.takeBack(Math.max(0, rows - 1 - accepted));
        return logits;
    }
}
