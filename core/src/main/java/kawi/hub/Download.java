package kawi.hub;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kawi.ModelFileException;
import kawi.files.Excerpt;
import org.jspecify.annotations.Nullable;

/**
 * Downloads the missing parts of a file.
 *
 * <p>The first connection starts alone. If the server answers with the requested range, more connections are opened,
 * and each downloads one part at a time, in order. If the server sends the whole file, the first connection downloads
 * it and skips what is already present. After a connection is lost, the download resumes at the next byte. Meanwhile
 * the calling thread computes the hash up to the first gap, reports progress, and closes connections that have stalled.
 * Only the calling thread is interruptible, so a write is never interrupted.
 */
final class Download {

    private static final int BUFFER_BYTES = 64 << 10;
    private static final int POLL_MILLISECONDS = 50;

    /** Bytes hashed between two checks of the connections: about a tenth of a second. */
    private static final long HASHED_AT_ONCE = 64L << 20;

    /** A connection that is lost before this many bytes counts as a failure. */
    private static final long MIN_PROGRESS_BYTES = 64 << 10;

    /** Status codes of a signed redirect target that has expired. */
    private static final Set<Integer> EXPIRED = Set.of(400, 401, 403, 404, 410);

    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");

    private final HubHttp http;
    private final DownloadPolicy policy;
    private final RemoteFile file;
    private final URI location;
    private final PartFile content;
    private final HubReference reference;

    private final Semaphore news = new Semaphore(0);
    private final boolean[] taken;
    private volatile boolean ended;
    private volatile boolean ranged;
    private @Nullable Throwable failure;

    /** The target of the last redirect, used directly for further requests. */
    private volatile @Nullable URI direct;

    Download(
            HubHttp http,
            DownloadPolicy policy,
            HubReference reference,
            RemoteFile file,
            URI location,
            PartFile content) {
        this.http = http;
        this.policy = policy;
        this.reference = reference;
        this.file = file;
        this.location = location;
        this.content = content;
        this.taken = new boolean[content.parts()];
    }

    /**
     * Downloads what is missing.
     *
     * @param progress called with the number of bytes present, on this thread
     */
    void run(BlobDigest digest, LongConsumer progress) throws IOException, InterruptedException {
        if (content.done() == file.size()) {
            return;
        }
        List<Connection> connections = new ArrayList<>();
        connections.add(new Connection());
        connections.getFirst().thread.start();
        try {
            while (connections.stream().anyMatch(connection -> connection.thread.isAlive())) {
                news.tryAcquire(POLL_MILLISECONDS, TimeUnit.MILLISECONDS);
                if (ranged && connections.size() == 1) {
                    for (int i = 1; i < Math.min(policy.connections(), content.parts()); i++) {
                        connections.add(new Connection());
                        connections.getLast().thread.start();
                    }
                }
                connections.forEach(Connection::cutIfSilent);
                progress.accept(content.done());
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                digest.advance(content.prefix(), HASHED_AT_ONCE);
            }
        } finally {
            ended = true;
            connections.forEach(Connection::cut);
            join(connections);
        }
        rethrow();
        progress.accept(content.done());
    }

