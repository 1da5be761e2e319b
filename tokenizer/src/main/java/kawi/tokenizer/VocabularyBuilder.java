package kawi.tokenizer;

import static kawi.tokenizer.TokenizerException.quote;

import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Collects the tokens of a file in whatever order it gives them, checks them against each other and builds a {@link
 * Vocabulary}.
 *
 * <p>Files are hostile: memory follows the number and length of the tokens that were really there, never an id that a
 * file merely mentions. Ids may leave gaps, but not run far beyond the number of tokens.
 *
 * <p>A file may list an added token among the ordinary ones too, under the same id. It is an added token then: merging
 * cannot make it.
 */
final class VocabularyBuilder {

    private static final int MAX_TOKENS = 1 << 22;
    private static final int MAX_POOL = 1 << 28;
    private static final int MAX_TOKEN_LENGTH = 1 << 16;

    /** Added tokens are looked for at every place of a text, so their length is bounded more tightly. */
    private static final int MAX_ADDED_LENGTH = 256;

    /** How far ids may run ahead of the number of tokens: eight times, and some for tiny vocabularies. */
    private static final int GAP_FACTOR = 8;

    private static final int GAP_SLACK = 1 << 16;
    private static final int MAX_ID = GAP_FACTOR * MAX_TOKENS - 1;

    private final String file;
    private final String key;

    private byte[] pool;
    private int poolSize;
    private int[] ids;
    private int[] starts; // token n is pool[starts[n] .. starts[n + 1])
    private int count;
    private int unused;

    /**
     * By place in the file, ordinary tokens that are not in {@link ByteAlphabet}: an error unless they prove to be
     * added tokens.
     */
    private final Map<Integer, String> unspellable = new HashMap<>();

    private final Map<Integer, AddedToken> addedById = new TreeMap<>();
    private final Map<String, AddedToken> addedByText = new HashMap<>();

    /**
     * @param file the file's name and {@code key} the key of the ordinary tokens, for messages
     * @param expected about how many tokens will come
     */
    VocabularyBuilder(String file, String key, int expected) {
        this.file = file;
        this.key = key;
        this.ids = new int[Math.clamp(expected, 16, MAX_TOKENS)];
        this.starts = new int[ids.length + 1];
        this.pool = new byte[8 * ids.length];
    }

    /** Leaves out a token that only fills an id; the file has listed it, so the id is no sign of damage. */
    void unused() {
        unused++;
    }

    /** Adds an ordinary token as spelled in {@link ByteAlphabet}. */
    void ordinary(int id, String spelling) {
        checkId(id, spelling, key);
        if (spelling.isEmpty() || spelling.length() > MAX_TOKEN_LENGTH) {
            throw error(key, spelling, id, "a token has 1 to " + MAX_TOKEN_LENGTH + " characters");
        }
        if (ByteAlphabet.decode(spelling, 0, spelling.length(), room(spelling.length()), poolSize)) {
            poolSize += spelling.length();
        } else {
            unspellable.put(count, spelling);
        }
        enter(id);
    }

    /** Adds an ordinary token as spelled in {@link ByteAlphabet}, in UTF-8. */
    void ordinary(int id, byte[] utf8, int from, int to) {
        boolean usual = id >= 0 && id <= MAX_ID && to - from <= MAX_TOKEN_LENGTH;
        int length = usual ? ByteAlphabet.decode(utf8, from, to, room(to - from), poolSize) : 0;
        if (length > 0) {
            poolSize += length;
            enter(id);
        } else {
            ordinary(id, text(id, utf8, from, to));
        }
    }

    /** The text of a token in UTF-8. */
    String text(int id, byte[] utf8, int from, int to) {
        try {
            return GgufStrings.text(utf8, from, to);
        } catch (CharacterCodingException e) {
            throw new TokenizerException("%s: %s[%d] is not UTF-8".formatted(file, key, id), e);
        }
    }

    private void enter(int id) {
        if (count == MAX_TOKENS) {
            throw new TokenizerException(file + ": " + key + ": more than " + MAX_TOKENS + " tokens");
        }
        if (count == ids.length) {
            ids = Arrays.copyOf(ids, 2 * count);
            starts = Arrays.copyOf(starts, 2 * count + 1);
        }
        ids[count++] = id;
        starts[count] = poolSize;
    }

