package kawi.architecture.vision;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import kawi.architecture.Binder;
import kawi.compute.Compute;
import kawi.compute.Operation;
import kawi.image.PatchShape;
import kawi.kernels.Activations;
import kawi.kernels.PackedMatrix;
import kawi.kernels.PagePool;

/**
 * The vision transformer of Qwen3.5 (specification, section 7.2), for the patches of one image or of one pair of frames
 * of a film:
 *
 * <pre>
 *    x = patches patchEmbed^T + bias + position
 *    for each block:
 *        x = x + attention(norm1(x))            every patch attends to every patch
 *        x = x + fc2(geluTanh(fc1(norm2(x))))
 *    out = fc2(geluErf(fc1(norm(x))))           of the rows of merged patches, side by side
 *
 *    attention(h) = proj(softmax(rope(q) rope(k)^T / sqrt(headDim)) v),   q, k, v = h qkv^T + bias
 * </pre>
 *
 * The norms are layer norms; rope turns the first half of the pairs of a head by the row of the patch in the grid, the
 * second half by its column. The merger has the exact GELU, the blocks have its tanh form.
 *
 * <p>All but attention works on a few hundred patches at a time, so that what a layer hands to the next stays in the
 * cache. The memory is linear in the number of patches.
 */
final class VisionTransformer implements VisionTower {

    /** Patches are processed by so many at a time, rounded so that chunks hold whole rows of the merger. */
    private static final int CHUNK = 512;

    /** The rows of a chunk are a multiple, so that they begin at a multiple of 64 bytes. */
    private static final int ALIGNED_ROWS = 16;

    /** Is shown the rows of patches after a stage; for tests. */
    interface Observer {
        void after(String stage, Activations rows);
    }

    /** A linear layer bound to kernels. */
    private record Linear(PackedMatrix weight, MemorySegment bias) {}

    private record Norm(MemorySegment weight, MemorySegment bias) {}

    private record Block(Norm norm1, Linear q, Linear k, Linear v, Linear proj, Norm norm2, Linear fc1, Linear fc2) {}

    private final VisionConfig config;
    private final PatchShape patchShape;
    private final Compute compute;
    private final Arena arena;
    private final Linear patchEmbed;
    private final PositionTable positions;
    private final List<Block> blocks;
    private final Norm mergerNorm;
    private final Linear mergerFc1;
    private final Linear mergerFc2;
    private final long weightBytes;

    /**
     * Binds the weights to kernels.
     *
     * @param arena owns the bound weights, and is closed with the tower
     * @param cancelled asked before each layer
     * @throws CancellationException if {@code cancelled} returns true
     */
    VisionTransformer(
            VisionConfig config,
            PatchShape patchShape,
            VisionWeights weights,
            long weightBytes,
            Compute compute,
            Arena arena,
            BooleanSupplier cancelled) {
        this.config = config;
        this.patchShape = patchShape;
        this.compute = compute;
        this.arena = arena;
        Binding to = new Binding(new Binder(compute, arena), cancelled);
        this.patchEmbed = to.linear(weights.patchEmbed());
        this.positions = new PositionTable(
                to.binder.vector(weights.positions().toFloats()), config.tableSide(), config.hiddenSize());
        this.blocks = weights.blocks().stream()
                .map(block -> new Block(
                        to.norm(block.norm1()),
                        to.linear(block.q()),
                        to.linear(block.k()),
                        to.linear(block.v()),
                        to.linear(block.proj()),
                        to.norm(block.norm2()),
                        to.linear(block.fc1()),
                        to.linear(block.fc2())))
                .toList();
        this.mergerNorm = to.norm(weights.merger().norm());
        this.mergerFc1 = to.linear(weights.merger().fc1());
        this.mergerFc2 = to.linear(weights.merger().fc2());
        this.weightBytes = weightBytes;
    }

    private record Binding(Binder binder, BooleanSupplier cancelled) {

