package kawi.server;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Reads the bodies of requests, within a limit for each and one for all together. Memory is allocated as bytes arrive:
 * a length that a request announces costs nothing.
 */
final class RequestBodies {

    private static final int FIRST_BYTES = 16 << 10;
    private static final byte[] NONE = {};

    private final int limit;
    private final AtomicLong budget;

    RequestBodies(int limit, long total) {
        this.limit = limit;
        this.budget = new AtomicLong(total);
    }

    /** A body, and its share of the budget, which closing returns. */
    final class Body implements AutoCloseable {
        private byte[] bytes = NONE;
        private long taken;

        byte[] bytes() {
            return bytes;
        }

        private void take(long count) throws Refusal {
            if (budget.addAndGet(-count) < 0) {
                budget.addAndGet(count);
                throw new Refusal(
                        503,
                        "server_busy",
                        "the server holds as many bodies of requests as it can; try again later",
                        Map.of("Retry-After", "1"));
            }
            taken += count;
        }

        @Override
        public void close() {
            budget.addAndGet(taken);
            taken = 0;
        }
    }

    /**
     * Reads a body to its end.
     *
     * @param length the length that the header gives, or -1
     */
    Body read(InputStream in, long length) throws IOException, Refusal {
        if (length > limit) {
            throw tooLarge();
        }
        Body body = new Body();
        try {
            byte[] bytes = NONE;
            int count = 0;
            while (true) {
                if (count == bytes.length) {
                    int size = nextSize(count, length);
                    body.take(size - bytes.length);
                    bytes = Arrays.copyOf(bytes, size);
                }
                int read = in.read(bytes, count, bytes.length - count);
                if (read < 0) {
                    body.bytes = count == bytes.length ? bytes : Arrays.copyOf(bytes, count);
                    return body;
                }
                count += read;
                if (count > limit) {
                    throw tooLarge();
                }
            }
        } catch (Throwable e) {
            body.close();
            throw e;
        }
    }

    /** Returns the size of the next buffer, which has room for a byte more than the limit at most. */
    private int nextSize(int count, long length) {
        long most = length < 0 ? limit : length;
        return (int) Math.max(count + 1, Math.min(most + 1, Math.max(FIRST_BYTES, 2L * count)));
    }

    private Refusal tooLarge() {
        return new Refusal(
                413,
                "request_too_large",
                "the body of the request is larger than %d bytes, the limit of this server".formatted(limit));
    }
}
