package kawi.engine;

import java.util.Arrays;
import java.util.List;
import kawi.Speculation;
import kawi.constraint.Constrained;
import kawi.speculation.DraftDepth;
import kawi.speculation.ForcedTokens;
import kawi.speculation.NgramIndex;
import kawi.speculation.Source;
import org.jspecify.annotations.Nullable;

/**
 * The guesses of an answer: where they come from, how many there are, and what has become of them.
 *
 * <p>The sources, in order: the tokens that close a thought; what the constraint on the answer requires; what followed
 * the same tokens in the prompt, the answer or earlier answers; the model's head for multi-token prediction. The first
 * one with guesses that are expected to save time is used.
 */
final class AnswerGuesses implements Guesser {

    private static final int MAX_GUESSES = Speculation.MAX_GUESSES;

    private final int limit;

    /** Whether all guesses are verified, whether or not they are expected to save time. */
    private final boolean all;

    private final boolean head;
    private final @Nullable RehearsedGuesses rehearsed;
    private final TokenText prompt;
    private final List<int[]> earlier;
    private final @Nullable DraftDepth depth;
    private final int[] ids = new int[MAX_GUESSES];
    private final float[] confidence = new float[MAX_GUESSES];

    // Created when they are first needed.

    private @Nullable NgramIndex index;
    private @Nullable ForcedTokens forced;

    /** The number of tokens in the index. */
    private int indexed;

    /** The constraint on the next tokens, or null. */
    private @Nullable Constrained constraint;

    private int[] upcoming = {};

    /** Where the guesses of the current pass come from. */
    private Source source = Source.LOOKUP;

    private int drafts;
    private int otherRows;
    private int steps;
    private int guessed;
    private int accepted;

    /**
     * @param prompt the tokens of images in it are not guessed from
     * @param earlier answers that may be repeated
     */
    AnswerGuesses(Speculation speculation, LoadedModel model, TokenText prompt, List<int[]> earlier) {
        this.prompt = prompt;
        this.earlier = earlier;
        head = model.predictsTokens();
        limit = switch (speculation) {
            case Speculation.Off() -> 0;
            case Speculation.Auto() -> MAX_GUESSES;
            case Speculation.UpTo(int guesses) -> guesses;
            case Speculation.Rehearsal rehearsal -> rehearsal.guesses();
        };
        all = !(speculation instanceof Speculation.Auto);
        depth = all ? null : new DraftDepth(model.scheduler().statistics(), limit);
        rehearsed = speculation instanceof Speculation.Rehearsal rehearsal
                ? new RehearsedGuesses(rehearsal, prompt.length(), model.vocabularySize())
                : null;
    }

    /** Whether the model's head may be asked for guesses. */
    boolean useHead() {
        return head && limit > 0;
    }

    /**
     * Sets the constraint on the next tokens.
     *
     * @param upcoming tokens that come next whatever the model chooses
     */
    void constrainedBy(@Nullable Constrained constraint, int[] upcoming) {
        this.constraint = constraint;
        this.upcoming = upcoming;
    }

    /** Notes a token of the answer, before {@code constraint} accepts it. */
    void accept(Constrained constraint, int token) {
        if (forced != null) {
            forced.accept(constraint, token);
        }
    }

    @Override
    public int guess(int[] tokens, int at, int most, int otherRows) {
        int room = Math.min(limit, most);
        this.otherRows = otherRows;
        drafts = 0;
        if (room <= 0) {
            return 0;
        }
        if (rehearsed != null) {
            int count = rehearsed.guess(tokens, at, room);
            drafts = head ? count : 0;
            return count;
        }
        int count = upcoming.length > 0 ? require(room) : constraint == null ? 0 : force(constraint, room);
        if (count == 0) {
            count = lookup(tokens, at, room);
        }
        if (count == 0 && head) {
            source = Source.HEAD;
            drafts = Math.min(room, depth == null ? limit : depth.guesses(otherRows));
        }
        System.arraycopy(ids, 0, tokens, at, count);
        return count;
    }

    private int require(int room) {
        int count = Math.min(upcoming.length, room);
        System.arraycopy(upcoming, 0, ids, 0, count);
        Arrays.fill(confidence, 0, count, 1);
        return worthwhile(Source.CONSTRAINT, count);
    }

    private int force(Constrained constraint, int room) {
        ForcedTokens known = forced;
        if (known == null) {
            known = new ForcedTokens();
            forced = known;
        }
        int count = known.forced(constraint, ids, room);
        for (int i = 0; i < count; i++) {
            confidence[i] = known.confidence(i);
        }
        return worthwhile(Source.CONSTRAINT, count);
    }

    private int lookup(int[] tokens, int at, int room) {
        NgramIndex known = index;
        if (known == null) {
            known = new NgramIndex();
            index = known;
            earlier.forEach(known::addText);
            int from = 0;
            for (ImageSpan image : prompt.images()) {
                known.addText(Arrays.copyOfRange(tokens, from, image.start()));
                from = image.end();
            }
            known.add(tokens, from, at);
            indexed = at;
        }
        while (indexed < at) {
            known.add(tokens[indexed++]);
        }
        int count = known.lookup(ids, room);
        for (int i = 0; i < count; i++) {
            confidence[i] = known.confidence(i);
        }
        return worthwhile(Source.LOOKUP, count);
    }

    private int worthwhile(Source source, int count) {
        this.source = source;
        return depth == null || count == 0 ? count : depth.depth(source, confidence, count, otherRows);
    }

    @Override
    public int drafts() {
        return drafts;
    }

    @Override
    public int[] draftIds() {
        return ids;
    }

    @Override
    public float[] draftConfidence() {
        return confidence;
    }

    @Override
    public int drafted(int count) {
        return rehearsed != null ? 0 : worthwhile(Source.HEAD, count);
    }

    @Override
    public void verified(int guessed, int accepted, boolean complete) {
        steps++;
        this.guessed += guessed;
        this.accepted += accepted;
        if (depth != null) {
            depth.verified(source, complete ? guessed : accepted, accepted);
        }
    }

    /** The number of passes. */
    int steps() {
        return steps;
    }

    /** The number of guesses that were verified. */
    int guessed() {
        return guessed;
    }

    /** The number of guesses that were accepted. */
    int accepted() {
        return accepted;
    }
}
