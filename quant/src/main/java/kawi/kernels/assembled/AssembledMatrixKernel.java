package kawi.kernels.assembled;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import kawi.kernels.Activations;
import kawi.kernels.MatrixKernel;
import kawi.kernels.PackedMatrix;
import kawi.kernels.PackingBuffer;
import kawi.kernels.ProductPlan;
import kawi.kernels.ProductShapes;
import kawi.kernels.WorkerPool;
import kawi.kernels.assembled.MatrixArguments.FloatPacking;
import kawi.kernels.assembled.MatrixArguments.FloatProduct;
import kawi.kernels.assembled.MatrixArguments.QuantPacking;
import kawi.kernels.assembled.MatrixArguments.QuantProduct;
import kawi.kernels.assembled.MatrixArguments.Quantize;
import kawi.machine.OsMemory;
import kawi.quant.FloatFormat;
import kawi.quant.QuantizedFormat;
import kawi.quant.Tensor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The assembled tier of the matrix product. Weights are repacked at load ({@link QuantLayout}, {@link FloatLayout}); a
 * product is then a few calls of machine code:
 *
 * <pre>
 *    for each slice of groups that stays in the second-level cache
 *      for each tile of up to 12 tokens         all tiles as even as possible
 *        one call: the slice times the tile
 * </pre>
 *
 * <p>The last tile of a slice prefetches the next slice.
 */
public final class AssembledMatrixKernel implements MatrixKernel {

    private static final Logger LOG = LoggerFactory.getLogger(AssembledMatrixKernel.class);

    /** Bytes of weights that fit a core's second-level cache together with the activations. */
    private static final long SLICE_BYTES = 256 << 10;

    /** The distance at which weights are prefetched to the second-level cache. */
    private static final long AHEAD_BYTES = 8 << 10;

    /**
     * Bytes of a file that one task reads and repacks: they are still in a core's second-level cache when they are
     * packed, and even a small matrix is divided among threads.
     */
    private static final long PIECE_BYTES = 256 << 10;

    /**
     * Small matrices share regions of system memory, each as large as all earlier regions together, within these
     * bounds. The unused part of a region costs nothing, except the rest of its last large page.
     */
    private static final long MIN_REGION_BYTES = 32L << 20;

    private static final long MAX_REGION_BYTES = 512L << 20;

    private final Emitter emitter;
    private final Arena arena;
    private final Map<AssembledLayout, ProductCodes> products = new ConcurrentHashMap<>();
    private final Map<String, LazyCode> packings = new ConcurrentHashMap<>();
    private final Map<QuantLayout, LazyCode> integerPackings = new ConcurrentHashMap<>();
    private final Set<String> reported = ConcurrentHashMap.newKeySet();
    private final LazyCode quantize;
    private final Queue<PackingBuffer> buffers = new ConcurrentLinkedQueue<>();
    private MemorySegment region = MemorySegment.NULL;
    private long regionBytes;
    private @Nullable Arena regionOwner;
    private @Nullable NextWeights latest;

    /** @param arena owns the machine code */
    public AssembledMatrixKernel(Emitter emitter, Arena arena) {
        this.emitter = emitter;
        this.arena = arena;
        this.quantize = new LazyCode(() -> emitter.quantize(arena));
    }

    // ---- packing

    @Override
    public PackedMatrix pack(Tensor tensor, Arena owner, WorkerPool pool) {
        AssembledLayout layout = switch (tensor.format()) {
            case QuantizedFormat format -> QuantLayout.of(format);
            case FloatFormat format -> FloatLayout.of(format);
        };
        ProductCodes codes = products.computeIfAbsent(layout, key -> new ProductCodes(emitter, key, arena));
        long groupBytes = layout.groupBytes(tensor.columns());
        int groups = (tensor.rows() + AssembledLayout.ROWS - 1) / AssembledLayout.ROWS;
        MemorySegment data = allocate(owner, groups * groupBytes);
        AssembledMatrix matrix = new AssembledMatrix(
                tensor.name(),
                tensor.rows(),
                tensor.columns(),
                codes,
                groupBytes,
                data,
                new NextWeights(emitter.prefetch()));

        long fileGroupBytes = AssembledLayout.ROWS * tensor.rowBytes();
        int perTask = Math.clamp(PIECE_BYTES / fileGroupBytes, 1, groups);
        int tasks = (groups + perTask - 1) / perTask;
        pool.run(tasks, task -> {
            PackingBuffer buffer = Objects.requireNonNullElseGet(buffers.poll(), PackingBuffer::new);
            pack(tensor, matrix, task * perTask, Math.min((task + 1) * perTask, groups), buffer);
            buffers.add(buffer);
        });
        return matrix;
    }

