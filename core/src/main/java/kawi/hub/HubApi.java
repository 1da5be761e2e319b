package kawi.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kawi.ModelFileException;
import kawi.files.Excerpt;
import kawi.json.JsonException;
import kawi.json.JsonSyntax;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * The requests for metadata of repositories and files [1].
 *
 * <pre>
 *    GET  /api/models/OWNER/NAME/revision/REVISION?blobs=true   the commit, and the files with their sizes and hashes
 *    HEAD /OWNER/NAME/resolve/REVISION/PATH                     the same about one file, in headers
 *    GET  /OWNER/NAME/resolve/COMMIT/PATH                       its bytes, after a redirect if it is large
 * </pre>
 *
 * [1] huggingface.co/docs/hub/api and, for the headers, {@code get_hf_file_metadata} in
 * huggingface_hub/file_download.py
 */
final class HubApi {

    /** A listing has some hundred bytes per file. */
    private static final int MAX_LISTING_BYTES = 32 << 20;

    private static final int MAX_REDIRECTS = 8;
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");

    private final HubHttp http;
    private final DownloadPolicy policy;
    private final HubReference reference;

    HubApi(HubHttp http, DownloadPolicy policy, HubReference reference) {
        this.http = http;
        this.policy = policy;
        this.reference = reference;
    }

    /**
     * A repository at one commit.
     *
     * @param files the files by their paths; null where a separate request is needed
     */
    record Listing(String commit, Map<String, @Nullable RemoteFile> files) {}

    /** A file, and the commit it belongs to. */
    record Found(String commit, RemoteFile file) {}

    @FunctionalInterface
    private interface Attempt<T> {
        T make() throws IOException, InterruptedException;
    }

    private <T> T patiently(Attempt<T> attempt) throws IOException, InterruptedException {
        Backoff backoff = new Backoff(policy);
        boolean unreachable = false;
        while (true) {
            try {
                return attempt.make();
            } catch (IOException e) {
                if (http.isFinal(e)) {
                    throw e;
                }
                // Without a network retrying is pointless, and the cache may have the model.
                if (e instanceof ConnectException || e instanceof HttpConnectTimeoutException) {
                    if (unreachable) {
                        throw e;
                    }
                    unreachable = true;
                }
                backoff.failed(e);
            }
        }
    }

    /**
     * The files of the repository.
     *
     * @throws IOException if the hub cannot be reached
     */
    Listing listing() throws IOException, InterruptedException {
        URI models = http.address("/api/models/" + reference.repository());
        URI address = URI.create(
                "%s/revision/%s?blobs=true".formatted(models, escapedRevision(reference.revisionOrDefault())));
        HttpResponse<byte[]> response = patiently(() -> http.document(address, MAX_LISTING_BYTES));
        if (response.statusCode() == 404 && reference.revision() == null) {
            // Some mirrors serve one revision only, under no name.
            response = patiently(() -> http.document(URI.create(models + "?blobs=true"), MAX_LISTING_BYTES));
        }
        if (response.statusCode() != 200) {
            throw http.refusal(reference, response);
        }
        return parse(response.body(), address);
    }

    private static Listing parse(byte[] body, URI address) {
        JsonValue root;
        try {
            root = JsonSyntax.STRICT.parse(body);
        } catch (JsonException e) {
            throw new ModelFileException(
                    "%s did not answer in JSON: at %s; is HF_ENDPOINT a hub?".formatted(address, e.getMessage()));
        }
        String commit = root.path("sha").asString("");
        JsonValue siblings = root.path("siblings");
        if (!HubReference.isCommit(commit) || !siblings.isArray()) {
            throw new ModelFileException("%s: expected a commit (sha) and its files (siblings), found %s"
                    .formatted(address, Excerpt.of(root.toString())));
        }
        Map<String, @Nullable RemoteFile> files = new LinkedHashMap<>();
        for (JsonValue sibling : siblings.values()) {
            String path = sibling.path("rfilename").asString("");
            // Invalid names matter only if they are selected; then RemoteFile rejects them.
            files.put(path, RepositoryPath.fault(path) == null ? described(path, sibling) : null);
        }
        return new Listing(commit, files);
    }

