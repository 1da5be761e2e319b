package kawi.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Standard output. A {@link java.io.PrintWriter} reports no reason for a failure, so it is kept here. */
final class ResultStream extends OutputStream {

    private final OutputStream stream;
    private volatile @Nullable IOException failure;

    ResultStream(OutputStream stream) {
        this.stream = stream;
    }

    /** Returns the first failure. */
    Optional<IOException> failure() {
        return Optional.ofNullable(failure);
    }

    @FunctionalInterface
    private interface Operation {
        void perform() throws IOException;
    }

    private void attempt(Operation operation) throws IOException {
        try {
            operation.perform();
        } catch (IOException e) {
            if (failure == null) {
                failure = e;
            }
            throw e;
        }
    }

    @Override
    public void write(int b) throws IOException {
        attempt(() -> stream.write(b));
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
        attempt(() -> stream.write(bytes, from, count));
    }

    @Override
    public void flush() throws IOException {
        attempt(stream::flush);
    }
}
