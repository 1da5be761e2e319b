package kawi;

import java.util.ArrayList;
import java.util.List;

/**
 * Where the time of a model goes, by kind of operation: counters from the loading of the model until a moment. The
 * difference of two profiles, see {@link #since}, is that of the time between them.
 *
 * {@snippet :
 *    try (Model model = Model.loader(path).profile(true).load()) {
 *        Profile before = model.profile();
 *        model.generate("Why is the sky blue?");
 *        for (Profile.Operation operation : model.profile().since(before).operations()) {
 *            System.out.printf("%s %.3f s%n", operation.name(), operation.nanos() * 1e-9);
 *        }
 *    }
 * }
 *
 * <p>The kinds, in this order: {@code projections} (products of attention and delta rules), {@code mlp}, {@code head}
 * (the product that computes logits), {@code draft} (the products of the head for multi-token prediction), {@code
 * attention}, {@code delta rule} (with its convolution), {@code norms}, {@code quantization} (of activations), {@code
 * rows} (gates, sums and other operations on rows), {@code sampling}, and {@code gathering} (waiting before a pass for
 * callers that are about to continue). Further kinds may be added.
 *
 * @param nanos the time, in nanoseconds
 * @param threads the number of threads that compute
 * @param operations the counters of each kind
 */
public record Profile(long nanos, int threads, List<Operation> operations) {

    /** Creates a value with an unmodifiable copy of the list. */
    public Profile {
        operations = List.copyOf(operations);
    }

    /**
     * The counters of a kind of operation. Bytes are those of weights, keys and values, and recurrent states, each
     * counted once per operation; activations are not counted, because they stay in the caches.
     *
     * @param name the name of the kind
     * @param calls the number of operations
     * @param nanos the time from the beginning of each operation to its end, in nanoseconds
     * @param waitingNanos the part of it that the threads were idle, as an average of all threads, in nanoseconds:
     *     because they waited for others, or because the operation was not divided
     * @param bytesRead the number of bytes read
     * @param bytesWritten the number of bytes written
     */
    public record Operation(String name, long calls, long nanos, long waitingNanos, long bytesRead, long bytesWritten) {

        private Operation since(Operation earlier) {
            return new Operation(
                    name,
                    calls - earlier.calls,
                    nanos - earlier.nanos,
                    waitingNanos - earlier.waitingNanos,
                    bytesRead - earlier.bytesRead,
                    bytesWritten - earlier.bytesWritten);
        }
    }

    /**
     * Returns the profile of the time between an earlier profile of the same model and this one.
     *
     * @throws IllegalArgumentException if {@code earlier} has other kinds of operations
     */
    public Profile since(Profile earlier) {
        List<Operation> differences = new ArrayList<>();
        for (int i = 0; i < operations.size(); i++) {
            if (earlier.operations.size() != operations.size()
                    || !earlier.operations.get(i).name.equals(operations.get(i).name)) {
                throw new IllegalArgumentException("the earlier profile is not one of the same model");
            }
            differences.add(operations.get(i).since(earlier.operations.get(i)));
        }
        return new Profile(nanos - earlier.nanos, threads, differences);
    }

    /**
     * Returns the time that belongs to no operation, in nanoseconds: the text of the answer, the copying of logits to
     * the caller, and the time in which nothing was requested. With several answers at once, whose tokens are chosen
     * while others are computed, it is too small, but not negative.
     */
    public long otherNanos() {
        return Math.max(
                0, nanos - operations.stream().mapToLong(Operation::nanos).sum());
    }

    /** Returns the number of bytes that all operations read. */
    public long bytesRead() {
        return operations.stream().mapToLong(Operation::bytesRead).sum();
    }
}
