package kawi.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import kawi.MemoryPlan;
import kawi.kernels.KvFormat;
import kawi.kernels.KvFormats;

/** Whether a model fits into the memory of a machine, and if not, what would. */
final class MemoryCheck {

    /** Smaller models are not checked. */
    private static final long MIN_CHECKED_BYTES = 1L << 30;

    /** Context lengths from this one on are suggested in multiples of it. */
    private static final int CONTEXT_STEP = 1024;

    /** Computes the memory of a model. */
    interface Plans {
        MemoryPlan of(KvFormats formats, int contextLength);
    }

    private final Plans plans;
    private final long machine;

    /** @param machine the memory of the machine, in bytes */
    MemoryCheck(Plans plans, long machine) {
        this.plans = plans;
        this.machine = machine;
    }

    /**
     * The reason why a model does not fit, and the formats of keys and values and the context length that would: those
     * with the least loss. Empty if it fits.
     */
    Optional<String> refusal(String name, KvFormats formats, int contextLength) {
        MemoryPlan plan = plans.of(formats, contextLength);
        if (plan.total() <= MIN_CHECKED_BYTES || fits(plan)) {
            return Optional.empty();
        }
        List<String> remedies = new ArrayList<>();
        format(plan, contextLength).ifPresent(remedies::add);
        context(formats, contextLength).ifPresent(remedies::add);
        return Optional.of("%s needs %s (%s), but this machine has %s; %s"
                .formatted(
                        name,
                        MemoryPlan.bytes(plan.total()),
                        plan,
                        MemoryPlan.bytes(machine),
                        remedies.isEmpty()
                                ? "no format of keys and values and no contextLength would fit, so take a smaller "
                                        + "quantization of the weights"
                                : String.join(", and ", remedies)));
    }

    private boolean fits(MemoryPlan plan) {
        return plan.total() <= machine;
    }

    private Optional<String> format(MemoryPlan plan, int contextLength) {
        for (KvFormat format : List.of(KvFormat.F16, KvFormat.Q8, KvFormat.Q4)) {
            MemoryPlan smaller = plans.of(KvFormats.of(format), contextLength);
            if (smaller.total() < plan.total() && fits(smaller)) {
                return Optional.of(
                        "keysAndValues %s would fit with %s".formatted(format, MemoryPlan.bytes(smaller.total())));
            }
        }
        return Optional.empty();
    }

    /** The longest context that fits. */
    private Optional<String> context(KvFormats formats, int contextLength) {
        int fitting = 0;
        int tooLong = contextLength;
        while (tooLong - fitting > 1) {
            int middle = fitting + (tooLong - fitting) / 2;
            if (fits(plans.of(formats, middle))) {
                fitting = middle;
            } else {
                tooLong = middle;
            }
        }
        if (fitting == 0) {
            return Optional.empty();
        }
        int length = fitting < CONTEXT_STEP ? fitting : fitting / CONTEXT_STEP * CONTEXT_STEP;
        return Optional.of("contextLength %d would fit with %s"
                .formatted(length, MemoryPlan.bytes(plans.of(formats, length).total())));
    }
}
