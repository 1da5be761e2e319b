package kawi.speculation;

import java.util.Arrays;

/**
 * Guesses the next tokens from earlier ones: finds the longest earlier occurrence of the last tokens, and guesses that
 * what followed it follows again.
 *
 * <pre>
 *    t[0 .. n)                 earlier answers, prompt and answer, in order
 *    match(q)                  the largest m with t[q-m .. q) = t[n-m .. n)
 *    source                    the q &lt; n with the largest match(q), at least {@value #MIN_MATCH}; the largest such q
 *    guesses                   t[source], t[source + 1], ...
 * </pre>
 *
 * After a correct guess the source is the next token, without a search, so a copied passage is followed to its end.
 * Where the answer then differs from it, by a changed name or an inserted line, the passage probably continues a few
 * tokens later: it is resumed there with a shorter match than a search requires, or with none right after the first
 * difference, as if that token had been replaced.
 *
 * <p>The probability that a guess is correct is estimated from the results of earlier guesses with similar lengths of
 * match, including those that were not returned because their estimate was too low.
 *
 * <p>Instances are not safe for use by multiple threads.
 */
public final class NgramIndex {

    // The search is that of LZ77 compressors [1]: every position is in the chain of a hash of the tokens before it,
    // newest first. A chain is followed for a limited number of positions, and matches are compared up to a limited
    // length. All arrays are rings with the same power of two as their size, which doubles with the number of tokens up
    // to a limit; tokens beyond it are forgotten. Positions count from 0 without end; position q of a chain stands for
    // the tokens before t[q].
    //
    // The constants were chosen on edited Java classes, JSON records, source code and prose in Qwen3.5's tokens.
    // Resuming saves 10 % of the passes for JSON and 2 % for code. More candidates find nothing.
    //
    // [1] P. Deutsch, RFC 1951, section 4 (hash chains).

    /** The maximum number of tokens that are remembered. */
    public static final int MAX_TOKENS = 1 << 18;

    /** Shorter matches are not searched for. */
    static final int MIN_MATCH = 2;

    /** Longer matches count as matches of this length. */
    static final int MAX_MATCH = 32;

    /** The number of tokens after a difference within which a passage is resumed, and the number that it may skip. */
    static final int RESUME_WITHIN = 16;

    /** A passage is resumed only if this many of its tokens were followed. */
    static final int MIN_FOLLOWED = 2;

    /** A match of this length is preferred to a passage that is resumed. */
    static final int SUFFICIENT_MATCH = 4;

    /** From this length of match on, a passage that was resumed is like any other. */
    private static final int RECOVERED_MATCH = 8;

    private static final int MAX_CANDIDATES = 64;

    /** Guesses that are less probable are not returned. */
    private static final float MIN_CONFIDENCE = 0.15f;

    private static final float CONFIDENCE_WEIGHT = 1f / 16;

    private static final int SEPARATOR = -1;
    private static final int NONE = -1;

    private final int maxTokens;
    private final float minConfidence;
    private int[] tokens;
    /** The next older position in the chain of each position; not positive at the end of a chain. */
    private int[] older;
    /** The newest position of each chain; 0 if there is none. */
    private int[] newest;

    /** The number of tokens added, including those that have been forgotten. */
    private int length;

    /** The position of the next guess, or {@link #NONE}. */
    private int source = NONE;

    private int matched;
    /** Whether {@link #source} was returned to the caller, and so is followed while it is correct. */
    private boolean following;

    private int followed;
    /** Whether the passage was resumed after a difference, so that its match counts differently. */
    private boolean resumed;

    /** The position at which the last passage that was followed differed, or {@link #NONE}. */
    private int difference = NONE;

    private int sinceDifference;

    /** The estimated probabilities by {@link #grade}. */
    private final float[] success = {0.35f, 0.45f, 0.55f, 0.6f, 0.65f, 0.7f, 0.8f, 0.9f};

    private final float[] successResumed = success.clone();

    public NgramIndex() {
        this(MAX_TOKENS, MIN_CONFIDENCE);
    }

    /** @param maxTokens a power of two */
    NgramIndex(int maxTokens, float minConfidence) {
        this.maxTokens = maxTokens;
        this.minConfidence = minConfidence;
        int size = Math.min(1024, maxTokens);
        tokens = new int[size];
        older = new int[size];
        newest = new int[size];
    }

    /**
     * Adds a text that is not continued by what is added later, such as an earlier answer. Texts added later are
     * preferred where matches have the same length.
     */
    public void addText(int[] text) {
        add(text, 0, text.length);
        append(SEPARATOR);
    }

    /** Adds the tokens {@code [from, to)}, such as those of the prompt. */
    public void add(int[] more, int from, int to) {
        for (int i = from; i < to; i++) {
            append(more[i]);
        }
        source = NONE;
        difference = NONE;
    }

