package kawi.safetensors.quantized;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import kawi.quant.TensorSource;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one quantized matrix in memory. Some methods store the transposed matrix, so its rows cannot be read
 * from the file alone, and several threads convert rows of the same matrix at once. So the whole matrix is read when a
 * row is first needed, and freed when all rows have been converted or another matrix is needed.
 */
final class RecentTensor {

    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private List<TensorSource> held = List.of();
    private List<MemorySegment> bytes = List.of();
    private @Nullable Arena arena;
    private long missing;

    /** Converts rows from the bytes of the parts. */
    @FunctionalInterface
    interface Conversion {
        void convert(List<MemorySegment> parts);
    }

    /** Converts rows if the bytes of these parts are held. */
    private boolean convert(List<TensorSource> parts, Conversion conversion) {
        lock.readLock().lock();
        try {
            if (!held.equals(parts)) {
                return false;
            }
            conversion.convert(bytes);
            return true;
        } finally {
            lock.readLock().unlock();
        }
    }

    /**
     * Converts rows of a matrix.
     *
     * @param converted the number of these rows
     * @param rows the number of all
     */
    void with(List<TensorSource> parts, int converted, int rows, Conversion conversion) {
        while (!convert(parts, conversion)) {
            hold(parts, rows);
        }
        release(parts, converted);
    }

    private void hold(List<TensorSource> parts, int rows) {
        lock.writeLock().lock();
        try {
            if (held.equals(parts)) {
                return;
            }
            free();
            Arena owner = Arena.ofShared();
            try {
                List<MemorySegment> read = new ArrayList<>();
                for (TensorSource part : parts) {
                    read.add(part.read(0, part.byteSize(), owner));
                }
                bytes = read;
                held = parts;
                arena = owner;
                missing = rows;
            } catch (RuntimeException | Error e) {
                owner.close();
                throw e;
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    private void release(List<TensorSource> parts, int converted) {
        lock.writeLock().lock();
        try {
            if (held.equals(parts)) {
                missing -= converted;
                if (missing <= 0) {
                    free();
                }
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    private void free() {
        held = List.of();
        bytes = List.of();
        if (arena != null) {
            arena.close();
            arena = null;
        }
    }
}
