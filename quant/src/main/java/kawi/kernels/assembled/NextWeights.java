package kawi.kernels.assembled;

import java.util.Arrays;
import kawi.kernels.PackedMatrix;
import kawi.kernels.ProductPlan;
import kawi.kernels.WorkerPool;
import kawi.machine.MachineCode;
import org.jspecify.annotations.Nullable;

/**
 * The weights that are read after a certain matrix, which idle threads prefetch into their second-level caches.
 *
 * <p>A step of decoding is bound by memory bandwidth, which is unused wherever threads wait: at the end of a product
 * for the last thread, between products while one thread normalizes and quantizes. The order of a model's products is
 * always the same, so each matrix records which products followed it in the step before. A wrong record costs some
 * memory traffic and nothing else, because a prefetch never fails, even for memory that has been freed; so nothing here
 * is synchronized.
 */
final class NextWeights implements WorkerPool.IdleTask {

    /** Bytes prefetched in one step, which delays a thread for about 0.2 us. */
    private static final int STEP_BYTES = Emitter.PREFETCHED_BYTES;

    /** Steps per thread, limited such that space remains in a second-level cache of 1 MB. */
    private static final int STEPS = (640 << 10) / STEP_BYTES;

    private final MachineCode prefetch;
    private @Nullable PackedMatrix first;
    private long[][] addresses = {};

    NextWeights(MachineCode prefetch) {
        this.prefetch = prefetch;
    }

    /** Records that the products of {@code plan} follow. */
    @SuppressWarnings("ReferenceEquality") // the same matrix
    void follow(ProductPlan plan) {
        PackedMatrix begun = plan.matrix(0);
        if (begun == first) {
            return;
        }
        int threads = plan.threads();
        if (addresses.length != threads) {
            addresses = new long[threads][STEPS];
        }
        for (int thread = 0; thread < threads; thread++) {
            int found = beginning(plan, thread, addresses[thread]);
            Arrays.fill(addresses[thread], found, STEPS, 0);
        }
        this.first = begun;
    }

    /**
     * Fills {@code addresses} with the weights that a thread is likely to read first, as {@link WorkerPool} assigns
     * tasks: the caller, thread 0, from the front, the others from the back. Returns how many there are.
     */
    private static int beginning(ProductPlan plan, int thread, long[] addresses) {
        int found = 0;
        int tasks = plan.tasks();
        int step = thread == 0 ? 1 : -1;
        for (int task = thread == 0 ? 0 : tasks - thread; task >= 0 && task < tasks; task += step) {
            if (plan.matrix(task) instanceof AssembledMatrix matrix) {
                long to = matrix.groupAt(plan.toGroup(task));
                for (long at = matrix.groupAt(plan.fromGroup(task)); at < to; at += STEP_BYTES) {
                    if (found == addresses.length) {
                        return found;
                    }
                    addresses[found++] = matrix.data().address() + at;
                }
            }
        }
        return found;
    }

    @Override
    public boolean step(int thread, int step) {
        long[][] known = addresses;
        if (thread >= known.length || step >= STEPS || known[thread][step] == 0) {
            return false;
        }
        prefetch.run(known[thread][step]);
        return true;
    }
}
