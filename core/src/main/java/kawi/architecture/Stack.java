package kawi.architecture;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import kawi.compute.Compute;
import kawi.compute.Operation;
import kawi.kernels.Activations;
import kawi.kernels.PackedMatrix;
import kawi.kernels.PagePool;
import kawi.quant.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A pre-norm decoder: any layers on any residual stream.
 *
 * <pre>
 *    x = embedding[ids]
 *    for each layer:
 *        x = x + mixer(norm(x, mixerNorm))
 *        x = x + mlp(norm(x, mlpNorm))
 *    logits = norm(x, norm) head^T
 * </pre>
 *
 * where the {@link ResidualStream} defines {@code +} and reading x. An architecture declares {@link Parts}; this class
 * runs them.
 */
public final class Stack implements Decoder {

    /**
     * What an architecture declares.
     *
     * @param embedding [vocabulary, hidden]; rows are decoded as they are needed
     * @param norm weight of the final norm, f32 [hidden]
     * @param head [vocabulary, hidden]
     * @param eps of all norms here
     * @param draft the layer that guesses ahead, if there is one
     */
    public record Parts(
            Tensor embedding,
            List<Layer> layers,
            MemorySegment norm,
            PackedMatrix head,
            float eps,
            @Nullable Draft draft) {}

    /**
     * A decoder layer.
     *
     * @param mixerNorm weight of the norm before the mixer, f32 [hidden]; {@code mlpNorm} likewise
     */
    public record Layer(MemorySegment mixerNorm, Mixer mixer, MemorySegment mlpNorm, Mlp mlp) {}

    /**
     * The parts of a {@link DraftHead}; see {@link DraftLayer} for the formula.
     *
     * @param embedding [vocabulary, hidden]
     * @param embeddingNorm f32 [hidden]; {@code hiddenNorm} and {@code norm}, that of the output, likewise
     * @param fc [hidden, 2 * hidden]
     * @param head [vocabulary, hidden]
     * @param headRows the same as in the file
     */
    public record Draft(
            Tensor embedding,
            MemorySegment embeddingNorm,
            MemorySegment hiddenNorm,
            PackedMatrix fc,
            Layer layer,
            MemorySegment norm,
            PackedMatrix head,
            Tensor headRows) {}

    /**
     * Buffers of a pass in addition to the workspaces of its layers.
     *
     * @param arena owns them and the workspaces' memory
     * @param hidden input of a sub-layer, [capacity, hidden]; at the end the final norm's output
     * @param output output of a sub-layer, [capacity, hidden]
     */
    private record Pass(Arena arena, int capacity, ResidualStream stream, Activations hidden, Activations output) {}

    /** Rows that logits are computed from, and the logits. */
    private record Head(Arena arena, Activations input, Activations logits) {}

    /**
     * The capacity of the buffers is a multiple of this, so that they are not reallocated for every slightly longer
     * prompt.
     */
    private static final int CAPACITY_STEP = 32;

    private final Compute compute;
    private final Parts parts;
    private final ResidualStream.Scheme residuals;
    private final List<Workspace<?>> workspaces = new ArrayList<>();
    private final PagePool pages = new PagePool();
    private final Embedding embedding;
    private final Outputs single = new Outputs();
    private final @Nullable DraftHead draftHead;
    private @Nullable Pass pass;
    private @Nullable Head head;

    public Stack(Compute compute, Parts parts, ResidualStream.Scheme residuals) {
        this.compute = compute;
        this.parts = parts;
        this.residuals = residuals;
        this.embedding = new Embedding(parts.embedding());
        parts.layers().forEach(this::include);
        Draft draft = parts.draft();
        if (draft == null) {
            draftHead = null;
        } else {
            include(draft.layer());
            draftHead = new DraftHead(compute, draft, parts.eps(), () -> reserve(CAPACITY_STEP).capacity);
        }
    }

    private void include(Layer layer) {
        include(layer.mixer().workspace());
        include(layer.mlp().workspace());
    }

    private void include(Workspace<?> workspace) {
        if (!workspaces.contains(workspace)) {
            workspaces.add(workspace);
        }
    }

    @Override
    public int vocabularySize() {
        return parts.embedding().rows();
    }

    @Override
    public int hiddenSize() {
        return parts.embedding().columns();
    }

    @Override
    public @Nullable DraftHead draftHead() {
        return draftHead;
    }

    @Override
    public SequenceState newSequence() {
        Arena arena = Arena.ofShared();
        List<LayerState> states = new ArrayList<>(parts.layers().size());
        try {
            for (Layer layer : parts.layers()) {
                states.add(layer.mixer().newState(arena, pages));
            }
            Draft draft = parts.draft();
            if (draft != null) {
                states.add(new DraftState(draft.layer().mixer().newState(arena, pages), arena, hiddenSize()));
            }
            return new SequenceState(this, arena, states);
        } catch (RuntimeException | Error e) {
            states.forEach(LayerState::release);
            arena.close();
            throw e;
        }
    }

