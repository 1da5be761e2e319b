package kawi.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import kawi.ModelFileException;
import kawi.Progress;
import kawi.hub.Hub.LocalModel;
import kawi.hub.LocalServer.Reply;
import kawi.hub.LocalServer.Request;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Downloads from a local hub that fails in the ways of real networks. */
@Timeout(60)
class HubTest {

    private static final HubReference MODEL = HubReference.parse("hf:owner/model");
    private static final HubReference Q4 = HubReference.parse("hf:owner/model:q4_0");
    private static final int LENGTH = 1_000_003;
    private static final byte[] WEIGHTS = LocalHub.bytes(LENGTH, 1);

    @TempDir
    Path cache;

    private final LocalHub local = new LocalHub();
    private final List<Progress.Step> steps = new ArrayList<>();

    HubTest() {
        local.files.put("README.md", "hello".getBytes(StandardCharsets.UTF_8));
        local.files.put("model-Q4_0.gguf", WEIGHTS);
    }

    @AfterEach
    void close() {
        local.close();
    }

    private Hub hub(String... variables) {
        return hub(local.policy(), variables);
    }

    private Hub hub(DownloadPolicy policy, String... variables) {
        return new Hub(
                local.environment(cache, variables), policy, (link, target) -> Files.createSymbolicLink(link, target));
    }

    private LocalModel fetch(HubReference reference, String... variables) {
        return hub(variables).fetch(reference, steps::add);
    }

    private String refusal(HubReference reference, String... variables) {
        return String.valueOf(assertThrows(ModelFileException.class, () -> fetch(reference, variables))
                .getMessage());
    }

    private Path repository() {
        return cache.resolve("models--owner--model");
    }

