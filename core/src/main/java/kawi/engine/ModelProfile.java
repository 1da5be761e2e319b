package kawi.engine;

import java.util.ArrayList;
import java.util.List;
import kawi.Profile;
import kawi.compute.Counters;
import kawi.compute.Operation;

/** What the counters of a model have counted, in the form that users see. */
final class ModelProfile {

    private ModelProfile() {}

    /** @param since when counting began, as {@link System#nanoTime} */
    static Profile of(Counters counters, long since, int threads) {
        List<Profile.Operation> operations = new ArrayList<>();
        for (Operation operation : Operation.values()) {
            operations.add(new Profile.Operation(
                    operation.label(),
                    counters.calls(operation),
                    counters.nanos(operation),
                    counters.waitingNanos(operation),
                    counters.readBytes(operation),
                    counters.writtenBytes(operation)));
        }
        return new Profile(System.nanoTime() - since, threads, operations);
    }
}