    @Override
    public void forward(Batch batch, BooleanSupplier cancelled) {
        batch.check(vocabularySize(), hiddenSize());
        int rows = batch.rows();
        if (rows == 0) {
            return;
        }
        Pass p = reserve(rows);
        ResidualStream x = p.stream;
        batch.appending();
        embed(batch, x.embedding());
        for (int i = 0; i < workspaces.size(); i++) {
            workspaces.get(i).begin(batch);
        }
        for (int i = 0; i < parts.layers().size(); i++) {
            if (cancelled.getAsBoolean()) {
                throw new CancellationException("cancelled after layer %d of %d"
                        .formatted(i, parts.layers().size()));
            }
            Layer layer = parts.layers().get(i);
            norm(x.input(2 * i, rows), layer.mixerNorm, p.hidden, rows);
            compute.productsOf(Operation.PROJECTIONS);
            layer.mixer.apply(p.hidden, batch, i, p.output);
            x.add(2 * i, p.output, rows);

            norm(x.input(2 * i + 1, rows), layer.mlpNorm, p.hidden, rows);
            compute.productsOf(Operation.MLP);
            layer.mlp.apply(p.hidden, rows, p.output);
            x.add(2 * i + 1, p.output, rows);
        }
        norm(x.output(rows), parts.norm(), p.hidden, rows);
        retain(batch, p.hidden);
        if (draftHead != null) {
            draftHead.extend(batch, p.hidden.floats(), p.capacity);
        }
        batch.appended();
    }

    private void norm(Activations x, MemorySegment weight, Activations y, int rows) {
        compute.rmsNorm(x, weight, parts.eps(), y, rows);
    }

    private void embed(Batch batch, Activations x) {
        for (int row = 0; row < batch.rows(); row++) {
            embedding.copy(batch.id(row), batch.embedding(row), x, row);
        }
    }

    /** Copies the hidden rows from which logits may be computed to their sequences. */
    private void retain(Batch batch, Activations hidden) {
        long rowBytes = (long) hiddenSize() * Float.BYTES;
        for (int span = 0; span < batch.spans(); span++) {
            int outputs = batch.outputs(span);
            int first = batch.firstRow(span) + batch.rows(span) - outputs;
            MemorySegment retained = batch.sequence(span).retain(outputs);
            MemorySegment.copy(hidden.floats(), first * rowBytes, retained, 0, outputs * rowBytes);
        }
    }

    @Override
    public void logits(SequenceState sequence, int output, float[] row) {
        single.clear();
        Activations logits = logits(single.add(sequence, output));
        MemorySegment.copy(logits.floats(), JAVA_FLOAT, 0, row, 0, vocabularySize());
    }

    @Override
    public Activations logits(Outputs outputs) {
        int rows = outputs.count();
        long rowBytes = (long) hiddenSize() * Float.BYTES;
        Head h = reserveHead(rows);
        for (int i = 0; i < rows; i++) {
            outputs.copy(i, h.input.floats(), i * rowBytes);
        }
        compute.productsOf(Operation.HEAD);
        compute.products(h.input, rows).with(parts.head(), h.logits).run();
        return h.logits;
    }

    /** Returns the buffers, reallocated if they have fewer than {@code rows} rows. */
    private Pass reserve(int rows) {
        Pass current = pass;
        if (current != null && current.capacity >= rows) {
            return current;
        }
        if (current != null) {
            pass = null;
            current.arena.close();
        }
        Arena arena = Arena.ofShared();
        try {
            pass = allocate(Math.ceilDiv(rows, CAPACITY_STEP) * CAPACITY_STEP, arena);
            return pass;
        } catch (RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }

    private Pass allocate(int capacity, Arena arena) {
        long bytes = 0;
        for (Workspace<?> workspace : workspaces) {
            bytes = Math.max(bytes, workspace.bytes(capacity));
        }
        MemorySegment shared = arena.allocate(bytes, 64);
        for (Workspace<?> workspace : workspaces) {
            workspace.reserve(capacity, SegmentAllocator.slicingAllocator(shared), arena);
        }
        return new Pass(
                arena,
                capacity,
                residuals.allocate(compute, capacity, hiddenSize(), arena),
                Activations.allocate(arena, capacity, hiddenSize()),
                Activations.outputs(arena, capacity, hiddenSize()));
    }

    private Head reserveHead(int rows) {
        Head current = head;
        if (current != null && current.input.capacity() >= rows) {
            return current;
        }
        if (current != null) {
            head = null;
            current.arena.close();
        }
        Arena arena = Arena.ofShared();
        try {
            head = new Head(
                    arena,
                    Activations.allocate(arena, rows, hiddenSize()),
                    Activations.outputs(arena, rows, vocabularySize()));
            return head;
        } catch (RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }

    @Override
    public void close() {
        if (pass != null) {
            pass.arena.close();
            pass = null;
        }
        if (head != null) {
            head.arena.close();
            head = null;
        }
        if (draftHead != null) {
            draftHead.close();
        }
        pages.close();
    }
}
