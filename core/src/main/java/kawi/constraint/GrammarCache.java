package kawi.constraint;

import java.util.LinkedHashMap;

/**
 * The grammars that were used last, for those who ask for the same again. It is bounded by bytes: a grammar grows while
 * answers are written, by what it remembers of a vocabulary, so all are measured anew whenever one is asked for.
 * Nothing is compiled while the lock is held. A grammar that is no longer kept here lives on in the answers that use
 * it.
 */
public final class GrammarCache {

    /** All are measured at each look-up, so there must not be very many small ones either. */
    private static final int MAX_GRAMMARS = 1000;

    private final long maxBytes;

    /** Least recently used first. */
    private final LinkedHashMap<GrammarForm, Grammar> grammars = new LinkedHashMap<>(16, 0.75f, true);

    /**
     * An empty cache.
     *
     * @param maxBytes how much memory the grammars may take together
     */
    public GrammarCache(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * The grammar of {@code form}, compiled if it is not kept.
     *
     * @throws IllegalArgumentException if no grammar can be made of the form
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

    /** The bytes of memory that the grammars kept here take. */
    public long bytes() {
        synchronized (grammars) {
            return grammars.entrySet().stream()
                    .mapToLong(
                            entry -> entry.getKey().bytes() + entry.getValue().bytes())
                    .sum();
        }
    }

    /** How many grammars are kept. */
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