    /** Allocates memory for a matrix; small matrices share regions, so that all are in large pages. */
    private synchronized MemorySegment allocate(Arena owner, long bytes) {
        if (bytes > MIN_REGION_BYTES / 2) {
            return OsMemory.allocate(owner, bytes);
        }
        if (!owner.equals(regionOwner)) {
            region = MemorySegment.NULL;
            regionBytes = 0;
            regionOwner = owner;
        }
        if (region.byteSize() < bytes) {
            long taken = Math.clamp(regionBytes, MIN_REGION_BYTES, MAX_REGION_BYTES);
            region = OsMemory.allocate(owner, taken);
            regionBytes += taken;
        }
        MemorySegment taken = region.asSlice(0, bytes);
        region = region.asSlice(bytes);
        return taken;
    }

    private void pack(Tensor tensor, AssembledMatrix matrix, int fromGroup, int toGroup, PackingBuffer buffer) {
        int firstRow = fromGroup * AssembledLayout.ROWS;
        int rows = Math.min(toGroup * AssembledLayout.ROWS, tensor.rows()) - firstRow;
        MemorySegment in = tensor.rows(firstRow, rows, buffer);
        switch (matrix.codes().layout()) {
            case QuantLayout layout -> packQuants(tensor, matrix, layout, in, rows, fromGroup, toGroup);
            case FloatLayout layout -> packFloats(tensor, matrix, layout, in, rows, fromGroup, toGroup);
        }
    }

    private void packQuants(
            Tensor tensor,
            AssembledMatrix matrix,
            QuantLayout layout,
            MemorySegment in,
            int rows,
            int fromGroup,
            int toGroup) {
        QuantizedFormat format = (QuantizedFormat) tensor.format();
        if (!UnitPacking.packs(format.name())) {
            if (layout.bits() == Byte.SIZE && reported.add(format.name())) {
                LOG.info("{} weights are repacked to 8 bits, the tightest form this tier has for them", format.name());
            }
            LazyCode packing = integerPackings.computeIfAbsent(
                    layout, key -> new LazyCode(() -> emitter.integerPacking(layout, arena)));
            GeneralPacking.pack(tensor, in, format, layout, packing, matrix.data(), fromGroup, toGroup);
            return;
        }
        LazyCode packing = packings.computeIfAbsent(
                format.name(), _ -> new LazyCode(() -> emitter.quantPacking(layout, format, arena)));
        Arguments arguments = Arguments.claim();
        try {
            arguments
                    .set(QuantPacking.IN, in, 0, in.byteSize())
                    .set(QuantPacking.ROW_BYTES, tensor.rowBytes())
                    .set(QuantPacking.ROWS, rows)
                    .set(QuantPacking.UNITS, tensor.columns() / format.blockSize())
                    .set(
                            QuantPacking.OUT,
                            matrix.data(),
                            matrix.groupAt(fromGroup),
                            matrix.groupAt(toGroup - fromGroup))
                    .set(QuantPacking.GROUP_BYTES, matrix.groupBytes())
                    .set(QuantPacking.QUANT_BYTES, layout.quantBytes(tensor.columns()));
            packing.run(arguments);
        } finally {
            arguments.release();
        }
    }