    private static @Nullable RemoteFile described(String path, JsonValue sibling) {
        JsonValue lfs = sibling.path("lfs");
        JsonValue size = lfs.isObject() && lfs.has("size") ? lfs.path("size") : sibling.path("size");
        String etag = lfs.isObject()
                ? lfs.path("sha256").asString(lfs.path("oid").asString(""))
                : sibling.path("blobId").asString("");
        if (!size.isIntegralNumber() || !size.canConvertToLong() || etag.isEmpty()) {
            return null;
        }
        return new RemoteFile(
                path, size.longValue(), etag.startsWith("sha256:") ? etag.substring("sha256:".length()) : etag);
    }

    private static String escapedRevision(String revision) {
        return HubHttp.escaped(revision).replace("/", "%2F");
    }

    /** The address of a file. */
    URI location(String commit, String path) {
        return http.address("/%s/resolve/%s/%s"
                .formatted(
                        reference.repository(),
                        escapedRevision(commit),
                        HubHttp.escaped(RepositoryPath.check(path, "the hub"))));
    }

    /**
     * Metadata of one file, by a request for that file.
     *
     * @param revision a commit, branch or tag
     * @throws IOException if the hub cannot be reached
     */
    Found file(String revision, String path) throws IOException, InterruptedException {
        return patiently(() -> headers(revision, path));
    }

    private Found headers(String revision, String path) throws IOException, InterruptedException {
        URI start = location(revision, path);
        URI at = start;
        String commit = HubReference.isCommit(revision) ? revision : "";
        String linkedEtag = "";
        String etag = "";
        OptionalLong linkedSize = OptionalLong.empty();
        for (int i = 0; ; i++) {
            HttpResponse<Void> response = http.head(at);
            // The headers of the hub come first; it may redirect to a store that uses other ETags.
            commit = commit.isEmpty() ? header(response, "X-Repo-Commit") : commit;
            linkedEtag = linkedEtag.isEmpty() ? header(response, "X-Linked-Etag") : linkedEtag;
            etag = etag.isEmpty() ? header(response, "ETag") : etag;
            linkedSize = linkedSize.isPresent() ? linkedSize : number(header(response, "X-Linked-Size"));
            boolean complete = !linkedEtag.isEmpty() && linkedSize.isPresent();
            if (HubHttp.isRedirect(response) && !complete) {
                if (i == MAX_REDIRECTS) {
                    throw new IOException("%s redirects more than %d times".formatted(start, MAX_REDIRECTS));
                }
                at = HubHttp.next(at, response);
                continue;
            }
            boolean answered = response.statusCode() == 200;
            // A store may allow GET only and reject HEAD, but then the hub has answered already.
            if (!answered && (commit.isEmpty() || (linkedEtag.isEmpty() && etag.isEmpty()))) {
                throw http.refusal(reference, response);
            }
            if (!HubReference.isCommit(commit) || (etag.isEmpty() && linkedEtag.isEmpty())) {
                return listed(path);
            }
            long length = answered
                    ? response.headers().firstValueAsLong("Content-Length").orElse(-1)
                    : -1;
            long size = linkedSize.orElse(length);
            String name = RemoteFile.normalized(linkedEtag.isEmpty() ? etag : linkedEtag);
            return new Found(commit, new RemoteFile(path, size < 0 ? size(start) : size, name));
        }
    }

    /** Metadata from the listing, because some mirrors do not send these headers. */
    private Found listed(String path) throws IOException, InterruptedException {
        Listing listing = listing();
        RemoteFile file = listing.files().get(path);
        if (file == null) {
            throw new ModelFileException(
                    "%s cannot be fetched: neither the headers (X-Repo-Commit, ETag) nor the listing of %s say what it is; is HF_ENDPOINT a hub?"
                            .formatted(reference, http.address("")));
        }
        return new Found(listing.commit(), file);
    }

    /** The size of a file, from the response to a request for one byte, because no header of the hub has it. */
    private long size(URI address) throws IOException, InterruptedException {
        HttpResponse<InputStream> response = http.get(address, "bytes=0-0");
        response.body().close();
        if (response.statusCode() == 206) {
            Matcher range = CONTENT_RANGE.matcher(header(response, "Content-Range"));
            if (range.matches() && !range.group(3).equals("*")) {
                return Long.parseLong(range.group(3));
            }
        }
        OptionalLong length = response.headers().firstValueAsLong("Content-Length");
        if (response.statusCode() != 200 || length.isEmpty()) {
            throw new ModelFileException("%s does not declare its size".formatted(address));
        }
        return length.getAsLong();
    }

    private static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("").strip();
    }

    private static OptionalLong number(String text) {
        return text.matches("\\d{1,18}") ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
    }
}
