package kawi;

/**
 * The memory currently used by the sequences of a model, in addition to its weights; see {@link Model#memoryUse()}.
 *
 * @param sequences number of sequences: each {@link Sequence}, each answer in progress, and each {@link Chat} that has
 *     answered
 * @param snapshots number of cached states, see {@link Model#prefixCache()} and {@link Chat#snapshots()}
 * @param images number of cached images, see {@link Model#imageCache()}
 * @param bytes memory of all of them, shared memory counted once; keys and values grow by pages of 256 tokens
 */
public record MemoryUse(int sequences, int snapshots, int images, long bytes) {

    @Override
    public String toString() {
        return "%s in %d sequences, %d snapshots and %d images"
                .formatted(MemoryPlan.bytes(bytes), sequences, snapshots, images);
    }
}
