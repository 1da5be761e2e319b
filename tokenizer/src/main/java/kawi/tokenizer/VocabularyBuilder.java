package kawi.tokenizer;

import static kawi.tokenizer.TokenizerException.quote;

import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Collects the tokens of a file in any order, checks their consistency and builds a {@link Vocabulary}.
 *
 * <p>Files are not trusted: the memory used depends on the number and the lengths of the tokens in the file, not on the
 * value of an id. Ids need not be contiguous, but the highest id is bounded by the number of tokens.
 *
 * <p>A file may list an added token also among the ordinary tokens, with the same id. It can then be the result of
 * merges too, unless it is special and has more than one byte: text from users must not be encoded as a control token.
 *
 * <p>A token that is not spelled in {@link ByteAlphabet} can be decoded, but no text is encoded with it.
 */
final class VocabularyBuilder {

    private static final int MAX_TOKENS = 1 << 22;
    private static final int MAX_POOL = 1 << 28;
    private static final int MAX_TOKEN_LENGTH = 1 << 16;

    /** Added tokens are searched for at every position of a text, so the limit of their length is lower. */
    private static final int MAX_ADDED_LENGTH = 256;

    /**
     * The highest id is limited to this multiple of the number of tokens plus {@link #GAP_SLACK}, for small
     * vocabularies.
     */
    private static final int GAP_FACTOR = 8;

    private static final int GAP_SLACK = 1 << 16;
    private static final int MAX_ID = GAP_FACTOR * MAX_TOKENS - 1;

    private final String file;
    private final String key;

    private byte[] pool;
    private int poolSize;
    private int[] ids;
    private int[] starts; // token n is pool[starts[n]..starts[n + 1])
    private int count;
    private int unused;

    /** The ordinary tokens, by their index in the file, that are not spelled in {@link ByteAlphabet}. */
    private final Map<Integer, String> unspellable = new HashMap<>();

    private final Set<String> withheld = new HashSet<>();
    private final Map<Integer, AddedToken> addedById = new TreeMap<>();
    private final Map<String, AddedToken> addedByText = new HashMap<>();

    /**
     * @param file the file's name, for messages
     * @param key the key of the ordinary tokens, for messages
     * @param expected the approximate number of tokens
     */
    VocabularyBuilder(String file, String key, int expected) {
        this.file = file;
        this.key = key;
        this.ids = new int[Math.clamp(expected, 16, MAX_TOKENS)];
        this.starts = new int[ids.length + 1];
        this.pool = new byte[8 * ids.length];
    }

    /** Counts a token that is only a placeholder, so that its id is permitted. */
    void unused() {
        unused++;
    }

    /** Adds an ordinary token, spelled in {@link ByteAlphabet}. */
    void ordinary(int id, String spelling) {
        checkId(id, spelling, key);
        if (spelling.isEmpty() || spelling.length() > MAX_TOKEN_LENGTH) {
            throw error(key, spelling, id, "a token has 1 to " + MAX_TOKEN_LENGTH + " characters");
        }
        if (ByteAlphabet.decode(spelling, 0, spelling.length(), reserve(spelling.length()), poolSize)) {
            poolSize += spelling.length();
        } else {
            unspellable.put(count, spelling);
        }
        enter(id);
    }

    /** Adds an ordinary token, spelled in {@link ByteAlphabet} and encoded in UTF-8. */
    void ordinary(int id, byte[] utf8, int from, int to) {
        boolean usual = id >= 0 && id <= MAX_ID && to - from <= MAX_TOKEN_LENGTH;
        int length = usual ? ByteAlphabet.decode(utf8, from, to, reserve(to - from), poolSize) : 0;
        if (length > 0) {
            poolSize += length;
            enter(id);
        } else {
            ordinary(id, text(id, utf8, from, to));
        }
    }

    /** Decodes the text of a token from UTF-8. */
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
     * Adds an added token.
     *
     * @param where the key of the token in the file, for messages
     */
    void added(AddedToken token, String where) {
        String text = token.text();
        checkId(token.id(), text, where);
        if (text.isEmpty() || text.length() > MAX_ADDED_LENGTH) {
            throw error(where, text, token.id(), "an added token has 1 to " + MAX_ADDED_LENGTH + " characters");
        }
        if (text.codePoints().anyMatch(c -> Character.getType(c) == Character.SURROGATE)) {
            throw error(where, text, token.id(), "an added token cannot contain an unpaired surrogate");
        }
        var sameId = addedById.putIfAbsent(token.id(), token);
        if (sameId != null) {
            throw error(where, text, token.id(), "the id already belongs to " + quote(sameId.text()));
        }
        var sameText = addedByText.putIfAbsent(text, token);
        if (sameText != null) {
            throw error(where, text, token.id(), "the same token has id " + sameText.id());
        }
    }

    /**
     * Makes tokens that are named as special ones, whatever their ids in {@code tokens}, added tokens: those that are
     * ordinary tokens in this file and in brackets like {@code <|im_end|>}, so that they are no words of a language.
     */
    void named(List<AddedToken> tokens) {
        var missing = new HashMap<String, AddedToken>();
        for (AddedToken token : tokens) {
            String text = token.text();
            boolean bracketed = text.length() > 2
                    && ((text.startsWith("<") && text.endsWith(">")) || (text.startsWith("[") && text.endsWith("]")));
            if (bracketed && !addedByText.containsKey(text)) {
                missing.putIfAbsent(text, token);
            }
        }
        for (int n = 0; n < count && !missing.isEmpty(); n++) {
            boolean candidate = starts[n] == starts[n + 1] || pool[starts[n]] == '<' || pool[starts[n]] == '[';
            AddedToken token = candidate ? missing.remove(spelling(n)) : null;
            if (token != null && !addedById.containsKey(ids[n])) {
                added(token.withId(ids[n]), key);
            }
        }
    }