        Linear linear(VisionWeights.Linear linear) {
            if (cancelled.getAsBoolean()) {
                throw new CancellationException("the loading of the vision tower was cancelled");
            }
            return new Linear(binder.matrix(linear.weight()), binder.vector(linear.bias()));
        }

        Norm norm(VisionWeights.Norm norm) {
            return new Norm(binder.vector(norm.weight()), binder.vector(norm.bias()));
        }
    }

    @Override
    public PatchShape patchShape() {
        return patchShape;
    }

    @Override
    public int outputSize() {
        return config.outHiddenSize();
    }

    @Override
    public VisionConfig config() {
        return config;
    }

    @Override
    public long weightBytes() {
        return weightBytes;
    }

    @Override
    public long workspaceBytes(int patches) {
        return workspaceBytes(config, patches);
    }

    static long workspaceBytes(VisionConfig config, int patches) {
        return VisionBuffers.bytes(config, patches, chunk(config, patches));
    }

    /** Patches per chunk. */
    private static int chunk(VisionConfig config, int patches) {
        int unit = config.merged() * ALIGNED_ROWS;
        return Math.min(patches, Math.max(1, CHUNK / unit) * unit);
    }

    @Override
    public void encode(
            MemorySegment rows,
            int gridHeight,
            int gridWidth,
            MemorySegment out,
            BooleanSupplier cancelled,
            IntConsumer blockDone) {
        encode(rows, gridHeight, gridWidth, out, cancelled, blockDone, (stage, x) -> {});
    }

    void encode(
            MemorySegment rows,
            int gridHeight,
            int gridWidth,
            MemorySegment out,
            BooleanSupplier cancelled,
            IntConsumer blockDone,
            Observer observer) {
        int merge = config.spatialMergeSize();
        if (gridHeight < 1 || gridWidth < 1 || gridHeight % merge != 0 || gridWidth % merge != 0) {
            throw new IllegalArgumentException("a grid of %d x %d patches does not divide into squares of %d x %d"
                    .formatted(gridHeight, gridWidth, merge, merge));
        }
        int patches = Math.multiplyExact(gridHeight, gridWidth);
        try (Arena memory = Arena.ofShared();
                PagePool pages = new PagePool()) {
            VisionBuffers buffers = new VisionBuffers(compute, config, patches, chunk(config, patches), memory, pages);
            Pass pass = new Pass(buffers, gridHeight, gridWidth, cancelled);
            pass.embed(rows, observer);
            for (int i = 0; i < blocks.size(); i++) {
                pass.block(blocks.get(i));
                observer.after("block" + i, buffers.x());
                blockDone.accept(i + 1);
            }
            pass.merge(out);
        }
    }

    @Override
    public void close() {
        arena.close();
    }

    private static CancellationException encodingCancelled() {
        return new CancellationException("the encoding of an image was cancelled");
    }

    /** The encoding of one grid of patches. */
    private final class Pass {

        private final VisionBuffers b;
        private final int gridHeight;
        private final int gridWidth;
        private final int patches;
        private final BooleanSupplier cancelled;

        Pass(VisionBuffers buffers, int gridHeight, int gridWidth, BooleanSupplier cancelled) {
            this.b = buffers;
            this.gridHeight = gridHeight;
            this.gridWidth = gridWidth;
            this.patches = gridHeight * gridWidth;
            this.cancelled = cancelled;
        }

        /** A step on the rows of a chunk. */
        private interface Step {
            void run(int first, int count);
        }

        private void chunks(Step step) {
            for (int first = 0; first < patches; first += b.chunk()) {
                if (cancelled.getAsBoolean()) {
                    throw encodingCancelled();
                }
                step.run(first, Math.min(b.chunk(), patches - first));
            }
        }

