package kawi.engine;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import kawi.ClosedException;
import kawi.ModelFileException;
import kawi.architecture.Blueprint;
import kawi.checkpoint.Checkpoint;
import kawi.quant.Tensor;
import kawi.quant.TensorSource;
import org.jspecify.annotations.Nullable;

/**
 * Identifies the weights of a model: the SHA-256 digest of the sizes, of the name, type and shape of every tensor, and
 * of the SHA-256 digests of every megabyte of its data.
 *
 * <p>All of a checkpoint is read, in parallel, when a conversation is first saved or loaded: about a second of one core
 * for each gigabyte where the processor has instructions for SHA-256, and a megabyte of memory for each core. Sampling
 * the data would be cheaper but would not detect a file in which a single tensor was changed.
 */
final class Fingerprint {

    private static final int PIECE_BYTES = 1 << 20;

    /** Sizes that earlier versions did not include; tensors that exist only with them tell models apart. */
    private static final Set<String> LATER_SIZES = Set.of("mtp_num_hidden_layers");

    private final Checkpoint checkpoint;
    private final String sizes;
    private final Lifetime lifetime;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable String text;

    /** @param lifetime of the model; closing it cancels the reading */
    Fingerprint(Checkpoint checkpoint, Blueprint blueprint, Lifetime lifetime) {
        this(checkpoint, sizes(blueprint), lifetime);
    }

    /** @param sizes the name of the architecture and its sizes */
    Fingerprint(Checkpoint checkpoint, String sizes, Lifetime lifetime) {
        this.checkpoint = checkpoint;
        this.sizes = sizes;
        this.lifetime = lifetime;
    }

    /**
     * Returns the digest in hexadecimal, computed by the first call.
     *
     * @throws ModelFileException if the files cannot be read, or were modified since the model was loaded
     * @throws ClosedException if the model is closed
     * @throws CancellationException if the thread is interrupted
     */
    String text() {
        String digest = text;
        if (digest != null) {
            return digest;
        }
        lifetime.enter();
        try {
            lock.lockInterruptibly();
            try {
                digest = text;
                if (digest == null) {
                    Thread caller = Thread.currentThread();
                    digest = of(checkpoint, sizes, () -> lifetime.closing() || caller.isInterrupted());
                    text = digest;
                }
                return digest;
            } finally {
                lock.unlock();
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

    private static String sizes(Blueprint blueprint) {
        Map<String, Object> sizes = new LinkedHashMap<>(blueprint.sizes());
        sizes.keySet().removeAll(LATER_SIZES);
        return blueprint.family() + sizes;
    }

    /** A piece of the bytes of a tensor; all but the last have the same size. */
    private record Piece(TensorSource source, long offset) {

        byte[] digest(Supplier<MemorySegment> buffers, Consumer<MemorySegment> used) {
            MemorySegment buffer = buffers.get();
            try {
                long bytes = Math.min(PIECE_BYTES, source.byteSize() - offset);
                MemorySegment data = source.read(offset, bytes, SegmentAllocator.prefixAllocator(buffer));
                MessageDigest digest = sha256();
                digest.update(data.asByteBuffer());
                return digest.digest();
            } finally {
                used.accept(buffer);
            }
        }
    }

    /** @param cancelled queried before each piece, by any thread */
    private static String of(Checkpoint checkpoint, String sizes, BooleanSupplier cancelled) {
        MessageDigest whole = sha256();
        whole.update(sizes.getBytes(StandardCharsets.UTF_8));
        List<Piece> pieces = new ArrayList<>();
        for (String name : checkpoint.tensorNames()) {
            whole.update(name.getBytes(StandardCharsets.UTF_8));
            Tensor tensor;
            try {
                tensor = checkpoint.tensor(name);
            } catch (ModelFileException e) {
                continue; // Unused, in an unknown format: only its name is included.
            }
            whole.update("%s %d %d"
                    .formatted(tensor.format().name(), tensor.rows(), tensor.columns())
                    .getBytes(StandardCharsets.UTF_8));
            for (TensorSource source : tensor.source().stored()) {
                for (long offset = 0; offset < source.byteSize(); offset += PIECE_BYTES) {
                    pieces.add(new Piece(source, offset));
                }
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
