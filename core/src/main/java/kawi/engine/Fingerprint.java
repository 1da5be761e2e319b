package kawi.engine;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import kawi.ModelFileException;
import kawi.architecture.Blueprint;
import kawi.checkpoint.Checkpoint;
import kawi.quant.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Tells one model's weights from another's: SHA-256 of the sizes, of the name and form of every tensor, and of the
 * SHA-256 of every megabyte of its bytes.
 *
 * <p>All of a checkpoint is read, in parallel, when a conversation is first saved or loaded: about a second of one core
 * for each gigabyte where the processor has instructions for SHA-256, and a megabyte of memory for each core. A sample
 * would be cheaper, but a file in which a single tensor was patched would pass for the one that it was.
 */
final class Fingerprint {

    private static final int PIECE_BYTES = 1 << 20;

    private final Checkpoint checkpoint;
    private final Blueprint blueprint;
    private final Lifetime lifetime;
    private final ReentrantLock making = new ReentrantLock();
    private volatile @Nullable String text;

    /** @param lifetime of the model; closing it cancels the reading */
    Fingerprint(Checkpoint checkpoint, Blueprint blueprint, Lifetime lifetime) {
        this.checkpoint = checkpoint;
        this.blueprint = blueprint;
        this.lifetime = lifetime;
    }

    /**
     * The digest in hexadecimal digits, made when it is first asked for.
     *
     * @throws ModelFileException if the files cannot be read, or were written to since the model was loaded
     * @throws ClosedException if the model is closed
     * @throws CancellationException if the thread is interrupted meanwhile
     */
    String text() {
        String known = text;
        if (known != null) {
            return known;
        }
        lifetime.enter();
        try {
            making.lockInterruptibly();
            try {
                known = text;
                if (known == null) {
                    Thread caller = Thread.currentThread();
                    known = of(checkpoint, blueprint, () -> lifetime.closing() || caller.isInterrupted());
                    text = known;
                }
                return known;
            } finally {
                making.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while the weights were being read");
        } catch (CancellationException e) {
            lifetime.checkOpen();
            throw e;
        } finally {
            lifetime.leave();
        }
    }

    /** A piece of a tensor, none of them larger than the others. */
    private record Piece(Tensor tensor, long offset) {

        byte[] digest(Supplier<MemorySegment> buffers, Consumer<MemorySegment> used) {
            MemorySegment buffer = buffers.get();
            try {
                long bytes = Math.min(PIECE_BYTES, tensor.bytes() - offset);
                MemorySegment data = tensor.source().read(offset, bytes, SegmentAllocator.prefixAllocator(buffer));
                MessageDigest digest = sha256();
                digest.update(data.asByteBuffer());
                return digest.digest();
            } finally {
                used.accept(buffer);
            }
        }
    }

    /** @param cancelled asked before each piece, by any thread */
    private static String of(Checkpoint checkpoint, Blueprint blueprint, BooleanSupplier cancelled) {
        MessageDigest whole = sha256();
        whole.update((blueprint.family() + blueprint.sizes()).getBytes(StandardCharsets.UTF_8));
        List<Piece> pieces = new ArrayList<>();
        for (String name : checkpoint.tensorNames()) {
            whole.update(name.getBytes(StandardCharsets.UTF_8));
            Tensor tensor;
            try {
                tensor = checkpoint.tensor(name);
            } catch (ModelFileException e) {
                continue; // Kawi has no use for it and does not know its format: its name must do.
            }
            whole.update("%s %d %d"
                    .formatted(tensor.format().name(), tensor.rows(), tensor.columns())
                    .getBytes(StandardCharsets.UTF_8));
            for (long offset = 0; offset < tensor.bytes(); offset += PIECE_BYTES) {
                pieces.add(new Piece(tensor, offset));
            }
        }
        try (Arena arena = Arena.ofShared()) {
            Queue<MemorySegment> free = new ConcurrentLinkedQueue<>();
            Supplier<MemorySegment> buffers =
                    () -> Objects.requireNonNullElseGet(free.poll(), () -> arena.allocate(PIECE_BYTES));
            pieces.parallelStream()
                    .map(piece -> {
                        if (cancelled.getAsBoolean()) {
                            throw new CancellationException("cancelled while the weights were being read");
                        }
                        return piece.digest(buffers, free::add);
                    })
                    .toList()
                    .forEach(whole::update);
        }
        checkpoint.checkUnchanged();
        return HexFormat.of().formatHex(whole.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
