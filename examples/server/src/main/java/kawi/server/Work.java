package kawi.server;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import kawi.server.protocol.Api;
import kawi.server.protocol.ApiRequest;

/** The requests on which the API is working: how many they may be, and their end when the server is closed. */
final class Work {

    private final Api api;
    private final Admission admission;
    private final Set<ApiRequest> running = ConcurrentHashMap.newKeySet();
    private final Activity activity = new Activity();
    private volatile boolean stopping;

    Work(Api api, int answers) {
        this.api = api;
        this.admission = new Admission(answers);
    }

    Admission admission() {
        return admission;
    }

    boolean isStopping() {
        return stopping;
    }

    /** Refuses a request that would not be admitted now, before its body is read. */
    void check(boolean generates) throws Refusal {
        if (stopping) {
            throw new Refusal(503, "server_stopping", "the server is shutting down", Map.of("Retry-After", "5"));
        }
        if (generates) {
            admission.check();
        }
    }

    /**
     * Starts to work on a request.
     *
     * @param generates whether text is generated, so that the request counts as an answer
     * @param ended run when the work has ended; not if the request is refused
     */
    Answer start(ApiRequest request, boolean generates, Runnable ended) throws Refusal {
        check(false);
        if (generates) {
            admission.enter();
        }
        running.add(request);
        activity.begin();
        long begun = System.nanoTime();
        Runnable end = () -> {
            if (generates) {
                admission.leave(Duration.ofNanos(System.nanoTime() - begun));
            }
            running.remove(request);
            activity.end();
        };
        try {
            return new Answer(api, request, () -> {
                ended.run();
                end.run();
            });
        } catch (OutOfMemoryError e) { // there can be no further thread
            end.run();
            throw new Refusal(503, "server_busy", "the server cannot start a thread", Map.of("Retry-After", "5"));
        }
    }

    /** Returns the number of pieces of work that must end before the server can be closed. */
    Activity activity() {
        return activity;
    }

    /**
     * Refuses further requests and waits until no work is left.
     *
     * @return whether none is left
     */
    boolean stop(Duration time) {
        stopping = true;
        return activity.awaitNone(time);
    }

    /** Cancels what is running. */
    void cancel() {
        running.forEach(request -> request.cancellation().cancel());
    }
}
