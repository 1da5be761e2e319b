package kawi.constraint;

import java.util.LinkedHashMap;

/**
 * A cache of the most recently used grammars. It is bounded by bytes. The size of a grammar grows during generation,
 * because it caches results for vocabularies, so all sizes are computed again at each look-up. Nothing is compiled
 * while the lock is held. A grammar that is removed remains usable by the answers that refer to it.
 */
public final class GrammarCache {

    /** The maximum number of grammars, because all sizes are computed at each look-up. */
    private static final int MAX_GRAMMARS = 1000;

    private final long maxBytes;

    /** Least recently used first. */
    private final LinkedHashMap<GrammarForm, Grammar> grammars = new LinkedHashMap<>(16, 0.75f, true);

    /**
     * An empty cache.
     *
     * @param maxBytes the memory limit for all grammars together
     */
    public GrammarCache(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * Returns the grammar of {@code form}, and compiles it if it is not cached.
     *
     * @throws IllegalArgumentException if the form has no grammar
     */
    public Grammar get(GrammarForm form) {
        synchronized (grammars) {
            Grammar known = grammars.get(form);
            if (known != null) {
                trim();
                return known;
            }
        }
        Grammar compiled = form.compile();
        synchronized (grammars) {
            Grammar other = grammars.putIfAbsent(form, compiled);
            trim();
            return other == null ? compiled : other;
        }
    }

    /** The number of bytes of memory that the cached grammars use. */
    public long bytes() {
        synchronized (grammars) {
            return grammars.entrySet().stream()
                    .mapToLong(
                            entry -> entry.getKey().bytes() + entry.getValue().bytes())
                    .sum();
        }
    }

    /** The number of cached grammars. */
    public int size() {
        synchronized (grammars) {
            return grammars.size();
        }
    }

    private void trim() {
        while (grammars.size() > MAX_GRAMMARS) {
            grammars.pollFirstEntry();
        }
        while (!grammars.isEmpty() && bytes() > maxBytes) {
            grammars.pollFirstEntry();
        }
    }
}
