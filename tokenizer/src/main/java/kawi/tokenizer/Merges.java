package kawi.tokenizer;

import static kawi.tokenizer.TokenizerException.quote;

import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * The merges of a byte-pair vocabulary: which pairs of tokens are merged, into which token, and with which priority.
 *
 * <p>{@code rank(left, right)} is the index of the pair in the file's list, the last one of several; the pair with the
 * lowest rank is merged first. {@code merged(rank)} is the resulting token. Pairs are longs,
 * {@code left << 32 | right}, in order of rank. They are found with a hash table of ranks with open addressing and
 * linear probing, which is at most half full. The hash function has a random key, chosen once per process, so that a
 * file cannot be constructed to cause collisions.
 */
final class Merges {

    /** The rank of pairs that are not in the list. */
    static final int NONE = Integer.MAX_VALUE;

    private static final long KEY = new SplittableRandom().nextLong();

    private final long[] pairs;
    private final int[] merged;
    private final int[] slots; // rank + 1; 0 is free

    private Merges(int count) {
        pairs = new long[count];
        merged = new int[count];
        slots = new int[Integer.highestOneBit(Math.max(8, count)) << 2];
    }

    int rank(int left, int right) {
        int entry = slots[slot((long) left << 32 | right)];
        return entry == 0 ? NONE : entry - 1;
    }

    int merged(int rank) {
        return merged[rank];
    }

    /** Returns the slot of the pair, or the free slot in which to insert it. */
    private int slot(long pair) {
        long h = (pair ^ KEY) * 0x9E3779B97F4A7C15L;
        h = (h ^ h >>> 32) * 0xD6E8FEB86659FD93L;
        int slot = (int) (h >>> 32) & (slots.length - 1);
        while (slots[slot] != 0 && pairs[slots[slot] - 1] != pair) {
            slot = (slot + 1) & (slots.length - 1);
        }
        return slot;
    }

    private void enter(int rank, long pair) {
        int slot = slot(pair);
        pairs[rank] = pair;
        slots[slot] = rank + 1;
    }

    /** Collects the merges of a file, in which they may precede the vocabulary. */
    static final class Builder {

        private static final int MAX_MERGES = 1 << 22;
        private static final int MAX_POOL = 1 << 28;

        /** Stands for the ids of a merge that is omitted. */
        private static final int OMITTED = -1;

        private final String file;
        private final String key;
        private byte[] pool;
        private int[]
                bounds; // merge n is pool[bounds[2n] .. bounds[2n + 1]) and pool[bounds[2n + 1] .. bounds[2n + 2])
        private int count;

        /**
         * @param file the file's name and {@code key} the key of the merges, for messages
         * @param expected the approximate number of merges
         */
        Builder(String file, String key, int expected) {
            this.file = file;
            this.key = key;
            this.bounds = new int[2 * Math.clamp(expected, 16, MAX_MERGES) + 1];
            this.pool = new byte[4 * bounds.length];
        }

        /** Adds the next merge in the form {@code "left right"}. */
        void add(String merge) {
            int space = merge.indexOf(' ');
            if (space < 0) {
                throw error(count, quote(merge), "expected two tokens separated by a space");
            }
            add(merge, 0, space, merge, space + 1);
        }

        /** Adds the next merge in the form {@code "left right"}, encoded in UTF-8. */
        void add(byte[] utf8, int from, int to) {
            int space = from;
            while (space < to && utf8[space] != ' ') {
                space++;
            }
            if (count < MAX_MERGES && to - from <= MAX_POOL - bounds[2 * count] && space < to) {
                grow(to - from);
                int at = bounds[2 * count];
                int left = ByteAlphabet.decode(utf8, from, space, pool, at);
                int right = left <= 0 ? 0 : ByteAlphabet.decode(utf8, space + 1, to, pool, at + left);
                if (right > 0) {
                    bounds[2 * count + 1] = at + left;
                    bounds[2 * count + 2] = at + left + right;
                    count++;
                    return;
                }
            }
            try {
                add(GgufStrings.text(utf8, from, to));
            } catch (CharacterCodingException e) {
                throw new TokenizerException("%s: %s[%d] is not UTF-8".formatted(file, key, count), e);
            }
        }

        /** Adds the next merge. */
        void add(String left, String right) {
            add(left, 0, left.length(), right, 0);
        }

        private void add(String left, int leftFrom, int leftTo, String right, int rightFrom) {
            int leftLength = leftTo - leftFrom;
            int length = leftLength + right.length() - rightFrom;
            if (count == MAX_MERGES || length > MAX_POOL - bounds[2 * count]) {
                throw new TokenizerException(
                        "%s: %s: more than %d merges or %d bytes".formatted(file, key, MAX_MERGES, MAX_POOL));
            }
            grow(length);
            int at = bounds[2 * count];
            boolean spelled = leftLength > 0
                    && length > leftLength
                    && ByteAlphabet.decode(left, leftFrom, leftTo, pool, at)
                    && ByteAlphabet.decode(right, rightFrom, right.length(), pool, at + leftLength);
            if (!spelled) {
                String merge = left.substring(leftFrom, leftTo) + " " + right.substring(rightFrom);
                throw error(count, quote(merge), "expected two tokens in the 256 characters that represent bytes");
            }
            bounds[2 * count + 1] = at + leftLength;
            bounds[2 * count + 2] = at + length;
            count++;
        }