    private void packFloats(
            Tensor tensor,
            AssembledMatrix matrix,
            FloatLayout layout,
            MemorySegment in,
            int rows,
            int fromGroup,
            int toGroup) {
        LazyCode packing =
                packings.computeIfAbsent(layout.name(), _ -> new LazyCode(() -> emitter.floatPacking(layout, arena)));
        long elements = tensor.rowBytes() / layout.elementBytes();
        Arguments arguments = Arguments.claim();
        try {
            arguments
                    .set(FloatPacking.IN, in, 0, in.byteSize())
                    .set(FloatPacking.ROW_BYTES, tensor.rowBytes())
                    .set(FloatPacking.ROWS, rows)
                    .set(FloatPacking.BLOCKS, elements / FloatPacking.BLOCK)
                    .set(FloatPacking.REST, elements % FloatPacking.BLOCK)
                    .set(FloatPacking.ODD, tensor.rowBytes() % layout.elementBytes() / Short.BYTES)
                    .set(
                            FloatPacking.OUT,
                            matrix.data(),
                            matrix.groupAt(fromGroup),
                            matrix.groupAt(toGroup - fromGroup))
                    .set(FloatPacking.GROUP_BYTES, matrix.groupBytes());
            packing.run(arguments);
        } finally {
            arguments.release();
        }
    }

    // ---- activations

    @Override
    public void quantize(Activations x, int fromRow, int toRow) {
        ProductShapes.checkRows(x, fromRow, toRow);
        if (fromRow == toRow) {
            return;
        }
        Arguments arguments = Arguments.claim();
        try {
            arguments
                    .set(Quantize.IN, x.floats(), fromRow * rowBytes(x), (toRow - fromRow) * rowBytes(x))
                    .set(Quantize.OUT, x.int8(), x.blockAt(fromRow, 0), x.blockAt(toRow - fromRow, 0))
                    .set(Quantize.ROWS, toRow - fromRow)
                    .set(Quantize.BLOCKS, x.width() / Activations.BLOCK)
                    .set(Quantize.REST, x.width() % Activations.BLOCK);
            quantize.run(arguments);
        } finally {
            arguments.release();
        }
    }

    // ---- products

    @Override
    public void multiply(PackedMatrix w, Activations x, int tokens, Activations y, int fromGroup, int toGroup) {
        ProductShapes.check(w, x, tokens, y, fromGroup, toGroup);
        if (!(w instanceof AssembledMatrix matrix)) {
            throw ProductShapes.foreign(w, "assembled");
        }
        if (PanelProducts.pay(matrix, tokens)) {
            PanelProducts.multiply(matrix, x, tokens, y, fromGroup, toGroup);
            return;
        }
        int most = matrix.codes().maxTokens();
        int tiles = (tokens + most - 1) / most;
        int perSlice = tiles > 1 ? Math.clamp(SLICE_BYTES / matrix.groupBytes() & -4, 4, 1 << 20) : toGroup - fromGroup;
        Arguments arguments = Arguments.claim();
        try {
            for (int group = fromGroup; group < toGroup; group += perSlice) {
                int groups = Math.min(perSlice, toGroup - group);
                for (int tile = 0; tile < tiles; tile++) {
                    int from = (int) ((long) tile * tokens / tiles);
                    int to = (int) ((long) (tile + 1) * tokens / tiles);
                    boolean lastOfMany = tile > 0 && tile == tiles - 1 && group + groups < toGroup;
                    if (matrix.codes().layout() instanceof QuantLayout) {
                        long ahead = lastOfMany ? groups * matrix.groupBytes() : aheadBytes(matrix, to - from);
                        arguments.set(QuantProduct.AHEAD, ahead);
                    }
                    multiplyGroups(arguments, matrix, x, from, to - from, y, group, groups);
                }
            }
        } finally {
            arguments.release();
        }
    }

    /** Where several groups are multiplied at once, they are read side by side, so the next ones follow after them. */
    private static long aheadBytes(AssembledMatrix w, int tokens) {
        int atOnce = w.codes().groupsAtOnce(tokens);
        return atOnce > 1 ? atOnce * w.groupBytes() : AHEAD_BYTES;
    }

    /** Multiplies as many groups at once as the code does, and the rest one by one. */
    private static void multiplyGroups(
            Arguments arguments,
            AssembledMatrix w,
            Activations x,
            int token,
            int tokens,
            Activations y,
            int group,
            int groups) {
        int atOnce = w.codes().groupsAtOnce(tokens);
        int rest = groups % atOnce;
        if (groups > rest) {
            set(arguments, w, x, token, tokens, y, group, groups - rest, atOnce);
            w.codes().code(tokens).run(arguments);
        }
        if (rest > 0) {
            set(arguments, w, x, token, tokens, y, group + groups - rest, rest, 1);
            w.codes().single(tokens).run(arguments);
        }
    }

