package kawi.hub;

import java.util.regex.Pattern;
import kawi.ModelFileException;
import kawi.files.Excerpt;

/**
 * A file of a repository according to the hub.
 *
 * @param path in the repository
 * @param size in bytes
 * @param etag identifies the content and names the blob in the cache: the SHA-256 of large files, git's SHA-1 of
 *     others; some mirrors use other names
 */
record RemoteFile(String path, long size, String etag) {

    /** Larger than any file, but sums of a few thousand sizes do not overflow. */
    static final long MAX_BYTES = 1L << 46;

    private static final Pattern ETAG = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}");

    RemoteFile {
        RepositoryPath.check(path, "the hub");
        if (size < 0 || size > MAX_BYTES) {
            throw new ModelFileException("the hub announces %d bytes for %s".formatted(size, path));
        }
        if (!ETAG.matcher(etag).matches()) {
            throw new ModelFileException("the hub gives %s the ETag \"%s\", which cannot name a file in the cache"
                    .formatted(path, Excerpt.of(etag)));
        }
    }

    /** The value of an ETag header without quotes and weakness prefix. */
    static String normalized(String etag) {
        String value = etag.startsWith("W/") ? etag.substring(2) : etag;
        return value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"")
                ? value.substring(1, value.length() - 1)
                : value;
    }
}
