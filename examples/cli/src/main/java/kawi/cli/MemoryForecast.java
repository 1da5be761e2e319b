package kawi.cli;

import java.lang.management.ManagementFactory;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kawi.MemoryPlan;
import kawi.ModelFile;

/** Compares the memory that a model needs with the memory of this machine. */
final class MemoryForecast {

    private MemoryForecast() {}

    /**
     * The memory of this machine in bytes; 0 if unknown.
     *
     * @param total the physical memory
     * @param free the part of it that is not in use
     */
    record Machine(long total, long free) {

        static Machine detect() {
            return ManagementFactory.getOperatingSystemMXBean()
                            instanceof com.sun.management.OperatingSystemMXBean system
                    ? new Machine(system.getTotalMemorySize(), system.getFreeMemorySize())
                    : new Machine(0, 0);
        }

        /** Returns whether {@code bytes} of memory are available, in words for users. */
        String verdict(long bytes) {
            if (total == 0) {
                return "the memory of this machine is unknown";
            }
            return bytes > total ? "more than the total memory" : bytes > free ? "more than the free memory" : "fits";
        }
    }

    /**
     * Returns the memory that a model needs with sequences of the given lengths.
     *
     * @throws UsageException if {@code keysAndValues} is not a format
     */
    static List<MemoryPlan> plans(ModelFile file, Collection<Integer> lengths, String keysAndValues) {
        try {
            return lengths.stream()
                    .map(length -> file.memoryPlan(length, keysAndValues))
                    .toList();
        } catch (IllegalArgumentException e) {
            throw new UsageException(Failure.sentence(e), e);
        }
    }

    static Map<String, Object> description(MemoryPlan plan) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("context", plan.contextLength());
        object.put("weights", plan.weights());
        object.put("recurrent_state", plan.recurrentState());
        object.put("keys_and_values", plan.keysAndValues());
        object.put("total", plan.total());
        return object;
    }
}
