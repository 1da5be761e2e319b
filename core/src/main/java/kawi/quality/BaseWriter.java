package kawi.quality;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import kawi.files.StagedFile;
import kawi.kernels.WorkerPool;

/** Writes a {@link BaseFile}, which appears under its name when it is complete. */
public final class BaseWriter implements AutoCloseable {

    private final Path path;
    private final StagedFile file;
    private final int vocabulary;
    private short[] rows = {};
    private byte[] bytes = {};

    private BaseWriter(Path path, StagedFile file, int vocabulary) {
        this.path = path;
        this.file = file;
        this.vocabulary = vocabulary;
    }

    /**
     * Creates a file.
     *
     * @throws IllegalArgumentException if the disk has not enough space
     */
    public static BaseWriter create(Path path, Chunks chunks, int vocabulary) {
        try {
            long needed = BaseFile.bytes(chunks.contextLength(), vocabulary, chunks.count());
            checkSpace(path, needed, chunks.count());
            BaseWriter writer = new BaseWriter(path, StagedFile.create(path), vocabulary);
            try {
                writer.header(chunks);
                return writer;
            } catch (IOException | RuntimeException e) {
                writer.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void checkSpace(Path path, long needed, int chunks) throws IOException {
        Path folder = path.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            return; // Creating the file fails, with a better message.
        }
        long space = Files.getFileStore(folder).getUsableSpace();
        if (needed > space) {
            throw new IllegalArgumentException(
                    "the KL-divergence base file %s of %d chunks takes %,d bytes, but %,d are free; take fewer chunks"
                            .formatted(path, chunks, needed, space));
        }
    }

    private void header(Chunks chunks) throws IOException {
        byte[] header = new byte[BaseFile.HEADER_BYTES];
        littleEndian(header)
                .put(BaseFile.MAGIC.getBytes(StandardCharsets.US_ASCII))
                .putInt(chunks.contextLength())
                .putInt(vocabulary)
                .putInt(chunks.count());
        file.write(header);
        for (int chunk = 0; chunk < chunks.count(); chunk++) {
            byte[] tokens = new byte[chunks.contextLength() * Integer.BYTES];
            littleEndian(tokens).asIntBuffer().put(chunks.tokens(), chunks.start(chunk), chunks.contextLength());
            file.write(tokens);
        }
    }

    private static ByteBuffer littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Appends rows of logits, with the logarithms of the sums of their exponentials. */
    void write(float[] logits, int count, double[] logSums, WorkerPool pool) {
        int width = BaseFile.rowShorts(vocabulary);
        if (rows.length < count * width) {
            rows = new short[count * width];
            bytes = new byte[count * width * Short.BYTES];
        }
        pool.run(count, row -> BaseFile.encode(logits, row * vocabulary, vocabulary, logSums[row], rows, row * width));
        ByteBuffer out = ByteBuffer.wrap(bytes, 0, count * width * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        out.asShortBuffer().put(rows, 0, count * width);
        try {
            file.write(MemorySegment.ofBuffer(out));
        } catch (IOException e) {
            throw new UncheckedIOException(BaseFile.cannot("written", path, e));
        }
    }

    /** Completes the file. */
    public void commit() {
        try {
            file.commit();
        } catch (IOException e) {
            throw new UncheckedIOException(BaseFile.cannot("written", path, e));
        }
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