    private static void join(List<Connection> connections) {
        boolean interrupted = false;
        for (Connection connection : connections) {
            while (connection.thread.isAlive()) {
                try {
                    connection.cut();
                    connection.thread.join(Duration.ofMillis(POLL_MILLISECONDS));
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void rethrow() throws IOException {
        switch (failure) {
            case null -> {}
            case IOException thrown -> throw thrown;
            case RuntimeException thrown -> throw thrown;
            case Error thrown -> throw thrown;
            default -> throw new IOException(failure);
        }
    }

    private synchronized void fail(Throwable thrown) {
        if (failure == null && !ended) {
            failure = thrown;
        }
        ended = true;
    }

    /** The next part that no connection downloads, or -1. */
    private synchronized int nextPart() {
        for (int part = 0; part < taken.length && !ended; part++) {
            if (!taken[part] && !content.isComplete(part)) {
                taken[part] = true;
                return part;
            }
        }
        return -1;
    }

    /** A thread with one connection at a time. */
    private final class Connection {

        final Thread thread = Thread.ofPlatform().name("kawi-download").daemon().unstarted(this::work);
        private final byte[] buffer = new byte[BUFFER_BYTES];
        private volatile @Nullable InputStream body;
        private volatile long heard = System.nanoTime();

        private void work() {
            try {
                for (int part = nextPart(); part >= 0; part = nextPart()) {
                    fetch(part);
                }
            } catch (Throwable thrown) { // rethrown by the thread that waits for the file
                fail(thrown);
            } finally {
                news.release();
            }
        }

        void cutIfSilent() {
            if (System.nanoTime() - heard > policy.silence().toNanos()) {
                closeBody();
            }
        }

        /** Ends the thread, once {@link #ended} is set. */
        void cut() {
            closeBody();
            synchronized (this) {
                thread.interrupt();
            }
        }

        private void closeBody() {
            InputStream open = body;
            if (open != null) {
                try {
                    open.close();
                } catch (IOException e) {
                    // The thread that reads gets an exception as well.
                }
            }
        }

        private void fetch(int part) throws IOException, InterruptedException {
            Backoff backoff = new Backoff(policy);
            while (!ended && !content.isComplete(part)) {
                long before = content.done();
                long beforePart = content.done(part);
                try {
                    attempt(part);
                    backoff.succeeded();
                } catch (IOException e) {
                    if (ended) {
                        return;
                    }
                    if (http.isFinal(e)) {
                        throw e;
                    }
                    long gained = ranged ? content.done(part) - beforePart : content.done() - before;
                    if (gained > 0) {
                        backoff.succeeded();
                    }
                    if (gained < MIN_PROGRESS_BYTES && !content.isComplete(part)) {
                        backoff.failed(e);
                    }
                }
            }
        }

        private void attempt(int part) throws IOException, InterruptedException {
            long from = content.start(part) + content.done(part);
            long to = content.start(part) + content.length(part) - 1;
            URI known = direct;
            HttpResponse<InputStream> response =
                    http.get(known == null ? location : known, "bytes=%d-%d".formatted(from, to));
            try (InputStream in = response.body()) {
                heard = System.nanoTime();
                body = in;
                int status = response.statusCode();
                if (known != null && EXPIRED.contains(status)) {
                    direct = null;
                    throw new IOException(
                            "the address that the hub redirected to has expired (status %d)".formatted(status));
                }
                checkEncoding(response);
                switch (status) {
                    case 206 -> {
                        checkRange(response, from, to);
                        direct = response.uri().equals(location) ? null : response.uri();
                        if (!ranged) {
                            ranged = true;
                            news.release();
                        }
                        fill(in, part);
                        if (response.headers()
                                        .firstValueAsLong("Content-Length")
                                        .orElse(-1)
                                == to - from + 1) {
                            in.skip(1); // to the end of the answer, so that the connection can be used again
                        }
                    }
                    case 200 -> {
                        if (ranged) {
                            throw new IOException("the server sends the whole file instead of the requested range");
                        }
                        checkLength(response);
                        fillAll(in);
                    }
                    case 416 ->
                        throw new IOException(
                                "the server has fewer than the %d bytes that were announced".formatted(file.size()));
                    default -> throw http.refusal(reference, response);
                }
            } finally {
                body = null;
            }
        }

        /** Fills a part. */
        private void fill(InputStream in, int part) throws IOException {
            while (!content.isComplete(part)) {
                int count = read(in, content.length(part) - content.done(part));
                append(part, 0, count);
            }
        }

        /** Fills all parts from the whole file; some of its bytes may be present already. */
        private void fillAll(InputStream in) throws IOException {
            for (int part = 0; part < content.parts(); part++) {
                long position = 0;
                while (position < content.length(part)) {
                    int count = read(in, content.length(part) - position);
                    int known = Math.clamp(content.done(part) - position, 0, count);
                    append(part, known, count - known);
                    position += count;
                }
            }
            if (in.read() >= 0) {
                throw new ModelFileException("%s: the server sends more than the %d bytes of %s that it announced"
                        .formatted(reference, file.size(), file.path()));
            }
        }

        /**
         * Writes to the file. An interrupt would close the file for all threads, so {@link #cut} waits for the end of a
         * write.
         */
        private synchronized void append(int part, int from, int count) throws IOException {
            if (ended) {
                throw new IOException("the download has ended");
            }
            content.append(part, buffer, from, count);
        }

        private int read(InputStream in, long most) throws IOException {
            int count = in.read(buffer, 0, (int) Math.min(buffer.length, most));
            if (count < 0) {
                throw new EOFException("the connection was closed before the end of the file");
            }
            heard = System.nanoTime();
            return count;
        }
    }

    private static void checkEncoding(HttpResponse<?> response) throws IOException {
        String encoding = response.headers().firstValue("Content-Encoding").orElse("identity");
        if (!encoding.equals("identity")) {
            throw new IOException("the server encodes the content although identity was requested");
        }
    }

    private void checkRange(HttpResponse<?> response, long from, long to) throws IOException {
        String text = response.headers().firstValue("Content-Range").orElse("");
        Matcher range = CONTENT_RANGE.matcher(text);
        if (!range.matches() || Long.parseLong(range.group(1)) != from || Long.parseLong(range.group(2)) > to) {
            throw new IOException(
                    "the server sends the range \"%s\" instead of bytes %d-%d".formatted(Excerpt.of(text), from, to));
        }
        if (!range.group(3).equals("*") && Long.parseLong(range.group(3)) != file.size()) {
            throw new IOException("the server has %s bytes instead of the %d that were announced"
                    .formatted(range.group(3), file.size()));
        }
    }

    private void checkLength(HttpResponse<?> response) throws IOException {
        long length = response.headers().firstValueAsLong("Content-Length").orElse(file.size());
        if (length != file.size()) {
            throw new IOException(
                    "the server sends %d bytes instead of the %d that were announced".formatted(length, file.size()));
        }
    }
}
