package kawi.hub;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kawi.hub.LocalServer.Reply;
import kawi.hub.LocalServer.Request;
import org.jspecify.annotations.Nullable;

/**
 * A hub with one repository, {@code owner/model}, and a store for its large files on another port, as real ones have.
 */
final class LocalHub implements AutoCloseable {

    static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d+)");
    private static final Pattern RESOLVE = Pattern.compile("/owner/model/resolve/([^/]+)/(.+)");

    final Map<String, byte[]> files = new LinkedHashMap<>();

    /** The faults of the next replies of the store, in order; afterwards there are none. */
    final Queue<UnaryOperator<Reply>> storeFaults = new ConcurrentLinkedQueue<>();

    /** The same for the hub itself. */
    final Queue<UnaryOperator<Reply>> hubFaults = new ConcurrentLinkedQueue<>();

    /** The fault of all replies of the store. */
    volatile UnaryOperator<Reply> storeHabit = reply -> reply;

    /** The replacement for the listing. */
    volatile @Nullable String listing;

    /** Whether the hub sends large files itself. */
    volatile boolean withoutStore;

    volatile boolean ignoresRanges;
    volatile @Nullable String requiredToken;

    /** The content that store and hub serve instead of the announced content. */
    final Map<String, byte[]> wrongContent = new LinkedHashMap<>();

    final List<Duration> waits = new CopyOnWriteArrayList<>();
    final LocalServer store = new LocalServer(this::storeReply);
    final LocalServer hub = new LocalServer(this::hubReply);

    static byte[] bytes(int length, int seed) {
        byte[] bytes = new byte[length];
        new java.util.Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** Downloads in parts of 64 KiB, with delays that are recorded and not waited for. */
    DownloadPolicy policy() {
        return policy(Duration.ofSeconds(20));
    }

    DownloadPolicy policy(Duration silence) {
        return new DownloadPolicy(4, 64 << 10, 4, Duration.ofMillis(500), Duration.ofSeconds(60), silence, waits::add);
    }

    HubEnvironment environment(Path cache, String... variables) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("HF_ENDPOINT", hub.address());
        all.put("HF_HUB_CACHE", cache.toString());
        all.put("HF_TOKEN_PATH", cache.resolve("no-token").toString());
        for (int i = 0; i < variables.length; i += 2) {
            all.put(variables[i], variables[i + 1]);
        }
        return HubEnvironment.of(all);
    }

    /** Large files go to the store. */
    private static boolean isLarge(String path) {
        return path.endsWith(".gguf") || path.endsWith(".safetensors");
    }

    static String etag(String path, byte[] content) {
        try {
            if (isLarge(path)) {
                return HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(content));
            }
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            sha1.update(("blob " + content.length + "\0").getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(sha1.digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private Reply hubReply(Request request) {
        UnaryOperator<Reply> fault = hubFaults.poll();
        Reply reply = soundHubReply(request);
        return fault == null ? reply : fault.apply(reply);
    }

    private Reply soundHubReply(Request request) {
        String token = requiredToken;
        if (token != null && !request.header("Authorization").equals("Bearer " + token)) {
            return Reply.of(401, "").with("X-Error-Code", "RepoNotFound");
        }
        if (request.target().startsWith("/api/models/owner/model/revision/")) {
            String revision = request.target().substring("/api/models/owner/model/revision/".length());
            if (!revision.startsWith("main?")
                    && !revision.startsWith(COMMIT)
                    && !revision.startsWith("refs%2Fpr%2F1?")) {
                return Reply.of(404, "").with("X-Error-Code", "RevisionNotFound");
            }
            String said = listing;
            return Reply.of(200, said == null ? soundListing() : said);
        }
        Matcher resolve = RESOLVE.matcher(request.target());
        if (!resolve.matches()) {
            return Reply.of(404, "");
        }
        String path = resolve.group(2).replace("%20", " ");
        byte[] content = files.get(path);
        if (content == null) {
            return Reply.of(404, "").with("X-Error-Code", "EntryNotFound");
        }
        if (isLarge(path) && !withoutStore) {
            return Reply.of(302, "moved")
                    .with("Location", store.address() + "/signed/" + resolve.group(2) + "?signature=x")
                    .with("X-Repo-Commit", COMMIT)
                    .with("X-Linked-Size", String.valueOf(content.length))
                    .with("X-Linked-Etag", "\"" + etag(path, content) + "\"");
        }
        byte[] sent = wrongContent.getOrDefault(path, content);
        return ranged(request, sent).with("X-Repo-Commit", COMMIT).with("ETag", "\"" + etag(path, content) + "\"");
    }

    private String soundListing() {
        StringBuilder siblings = new StringBuilder();
        files.forEach((path, content) -> {
            String size = String.valueOf(content.length);
            siblings.append(siblings.isEmpty() ? "" : ",");
            if (isLarge(path)) {
                siblings.append(
                        "{\"rfilename\":\"%s\",\"size\":%s,\"blobId\":\"%s\",\"lfs\":{\"sha256\":\"%s\",\"size\":%s,\"pointerSize\":134}}"
                                .formatted(path, size, "f".repeat(40), etag(path, content), size));
            } else {
                siblings.append("{\"rfilename\":\"%s\",\"size\":%s,\"blobId\":\"%s\"}"
                        .formatted(path, size, etag(path, content)));
            }
        });
        return "{\"id\":\"owner/model\",\"sha\":\"%s\",\"siblings\":[%s]}".formatted(COMMIT, siblings);
    }

    private Reply storeReply(Request request) {
        UnaryOperator<Reply> fault = storeFaults.poll();
        String path = request.target()
                .substring("/signed/".length(), request.target().indexOf('?'))
                .replace("%20", " ");
        byte[] content = files.get(path);
        Reply reply = content == null ? Reply.of(404, "") : ranged(request, wrongContent.getOrDefault(path, content));
        reply = storeHabit.apply(reply);
        return fault == null ? reply : fault.apply(reply);
    }

    private Reply ranged(Request request, byte[] content) {
        Matcher range = RANGE.matcher(request.header("Range"));
        if (ignoresRanges || !range.matches()) {
            return Reply.of(200, Map.of("ETag", "\"of-the-store\""), content);
        }
        int from = Integer.parseInt(range.group(1));
        if (from >= content.length) {
            return Reply.of(416, "");
        }
        int to = (int) Math.min(Long.parseLong(range.group(2)), content.length - 1L);
        return Reply.of(
                206,
                Map.of("Content-Range", "bytes %d-%d/%d".formatted(from, to, content.length)),
                Arrays.copyOfRange(content, from, to + 1));
    }

    @Override
    public void close() {
        hub.close();
        store.close();
    }
}