    /** The added token with this id, or null. */
    @Nullable AddedToken addedWithId(int id) {
        return addedById.get(id);
    }

    List<AddedToken> addedTokens() {
        return List.copyOf(addedById.values());
    }

    /** The spellings of special tokens that merges must not produce; complete after {@link #build}. */
    Set<String> withheld() {
        return withheld;
    }

    /** The id of an added token or a token of the vocabulary, or -1. */
    int id(Vocabulary built, String token) {
        AddedToken added = addedByText.get(token);
        return added != null ? added.id() : built.findSpelling(token).orElse(-1);
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
            throw new TokenizerException(file + ": " + key + ": expected at least one token, found none");
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
            var duplicate = vocabulary.findSpelling(token.text());
            if (duplicate.isPresent() && duplicate.getAsInt() != token.id()) {
                throw error("added tokens", token.text(), token.id(), "the same token has id " + duplicate.getAsInt());
            }
        }
        return vocabulary;
    }

    private void placeAdded(int[] start, int[] end, byte[] kind) {
        for (AddedToken token : addedById.values()) {
            place(token.id(), token.text(), token.special() ? Vocabulary.SPECIAL : Vocabulary.ADDED, start, end, kind);
        }
    }

    private void placeOrdinary(int[] start, int[] end, byte[] kind, int[] slots) {
        var seen = new BitSet();
        for (int n = 0; n < count; n += Vocabulary.BATCH) {
            placeOrdinary(n, Math.min(n + Vocabulary.BATCH, count), start, end, kind, slots, seen);
        }
    }

    /**
     * Places the tokens {@code [from, to)} of the file.
     *
     * @param seen the ids that earlier ones have, apart from those of the kind {@link Vocabulary#ORDINARY}
     */
    private void placeOrdinary(int from, int to, int[] start, int[] end, byte[] kind, int[] slots, BitSet seen) {
        for (int n = from; n < to; n++) {
            int id = ids[n];
            if (kind[id] == Vocabulary.ABSENT && starts[n] < starts[n + 1]) {
                kind[id] = Vocabulary.ORDINARY;
            } else if (!hasEntry(n, start, end, kind, seen)) {
                continue;
            }
            start[id] = starts[n];
            end[id] = starts[n + 1];
            int duplicate = Vocabulary.insert(slots, pool, start, end, id);
            if (duplicate >= 0) {
                throw error(key, spelling(n), id, "the same token has id " + duplicate);
            }
        }
    }

    /**
     * Checks a token of the file that is also an added token, or is not spelled in {@link ByteAlphabet} and becomes
     * one, and returns whether text can be encoded with it.
     */
    private boolean hasEntry(int n, int[] start, int[] end, byte[] kind, BitSet seen) {
        int id = ids[n];
        if (kind[id] == Vocabulary.ORDINARY || seen.get(id)) {
            throw error(
                    key,
                    spelling(n),
                    id,
                    "the id already belongs to " + quote(ByteAlphabet.encode(pool, start[id], end[id])));
        }
        seen.set(id);
        if (kind[id] == Vocabulary.ABSENT) {
            place(id, spelling(n), Vocabulary.ADDED, start, end, kind);
            return false;
        }
        AddedToken token = Objects.requireNonNull(addedById.get(id));
        if (!token.text().equals(spelling(n))) {
            throw error(key, spelling(n), id, "the id already belongs to the added token " + quote(token.text()));
        }
        int length = starts[n + 1] - starts[n];
        boolean control = token.special() && length > 1;
        if (control) {
            withheld.add(token.text());
        }
        return length > 0 && !control;
    }

    private void place(int id, String token, byte itsKind, int[] start, int[] end, byte[] kind) {
        byte[] text = token.getBytes(StandardCharsets.UTF_8);
        start[id] = poolSize;
        System.arraycopy(text, 0, reserve(text.length), poolSize, text.length);
        poolSize += text.length;
        end[id] = poolSize;
        kind[id] = itsKind;
    }

    private String spelling(int n) {
        String unspelled = unspellable.get(n);
        return unspelled != null ? unspelled : ByteAlphabet.encode(pool, starts[n], starts[n + 1]);
    }

    private byte[] reserve(int length) {
        if (length > MAX_POOL - poolSize) {
            throw new TokenizerException(
                    file + ": " + key + ": the total length of the tokens exceeds " + MAX_POOL + " bytes");
        }
        if (poolSize + length > pool.length) {
            pool = Arrays.copyOf(pool, Math.max(2 * pool.length, poolSize + length));
        }
        return pool;
    }

    private void checkId(int id, String token, String where) {
        if (id < 0 || id > MAX_ID) {
            throw error(where, token, id, "expected an id from 0 to " + MAX_ID);
        }
    }

    private TokenizerException error(String where, String token, int id, String problem) {
        return new TokenizerException(
                "%s: %s: token %s with id %d: %s".formatted(file, where, quote(token), id, problem));
    }
}