    private List<String> blobs() throws IOException {
        try (Stream<Path> files = Files.list(repository().resolve("blobs"))) {
            return files.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    private void assertFetched(LocalModel model) throws IOException {
        assertArrayEquals(WEIGHTS, Files.readAllBytes(model.path()));
        assertEquals(List.of(LocalHub.etag("model-Q4_0.gguf", WEIGHTS)), blobs());
    }

    @Test
    void aFileIsLaidOutAsThePythonClientDoesIt() throws IOException {
        LocalModel model = fetch(Q4);

        assertFetched(model);
        assertEquals(LENGTH, model.downloaded());
        assertEquals(LocalHub.COMMIT, model.commit());
        Path expected =
                repository().resolve("snapshots").resolve(LocalHub.COMMIT).resolve("model-Q4_0.gguf");
        assertEquals(expected, model.path());
        assertEquals(
                Path.of("..", "..", "blobs", LocalHub.etag("model-Q4_0.gguf", WEIGHTS)),
                Files.readSymbolicLink(expected));
        assertEquals(
                LocalHub.COMMIT, Files.readString(repository().resolve("refs").resolve("main")));
    }

    @Test
    void aFolderIsFetchedWithAllThatALoaderReads() throws IOException {
        local.files.put("config.json", "{}".getBytes(StandardCharsets.UTF_8));
        local.files.put("empty.json", new byte[0]);
        local.files.put("model.safetensors", LocalHub.bytes(200_000, 2));
        local.files.put("onnx/model.onnx", new byte[5]);

        LocalModel model = fetch(MODEL);

        assertEquals(repository().resolve("snapshots").resolve(LocalHub.COMMIT), model.path());
        assertEquals(List.of("config.json", "empty.json", "model.safetensors"), model.files());
        try (Stream<Path> files = Files.list(model.path())) {
            assertEquals(3, files.count());
        }
        assertEquals("{}", Files.readString(model.path().resolve("config.json")));
        assertEquals(0, Files.size(model.path().resolve("empty.json")));
        assertEquals(new Progress.Step(Progress.Stage.DOWNLOAD, "owner/model", 200_002, 200_002), steps.getLast());
    }

    /** The tower is beside the model in the cache, where it is found. */
    @Test
    void theVisionTowerOfAModelIsFetchedByItself() throws IOException {
        byte[] tower = LocalHub.bytes(100_000, 3);
        local.files.put("mmproj-BF16.gguf", LocalHub.bytes(100_000, 4));
        local.files.put("mmproj-F16.gguf", tower);
        LocalModel model = fetch(Q4);
        LocalModel fetched = hub().ofVision().fetch(HubReference.parse("hf:owner/model"), steps::add);
        assertEquals(model.path().resolveSibling("mmproj-F16.gguf"), fetched.path());
        assertArrayEquals(tower, Files.readAllBytes(fetched.path()));
        assertEquals(2, blobs().size());
    }

    @Test
    void aModelInPartsIsFetchedWhole() throws IOException {
        local.files.clear();
        List<String> parts =
                List.of("BF16/m-00001-of-00003.gguf", "BF16/m-00002-of-00003.gguf", "BF16/m-00003-of-00003.gguf");
        for (int i = 0; i < parts.size(); i++) {
            local.files.put(parts.get(i), LocalHub.bytes(100_000 + i, 7 + i));
        }
        LocalModel model = fetch(HubReference.parse("hf:owner/model:BF16"));
        assertEquals(parts, model.files());
        assertEquals(300_003, model.downloaded());
        assertTrue(model.path().endsWith(parts.getFirst()));
        for (String part : parts) {
            assertArrayEquals(
                    local.files.get(part),
                    Files.readAllBytes(repository()
                            .resolve("snapshots")
                            .resolve(LocalHub.COMMIT)
                            .resolve(part)));
        }
        assertEquals(
                new Progress.Step(Progress.Stage.DOWNLOAD, "m-00001-of-00003.gguf", 300_003, 300_003), steps.getLast());
        assertEquals(
                List.of("hf:owner/model/" + parts.getFirst()),
                CachedModels.in(local.environment(cache)).stream()
                        .map(CachedModels.CachedModel::reference)
                        .toList());
        assertEquals(
                300_003, CachedModels.in(local.environment(cache)).getFirst().bytes());

        long served = local.store.served.get();
        LocalModel byName = fetch(HubReference.parse("hf:owner/model/BF16/m-00002-of-00003.gguf"));
        assertEquals(model.path(), byName.path());
        assertEquals(parts, byName.files());
        assertEquals(served, local.store.served.get());

        Files.delete(model.path().resolveSibling("m-00003-of-00003.gguf"));
        String refusal = refusal(HubReference.parse("hf:owner/model:BF16"), "HF_HUB_OFFLINE", "1");
        assertTrue(refusal.contains("is in 3 files, but BF16/m-00003-of-00003.gguf is missing"), refusal);
        assertEquals(List.of(), CachedModels.in(local.environment(cache)));
        assertEquals(parts, fetch(HubReference.parse("hf:owner/model:BF16")).files());
    }

    @Test
    void aFileInAFolderOfAnotherRevisionIsAskedForByItself() throws IOException {
        local.files.put("a b/x.gguf", WEIGHTS);
        LocalModel model = fetch(HubReference.parse("hf:owner/model/a b/x.gguf@refs/pr/1"));

        assertFetched(model);
        assertEquals(
                Path.of("..", "..", "..", "blobs", LocalHub.etag("x.gguf", WEIGHTS)),
                Files.readSymbolicLink(model.path()));
        assertEquals(LocalHub.COMMIT, Files.readString(repository().resolve("refs/refs/pr/1")));
        assertTrue(local.hub.requests.stream()
                .noneMatch(request -> request.target().startsWith("/api")));
    }

    @Test
    void progressIsInOrderAndEndsAtTheTotal() {
        fetch(Q4);
        long before = 0;
        for (Progress.Step step : steps) {
            assertEquals("model-Q4_0.gguf", step.subject());
            assertEquals(LENGTH, step.total());
            assertTrue(step.done() >= before, step.toString());
            before = step.done();
        }
        assertEquals(LENGTH, before);
        assertEquals(1, steps.stream().filter(step -> step.done() == LENGTH).count());
    }

    @Test
    void partsComeFromTheStoreThatTheHubNamedOnce() {
        fetch(Q4);
        long parts = (LENGTH + (64 << 10) - 1) / (64 << 10);
        assertEquals(parts, local.store.requests.size());
        assertTrue(local.hub.requests.size() <= 1 + 4, "the listing, and a redirect for each connection at most");
        assertEquals(LENGTH, local.store.served.get());
    }

    @Test
    void aSecondTimeNothingIsFetched() {
        fetch(Q4);
        long asked = local.hub.requests.size();
        steps.clear();
        LocalModel again = fetch(Q4);
        assertEquals(0, again.downloaded());
        assertEquals(List.of(), steps);
        assertEquals(asked + 1, local.hub.requests.size());
        assertEquals(LENGTH, local.store.served.get());
    }

    @Test
    void aCommitThatTheCacheHasNeedsNoHub() {
        fetch(Q4);
        long asked = local.hub.requests.size();
        fetch(HubReference.parse("hf:owner/model:Q4_0@" + LocalHub.COMMIT));
        assertEquals(asked, local.hub.requests.size());
    }

    @Test
    void theTokenGoesToTheEndpointOnly() throws IOException {
        local.requiredToken = "hf_secret";
        assertFetched(fetch(Q4, "HF_TOKEN", "hf_secret"));
        assertTrue(local.hub.requests.stream()
                .allMatch(request -> request.header("Authorization").equals("Bearer hf_secret")));
        assertTrue(local.store.requests.stream()
                .allMatch(request -> request.header("Authorization").isEmpty()));
    }

    @ParameterizedTest
    @CsvSource({
        "https://huggingface.co,      https://huggingface.co/a,        true",
        "https://huggingface.co,      https://HUGGINGFACE.CO:443/a,    true",
        "https://huggingface.co,      http://huggingface.co/a,         false",
        "https://huggingface.co,      https://huggingface.co:8443/a,   false",
        "https://huggingface.co,      https://cdn.huggingface.co/a,    false",
        "http://mirror.example,       http://mirror.example/a,         false",
        "http://mirror.example,       https://mirror.example/a,        false",
        "http://192.168.1.7:8080,     http://192.168.1.7:8080/a,       false",
        "http://localhost.evil.org,   http://localhost.evil.org/a,     false",
        "http://127.0.0.1.evil.org,   http://127.0.0.1.evil.org/a,     false",
        "http://localhost:8080,       http://localhost:8080/a,         true",
        "http://localhost:8080,       http://localhost:8081/a,         false",
        "http://127.0.0.1:8080,       http://127.0.0.1:8080/a,         true",
        "http://[::1]:8080,           http://[::1]:8080/a,             true",
        "http://[2001:db8::1]:8080,   http://[2001:db8::1]:8080/a,     false"
    })
    void theTokenTravelsEncryptedOrNotAtAll(String endpoint, String address, boolean sent) {
        HubEnvironment environment =
                HubEnvironment.of(Map.of("HF_ENDPOINT", endpoint, "HF_TOKEN", "hf_secret", "HF_HOME", "/nowhere"));
        assertEquals(sent ? "hf_secret" : null, environment.tokenFor(URI.create(address)));
    }

    @Test
    void contentThatCannotBeVerifiedIsSaid() throws IOException {
        String said = errors(() -> assertFetched(fetch(Q4)));
        assertFalse(said.contains("not verified"), said);
        local.hubFaults.add(reply -> reply.with("X-Linked-Etag", "\"version-7\""));
        HubReference file = HubReference.parse("hf:owner/model/model-Q4_0.gguf");
        said = errors(
                () -> new Hub(local.environment(cache.resolve("other")), local.policy(), Files::createSymbolicLink)
                        .fetch(file, step -> {}));
        assertTrue(said.contains("model-Q4_0.gguf was not verified"), said);
        assertTrue(said.contains("\"version-7\", which is no hash"), said);
    }

    private interface Action {
        void run() throws IOException;
    }

    /** The log output of an action. */
    private static String errors(Action action) throws IOException {
        PrintStream before = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            action.run();
        } finally {
            System.setErr(before);
        }
        return said.toString(StandardCharsets.UTF_8);
    }

    @Test
    void cutConnectionsGoOnAtTheNextByte() throws IOException {
        local.storeHabit = reply -> reply.cutAfter(20_000);
        assertFetched(fetch(Q4));
        // Each interrupted connection may lose the bytes in transit, but never a whole part.
        assertTrue(local.store.served.get() >= LENGTH);
    }

    @Test
    void aConnectionThatFallsSilentIsCut() throws IOException {
        local.storeFaults.add(reply -> reply.silentAfter(5_000));
        assertFetched(hub(local.policy(Duration.ofSeconds(1))).fetch(Q4, steps::add));
    }

    @Test
    void aServerThatIgnoresRangesWorksToo() throws IOException {
        local.ignoresRanges = true;
        local.storeFaults.add(reply -> reply.cutAfter(300_000));
        assertFetched(fetch(Q4));
        assertEquals(2, local.store.requests.size());
    }

    @Test
    void aServerThatIgnoresRangesCompletesWhatAnotherBegan() throws IOException {
        stopMidway();
        long there = kept();
        local.ignoresRanges = true;
        assertEquals(LENGTH - there, fetch(Q4).downloaded());
    }

    @Test
    void waitsAsLongAsTheServerAsks() throws IOException {
        local.hubFaults.add(reply -> Reply.of(429, "slow down").with("Retry-After", "7"));
        local.storeFaults.add(reply -> Reply.of(503, "").with("Retry-After", "3"));
        local.storeFaults.add(reply -> Reply.of(500, ""));
        assertFetched(fetch(Q4));
        assertTrue(local.waits.contains(Duration.ofSeconds(7)), local.waits.toString());
        assertTrue(local.waits.contains(Duration.ofSeconds(3)), local.waits.toString());
    }

    @Test
    void butNotForEver() {
        local.hubFaults.add(reply -> Reply.of(429, "").with("Retry-After", "3600"));
        String message = refusal(Q4);
        assertTrue(message.contains("429") && message.contains("a delay of 3600 s"), message);
        assertEquals(List.of(), local.waits);
    }

    @Test
    void aServerThatFailsForGoodIsASentence() throws IOException {
        local.storeHabit = reply -> Reply.of(502, "");
        String message = refusal(Q4);
        assertTrue(message.contains("model-Q4_0.gguf") && message.contains("502"), message);
        assertTrue(message.contains("the next attempt resumes there"), message);
        local.storeHabit = reply -> reply;
        assertFetched(fetch(Q4));
    }

    @Test
    void anExpiredSignatureIsRenewed() throws IOException {
        local.storeFaults.add(reply -> reply);
        local.storeFaults.add(reply -> Reply.of(403, "expired"));
        assertFetched(fetch(Q4));
    }

    @Test
    void wrongBytesAreFetchedAnewAndThenRefused() throws IOException {
        byte[] damaged = WEIGHTS.clone();
        damaged[LENGTH / 2] ^= 1;
        local.wrongContent.put("model-Q4_0.gguf", damaged);
        String message = refusal(Q4);
        assertTrue(
                message.contains("wrong content") && message.contains(LocalHub.etag("model-Q4_0.gguf", WEIGHTS)),
                message);
        assertEquals(2L * LENGTH, local.store.served.get());
        assertFalse(Files.exists(repository().resolve("refs/main")));

        local.wrongContent.clear();
        assertFetched(fetch(Q4));
    }

    @Test
    void wrongBytesOfSmallFilesAreFoundAsWell() {
        local.files.put("config.json", "{}".getBytes(StandardCharsets.UTF_8));
        local.files.put("model.safetensors", new byte[10]);
        local.wrongContent.put("config.json", "[]".getBytes(StandardCharsets.UTF_8));
        String message = refusal(MODEL);
        assertTrue(message.contains("config.json was downloaded twice with the wrong content"), message);
    }

    @Test
    void wrongLengthsAreASentence() {
        local.wrongContent.put("model-Q4_0.gguf", LocalHub.bytes(LENGTH - 10, 3));
        String shorter = refusal(Q4);
        assertTrue(shorter.contains("%d bytes instead of the %d".formatted(LENGTH - 10, LENGTH)), shorter);
        local.wrongContent.put("model-Q4_0.gguf", LocalHub.bytes(LENGTH + 10, 3));
        String longer = refusal(Q4);
        assertTrue(longer.contains("%d bytes instead of the %d".formatted(LENGTH + 10, LENGTH)), longer);
        local.ignoresRanges = true;
        String whole = refusal(Q4);
        assertTrue(whole.contains("%d bytes instead of the %d".formatted(LENGTH + 10, LENGTH)), whole);
    }

    @Test
    void anotherRangeThanAskedForIsRefused() {
        local.storeHabit = reply -> reply.with("Content-Range", "bytes 5-9/" + LENGTH);
        assertTrue(refusal(Q4).contains("instead of bytes 0-65535"));
    }

    @Test
    void anInterruptLeavesWhatHasCome() throws Exception {
        stopMidway();
        long there = kept();
        assertTrue(there > 0 && there < LENGTH, there + " bytes kept");
        local.store.awaitIdle();
        long served = local.store.served.get();
        LocalModel model = fetch(Q4);
        assertFetched(model);
        assertEquals(LENGTH - there, model.downloaded());
        assertEquals(LENGTH - there, local.store.served.get() - served);
    }

    /** Interrupts a download after a third or more. */
    private void stopMidway() {
        FutureTask<Boolean> task = new FutureTask<>(() -> {
            Thread self = Thread.currentThread();
            assertThrows(
                    CancellationException.class,
                    () -> hub().fetch(Q4, step -> {
                        if (step.done() > LENGTH / 3) {
                            self.interrupt();
                        }
                    }));
            return Thread.interrupted();
        });
        local.storeHabit = reply -> {
            pause();
            return reply;
        };
        task.run();
        local.storeHabit = reply -> reply;
        try {
            assertTrue(task.get(), "the interrupt is still to be seen");
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static void pause() {
        try {
            Thread.sleep(40);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Bytes of the unfinished download. */
    private long kept() throws IOException {
        Path blob = repository().resolve("blobs").resolve(LocalHub.etag("model-Q4_0.gguf", WEIGHTS));
        try (PartFile file = PartFile.open(blob, LENGTH, 1)) {
            return file.done();
        }
    }

    @Test
    void aListenerThatThrowsEndsTheDownload() {
        assertThrows(
                IllegalStateException.class,
                () -> hub().fetch(Q4, step -> {
                    throw new IllegalStateException("enough");
                }));
    }

    @Test
    void twoDownloadsAtOnceFetchItOnce() throws Exception {
        local.storeHabit = reply -> {
            pause();
            return reply;
        };
        FutureTask<LocalModel> first = new FutureTask<>(() -> hub().fetch(Q4, step -> {}));
        FutureTask<LocalModel> second = new FutureTask<>(() -> hub().fetch(Q4, step -> {}));
        Thread.ofPlatform().start(first);
        Thread.ofPlatform().start(second);
        assertEquals(LENGTH, first.get().downloaded() + second.get().downloaded());
        assertEquals(first.get().path(), second.get().path());
        assertEquals(LENGTH, local.store.served.get());
    }

    @Test
    void whereLinksAreRefusedThereIsACopy() throws IOException {
        Hub hub = new Hub(local.environment(cache), local.policy(), (link, target) -> {
            throw new java.nio.file.FileSystemException(link.toString(), null, "a required privilege is not held");
        });
        LocalModel model = hub.fetch(Q4, steps::add);
        assertFalse(Files.isSymbolicLink(model.path()));
        assertFetched(model);
        assertEquals(0, fetch(Q4).downloaded());
    }

    @Test
    void blobsOfTheSameContentAreFetchedOnce() throws IOException {
        fetch(Q4);
        local.files.put("copy-Q8_0.gguf", WEIGHTS);
        assertEquals(0, fetch(HubReference.parse("hf:owner/model:Q8_0")).downloaded());
        assertFetched(fetch(Q4));
    }

    @Test
    void offlineTheCacheIsAllThereIs() {
        String nothing = refusal(Q4, "HF_HUB_OFFLINE", "1");
        assertTrue(nothing.contains("not in the cache") && nothing.contains("kawi pull hf:owner/model:q4_0"), nothing);
        LocalModel fetched = fetch(Q4);
        long asked = local.hub.requests.size();
        assertEquals(fetched.path(), fetch(Q4, "HF_HUB_OFFLINE", "YES").path());
        assertEquals(
                fetched.path(),
                fetch(HubReference.parse("hf:owner/model/model-Q4_0.gguf"), "HF_HUB_OFFLINE", "1")
                        .path());
        String other = refusal(HubReference.parse("hf:owner/model:Q8_0"), "HF_HUB_OFFLINE", "1");
        assertTrue(other.contains("model-Q4_0.gguf") && other.contains("offline"), other);
        assertEquals(asked, local.hub.requests.size());
    }

    @Test
    void offlineAFolderMustBeComplete() throws IOException {
        local.files.put("config.json", "{}".getBytes(StandardCharsets.UTF_8));
        local.files.put(
                "model.safetensors.index.json",
                "{\"weight_map\":{\"a\":\"model-1.safetensors\",\"b\":\"model-2.safetensors\"}}"
                        .getBytes(StandardCharsets.UTF_8));
        local.files.put("model-1.safetensors", new byte[10]);
        local.files.put("model-2.safetensors", new byte[11]);
        LocalModel model = fetch(MODEL);
        assertEquals(model.path(), fetch(MODEL, "HF_HUB_OFFLINE", "1").path());
        Files.delete(model.path().resolve("model-2.safetensors"));
        assertTrue(refusal(MODEL, "HF_HUB_OFFLINE", "1").contains("not in the cache"));
    }

    @Test
    void aHubThatCannotBeReachedIsReplacedByTheCache() {
        LocalModel fetched = fetch(Q4);
        local.hub.close();
        assertEquals(fetched.path(), fetch(Q4).path());
        String message = refusal(HubReference.parse("hf:owner/other"));
        assertTrue(message.contains("cannot be reached (connection refused)"), message);
    }

    @Test
    void refusalsSayWhatToDo() {
        local.requiredToken = "hf_secret";
        String none = refusal(Q4);
        assertTrue(none.contains("correct the spelling") && none.contains("HF_TOKEN"), none);
        String wrong = refusal(Q4, "HF_TOKEN", "hf_wrong");
        assertTrue(wrong.contains("does not accept the token"), wrong);
        assertFalse(wrong.contains("hf_wrong"), wrong);
        local.requiredToken = null;

        local.hubFaults.add(reply -> Reply.of(403, "").with("X-Error-Code", "GatedRepo"));
        String gated = refusal(Q4);
        assertTrue(gated.contains("accept its conditions at " + local.hub.address() + "/owner/model"), gated);
        String revision = refusal(HubReference.parse("hf:owner/model@v9"));
        assertTrue(revision.contains("no revision v9"), revision);
        String file = refusal(HubReference.parse("hf:owner/model/none.gguf"));
        assertTrue(file.contains("no such file") && file.contains("404"), file);
    }

    @Test
    void namesThatLeaveTheFolderAreRefused() throws IOException {
        for (String name : new String[] {
            "../../x-Q4_0.gguf",
            "/etc/x-Q4_0.gguf",
            "a/../../../x-Q4_0.gguf",
            "C:/x-Q4_0.gguf",
            "a\\\\..\\\\x-Q4_0.gguf",
            "x\\u0000-Q4_0.gguf",
            "./x-Q4_0.gguf"
        }) {
            local.listing =
                    "{\"sha\":\"%s\",\"siblings\":[{\"rfilename\":\"%s\",\"size\":3,\"lfs\":{\"sha256\":\"%s\",\"size\":3}}]}"
                            .formatted(LocalHub.COMMIT, name, "a".repeat(64));
            String message = refusal(Q4);
            assertTrue(message.contains("rejected"), message);
        }
        try (Stream<Path> files = Files.list(cache)) {
            assertEquals(0, files.count());
        }
    }

    @Test
    void whatTheHubSaysIsNotBelievedBlindly() {
        Map<String, String> wrong = Map.of(
                "<html>login</html>",
                "did not answer in JSON",
                "{}",
                "expected a commit (sha)",
                "{\"sha\":\"../..\",\"siblings\":[]}",
                "expected a commit (sha)",
                "{\"sha\":\"%s\",\"siblings\":[{\"rfilename\":\"x-Q4_0.gguf\",\"size\":-1,\"blobId\":\"a\"}]}"
                        .formatted(LocalHub.COMMIT),
                "-1 bytes",
                "{\"sha\":\"%s\",\"siblings\":[{\"rfilename\":\"x-Q4_0.gguf\",\"size\":9223372036854775807,\"blobId\":\"a\"}]}"
                        .formatted(LocalHub.COMMIT),
                "9223372036854775807 bytes",
                "{\"sha\":\"%s\",\"siblings\":[{\"rfilename\":\"x-Q4_0.gguf\",\"size\":3,\"blobId\":\"../../x\"}]}"
                        .formatted(LocalHub.COMMIT),
                "ETag");
        wrong.forEach((listing, complaint) -> {
            local.listing = listing;
            String message = refusal(Q4);
            assertTrue(message.contains(complaint), message);
        });
    }

    @Test
    void aFileThatTheDiskCannotHoldIsNotBegun() {
        local.listing =
                "{\"sha\":\"%s\",\"siblings\":[{\"rfilename\":\"x-Q4_0.gguf\",\"size\":%d,\"lfs\":{\"sha256\":\"%s\",\"size\":%d}}]}"
                        .formatted(LocalHub.COMMIT, 1L << 45, "a".repeat(64), 1L << 45);
        String message = refusal(Q4);
        assertTrue(message.contains("the disk has") && message.contains("32.0 TiB"), message);
        assertEquals(0, local.store.requests.size());
    }

    @Test
    void aListingWithoutHashesAsksForThem() throws IOException {
        local.listing =
                "{\"sha\":\"%s\",\"siblings\":[{\"rfilename\":\"model-Q4_0.gguf\"}]}".formatted(LocalHub.COMMIT);
        assertFetched(fetch(Q4));
        assertEquals(
                List.of("HEAD"),
                local.hub.requests.stream()
                        .map(Request::method)
                        .filter(method -> !method.equals("GET"))
                        .toList());
    }

    @Test
    void aMirrorWithoutHeadersHasTheListing() throws IOException {
        local.hubFaults.add(reply -> Reply.of(200, ""));
        assertFetched(fetch(HubReference.parse("hf:owner/model/model-Q4_0.gguf")));
    }

    /** After any sequence of failures, the result is the complete file. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void anyMixtureOfFaultsIsSurvived(long seed) throws IOException {
        Random random = new Random(seed);
        DownloadPolicy stubborn = new DownloadPolicy(
                3, 16 << 10, 40, Duration.ofMillis(1), Duration.ofSeconds(1), Duration.ofSeconds(20), time -> {});
        local.storeHabit = reply -> {
            synchronized (random) {
                int length = Math.max(1, reply.body().length);
                return switch (random.nextInt(8)) {
                    case 0 -> reply.cutAfter(random.nextInt(length));
                    case 1 -> Reply.of(503, "later").with("Retry-After", "1");
                    case 2 -> Reply.of(403, "expired");
                    case 3 -> Reply.of(200, Map.of(), WEIGHTS).cutAfter(random.nextInt(LENGTH));
                    case 4 -> reply.with("Content-Range", "bytes 0-0/" + LENGTH);
                    default -> reply;
                };
            }
        };
        LocalModel model = null;
        while (model == null) {
            try {
                model = hub(stubborn).fetch(Q4, steps::add);
            } catch (ModelFileException e) {
                // Immediately after a redirect, this is not an expired signature.
                assertTrue(String.valueOf(e.getMessage()).contains("status 403"), e.getMessage());
            }
        }
        assertFetched(model);
    }

    @Test
    void aRevisionThatCannotBeNotedDoesNoHarm() throws IOException {
        Files.createDirectories(repository().resolve("refs/refs"));
        Files.createFile(repository().resolve("refs/refs/pr"));
        assertFetched(fetch(HubReference.parse("hf:owner/model:Q4_0@refs/pr/1")));
    }

    @Test
    void aServerThatDoesNotAnswerAtAllIsASentence() {
        local.hubFaults.add(reply -> reply.silentAfter(1));
        local.hubFaults.add(reply -> reply.silentAfter(1));
        Hub impatient = hub(
                new DownloadPolicy(1, 1 << 16, 2, Duration.ZERO, Duration.ZERO, Duration.ofMillis(200), time -> {}));
        String message = String.valueOf(assertThrows(ModelFileException.class, () -> impatient.fetch(Q4, steps::add))
                .getMessage());
        assertTrue(message.contains("response timed out"), message);
    }

    @Test
    void theCacheListsWhatItHas() throws IOException {
        assertEquals(List.of(), CachedModels.in(local.environment(cache)));
        LocalModel model = fetch(HubReference.parse("hf:owner/model/model-Q4_0.gguf@refs/pr/1"));
        assertEquals(
                List.of(new CachedModels.CachedModel(
                        "hf:owner/model/model-Q4_0.gguf@refs/pr/1",
                        LENGTH,
                        Files.getLastModifiedTime(model.path()).toInstant(),
                        model.path())),
                CachedModels.in(local.environment(cache)));
    }
}
