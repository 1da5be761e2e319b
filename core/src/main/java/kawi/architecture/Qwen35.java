package kawi.architecture;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import kawi.architecture.Mixer.Chunk;
import kawi.architecture.Qwen35Weights.LinearAttention;
import kawi.architecture.Qwen35Weights.SelfAttention;
import kawi.compute.Compute;
import kawi.kernels.Activations;
import kawi.kernels.KvFormat;
import kawi.kernels.PackedMatrix;
import kawi.kernels.PagePool;
import kawi.kernels.Rotation;
import kawi.quant.Tensor;

/**
 * The Qwen3.5 text decoder: most layers Gated DeltaNet, every fourth full attention.
 *
 * <pre>
 *    x = embedTokens[ids]
 *    for each layer:
 *        x = x + mixer(norm(x, inputLayernorm))
 *        x = x + mlp(norm(x, postAttentionLayernorm))
 *    logits = norm(x, norm) lmHead^T
 * </pre>
 */
final class Qwen35 implements Decoder {

    /** A decoder layer; its norms include the 1 of zero-centred weights. */
    private record Layer(
            MemorySegment inputLayernorm, Mixer mixer, MemorySegment postAttentionLayernorm, GatedMlp mlp) {}

    private final Qwen35Config config;
    private final Compute compute;
    private final Tensor embedTokens;
    private final List<Layer> layers = new ArrayList<>();
    private final PagePool pages = new PagePool();
    private final MemorySegment norm;
    private final PackedMatrix lmHead;

    // Made once: a method reference at each token would be garbage at each token.
    private final IntFunction<Workspace> workspaces = this::newWorkspace;
    private final IntFunction<SequenceState.Head> heads = this::newHead;

    /**
     * Binds weights to a tier's kernels, repacking them where the tier does.
     *
     * @param kvFormat how sequences remember keys and values
     * @param arena owns what is made of the weights; the weights' own memory must live as long
     */
    Qwen35(Qwen35Weights weights, Compute compute, KvFormat kvFormat, Arena arena) {
        this.config = weights.config();
        this.compute = compute;
        this.embedTokens = weights.embedTokens();
        for (Qwen35Weights.Layer layer : weights.layers()) {
            Mixer mixer = switch (layer.mixer()) {
                case SelfAttention full -> selfAttention(full, kvFormat, arena);
                case LinearAttention linear -> linearAttention(linear, arena);
            };
            GatedMlp mlp = new GatedMlp(
                    compute,
                    compute.pack(layer.gateProj(), arena),
                    compute.pack(layer.upProj(), arena),
                    compute.pack(layer.downProj(), arena));
            layers.add(new Layer(
                    offHeap(layer.inputLayernorm(), arena),
                    mixer,
                    offHeap(layer.postAttentionLayernorm(), arena),
                    mlp));
        }
        norm = offHeap(weights.norm(), arena);
        lmHead = compute.pack(weights.lmHead() == null ? embedTokens : weights.lmHead(), arena);
    }

    private GatedAttention selfAttention(SelfAttention weights, KvFormat kvFormat, Arena arena) {
        return new GatedAttention(
                compute,
                config.attentionShape(),
                kvFormat,
                pages,
                config.rmsNormEps(),
                compute.pack(weights.qProj(), arena),
                compute.pack(weights.kProj(), arena),
                compute.pack(weights.vProj(), arena),
                compute.pack(weights.oProj(), arena),
                offHeap(weights.qNorm(), arena),
                offHeap(weights.kNorm(), arena));
    }

    private GatedDeltaNet linearAttention(LinearAttention weights, Arena arena) {
        return new GatedDeltaNet(
                compute,
                config.deltaShape(),
                config.rmsNormEps(),
                compute.pack(weights.inProjQkv(), arena),
                compute.pack(weights.inProjZ(), arena),
                compute.pack(weights.inProjB(), arena),
                compute.pack(weights.inProjA(), arena),
                compute.pack(weights.outProj(), arena),
                offHeap(byTap(weights.conv1d()), arena),
                offHeap(weights.rate(), arena),
                offHeap(weights.dtBias(), arena),
                offHeap(weights.norm(), arena));
    }

    /** Convolution weights from [channels][taps], as files hold them, to [taps][channels]. */
    private static float[] byTap(Tensor conv1d) {
        float[] byChannel = conv1d.toFloats();
        int channels = conv1d.rows();
        int taps = conv1d.columns();
        float[] byTap = new float[byChannel.length];
        for (int c = 0; c < channels; c++) {
            for (int j = 0; j < taps; j++) {
                byTap[j * channels + c] = byChannel[c * taps + j];
            }
        }
        return byTap;
    }

