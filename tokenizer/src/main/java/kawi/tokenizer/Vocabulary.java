package kawi.tokenizer;

import java.util.Arrays;
import java.util.BitSet;
import java.util.OptionalInt;
import java.util.SplittableRandom;

/**
 * The tokens of a byte-pair vocabulary, with lookup by id and by bytes.
 *
 * <p>A vocabulary of 250,000 tokens has two megabytes of bytes; a map of strings would take twenty times that, and most
 * of the time of loading. Therefore the bytes of all tokens are in one array: token {@code id} is
 * {@code pool[start[id] .. end[id])}. Ids are found by bytes in a hash table with open addressing and linear probing,
 * which is at most half full. The hash function is polynomial with a random multiplier, chosen once per process, so
 * that a file cannot be constructed to cause collisions. Results do not depend on the multiplier.
 *
 * <p>Ids without a token are {@link #ABSENT}. The table has the tokens that text can be encoded with: the ordinary
 * ones, and added ones that are also part of the byte-pair vocabulary. Other added tokens have bytes but no entry in
 * the table.
 */
final class Vocabulary {

    static final byte ABSENT = 0;
    static final byte ORDINARY = 1;
    static final byte ADDED = 2;
    static final byte SPECIAL = 3;

    /**
     * The number of tokens or merges that one call processes while a vocabulary is built. The JVM compiles a method
     * after some hundred calls, but a single loop only after sixty thousand iterations.
     */
    static final int BATCH = 16;

    private static final long MULTIPLIER = new SplittableRandom().nextLong() | 1;

    private final byte[] pool;
    private final int[] start;
    private final int[] end;
    private final byte[] kind;
    private final int[] slots; // id + 1; 0 is free
    private final int[] byteIds; // -1 where the byte has no token

    /**
     * Creates a vocabulary from the arrays, without copying them; the length of {@code slots} is a power of two, and
     * its entries were made with {@link #insert}.
     */
    Vocabulary(byte[] pool, int[] start, int[] end, byte[] kind, int[] slots) {
        this.pool = pool;
        this.start = start;
        this.end = end;
        this.kind = kind;
        this.slots = slots;
        this.byteIds = new int[256];
        var one = new byte[1];
        for (int b = 0; b < 256; b++) {
            one[0] = (byte) b;
            byteIds[b] = find(one, 0, 1);
        }
    }

    /** Inserts {@code id} into {@code slots} and returns -1, or returns the id in the table that has the same bytes. */
    static int insert(int[] slots, byte[] pool, int[] start, int[] end, int id) {
        int slot = hash(pool, start[id], end[id]) & (slots.length - 1);
        while (slots[slot] != 0) {
            int other = slots[slot] - 1;
            if (same(pool, start[id], end[id], pool, start[other], end[other])) {
                return other;
            }
            slot = (slot + 1) & (slots.length - 1);
        }
        slots[slot] = id + 1;
        return -1;
    }

    /** The highest id of a token plus one. */
    int size() {
        return kind.length;
    }

    /** The id of the token in the table with these bytes, or -1. */
    int find(byte[] bytes, int from, int to) {
        int slot = hash(bytes, from, to) & (slots.length - 1);
        while (slots[slot] != 0) {
            int id = slots[slot] - 1;
            if (same(bytes, from, to, pool, start[id], end[id])) {
                return id;
            }
            slot = (slot + 1) & (slots.length - 1);
        }
        return -1;
    }

    /** Whether {@code id}, which may be any number, is the ordinary token with these bytes. */
    boolean isOrdinary(int id, byte[] bytes, int from, int to) {
        return id >= 0 && id < kind.length && kind[id] == ORDINARY && same(bytes, from, to, pool, start[id], end[id]);
    }

    /**
     * Equivalent to {@link Arrays#equals(byte[], int, int, byte[], int, int)}, but faster for tokens, which are short.
     */
    private static boolean same(byte[] a, int from, int to, byte[] b, int start, int end) {
        if (to - from != end - start) {
            return false;
        }
        for (int i = from, j = start; i < to; i++, j++) {
            if (a[i] != b[j]) {
                return false;
            }
        }
        return true;
    }

    /** The id of the token in the table with this spelling in {@link ByteAlphabet}. */
    OptionalInt findSpelling(String spelling) {
        var bytes = new byte[spelling.length()];
        int id = ByteAlphabet.decode(spelling, 0, spelling.length(), bytes, 0) ? find(bytes, 0, bytes.length) : -1;
        return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /** The id of the token that consists of this byte, given as 0 to 255, or -1. */
    int byteId(int b) {
        return byteIds[b];
    }

    /** Whether each byte has a token. */
    boolean hasAllBytes() {
        return Arrays.stream(byteIds).allMatch(id -> id >= 0);
    }

    /** The ids without a token. */
    BitSet absent() {
        var absent = new BitSet(kind.length);
        for (int id = 0; id < kind.length; id++) {
            if (kind[id] == ABSENT) {
                absent.set(id);
            }
        }
        return absent;
    }

    byte kind(int id) {
        return kind[id];
    }

    int length(int id) {
        return end[id] - start[id];
    }

    byte[] bytes(int id) {
        return Arrays.copyOfRange(pool, start[id], end[id]);
    }

    void decode(int id, Utf8Decoder decoder, StringBuilder out) {
        for (int i = start[id]; i < end[id]; i++) {
            decoder.feed(pool[i] & 0xFF, out);
        }
    }

    private static int hash(byte[] bytes, int from, int to) {
        long h = (long) to - from;
        for (int i = from; i < to; i++) {
            h = (h + bytes[i]) * MULTIPLIER;
        }
        return (int) (h ^ h >>> 32);
    }
}
