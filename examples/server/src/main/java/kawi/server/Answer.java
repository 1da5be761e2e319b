package kawi.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import kawi.server.protocol.Api;
import kawi.server.protocol.ApiRequest;
import kawi.server.protocol.ApiResponse;
import kawi.server.protocol.EventSink;
import org.jspecify.annotations.Nullable;

/**
 * The work on a request, and what it hands over to the thread that writes the response.
 *
 * <p>The work is done by a platform thread, because it computes: virtual threads would share the few carrier threads
 * with it. The thread of the exchange takes a response, followed by events if it is a stream of them. It can wait for
 * them with a time limit, so that it notices when there is nothing to write, and the work is not held up by a client
 * that reads slowly, unless a quarter of a thousand events wait for it.
 */
final class Answer implements EventSink {

    private static final int MAX_EVENTS = 256;

    /** What the work produces: a response, then events, then the end or a failure. */
    sealed interface Item {
        /** The response. */
        record Response(ApiResponse response) implements Item {}

        /** An event or a comment, as it is sent. */
        record Event(byte[] bytes) implements Item {}

        /** The end of the work. */
        record End(@Nullable Throwable failure) implements Item {}
    }

    private final Api api;
    private final ApiRequest request;
    private final BlockingQueue<Item> items = new ArrayBlockingQueue<>(MAX_EVENTS);
    private volatile boolean abandoned;

    /** @param ended run when the work has ended */
    Answer(Api api, ApiRequest request, Runnable ended) {
        this.api = api;
        this.request = request;
        Thread.ofPlatform().daemon().name("kawi-server-answer").start(() -> {
            try {
                put(new Item.End(work()));
            } finally {
                ended.run();
            }
        });
    }

    private @Nullable Throwable work() {
        try {
            ApiResponse response = api.handle(request);
            put(new Item.Response(response));
            if (response instanceof ApiResponse.Events events && !abandoned) {
                events.source().writeTo(this);
            }
            return null;
        } catch (Throwable e) {
            return e;
        }
    }

    private void put(Item item) {
        boolean interrupted = false;
        while (true) {
            try {
                items.put(item);
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns the next item, waiting until there is one. */
    Item take() throws InterruptedException {
        return items.take();
    }

    /** Returns the next item, or null if there is none within the time. */
    @Nullable Item poll(long nanos) throws InterruptedException {
        return items.poll(nanos, TimeUnit.NANOSECONDS);
    }

    /** Returns whether there is an item. */
    boolean hasNext() {
        return !items.isEmpty();
    }

    /** Cancels the work. Nothing more is taken; the work ends within a token. */
    void abandon() {
        abandoned = true;
        request.cancellation().cancel();
        // Makes room if the work waits for it. From now on each event fails, so that it does not wait again.
        items.clear();
    }

    @Override
    public void event(@Nullable String name, String data) throws IOException {
        send((name == null ? "" : "event: " + name + '\n') + field(data) + '\n');
    }

    @Override
    public void comment(String text) throws IOException {
        send(": " + text + "\n\n");
    }

    /** Returns an event with these data, as it is sent. */
    static byte[] event(byte[] data) {
        return (field(new String(data, StandardCharsets.UTF_8)) + '\n').getBytes(StandardCharsets.UTF_8);
    }

    private static String field(String data) {
        return data.lines().map(line -> "data: " + line + '\n').collect(Collectors.joining());
    }

    private void send(String text) throws IOException {
        if (abandoned) {
            throw new IOException("the client has gone away");
        }
        put(new Item.Event(text.getBytes(StandardCharsets.UTF_8)));
    }
}
