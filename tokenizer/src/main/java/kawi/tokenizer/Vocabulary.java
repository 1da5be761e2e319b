package kawi.tokenizer;

import java.util.Arrays;
import java.util.BitSet;
import java.util.OptionalInt;
import java.util.SplittableRandom;

/**
 * The tokens of a byte-pair vocabulary: id to bytes and bytes to id.
 *
 * <p>A quarter of a million tokens are two megabytes of bytes, and a map of boxed strings would be twenty times that
 * and take longest to build. So all bytes lie in one array; token {@code id} is {@code pool[start[id] .. end[id])}. The
 * way back is a table of ids, open addressing with linear probing, at most half full. Its hash is a polynomial with a
 * multiplier drawn at random once per process: a file cannot be written so that its tokens collide. Nothing that can be
 * observed depends on the draw.
 *
 * <p>Ids that no token has are gaps, {@link #ABSENT}. Tokens that are written as themselves rather than in {@link
 * ByteAlphabet} have bytes and no entry in the table.
 */
final class Vocabulary {

    static final byte ABSENT = 0;
    static final byte ORDINARY = 1;
    static final byte ADDED = 2;
    static final byte SPECIAL = 3;

    private static final long MULTIPLIER = new SplittableRandom().nextLong() | 1;

    private final byte[] pool;
    private final int[] start;
    private final int[] end;
    private final byte[] kind;
    private final int[] slots; // id + 1; 0 is free
    private final int[] byteIds; // -1 where the byte has no token

    /** Takes the arrays over; {@code slots} has a power of two as its length and is filled through {@link #insert}. */
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

    /**
     * Enters {@code id} into {@code slots}; returns the id that has the same bytes already, or -1 when it was entered.
     */
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

    /** One more than the highest id of a token. */
    int size() {
        return kind.length;
    }

    /** The id of the ordinary token with these bytes, or -1. */
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

    /** Whether {@code id} is the ordinary token with these bytes; it may be any number. */
    boolean isOrdinary(int id, byte[] bytes, int from, int to) {
        return id >= 0 && id < kind.length && kind[id] == ORDINARY && same(bytes, from, to, pool, start[id], end[id]);
    }

    /**
     * What {@link Arrays#equals(byte[], int, int, byte[], int, int)} says; tokens are too short for its preparations.
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

    /** The id of the ordinary token spelled so in {@link ByteAlphabet}. */
    OptionalInt findSpelling(String spelling) {
        var bytes = new byte[spelling.length()];
        int id = ByteAlphabet.decode(spelling, 0, spelling.length(), bytes, 0) ? find(bytes, 0, bytes.length) : -1;
        return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /** The id of the token that is this one byte (0..255), or -1. */
    int byteId(int b) {
        return byteIds[b];
    }

    /** The ids that no token has. */
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
