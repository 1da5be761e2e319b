package kawi.compute;

import java.lang.foreign.MemorySegment;
import kawi.kernels.Activations;
import kawi.kernels.PackedMatrix;
import kawi.kernels.ProductPlan;
import kawi.kernels.WorkerPool;
import kawi.quant.InputRotation;
import org.jspecify.annotations.Nullable;

/**
 * Several products of the same activations, {@code out = x W^T} for each, divided among threads together by the bytes
 * of their weights. Created by {@link Compute#products}; it is reused after {@link #run}.
 *
 * <p>If some of the matrices have rotated inputs, all of these have the same rotation, and x is rotated once.
 */
public final class Products implements WorkerPool.Task, ProductPlan {

    /** Sufficient tasks per thread that the other threads do not wait long for a slow one. */
    private static final int TASKS_PER_THREAD = 4;

    /** Bytes of weights below which another task costs more than it saves. */
    private static final long MIN_SLICE_BYTES = 16 << 10;

    /** Products of more tokens take so long that the time between products is not significant. */
    private static final int MAX_IDLE_TASK_TOKENS = 16;

    /** The maximum number of products at once. */
    private static final int MAX_PRODUCTS = 4;

    private static final Activations NOTHING = new Activations(MemorySegment.NULL, MemorySegment.NULL, 0, 0);

    private final Compute compute;
    private final PackedMatrix[] weights = new PackedMatrix[MAX_PRODUCTS];
    private final Activations[] outs = new Activations[MAX_PRODUCTS];
    private final int[] groups = new int[MAX_PRODUCTS];
    private final int[] firstTask = new int[MAX_PRODUCTS + 1];
    private final boolean[] rotates = new boolean[MAX_PRODUCTS];
    private @Nullable InputRotation rotation;
    private final RotatedRows rotatedRows = new RotatedRows();
    private Activations x = NOTHING;
    private Activations rotated = NOTHING;
    private int tokens;
    private int count;

    Products(Compute compute) {
        this.compute = compute;
    }

    Products of(Activations x, int tokens) {
        this.x = x;
        this.tokens = tokens;
        this.count = 0;
        this.rotation = null;
        return this;
    }

    /** Adds {@code out = x weight^T}; at most {@value #MAX_PRODUCTS}. */
    public Products with(PackedMatrix weight, Activations out) {
        return with(weight, weight.groups(), out);
    }

    /** Adds the product with the first {@code groups} groups of rows of {@code weight}. */
    public Products with(PackedMatrix weight, int groups, Activations out) {
        PackedMatrix stored = weight;
        rotates[count] = weight instanceof RotatedMatrix;
        if (weight instanceof RotatedMatrix turned) {
            InputRotation others = rotation;
            if (others != null && !others.equals(turned.rotation())) {
                throw new IllegalArgumentException(
                        "matrix %s: its inputs are rotated differently from those of the others"
                                .formatted(weight.name()));
            }
            stored = turned.stored();
            rotation = turned.rotation();
        }
        weights[count] = stored;
        this.groups[count] = groups;
        outs[count] = out;
        count++;
        return this;
    }

    /** Computes all products. */
    public void run() {
        long bytes = 0;
        boolean quantized = false;
        boolean quantizedRotated = false;
        for (int p = 0; p < count; p++) {
            bytes += bytes(p);
            quantized |= weights[p].quantized() && !rotates[p];
            quantizedRotated |= weights[p].quantized() && rotates[p];
        }
        InputRotation common = rotation;
        if (common != null) {
            rotated = rotatedRows.of(common, tokens);
            compute.rotate(x, common, rotated, tokens);
        }
        ProductObserver observer = compute.observer();
        if (observer != null) {
            for (int p = 0; p < count; p++) {
                observer.observe(weights[p].name(), input(p), tokens);
            }
        }
        if (quantized) {
            compute.quantize(x, tokens);
        }
        if (quantizedRotated) {
            compute.quantize(rotated, tokens);
        }
        long begun = compute.begin();
        long slice = Math.max(MIN_SLICE_BYTES, bytes / ((long) threads() * TASKS_PER_THREAD));
        for (int p = 0; p < count; p++) {
            long tasks = Math.max(1, Math.min(groups[p], bytes(p) / slice));
            firstTask[p + 1] = firstTask[p] + (int) tasks;
        }
        WorkerPool.IdleTask idleTask =
                tokens <= MAX_IDLE_TASK_TOKENS ? compute.kernels().matrix().idleTask(this) : WorkerPool.NO_IDLE_TASK;
        compute.pool().run(firstTask[count], compute.counted(this), idleTask);
        compute.end(compute.productsOperation(), begun, bytes, 0);
        compute.giveBack(this);
    }

    private Activations input(int p) {
        return rotates[p] ? rotated : x;
    }

    private long bytes(int p) {
        PackedMatrix weight = weights[p];
        return groups[p] == weight.groups() ? weight.bytes() : weight.bytes() / weight.groups() * groups[p];
    }

    @Override
    public void run(int task) {
        int p = product(task);
        compute.kernels()
                .matrix()
                .multiply(weights[p], input(p), tokens, outs[p], fromGroup(p, task), fromGroup(p, task + 1));
    }

    @Override
    public int threads() {
        return compute.pool().threads();
    }

    @Override
    public int tasks() {
        return firstTask[count];
    }

    @Override
    public PackedMatrix matrix(int task) {
        return weights[product(task)];
    }

    @Override
    public int fromGroup(int task) {
        return fromGroup(product(task), task);
    }

    @Override
    public int toGroup(int task) {
        return fromGroup(product(task), task + 1);
    }

    private int product(int task) {
        int p = 0;
        while (task >= firstTask[p + 1]) {
            p++;
        }
        return p;
    }

    private int fromGroup(int p, int task) {
        return (int) ((long) (task - firstTask[p]) * groups[p] / (firstTask[p + 1] - firstTask[p]));
    }
}