    /**
     * Adds a token that is written as itself.
     *
     * @param where the key, for messages
     */
    void added(AddedToken token, String where) {
        String text = token.text();
        checkId(token.id(), text, where);
        if (text.isEmpty() || text.length() > MAX_ADDED_LENGTH) {
            throw error(where, text, token.id(), "an added token has 1 to " + MAX_ADDED_LENGTH + " characters");
        }
        if (text.indexOf(Shield.SENTINEL) >= 0) {
            throw error(
                    where, text, token.id(), "U+FDD1 is reserved for escaping and cannot be part of an added token");
        }
        if (text.codePoints().anyMatch(c -> Character.getType(c) == Character.SURROGATE)) {
            throw error(where, text, token.id(), "half a surrogate pair is not text");
        }
        var sameId = addedById.putIfAbsent(token.id(), token);
        if (sameId != null) {
            throw error(where, text, token.id(), "the id already belongs to " + quote(sameId.text()));
        }
        var sameText = addedByText.putIfAbsent(text, token);
        if (sameText != null) {
            throw error(where, text, token.id(), "the same token already has id " + sameText.id());
        }
    }

    /** The added token with this id, if there is one. */
    @Nullable AddedToken addedWithId(int id) {
        return addedById.get(id);
    }

    List<AddedToken> addedTokens() {
        return List.copyOf(addedById.values());
    }

    Vocabulary build() {
        int highest = -1;
        for (int n = 0; n < count; n++) {
            highest = Math.max(highest, ids[n]);
        }
        for (int id : addedById.keySet()) {
            highest = Math.max(highest, id);
        }
        int total = count + addedById.size() + unused;
        if (count == 0) {
            throw new TokenizerException(file + ": " + key + ": there are no tokens");
        }
        if (highest >= (long) GAP_FACTOR * total + GAP_SLACK) {
            throw new TokenizerException("%s: %s: the highest token id is %d, but there are only %d tokens"
                    .formatted(file, key, highest, total));
        }
        var start = new int[highest + 1];
        var end = new int[highest + 1];
        var kind = new byte[highest + 1];
        var slots = new int[Integer.highestOneBit(Math.max(8, count)) << 2];
        placeAdded(start, end, kind);
        placeOrdinary(start, end, kind, slots);
        var vocabulary = new Vocabulary(pool, start, end, kind, slots);
        for (AddedToken token : addedById.values()) {
            var twin = vocabulary.findSpelling(token.text());
            if (twin.isPresent()) {
                throw error(
                        "added tokens", token.text(), token.id(), "the same token already has id " + twin.getAsInt());
            }
        }
        return vocabulary;
    }

    private void placeAdded(int[] start, int[] end, byte[] kind) {
        for (AddedToken token : addedById.values()) {
            int id = token.id();
            byte[] text = token.text().getBytes(StandardCharsets.UTF_8);
            start[id] = poolSize;
            System.arraycopy(text, 0, room(text.length), poolSize, text.length);
            poolSize += text.length;
            end[id] = poolSize;
            kind[id] = token.special() ? Vocabulary.SPECIAL : Vocabulary.ADDED;
        }
    }

    private void placeOrdinary(int[] start, int[] end, byte[] kind, int[] slots) {
        for (int n = 0; n < count; n++) {
            int id = ids[n];
            if (kind[id] == Vocabulary.ORDINARY) {
                throw error(
                        key,
                        spelling(n),
                        id,
                        "the id already belongs to " + quote(ByteAlphabet.encode(pool, start[id], end[id])));
            }
            if (kind[id] != Vocabulary.ABSENT) {
                AddedToken token = Objects.requireNonNull(addedById.get(id));
                if (!token.text().equals(spelling(n))) {
                    throw error(
                            key, spelling(n), id, "the id already belongs to the added token " + quote(token.text()));
                }
                continue;
            }
            if (starts[n] == starts[n + 1]) {
                throw error(
                        key,
                        spelling(n),
                        id,
                        "expected only the 256 characters in which byte-level tokens are spelled");
            }
            start[id] = starts[n];
            end[id] = starts[n + 1];
            kind[id] = Vocabulary.ORDINARY;
            int twin = Vocabulary.insert(slots, pool, start, end, id);
            if (twin >= 0) {
                throw error(key, spelling(n), id, "the same token already has id " + twin);
            }
        }
    }

    private String spelling(int n) {
        String odd = unspellable.get(n);
        return odd != null ? odd : ByteAlphabet.encode(pool, starts[n], starts[n + 1]);
    }

    private byte[] room(int length) {
        if (length > MAX_POOL - poolSize) {
            throw new TokenizerException(
                    file + ": " + key + ": the tokens together are longer than " + MAX_POOL + " bytes");
        }
        if (poolSize + length > pool.length) {
            pool = Arrays.copyOf(pool, Math.max(2 * pool.length, poolSize + length));
        }
        return pool;
    }

    private void checkId(int id, String token, String where) {
        if (id < 0 || id > MAX_ID) {
            throw error(where, token, id, "ids run from 0 to " + MAX_ID);
        }
    }

    private TokenizerException error(String where, String token, int id, String problem) {
        return new TokenizerException(
                "%s: %s: token %s with id %d: %s".formatted(file, where, quote(token), id, problem));
    }
}