    /** Adds a token of the answer. */
    public void add(int token) {
        int from = source;
        sinceDifference++;
        if (from != NONE) {
            boolean correct = at(from) == token;
            learn(correct);
            source = NONE;
            if (following && correct) {
                source = from + 1;
                matched = Math.min(matched + 1, MAX_MATCH);
                followed++;
            } else if (following && followed >= MIN_FOLLOWED) {
                difference = from;
                sinceDifference = 1;
            }
        }
        append(token);
        if (source != NONE && !isGuess(source)) {
            source = NONE;
        }
    }

    /**
     * Guesses the next tokens.
     *
     * @param out receives the guesses
     * @param max the maximum number of guesses, at most the length of {@code out}
     * @return the number of guesses; 0 if there is none that is probable enough
     */
    public int lookup(int[] out, int max) {
        if (source == NONE || !following) {
            search();
            followed = 0;
            resumed = false;
            if (difference != NONE && sinceDifference <= RESUME_WITHIN && matched < SUFFICIENT_MATCH) {
                resume();
            }
        }
        following = source != NONE && confidence(0) >= minConfidence;
        if (!following) {
            return 0;
        }
        int count = 0;
        while (count < max) {
            int position = source + count;
            int token = position < length ? at(position) : out[position - length];
            if (token == SEPARATOR) {
                break;
            }
            out[count++] = token;
        }
        return count;
    }

    /**
     * The estimated probability that guess {@code index} of the last {@link #lookup} is correct if those before it are.
     */
    public float confidence(int index) {
        return source == NONE ? 0 : grades(matched + index)[grade(matched + index)];
    }

    private void learn(boolean correct) {
        float[] of = grades(matched);
        int grade = grade(matched);
        of[grade] += ((correct ? 1 : 0) - of[grade]) * CONFIDENCE_WEIGHT;
    }

    private float[] grades(int match) {
        return resumed && match < RECOVERED_MATCH ? successResumed : success;
    }

    private static int grade(int match) {
        return match < 6 ? match : match < 12 ? 6 : 7;
    }

    private void search() {
        source = NONE;
        matched = 0;
        if (length < MIN_MATCH) {
            return;
        }
        int candidate = older[length & older.length - 1];
        for (int i = 0; i < MAX_CANDIDATES && candidate > Math.max(0, length - tokens.length); i++) {
            int match = match(candidate);
            if (match > matched && match >= MIN_MATCH && isGuess(candidate)) {
                matched = match;
                source = candidate;
                if (match == MAX_MATCH) {
                    return;
                }
            }
            candidate = older[candidate & older.length - 1];
        }
    }

    /** Replaces the result of the search by a place where the passage that was last followed may go on. */
    private void resume() {
        int best = 0;
        int place = NONE;
        for (int skipped = 0; skipped <= RESUME_WITHIN; skipped++) {
            int match = isGuess(difference + skipped) ? match(difference + skipped) : 0;
            if (match > best) {
                best = match;
                place = difference + skipped;
            }
        }
        if (place == NONE && sinceDifference == 1 && isGuess(difference + 1)) {
            place = difference + 1;
        }
        if (place != NONE && best + 1 >= matched) {
            source = place;
            matched = best;
            resumed = true;
        }
    }

    /** Whether there is a token at {@code position} that can be guessed. */
    private boolean isGuess(int position) {
        return position < length && position >= length - tokens.length && at(position) != SEPARATOR;
    }

    private int match(int position) {
        int limit = Math.min(MAX_MATCH, Math.min(position, position - (length - tokens.length)));
        int match = 0;
        while (match < limit
                && at(position - 1 - match) == at(length - 1 - match)
                && at(position - 1 - match) != SEPARATOR) {
            match++;
        }
        return match;
    }

    private int at(int position) {
        return tokens[position & tokens.length - 1];
    }

    private void append(int token) {
        if (length == tokens.length && length < maxTokens) {
            grow();
        }
        tokens[length & tokens.length - 1] = token;
        length++;
        link(length);
    }

    /** Makes {@code position} the newest in the chain of the tokens before it. */
    private void link(int position) {
        int slot = position & older.length - 1;
        older[slot] = 0;
        int hash = 0;
        for (int i = 1; i <= MIN_MATCH; i++) {
            if (position < i || at(position - i) == SEPARATOR) {
                return;
            }
            hash = (hash + at(position - i)) * 0x9E3779B1;
        }
        int chain = hash >>> Integer.numberOfLeadingZeros(newest.length - 1);
        older[slot] = newest[chain];
        newest[chain] = position;
    }

    private void grow() {
        int size = 2 * tokens.length;
        tokens = Arrays.copyOf(tokens, size);
        older = new int[size];
        newest = new int[size];
        for (int position = 1; position <= length; position++) {
            link(position);
        }
    }
}
