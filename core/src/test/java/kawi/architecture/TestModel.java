package kawi.architecture;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import kawi.architecture.registry.Architectures;
import kawi.checkpoint.Checkpoint;
import kawi.compute.Compute;
import kawi.compute.KernelTier;
import kawi.compute.TierChoice;
import kawi.files.Fixture;
import kawi.kernels.KvFormats;
import kawi.kernels.WorkerPool;
import kawi.quant.Tensor;

/** A fixture's decoder on one tier and some threads, and whatever else is to be closed with it. */
public final class TestModel implements AutoCloseable {

    private final Arena arena = Arena.ofShared();
    private final Checkpoint checkpoint;
    private final Blueprint blueprint;
    private final WorkerPool pool;
    private final Compute compute;
    private final Stack.Parts parts;
    private final Decoder decoder;
    private final List<SequenceState> sequences = new ArrayList<>();

    /** @param fixture a folder or GGUF file among the fixtures */
    public TestModel(String fixture, KernelTier tier, int threads) {
        checkpoint = Checkpoint.open(Fixture.path(fixture));
        pool = new WorkerPool(threads);
        blueprint = Architectures.read(checkpoint);
        compute = new Compute(TierChoice.kernels(tier, arena), pool);
        parts = blueprint.declare(compute, KvFormats.of(blueprint.usualKvFormat()), arena);
        decoder = new Stack(compute, parts, blueprint.residuals());
    }

    public Decoder decoder() {
        return decoder;
    }

    public Compute compute() {
        return compute;
    }

    public Stack.Parts parts() {
        return parts;
    }

    /** Memory that lives as long as the model. */
    public Arena arena() {
        return arena;
    }

    /** A new sequence, closed with the model. */
    public SequenceState sequence() {
        SequenceState sequence = decoder.newSequence();
        sequences.add(sequence);
        return sequence;
    }

    /** A new sequence of these ids. */
    public SequenceState sequence(int... ids) {
        SequenceState sequence = sequence();
        if (ids.length > 0) {
            Runs.append(decoder, sequence, ids);
        }
        return sequence;
    }

    /** Logits after each of {@code ids}, appended to {@code sequence} in one pass. */
    public float[] logits(SequenceState sequence, int... ids) {
        return Runs.logits(decoder, sequence, ids, ids.length);
    }

    /** Rows of the embedding table, one after another. */
    public float[] embeddings(int... ids) {
        Tensor table = blueprint.tensors().getFirst();
        float[] rows = new float[ids.length * table.columns()];
        for (int i = 0; i < ids.length; i++) {
            table.decodeRow(ids[i], rows, i * table.columns());
        }
        return rows;
    }

    @Override
    public void close() {
        sequences.forEach(SequenceState::close);
        decoder.close();
        pool.close();
        checkpoint.close();
        arena.close();
    }
}