    /** @param atOnce the number of groups that are multiplied at once, a divisor of {@code groups} */
    private static void set(
            Arguments arguments,
            AssembledMatrix w,
            Activations x,
            int token,
            int tokens,
            Activations y,
            int group,
            int groups,
            int atOnce) {
        switch (w.codes().layout()) {
            case QuantLayout layout -> {
                arguments
                        .set(QuantProduct.QUANT_BYTES, layout.quantBytes(w.columns()))
                        .set(QuantProduct.UNITS, w.columns() / layout.unit());
                setQuants(arguments, w, x, token, tokens, y, group, groups);
            }
            case FloatLayout _ -> {
                arguments.set(FloatProduct.STEPS, groups / atOnce);
                setFloats(arguments, w, x, token, tokens, y, group, groups);
            }
        }
    }

    private static void setQuants(
            Arguments arguments,
            AssembledMatrix w,
            Activations x,
            int token,
            int tokens,
            Activations y,
            int group,
            int groups) {
        int row = group * AssembledLayout.ROWS;
        arguments
                .set(QuantProduct.WEIGHTS, w.data(), w.groupAt(group), w.groupAt(groups))
                .set(QuantProduct.GROUPS, groups)
                .set(QuantProduct.GROUP_BYTES, w.groupBytes())
                .set(QuantProduct.X, x.int8(), x.blockAt(token, 0), x.blockAt(tokens, 0))
                .set(QuantProduct.X_STRIDE, x.blockAt(1, 0))
                .set(QuantProduct.ROWS, w.rows() - row);
        outputs(arguments, QuantProduct.Y, y, token, tokens, row, groups);
        arguments.set(QuantProduct.Y_STRIDE, rowBytes(y));
    }

    private static void setFloats(
            Arguments arguments,
            AssembledMatrix w,
            Activations x,
            int token,
            int tokens,
            Activations y,
            int group,
            int groups) {
        int row = group * AssembledLayout.ROWS;
        arguments
                .set(FloatProduct.WEIGHTS, w.data(), w.groupAt(group), w.groupAt(groups))
                .set(FloatProduct.GROUP_BYTES, w.groupBytes())
                .set(FloatProduct.PAIRS, w.columns() / 2)
                .set(FloatProduct.ODD, w.columns() % 2)
                .set(FloatProduct.X, x.floats(), token * rowBytes(x), tokens * rowBytes(x))
                .set(FloatProduct.X_STRIDE, rowBytes(x))
                .set(FloatProduct.ROWS, w.rows() - row);
        outputs(arguments, FloatProduct.Y, y, token, tokens, row, groups);
        arguments.set(FloatProduct.Y_STRIDE, rowBytes(y));
    }

    /** The outputs of groups from {@code row} on; the last group may be partial. */
    static void outputs(Arguments arguments, int offset, Activations y, int token, int tokens, int row, int groups) {
        int rows = Math.min(groups * AssembledLayout.ROWS, y.width() - row);
        arguments.set(
                offset,
                y.floats(),
                token * rowBytes(y) + (long) row * Float.BYTES,
                (tokens - 1) * rowBytes(y) + (long) rows * Float.BYTES);
    }

    /** Records that {@code plan} follows the previous matrix, and returns the recorded successor of this one. */
    @Override
    public WorkerPool.IdleTask idleTask(ProductPlan plan) {
        if (!(plan.matrix(0) instanceof AssembledMatrix matrix)) {
            return WorkerPool.NO_IDLE_TASK;
        }
        NextWeights before = latest;
        if (before != null) {
            before.follow(plan);
        }
        latest = matrix.next();
        return matrix.next();
    }

    static long rowBytes(Activations x) {
        return (long) x.width() * Float.BYTES;
    }

    @Override
    public String toString() {
        return emitter.label();
    }
}
