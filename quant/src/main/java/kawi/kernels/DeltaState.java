package kawi.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What a Gated DeltaNet layer remembers of a sequence; its size does not depend on the sequence's length.
 *
 * @param recurrent S, f32 [valueHeads][keyDim][valueDim]
 * @param history the last {@code kernel - 1} rows that entered the convolution, oldest first, f32 [kernel - 1][channels]
 */
public record DeltaState(MemorySegment recurrent, MemorySegment history) {

    /** The state before the first token: zeros. */
    public static DeltaState allocate(DeltaShape shape, Arena arena) {
        return new DeltaState(arena.allocate(recurrentBytes(shape), 64), arena.allocate(historyBytes(shape), 64));
    }

    /** Becomes a copy of {@code other}, which has the same shape. */
    public void assign(DeltaState other) {
        recurrent.copyFrom(other.recurrent);
        history.copyFrom(other.history);
    }

    /** The state before the first token. */
    public void clear() {
        recurrent.fill((byte) 0);
        history.fill((byte) 0);
    }

    /** Bytes of the state of one layer. */
    public static long bytes(DeltaShape shape) {
        return recurrentBytes(shape) + historyBytes(shape);
    }

    private static long recurrentBytes(DeltaShape shape) {
        return (long) shape.valueHeads() * shape.keyDim() * shape.valueDim() * Float.BYTES;
    }

    private static long historyBytes(DeltaShape shape) {
        return (long) (shape.kernel() - 1) * shape.channels() * Float.BYTES;
    }
}