        private void grow(int length) {
            int used = bounds[2 * count];
            if (used + length > pool.length) {
                pool = Arrays.copyOf(pool, Math.max(2 * pool.length, used + length));
            }
            if (2 * count + 3 > bounds.length) {
                bounds = Arrays.copyOf(bounds, 2 * bounds.length + 1);
            }
        }

        /**
         * Builds the merges.
         *
         * @param withheld the spellings of control tokens, which are never the result of merging; merges that would
         *     produce or continue them are omitted
         */
        Merges build(Vocabulary vocabulary, Set<String> withheld) {
            // Each step is a method of its own, small enough for the JVM to compile it in a short time.
            var merges = new Merges(count);
            boolean[] first = firstBytes(withheld);
            var sides = new int[2 * Vocabulary.BATCH];
            int result = -1;
            for (int n = 0; n < count; n += Vocabulary.BATCH) {
                int end = Math.min(n + Vocabulary.BATCH, count);
                markOmitted(n, end, withheld, first, sides);
                findSides(n, end, vocabulary, sides);
                result = findResults(n, end, vocabulary, sides, merges.merged, result);
                enter(n, end, sides, merges);
            }
            return merges;
        }

        /** Sets the sides of the merges {@code [begin, end)} to 0, or to {@link #OMITTED}. */
        private void markOmitted(int begin, int end, Set<String> withheld, boolean[] first, int[] sides) {
            for (int n = begin; n < end; n++) {
                // Few merges begin like a control token, and spelling one out is slow.
                boolean possible = first[pool[bounds[2 * n]] & 0xFF] || first[pool[bounds[2 * n + 1]] & 0xFF];
                int mark = possible && isWithheld(withheld, n) ? OMITTED : 0;
                sides[2 * (n - begin)] = mark;
                sides[2 * (n - begin) + 1] = mark;
            }
        }

        /** Sets the sides of merges, two ids for each, unless they are omitted. */
        private void findSides(int begin, int end, Vocabulary vocabulary, int[] sides) {
            for (int side = 2 * begin; side < 2 * end; side++) {
                if (sides[side - 2 * begin] != OMITTED) {
                    sides[side - 2 * begin] = token(vocabulary, side / 2, bounds[side], bounds[side + 1]);
                }
            }
        }

        /**
         * Sets the results of merges.
         *
         * @param previous the result of the last merge before them
         * @return the result of the last one
         */
        private int findResults(int begin, int end, Vocabulary vocabulary, int[] sides, int[] results, int previous) {
            int result = previous;
            for (int n = begin; n < end; n++) {
                if (sides[2 * (n - begin)] != OMITTED) {
                    int from = bounds[2 * n];
                    int to = bounds[2 * n + 2];
                    // Trainers number tokens in the order of the merges, so this is nearly always the next id.
                    result = vocabulary.isOrdinary(result + 1, pool, from, to)
                            ? result + 1
                            : token(vocabulary, n, from, to);
                    results[n] = result;
                }
            }
            return result;
        }

        private static void enter(int begin, int end, int[] sides, Merges merges) {
            for (int n = begin; n < end; n++) {
                int left = sides[2 * (n - begin)];
                if (left != OMITTED) {
                    merges.enter(n, (long) left << 32 | sides[2 * (n - begin) + 1]);
                }
            }
        }

        /** The bytes with which some of the spellings begin. */
        private static boolean[] firstBytes(Set<String> spellings) {
            var first = new boolean[256];
            var one = new byte[1];
            for (String spelling : spellings) {
                if (ByteAlphabet.decode(spelling, 0, 1, one, 0)) {
                    first[one[0] & 0xFF] = true;
                }
            }
            return first;
        }

        private boolean isWithheld(Set<String> withheld, int n) {
            String left = ByteAlphabet.encode(pool, bounds[2 * n], bounds[2 * n + 1]);
            String right = ByteAlphabet.encode(pool, bounds[2 * n + 1], bounds[2 * n + 2]);
            return withheld.contains(left + right) || withheld.contains(left) || withheld.contains(right);
        }

        private int token(Vocabulary vocabulary, int n, int from, int to) {
            int id = vocabulary.find(pool, from, to);
            if (id < 0) {
                String token = quote(ByteAlphabet.encode(pool, from, to));
                throw error(n, spelling(n), "the vocabulary has no ordinary token " + token);
            }
            return id;
        }

        private String spelling(int n) {
            return ByteAlphabet.encode(pool, bounds[2 * n], bounds[2 * n + 1]) + " "
                    + ByteAlphabet.encode(pool, bounds[2 * n + 1], bounds[2 * n + 2]);
        }

        private TokenizerException error(int n, String merge, String problem) {
            return new TokenizerException("%s: %s[%d] %s: %s".formatted(file, key, n, merge, problem));
        }
    }
}
