package kawi.tokenizer;

import java.util.Arrays;

/**
 * Merges the bytes of one piece of text into tokens.
 *
 * <p>By definition, merging starts with one token per byte and, while two adjacent tokens form a pair of the merge
 * list, merges the pair with the lowest rank, the leftmost of several. There are three implementations with the same
 * result:
 *
 * <ul>
 *   <li>A piece that is the text of a token usually becomes that token, but not always, because some tokens are not the
 *     result of any merges. {@code mergeResults} caches the result of the first time, in one byte per token.
 *   <li>A short piece is merged as defined, with the ranks of all adjacent pairs in an array. This takes quadratic time
 *     and is the fastest for up to a few dozen bytes.
 *   <li>For a long piece, the symbols are in a linked list and the pairs in a binary heap, ordered by rank and then by
 *     position, so that n bytes take O(n log n) time. A merge invalidates the heap entries of the two adjacent pairs;
 *     {@code ranks} has the current rank of the pair at each position, and an entry with another rank is ignored.
 * </ul>
 *
 * <p>An instance reuses its buffers from piece to piece and must be used by one thread only. {@code mergeResults} is
 * shared by all threads without synchronization: all threads write the same values, and after a lost write a piece is
 * merged once more.
 */
final class BytePairMerger {

    static final byte UNKNOWN = 0;
    private static final byte ONE_TOKEN = 1;
    private static final byte SEVERAL_TOKENS = 2;

    private static final int MAX_SHORT_LENGTH = 48;

    private final BytePairModel model;
    private final Vocabulary vocabulary;
    private final Merges merges;
    private final byte[] mergeResults;
    private final IntList out;

    private int[] symbols = new int[MAX_SHORT_LENGTH];
    private int[] ranks = new int[MAX_SHORT_LENGTH];
    private int[] next = {};
    private int[] previous = {};
    private long[] heap = {};
    private int heapSize;

    /**
     * @param mergeResults for each token of the vocabulary {@link #UNKNOWN} or the value that an earlier call stored
     * @param out the list to which the ids are appended
     */
    BytePairMerger(BytePairModel model, byte[] mergeResults, IntList out) {
        this.model = model;
        this.vocabulary = model.vocabulary();
        this.merges = model.merges();
        this.mergeResults = mergeResults;
        this.out = out;
    }

    /** Appends the ids of the non-empty {@code piece} to the list. */
    void merge(byte[] piece) {
        int id = vocabulary.find(piece, 0, piece.length);
        if (id >= 0 && (mergeResults[id] == ONE_TOKEN || model.ignoresMerges())) {
            out.add(id);
            return;
        }
        int before = out.size();
        int length = setSymbols(piece);
        if (length <= MAX_SHORT_LENGTH) {
            mergeShort(length);
        } else {
            mergeLong(length);
        }
        if (id >= 0 && mergeResults[id] == UNKNOWN) {
            mergeResults[id] = out.size() == before + 1 ? ONE_TOKEN : SEVERAL_TOKENS;
        }
    }

    /** Sets the symbols to the tokens of the bytes and returns their number. */
    private int setSymbols(byte[] piece) {
        int length = piece.length;
        if (symbols.length < length) {
            int capacity = Math.max(length, 2 * symbols.length);
            symbols = new int[capacity];
            ranks = new int[capacity];
        }
        int count = 0;
        boolean known = true;
        for (int i = 0; i < length; i++) {
            int b = piece[i] & 0xFF;
            int id = vocabulary.byteId(b);
            if (id < 0) {
                if (model.unknown() < 0) {
                    throw new TokenizerException(
                            "the text has the byte 0x%02X, for which the vocabulary has no token".formatted(b));
                }
                if (!known && model.fusesUnknown()) {
                    continue;
                }
                known = false;
                id = model.unknown();
            } else {
                known = true;
            }
            symbols[count++] = id;
        }
        for (int i = 0; i + 1 < count; i++) {
            ranks[i] = merges.rank(symbols[i], symbols[i + 1]);
        }
        return count;
    }

    private void mergeShort(int length) {
        int n = length;
        while (n > 1) {
            int best = 0;
            for (int i = 1; i < n - 1; i++) {
                best = ranks[i] < ranks[best] ? i : best;
            }
            if (ranks[best] == Merges.NONE) {
                break;
            }
            symbols[best] = merges.merged(ranks[best]);
            n--;
            System.arraycopy(symbols, best + 2, symbols, best + 1, n - best - 1);
            System.arraycopy(ranks, best + 1, ranks, best, n - best - 1);
            if (best > 0) {
                ranks[best - 1] = merges.rank(symbols[best - 1], symbols[best]);
            }
            if (best < n - 1) {
                ranks[best] = merges.rank(symbols[best], symbols[best + 1]);
            }
        }
        for (int i = 0; i < n; i++) {
            out.add(symbols[i]);
        }
    }

    private void mergeLong(int length) {
        if (next.length < length) {
            next = new int[symbols.length];
            previous = new int[symbols.length];
            heap = new long[symbols.length];
        }
        ranks[length - 1] = Merges.NONE;
        heapSize = 0;
        for (int i = 0; i < length; i++) {
            next[i] = i + 1;
            previous[i] = i - 1;
            if (ranks[i] != Merges.NONE) {
                push(ranks[i], i);
            }
        }
        while (heapSize > 0) {
            long entry = pop();
            int rank = (int) (entry >>> 32);
            int at = (int) entry;
            if (ranks[at] != rank) {
                continue;
            }
            int removed = next[at];
            symbols[at] = merges.merged(rank);
            next[at] = next[removed];
            ranks[removed] = Merges.NONE;
            if (next[at] < length) {
                previous[next[at]] = at;
            }
            updateRank(at, length);
            if (at > 0) {
                updateRank(previous[at], length);
            }
        }
        for (int i = 0; i < length; i = next[i]) {
            out.add(symbols[i]);
        }
    }

    private void updateRank(int at, int length) {
        ranks[at] = next[at] < length ? merges.rank(symbols[at], symbols[next[at]]) : Merges.NONE;
        if (ranks[at] != Merges.NONE) {
            push(ranks[at], at);
        }
    }

    private void push(int rank, int at) {
        if (heapSize == heap.length) {
            heap = Arrays.copyOf(heap, 2 * heapSize);
        }
        long entry = (long) rank << 32 | at;
        int child = heapSize++;
        while (child > 0) {
            int parent = (child - 1) >>> 1;
            if (heap[parent] <= entry) {
                break;
            }
            heap[child] = heap[parent];
            child = parent;
        }
        heap[child] = entry;
    }

    private long pop() {
        long top = heap[0];
        long last = heap[--heapSize];
        int parent = 0;
        for (int child = 1; child < heapSize; child = 2 * parent + 1) {
            if (child + 1 < heapSize && heap[child + 1] < heap[child]) {
                child++;
            }
            if (heap[child] >= last) {
                break;
            }
            heap[parent] = heap[child];
            parent = child;
        }
        heap[parent] = last;
        return top;
    }
}
