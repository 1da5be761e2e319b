package kawi.jmh;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import kawi.architecture.Batch;
import kawi.architecture.Blueprint;
import kawi.architecture.Decoder;
import kawi.architecture.LayerState;
import kawi.architecture.Outputs;
import kawi.architecture.SequenceState;
import kawi.architecture.registry.Architectures;
import kawi.checkpoint.Checkpoint;
import kawi.compute.Compute;
import kawi.compute.TierChoice;
import kawi.kernels.Activations;
import kawi.kernels.KvFormats;
import kawi.kernels.KvPages;
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
 * Decoding after a context that is too long to be computed in a benchmark: its keys and values are copies of those of
 * its first two pages. The time does not depend on the numbers.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(
        value = 1,
        jvmArgsPrepend = {Tiers.VECTOR_FLAG, Tiers.NATIVE_FLAG})
@State(Scope.Benchmark)
public class LongContextBenchmark {

    /** The pages that are computed: as many as a recurrent layer has parts, so that all layers have as many. */
    private static final int COMPUTED_PAGES = 2;

    /** A GGUF file, or SIZE-TYPE for random weights; see {@link RandomModelFile}. */
    @Param("0.8b-Q4_0")
    public String model = "0.8b-Q4_0";

    @Param("2")
    public int threads = 2;

    /** The length of the context in tokens, a multiple of the positions of a page. */
    @Param({"16384", "262144"})
    public int depth = 16_384;

    /** The format of keys and values, see {@link KvFormats}. */
    @Param({"f16", "q8", "q4"})
    public String kv = "f16";

    private final Arena arena = Arena.ofShared();
    private final Batch batch = new Batch();
    private final Outputs outputs = new Outputs();
    private final int[] ids = new int[COMPUTED_PAGES * KvPages.POSITIONS];
    private WorkerPool pool;
    private Checkpoint checkpoint;
    private Decoder decoder;
    private SequenceState context;
    private SequenceState sequence;

    @Setup
    public void fill() throws IOException, InterruptedException {
        pool = new WorkerPool(threads);
        checkpoint = Checkpoint.open(RandomModelFile.named(model));
        Blueprint blueprint = Architectures.read(checkpoint);
        Compute compute = new Compute(TierChoice.chosen().kernels(arena), pool);
        decoder = blueprint.bind(compute, KvFormats.of(kv, blueprint.usualKvFormat()), arena);
        for (int i = 0; i < ids.length; i++) {
            ids[i] = i * 97 % decoder.vocabularySize();
        }
        context = decoder.newSequence();
        try (SequenceState computed = decoder.newSequence()) {
            decoder.forward(batch.add(computed, ids, 0, ids.length, 1, 0), () -> false);
            batch.clear();
            context.fill(new long[depth], depth, 0, false, new Copies(computed));
        }
        sequence = context.fork();
    }

    /** Fills a longer sequence with the memory of a computed one. */
    private final class Copies implements Consumer<MemorySegment> {

        private final SequenceState computed;
        private final List<MemorySegment> parts = new ArrayList<>();
        private int layer;
        private int part;

        Copies(SequenceState computed) {
            this.computed = computed;
            computed.forEach(parts::add);
        }

        @Override
        public void accept(MemorySegment memory) {
            memory.copyFrom(parts.get(layer * COMPUTED_PAGES + part % COMPUTED_PAGES));
            int all =
                    computed.layer(layer) instanceof LayerState.Attention ? depth / KvPages.POSITIONS : COMPUTED_PAGES;
            part++;
            if (part == all) {
                layer++;
                part = 0;
            }
        }
    }

    @TearDown
    public void close() {
        sequence.close();
        context.close();
        decoder.close();
        pool.close();
        checkpoint.close();
        arena.close();
    }

    @Benchmark
    public Activations step() {
        if (sequence.length() == depth + KvPages.POSITIONS) {
            sequence.assign(context);
        }
        decoder.forward(batch.add(sequence, ids, sequence.length() - depth, 1, 1, 0), () -> false);
        batch.clear();
        outputs.clear();
        outputs.add(sequence, 0);
        return decoder.logits(outputs);
    }
}
