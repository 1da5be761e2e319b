package kawi.vision;

import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What images and films contain that have been read before, by a digest of their files, so that they need not be
 * decoded again. A conversation gives all of its images with each message. Thread-safe.
 */
final class KnownContents {

    /** The number of images and films. */
    private static final int MAX_ENTRIES = 1024;

    /** The least recently used first. */
    private final LinkedHashMap<String, List<ImageContent>> entries = new LinkedHashMap<>(16, 0.75f, true);

    synchronized @Nullable List<ImageContent> find(String key) {
        return entries.get(key);
    }

    synchronized void add(String key, List<ImageContent> contents) {
        entries.put(key, contents);
        if (entries.size() > MAX_ENTRIES) {
            entries.pollFirstEntry();
        }
    }
}
