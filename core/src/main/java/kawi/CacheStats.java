package kawi;

/**
 * How a store of snapshots has done, see {@link Model#prefixCache()} and {@link Chat#snapshots()}.
 *
 * @param entries beginnings of texts that are kept
 * @param bytes memory they take
 * @param budget memory they may take
 * @param hits times that a text could be continued from one of them
 * @param misses times that none was of use
 * @param evictions entries given up to stay within the budget
 */
public record CacheStats(int entries, long bytes, long budget, long hits, long misses, long evictions) {}
