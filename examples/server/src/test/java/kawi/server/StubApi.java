package kawi.server;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import kawi.server.protocol.Api;
import kawi.server.protocol.ApiRequest;
import kawi.server.protocol.ApiResponse;

/**
 * An API whose answers the body of the request chooses: {@code stream}, {@code wait}, {@code flood}, {@code fail},
 * {@code fail later}, {@code large}; anything else is returned.
 */
final class StubApi implements Api {

    /** A permit for each further event of a stream, or for the end of an answer that waits. */
    final Semaphore steps = new Semaphore(0);

    final AtomicInteger cancelled = new AtomicInteger();
    final AtomicInteger events = new AtomicInteger();
    final List<ApiRequest> requests = new CopyOnWriteArrayList<>();
    final CountDownLatch begun = new CountDownLatch(1);

    @Override
    public ApiResponse handle(ApiRequest request) {
        requests.add(request);
        begun.countDown();
        String body = new String(request.body(), StandardCharsets.UTF_8);
        return switch (body) {
            case "stream" ->
                new ApiResponse.Events(Map.of(), sink -> {
                    for (int i = 0; await(request); i++) {
                        sink.event(null, "{\"event\": " + i + "}");
                        events.incrementAndGet();
                        if (i == 3) {
                            sink.event(null, "[DONE]");
                            return;
                        }
                    }
                });
            case "flood" ->
                new ApiResponse.Events(Map.of(), sink -> {
                    String data = "x".repeat(1000);
                    try {
                        while (!request.cancellation().isCancelled()) {
                            sink.event("flood", data);
                            events.incrementAndGet();
                        }
                    } finally {
                        cancelled.incrementAndGet();
                    }
                });
            case "wait" -> json(await(request) ? "waited" : "cancelled");
            case "large" -> json("x".repeat(16 << 20));
            case "fail" -> throw new IllegalStateException("secret");
            case "fail later" ->
                new ApiResponse.Events(Map.of(), sink -> {
                    sink.event(null, "first");
                    throw new IllegalStateException("secret");
                });
            default -> json(request.method() + " " + request.path() + " " + body);
        };
    }

    /** Waits for a permit, and returns whether there was one before the request was cancelled. */
    private boolean await(ApiRequest request) {
        try {
            while (!steps.tryAcquire(1, TimeUnit.MILLISECONDS)) {
                if (request.cancellation().isCancelled()) {
                    cancelled.incrementAndGet();
                    return false;
                }
            }
            return true;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ApiResponse json(String text) {
        return new ApiResponse.Complete(200, Map.of(), "application/json", text.getBytes(StandardCharsets.UTF_8));
    }
}
