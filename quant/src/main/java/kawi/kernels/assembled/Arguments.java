package kawi.kernels.assembled;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import kawi.machine.OsMemory;

/**
 * Argument blocks of machine code, {@value #BYTES} bytes of off-heap memory each. A block is claimed for a call and
 * released after it, because a call must not produce garbage.
 */
final class Arguments {

    static final int BYTES = 1024;

    /** Working memory for each block; the system allocates its pages on first access. */
    static final int SCRATCH_BYTES = MatrixArguments.PanelProduct.WORK_BYTES;

    private static final AtomicLong CLAIMED = new AtomicLong();
    private static final Arguments[] BLOCKS = blocks();

    private final long bit;
    private final MemorySegment block;
    private final MemorySegment scratch;

    private Arguments(int index, MemorySegment block, MemorySegment scratch) {
        this.bit = 1L << index;
        this.block = block;
        this.scratch = scratch;
    }

    private static Arguments[] blocks() {
        MemorySegment memory = Arena.global().allocate((long) Long.SIZE * BYTES, 64);
        MemorySegment scratch = OsMemory.allocate(Arena.global(), (long) Long.SIZE * SCRATCH_BYTES);
        Arguments[] blocks = new Arguments[Long.SIZE];
        for (int i = 0; i < blocks.length; i++) {
            blocks[i] = new Arguments(
                    i,
                    memory.asSlice((long) i * BYTES, BYTES),
                    scratch.asSlice((long) i * SCRATCH_BYTES, SCRATCH_BYTES));
        }
        return blocks;
    }

    /** Claims a block for exclusive use until {@link #release}. */
    static Arguments claim() {
        while (true) {
            long claimed = CLAIMED.get();
            long bit = Long.lowestOneBit(~claimed);
            if (bit == 0) {
                // There are more concurrent calls than blocks; each lasts well below a millisecond.
                Thread.onSpinWait();
            } else if (CLAIMED.compareAndSet(claimed, claimed | bit)) {
                return BLOCKS[Long.numberOfTrailingZeros(bit)];
            }
        }
    }

    void release() {
        CLAIMED.getAndAdd(-bit);
    }

    MemorySegment block() {
        return block;
    }

    /** The working memory of the block; its content is undefined. */
    MemorySegment scratch() {
        return scratch;
    }

    /** Sets 64 bits. */
    Arguments set(int offset, long value) {
        block.set(ValueLayout.JAVA_LONG, offset, value);
        return this;
    }

    /**
     * Sets a pointer to a range of {@code segment}, which must remain valid during the call. Machine code does not
     * check bounds, so this method does.
     *
     * @throws IndexOutOfBoundsException if the segment does not have that range
     */
    Arguments set(int offset, MemorySegment segment, long byteOffset, long bytes) {
        if (!segment.isNative()) {
            throw new IllegalArgumentException(
                    "machine code was given memory on the heap; it works on memory off the heap");
        }
        Objects.checkFromIndexSize(byteOffset, bytes, segment.byteSize());
        return set(offset, segment.address() + byteOffset);
    }

    /** Sets a float. */
    Arguments set(int offset, float value) {
        block.set(ValueLayout.JAVA_FLOAT, offset, value);
        return this;
    }
}
