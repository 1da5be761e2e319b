package kawi.server.protocol;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The events of an answer that is being generated. One thread generates and another writes, so that a slow client does
 * not delay the start of the response, and a failure before the first event is a response with its own status.
 *
 * <p>Events wait in a bounded queue. A producer that finds it full waits for the client, and stops when the request is
 * cancelled.
 */
final class LiveEvents implements EventSource {

    private static final int MAX_WAITING = 1024;
    private static final long KEEP_ALIVE_SECONDS = 5;

    /** How long to wait for the first event, after the time for which a request may wait for its turn. */
    private static final Duration BEGIN = Duration.ofSeconds(5);

    /** Stands for the end; events have data. */
    private static final Event END = new Event(null, "");

    private record Event(@Nullable String name, String data) {}

    /** Generates events. */
    @FunctionalInterface
    interface Producer {
        void produce(LiveEvents events);
    }

    /** Tells the client about a failure after the first event. */
    @FunctionalInterface
    interface FailureReport {
        void report(ApiException failure, LiveEvents events);
    }

    private final ApiRequest request;
    private final BlockingQueue<Event> queue = new LinkedBlockingQueue<>(MAX_WAITING);
    private final CountDownLatch begun = new CountDownLatch(1);
    private @Nullable ApiException failedFirst;
    private boolean reported;

    /** Whether nothing will be added to the queue. */
    private volatile boolean finished;

    private LiveEvents(ApiRequest request) {
        this.request = request;
    }

    /**
     * Starts a producer, and returns when it has begun or failed.
     *
     * @param maxWait how long the producer may wait for its turn, in which it can still fail
     */
    static ApiResponse start(ApiRequest request, Duration maxWait, Producer producer, FailureReport report) {
        LiveEvents events = new LiveEvents(request);
        // A platform thread, because it computes; a virtual one would occupy a carrier.
        Thread.ofPlatform()
                .daemon()
                .name("kawi-answer-" + request.requestId())
                .start(() -> events.run(producer, report));
        try {
            boolean _ = events.begun.await(maxWait.plus(BEGIN).toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            request.cancellation().cancel();
            Thread.currentThread().interrupt();
            throw Failures.cancelled();
        }
        ApiException failure = events.failure();
        if (failure != null) {
            throw failure;
        }
        return new ApiResponse.Events(Map.of("Cache-Control", "no-cache"), events);
    }

    /** The failure that is the response, or null; after this a failure is an event. */
    private synchronized @Nullable ApiException failure() {
        reported = true;
        return failedFirst;
    }

    private void run(Producer producer, FailureReport report) {
        try {
            producer.produce(this);
        } catch (RuntimeException | Error thrown) { // reported to the client
            ApiException failure = Failures.of(thrown, request.requestId());
            if (!isResponse(failure)) {
                try {
                    report.report(failure, this);
                } catch (CancellationException e) {
                    finished = true;
                }
            }
        } finally {
            begin();
        }
        try {
            put(END);
        } catch (CancellationException e) {
            finished = true; // the queue is full, and the writer has gone or will see this
        }
    }

    private synchronized boolean isResponse(ApiException failure) {
        if (!reported && begun.getCount() > 0) {
            failedFirst = failure;
            return true;
        }
        return false;
    }

    /** Notes that the answer has begun: from now on a failure is an event. */
    void begin() {
        begun.countDown();
    }

    /**
     * Adds an event.
     *
     * @throws CancellationException if the client has gone away
     */
    void add(@Nullable String name, String data) {
        put(new Event(name, data));
        begin();
    }

    private void put(Event event) {
        try {
            while (!queue.offer(event, 100, TimeUnit.MILLISECONDS)) {
                if (request.cancellation().isCancelled()) {
                    throw new CancellationException("the client has gone away");
                }
                begin();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted");
        }
    }

    @Override
    public void writeTo(EventSink sink) throws IOException {
        boolean complete = false;
        try {
            while (true) {
                Event event = queue.poll(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS);
                if (END.equals(event) || (event == null && finished)) {
                    complete = true;
                    return;
                }
                if (event == null) {
                    sink.comment("");
                } else {
                    sink.event(event.name(), event.data());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while writing events", e);
        } finally {
            if (!complete) {
                request.cancellation().cancel();
            }
        }
    }
}