    private static MemorySegment offHeap(float[] values, Arena arena) {
        MemorySegment segment = arena.allocate((long) values.length * Float.BYTES, 64);
        MemorySegment.copy(values, 0, segment, JAVA_FLOAT, 0, values.length);
        return segment;
    }

    @Override
    public void append(SequenceState sequence, int[] ids, int from, int tokens, BooleanSupplier cancelled) {
        Chunk chunk = new Chunk(sequence.length(), tokens);
        Workspace w = sequence.workspace(tokens, workspaces);
        sequence.appending();
        embed(ids, from, tokens, w);
        for (int row = 0; row < tokens; row++) {
            w.rotation().fill(row, chunk.position() + row);
        }
        for (int i = 0; i < layers.size(); i++) {
            if (cancelled.getAsBoolean()) {
                throw new CancellationException("cancelled after layer %d of %d".formatted(i, layers.size()));
            }
            Layer layer = layers.get(i);
            compute.rmsNorm(
                    w.stream().input(2 * i, tokens), layer.inputLayernorm, config.rmsNormEps(), w.hidden(), tokens);
            layer.mixer.apply(w.hidden(), chunk, sequence.layer(i), w, w.output());
            w.stream().add(2 * i, w.output(), tokens);

            compute.rmsNorm(
                    w.stream().input(2 * i + 1, tokens),
                    layer.postAttentionLayernorm,
                    config.rmsNormEps(),
                    w.hidden(),
                    tokens);
            layer.mlp.apply(w.hidden(), tokens, w.mlp(), w.output());
            w.stream().add(2 * i + 1, w.output(), tokens);
        }
        compute.rmsNorm(w.stream().output(tokens), norm, config.rmsNormEps(), w.hidden(), tokens);
        sequence.appended(tokens);
    }

    private void embed(int[] ids, int from, int tokens, Workspace w) {
        int width = config.hiddenSize();
        Activations x = w.stream().embedding();
        for (int t = 0; t < tokens; t++) {
            embedTokens.decodeRow(ids[from + t], w.embedding(), 0);
            MemorySegment.copy(w.embedding(), 0, x.floats(), JAVA_FLOAT, (long) t * width * Float.BYTES, width);
        }
    }

    @Override
    public Activations logits(SequenceState sequence, int fromToken, int tokens) {
        Activations hidden = sequence.workspace().hidden();
        SequenceState.Head head = sequence.head(tokens, heads);
        long rowBytes = (long) config.hiddenSize() * Float.BYTES;
        MemorySegment.copy(hidden.floats(), fromToken * rowBytes, head.input().floats(), 0, tokens * rowBytes);
        compute.products(head.input(), tokens).with(lmHead, head.logits()).run();
        return head.logits();
    }

    @Override
    public SequenceState newSequence() {
        Arena arena = Arena.ofShared();
        List<LayerState> states = new ArrayList<>(layers.size());
        for (Layer layer : layers) {
            states.add(layer.mixer.newState(arena));
        }
        return new SequenceState(arena, states);
    }

    private Workspace newWorkspace(int capacity) {
        Arena arena = Arena.ofShared();
        int hidden = config.hiddenSize();
        Rotation rotation = new Rotation(config.rotaryDims(), config.ropeTheta(), capacity, arena);
        MemorySegment shared = arena.allocate(
                Math.max(
                        GatedMlp.Buffers.bytes(capacity, config.intermediateSize()),
                        Math.max(
                                GatedAttention.Buffers.bytes(capacity, config.attentionShape()),
                                GatedDeltaNet.Buffers.bytes(capacity, config.deltaShape()))),
                64);
        return new Workspace(
                arena,
                capacity,
                new AdditiveResidual(compute, Activations.outputs(arena, capacity, hidden)),
                Activations.allocate(arena, capacity, hidden),
                Activations.outputs(arena, capacity, hidden),
                new float[hidden],
                rotation,
                GatedAttention.Buffers.allocate(
                        compute,
                        SegmentAllocator.slicingAllocator(shared),
                        capacity,
                        config.attentionShape(),
                        rotation,
                        arena),
                GatedDeltaNet.Buffers.allocate(
                        compute, SegmentAllocator.slicingAllocator(shared), capacity, config.deltaShape(), arena),
                GatedMlp.Buffers.allocate(
                        SegmentAllocator.slicingAllocator(shared), capacity, config.intermediateSize()));
    }

    private SequenceState.Head newHead(int rows) {
        Arena arena = Arena.ofShared();
        return new SequenceState.Head(
                arena,
                Activations.allocate(arena, rows, config.hiddenSize()),
                Activations.outputs(arena, rows, config.vocabSize()));
    }

    @Override
    public int vocabularySize() {
        return config.vocabSize();
    }
}
