package kawi;

/**
 * Memory that the sequences of a model take now, beside the weights; see {@link Model#memoryUse()}.
 *
 * @param sequences how many there are: each {@link Sequence}, each answer under way, and each {@link Chat} that has answered
 * @param snapshots states that are kept to be continued, see {@link Model#prefixCache()} and {@link Chat#snapshots()}
 * @param bytes of all of them, what several share counted once; keys and values grow by pages of 256 tokens
 */
public record MemoryUse(int sequences, int snapshots, long bytes) {

    @Override
    public String toString() {
        return "%s in %d sequences and %d snapshots".formatted(MemoryPlan.bytes(bytes), sequences, snapshots);
    }
}
