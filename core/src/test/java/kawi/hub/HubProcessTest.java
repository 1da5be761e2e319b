package kawi.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import kawi.files.ChildJvm;
import kawi.hub.Hub.LocalModel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Downloads in separate processes: one is killed, two run concurrently. */
@Timeout(60)
class HubProcessTest {

    private static final HubReference MODEL = HubReference.parse("hf:owner/model/model-Q4_0.gguf");
    private static final int LENGTH = 3_000_001;

    @TempDir
    Path cache;

    private final LocalHub local = new LocalHub();

    HubProcessTest() {
        local.files.put("model-Q4_0.gguf", LocalHub.bytes(LENGTH, 7));
        local.storeHabit = reply -> {
            try {
                Thread.sleep(30);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return reply;
        };
    }

    @AfterEach
    void close() {
        local.close();
    }

    /** Fetches the model: the arguments are the hub's address and the cache. */
    public static void main(String[] arguments) {
        try (LocalHub unused = new LocalHub()) {
            HubEnvironment environment =
                    HubEnvironment.of(java.util.Map.of("HF_ENDPOINT", arguments[0], "HF_HUB_CACHE", arguments[1]));
            new Hub(environment, unused.policy(), (link, target) -> Files.createSymbolicLink(link, target))
                    .fetch(MODEL, step -> {});
        }
    }

    private Process otherProcess() throws IOException {
        return new ProcessBuilder(ChildJvm.command(List.of(
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        ChildJvm.classPath(),
                        HubProcessTest.class.getName(),
                        local.hub.address(),
                        cache.toString())))
                .inheritIO()
                .start();
    }

    private void awaitServed(long bytes, Process process) throws InterruptedException {
        while (local.store.served.get() < bytes) {
            assertTrue(process.isAlive(), "the other process ended early");
            Thread.sleep(5);
        }
    }

    private LocalModel fetchHere() {
        return new Hub(
                        local.environment(cache),
                        local.policy(),
                        (link, target) -> Files.createSymbolicLink(link, target))
                .fetch(MODEL, step -> {});
    }

    @Test
    void aKilledProcessLeavesWhatItHasFetched() throws Exception {
        Process other = otherProcess();
        try {
            awaitServed(LENGTH / 2, other);
        } finally {
            other.destroyForcibly().waitFor();
        }
        local.store.awaitIdle();
        long served = local.store.served.get();

        LocalModel model = fetchHere();

        assertArrayEquals(local.files.get("model-Q4_0.gguf"), Files.readAllBytes(model.path()));
        assertEquals(model.downloaded(), local.store.served.get() - served);
        // The kernel's buffers and a piece for each of four connections may have been on the way.
        assertTrue(model.downloaded() < LENGTH / 2 + LENGTH / 4, model.downloaded() + " bytes were fetched again");
    }

    @Test
    void twoProcessesFetchItOnce() throws Exception {
        Process other = otherProcess();
        try {
            awaitServed(1, other);
            LocalModel model = fetchHere();
            assertEquals(0, model.downloaded());
            assertArrayEquals(local.files.get("model-Q4_0.gguf"), Files.readAllBytes(model.path()));
            assertTrue(other.waitFor(20, TimeUnit.SECONDS));
            assertEquals(0, other.exitValue());
            assertEquals(LENGTH, local.store.served.get());
        } finally {
            other.destroyForcibly();
        }
    }
}
