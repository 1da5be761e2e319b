package kawi.server.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ClientsTest {

    private static final long LIMIT_SECONDS = 60;

    /** A body that has arrived, but is not handed over: its request can still be cancelled. */
    private static final class Withheld implements HttpResponse.BodySubscriber<String> {

        private final CountDownLatch received = new CountDownLatch(1);
        private final CompletableFuture<String> body = new CompletableFuture<>();

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(List<ByteBuffer> item) {}

        @Override
        public void onError(Throwable failure) {
            body.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            received.countDown(); // the connection is in the pool by now
        }

        @Override
        public CompletionStage<String> getBody() {
            return body;
        }
    }

    @Test
    void aRequestIsAnsweredAlthoughAnotherIsCancelledLate() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch cancelled = new CountDownLatch(1);
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            if (exchange.getRequestURI().getPath().equals("/wait")) {
                asked.countDown();
                try {
                    cancelled.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
            exchange.sendResponseHeaders(200, 4);
            exchange.getResponseBody().write("text".getBytes(StandardCharsets.US_ASCII));
            exchange.close();
        });
        URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Clients clients = new Clients();
                Clients.Lease leaver = clients.lease();
                Clients.Lease stayer = clients.lease()) {
            server.setExecutor(threads);
            server.start();
            Withheld body = new Withheld();
            var left = leaver.client().sendAsync(post(address.resolve("/now")), _ -> body);
            assertTrue(body.received.await(LIMIT_SECONDS, TimeUnit.SECONDS));
            var stayed =
                    stayer.client().sendAsync(post(address.resolve("/wait")), HttpResponse.BodyHandlers.ofString());
            assertTrue(asked.await(LIMIT_SECONDS, TimeUnit.SECONDS));
            leaver.leave();
            left.cancel(true);
            cancelled.countDown();
            assertEquals("text", stayed.get(LIMIT_SECONDS, TimeUnit.SECONDS).body());
            stayer.ended();
        } finally {
            cancelled.countDown();
            server.stop(0);
        }
    }

    private static HttpRequest post(URI address) {
        return HttpRequest.newBuilder(address)
                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                .build();
    }

    @Test
    void onlyAClientWhoseRequestHasEndedIsUsedAgain() throws InterruptedException {
        try (Clients clients = new Clients()) {
            HttpClient first;
            try (Clients.Lease lease = clients.lease()) {
                first = lease.client();
                lease.ended();
            }
            try (Clients.Lease lease = clients.lease();
                    Clients.Lease other = clients.lease()) {
                assertSame(first, lease.client());
                assertNotSame(first, other.client());
                lease.ended();
                lease.leave();
            }
            try (Clients.Lease lease = clients.lease()) {
                assertNotSame(first, lease.client());
            }
            assertTrue(first.awaitTermination(Duration.ofSeconds(LIMIT_SECONDS)));
        }
    }
}
