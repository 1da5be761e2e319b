package kawi.quality;

import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Reads a {@link BaseFile}. Everything in it is checked before memory is taken, and rows are read as they are needed.
 */
public final class BaseReader implements AutoCloseable {

    private final Path path;
    // A FileChannel would be closed by an interrupt of the thread.
    private final RandomAccessFile file;
    private final int vocabulary;
    private Chunks chunks = new Chunks(Chunks.MIN_CONTEXT, 0, new int[0]);
    private byte[] bytes = {};

    private BaseReader(Path path, RandomAccessFile file, int vocabulary) {
        this.path = path;
        this.file = file;
        this.vocabulary = vocabulary;
    }

    /**
     * Opens a file.
     *
     * @param vocabulary that of the model to compare
     * @param maxContext the context length of the model
     * @throws IllegalArgumentException if it is not such a file, or does not fit the model
     */
    public static BaseReader open(Path path, int vocabulary, int maxContext) {
        try {
            if (!Files.exists(path)) {
                throw new NoSuchFileException(path.toString());
            }
            if (!Files.isRegularFile(path)) {
                throw new IllegalArgumentException(
                        "%s is not a regular file, but a KL-divergence base file was expected".formatted(path));
            }
            BaseReader reader = new BaseReader(path, new RandomAccessFile(path.toFile(), "r"), vocabulary);
            try {
                reader.readHeader(maxContext);
                return reader;
            } catch (IOException | RuntimeException | Error e) {
                reader.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void readHeader(int maxContext) throws IOException {
        long size = file.length();
        ByteBuffer header = ByteBuffer.allocate(BaseFile.HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        file.seek(0);
        file.readFully(header.array(), 0, (int) Math.min(size, header.capacity()));
        byte[] magic = new byte[BaseFile.MAGIC.length()];
        header.get(magic);
        if (size < header.capacity() || !BaseFile.MAGIC.equals(new String(magic, StandardCharsets.ISO_8859_1))) {
            throw new IllegalArgumentException(
                    "%s is not a KL-divergence base file: it does not begin with \"%s\" and a header of %d bytes"
                            .formatted(path, BaseFile.MAGIC, header.capacity()));
        }
        int contextLength = header.getInt();
        int width = header.getInt();
        int count = header.getInt();
        if (contextLength < Chunks.MIN_CONTEXT || width < 1 || count < 1) {
            throw new IllegalArgumentException(
                    "the KL-divergence base file %s is damaged: a context of %d, a vocabulary of %d and %d chunks"
                            .formatted(path, contextLength, width, count));
        }
        if (width != vocabulary) {
            throw new IllegalArgumentException(
                    "the KL-divergence base file %s was written for a vocabulary of %d tokens, but the model has %d"
                            .formatted(path, width, vocabulary));
        }
        if (contextLength > maxContext) {
            throw new IllegalArgumentException(
                    "the KL-divergence base file %s has chunks of %d tokens, which exceed the context length of %d"
                            .formatted(path, contextLength, maxContext));
        }
        checkSize(size, contextLength, count);
        chunks = new Chunks(contextLength, count, readTokens(Math.multiplyExact(contextLength, count)));
    }

    /** Checks the size, so that no count in the header can cause more memory to be taken than the file has bytes. */
    private void checkSize(long size, int contextLength, int count) {
        long rows = (long) Chunks.rows(contextLength) * BaseFile.rowShorts(vocabulary) * Short.BYTES;
        long chunk = (long) contextLength * Integer.BYTES + rows;
        // Without a product that can overflow.
        long payload = size - BaseFile.HEADER_BYTES;
        if (payload / chunk != count || payload % chunk != 0 || (long) contextLength * count > Integer.MAX_VALUE / 8) {
            throw new IllegalArgumentException(
                    ("the KL-divergence base file %s is damaged: it has %,d bytes, but %d chunks of %d tokens take %s; "
                                    + "it may not have been written to its end")
                            .formatted(
                                    path,
                                    size,
                                    count,
                                    contextLength,
                                    count > Long.MAX_VALUE / chunk / 2
                                            ? "more"
                                            : "%,d".formatted(BaseFile.HEADER_BYTES + chunk * count)));
        }
    }

    private int[] readTokens(int count) throws IOException {
        byte[] content = new byte[count * Integer.BYTES];
        file.readFully(content);
        int[] tokens = new int[count];
        ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(tokens);
        for (int i = 0; i < count; i++) {
            if (tokens[i] < 0 || tokens[i] >= vocabulary) {
                throw new IllegalArgumentException(
                        "the KL-divergence base file %s is damaged: token %d is %d, outside the vocabulary of %d"
                                .formatted(path, i, tokens[i], vocabulary));
            }
        }
        return tokens;
    }

    /** The tokens of the text. */
    public Chunks chunks() {
        return chunks;
    }

    /** Reads the next {@code count} rows. */
    void read(short[] rows, int count) {
        int shorts = count * BaseFile.rowShorts(vocabulary);
        if (bytes.length < shorts * Short.BYTES) {
            bytes = new byte[shorts * Short.BYTES];
        }
        try {
            file.readFully(bytes, 0, shorts * Short.BYTES);
        } catch (EOFException e) {
            throw new UncheckedIOException(new IOException(
                    "the KL-divergence base file %s was truncated while it was read".formatted(path), e));
        } catch (IOException e) {
            throw new UncheckedIOException(BaseFile.cannot("read", path, e));
        }
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(rows, 0, shorts);
    }

    /** Fails because a row is damaged. */
    IllegalArgumentException damaged(long row, float scale, float minimum) {
        return new IllegalArgumentException(
                ("the KL-divergence base file %s is damaged: row %d has scale %s and minimum %s, which are no "
                                + "logarithms of probabilities")
                        .formatted(path, row, scale, minimum));
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
