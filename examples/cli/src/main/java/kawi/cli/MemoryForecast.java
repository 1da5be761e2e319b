package kawi.cli;

import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import kawi.MemoryPlan;
import kawi.architecture.Blueprint;
import kawi.kernels.KvFormat;

/** What a model will take of this machine's memory. */
final class MemoryForecast {

    private MemoryForecast() {}

    /** This machine's memory; 0 where it is not known. */
    record Machine(long total, long free) {

        static Machine ask() {
            return ManagementFactory.getOperatingSystemMXBean()
                            instanceof com.sun.management.OperatingSystemMXBean system
                    ? new Machine(system.getTotalMemorySize(), system.getFreeMemorySize())
                    : new Machine(0, 0);
        }

        /** Whether so much can be had. */
        String verdict(long bytes) {
            if (total == 0) {
                return "the machine's memory is not known";
            }
            return bytes > total ? "more than there is" : bytes > free ? "more than is free" : "fits";
        }
    }

    /** Plans for sequences of these lengths. */
    static List<MemoryPlan> plans(Blueprint blueprint, KvFormat kvFormat, NavigableSet<Integer> lengths) {
        return lengths.stream()
                .map(length -> {
                    Blueprint.StateSize state = blueprint.stateSize(length, kvFormat);
                    return new MemoryPlan(blueprint.weightBytes(), state.recurrent(), state.keysAndValues(), length);
                })
                .toList();
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
