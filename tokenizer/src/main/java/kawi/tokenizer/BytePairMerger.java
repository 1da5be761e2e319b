package kawi.tokenizer;

import java.util.Arrays;

/**
 * Merges the bytes of one piece of text into tokens.
 *
 * <p>The definition: start with one token per byte; while some two neighbours form a pair of the merge list, merge the
 * pair of the lowest rank, the leftmost among equals. Three ways to the same ids:
 *
 * <ul>
 *   <li>A piece that is a token is usually that token, but not always: some tokens cannot be reached by merges. {@code
 *     whole} remembers, one byte per token, what merging said the first time. This is the cache, and it cannot outgrow
 *     the vocabulary.
 *   <li>A short piece is merged as the definition reads, with the ranks of all neighbours in an array: quadratic, and
 *     fastest up to a few dozen bytes.
 *   <li>A long piece keeps its symbols in a linked list and its pairs in a binary heap, ordered by rank and then place,
 *     so n bytes cost O(n log n). A merge leaves the two neighbouring pairs outdated in the heap; {@code ranks} holds
 *     the valid rank of the pair that begins at each place, and an entry that disagrees is dropped.
 * </ul>
 *
 * <p>Scratch memory is kept between pieces, so an instance belongs to one call. {@code whole} is shared by all threads
 * without synchronization: every thread would write the same values, and a lost write costs one more merging.
 */
final class BytePairMerger {

    static final byte UNKNOWN = 0;
    private static final byte WHOLE = 1;
    private static final byte PARTS = 2;

    private static final int SHORT = 48;

    private final Vocabulary vocabulary;
    private final Merges merges;
    private final byte[] whole;
    private final IntList out;

    private int[] symbols = new int[SHORT];
    private int[] ranks = new int[SHORT];
    private int[] next = {};
    private int[] previous = {};
    private long[] heap = {};
    private int heapSize;

    /**
     * @param whole {@link #UNKNOWN} or what an earlier call left there, for each token of the vocabulary
     * @param out where the ids go
     */
    BytePairMerger(Vocabulary vocabulary, Merges merges, byte[] whole, IntList out) {
        this.vocabulary = vocabulary;
        this.merges = merges;
        this.whole = whole;
        this.out = out;
    }

    /** Appends the ids of {@code piece}, which is not empty. */
    void merge(byte[] piece) {
        int length = piece.length;
        int id = vocabulary.find(piece, 0, length);
        if (id >= 0 && whole[id] == WHOLE) {
            out.add(id);
            return;
        }
        int before = out.size();
        setSymbols(piece);
        if (length <= SHORT) {
            mergeShort(length);
        } else {
            mergeLong(length);
        }
        if (id >= 0 && whole[id] == UNKNOWN) {
            whole[id] = out.size() == before + 1 ? WHOLE : PARTS;
        }
    }

    private void setSymbols(byte[] piece) {
        int length = piece.length;
        if (symbols.length < length) {
            int capacity = Math.max(length, 2 * symbols.length);
            symbols = new int[capacity];
            ranks = new int[capacity];
        }
        for (int i = 0; i < length; i++) {
            int b = piece[i] & 0xFF;
            symbols[i] = vocabulary.byteId(b);
            if (symbols[i] < 0) {
                throw new TokenizerException(
                        "the text has the byte 0x%02X, for which the vocabulary has no token".formatted(b));
            }
        }
        for (int i = 0; i + 1 < length; i++) {
            ranks[i] = merges.rank(symbols[i], symbols[i + 1]);
        }
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
            int gone = next[at];
            symbols[at] = merges.merged(rank);
            next[at] = next[gone];
            ranks[gone] = Merges.NONE;
            if (next[at] < length) {
                previous[next[at]] = at;
            }
            rankAgain(at, length);
            if (at > 0) {
                rankAgain(previous[at], length);
            }
        }
        for (int i = 0; i < length; i = next[i]) {
            out.add(symbols[i]);
        }
    }

    private void rankAgain(int at, int length) {
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
