package kawi;

/**
 * Statistics of a cache of model states, see {@link Model#prefixCache()} and {@link Chat#snapshots()}.
 *
 * @param entries the number of cached states
 * @param bytes the memory they use, in bytes, without what they share with sequences in use
 * @param budget the maximum memory of the cache, in bytes
 * @param hits the number of prompts that continued from a cached state
 * @param misses the number of prompts for which no cached state could be used
 * @param evictions the number of states removed to stay within the budget
 */
public record CacheStats(int entries, long bytes, long budget, long hits, long misses, long evictions) {}