        void embed(MemorySegment rows, Observer observer) {
            compute.productsOf(Operation.PROJECTIONS);
            long rowBytes = (long) config.patchWidth() * Float.BYTES;
            chunks((first, count) -> {
                MemorySegment.copy(rows, first * rowBytes, b.patches().floats(), 0, count * rowBytes);
                apply(patchEmbed, b.patches(), b.x().view(first, count), count);
            });
            observer.after("patch_embed", b.x());
            compute.overRows(patches, config.hiddenSize(), (from, to) -> {
                for (int patch = from; patch < to; patch++) {
                    positions.add(b.x(), patch, row(patch), column(patch), gridHeight, gridWidth);
                }
            });
            observer.after("pos_embed_added", b.x());
            for (int patch = 0; patch < patches; patch++) {
                b.rotation().fill(patch, 0, row(patch), column(patch));
            }
        }

        /** The row in the grid of a patch: patches are in the order of merged squares, by rows in each. */
        private int row(int patch) {
            int merge = config.spatialMergeSize();
            return patch / config.merged() / (gridWidth / merge) * merge + patch % config.merged() / merge;
        }

        private int column(int patch) {
            int merge = config.spatialMergeSize();
            return patch / config.merged() % (gridWidth / merge) * merge + patch % merge;
        }

        void block(Block block) {
            compute.productsOf(Operation.PROJECTIONS);
            chunks((first, count) -> {
                norm(block.norm1, b.x().view(first, count), count);
                Activations q = b.q().view(first, count);
                Activations k = b.k().view(first, count);
                Activations v = b.v().view(first, count);
                compute.products(b.h(), count)
                        .with(block.q.weight, q)
                        .with(block.k.weight, k)
                        .with(block.v.weight, v)
                        .run();
                compute.addBias(q, block.q.bias, count);
                compute.addBias(k, block.k.bias, count);
                compute.addBias(v, block.v.bias, count);
            });
            boolean complete = b.attention()
                    .begin(MemorySegment.NULL, MemorySegment.NULL, 0)
                    .add(b.keysAndValues(), 0, 0, patches)
                    .run(cancelled);
            if (!complete) {
                throw encodingCancelled();
            }
            chunks((first, count) -> {
                Activations x = b.x().view(first, count);
                compute.productsOf(Operation.PROJECTIONS);
                add(block.proj, b.attended().view(first, count).quantizedIn(b.h()), x, count);
                compute.productsOf(Operation.MLP);
                norm(block.norm2, x, count);
                compute.products(b.h(), count).with(block.fc1.weight, b.inner()).run();
                compute.geluTanh(b.inner(), block.fc1.bias, count);
                add(block.fc2, b.inner(), x, count);
            });
        }

        void merge(MemorySegment out) {
            compute.productsOf(Operation.PROJECTIONS);
            long rowBytes = (long) config.outHiddenSize() * Float.BYTES;
            chunks((first, count) -> {
                norm(mergerNorm, b.x().view(first, count), count);
                int rows = count / config.merged();
                compute.products(b.merged(), rows)
                        .with(mergerFc1.weight, b.mergedInner())
                        .run();
                compute.geluErf(b.mergedInner(), mergerFc1.bias, rows);
                apply(mergerFc2, b.mergedInner(), b.out(), rows);
                MemorySegment.copy(b.out().floats(), 0, out, first / config.merged() * rowBytes, rows * rowBytes);
            });
        }

        private void norm(Norm norm, Activations x, int count) {
            compute.layerNorm(x, norm.weight, norm.bias, config.eps(), b.h(), count);
        }

        /** {@code y = linear(x)}. */
        private void apply(Linear linear, Activations x, Activations y, int count) {
            compute.products(x, count).with(linear.weight, y).run();
            compute.addBias(y, linear.bias, count);
        }

        /** {@code to = to + linear(x)}. */
        private void add(Linear linear, Activations x, Activations to, int count) {
            compute.products(x, count).with(linear.weight, b.projected()).run();
            compute.addBiased(to, b.projected(), linear.bias, count);
        }
    }
}
