package kawi.sampling;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import kawi.LogitsProcessor;
import kawi.Sampling;
import org.jspecify.annotations.Nullable;

/**
 * Samples the tokens of one generation, in the order specified by {@link Sampling}:
 *
 * <pre>
 *    forbidden ids, logit bias, penalties, processors, forbidden ids again      edit the logits
 *    top-k, typical, top-p, min-p                                               remove candidates
 *    temperature, softmax, draw                                                 (temperature 0: the most probable)
 * </pre>
 *
 * After each {@link #sample} the caller must {@link #accept} the token that was appended to the sequence, which may be
 * another one if output is forced. Each call uses exactly one random number, regardless of the options. Nothing is
 * allocated once the buffers have their final size. Instances are not safe for use by multiple threads.
 */
public final class Sampler {

    private final Sampling options;
    private final int vocabularySize;
    private final BitSet forbidden;
    private final int[] biasedIds;
    private final float[] biases;
    private final @Nullable Penalties penalties;
    private final LogitsProcessor[] processors;
    private final double logMinP;
    private final TokenHistory history;
    private final long seed;
    private final SplitMix64 random;
    private final BlockMaxima maxima = new BlockMaxima();
    private final Candidates candidates = new Candidates(maxima);

    /**
     * Creates a sampler for one generation.
     *
     * @param options the sampling parameters
     * @param vocabularySize the number of logits, including padding
     * @param forbidden the ids that must not be sampled, such as padding; copied
     * @param processors the processors of logits, called in this order
     * @param prompt the token ids before the first sampled token; copied
     * @throws IllegalArgumentException if the prompt, {@code forbidden} or the logit bias contains an id outside the
     *     vocabulary
     */
    public Sampler(
            Sampling options, int vocabularySize, BitSet forbidden, List<LogitsProcessor> processors, int[] prompt) {
        this.options = options;
        this.vocabularySize = vocabularySize;
        this.forbidden = (BitSet) forbidden.clone();
        this.processors = processors.toArray(LogitsProcessor[]::new);
        if (forbidden.length() > vocabularySize) {
            throw outsideVocabulary("forbidden id", forbidden.length() - 1);
        }
        biasedIds = new int[options.logitBias().size()];
        biases = new float[biasedIds.length];
        int biased = 0;
        for (var bias : options.logitBias().entrySet()) {
            checkId("token of logitBias", bias.getKey());
            biasedIds[biased] = bias.getKey();
            biases[biased++] = bias.getValue();
        }
        for (int token : prompt) {
            checkId("prompt token", token);
        }
        history = new TokenHistory(prompt);
        penalties = Penalties.anyOf(options) ? new Penalties(options) : null;
        if (penalties != null) {
            for (int position = 0; position < prompt.length; position++) {
                penalties.slideTo(position, history);
            }
        }
        logMinP = StrictMath.log(options.minP());
        // Below 2^53, so that JSON readers that use doubles preserve a reported seed.
        seed = options.seed().orElseGet(() -> ThreadLocalRandom.current().nextLong() >>> 11);
        random = new SplitMix64(seed);
    }

    /** The seed: the one given in the options, or else a random one. */
    public long seed() {
        return seed;
    }

    /**
     * Samples the next token, without {@linkplain #accept accepting} it.
     *
     * @param logits one per id of the vocabulary; modified
     * @return the id of the token
     * @throws IllegalArgumentException if there are not {@code vocabularySize} logits
     * @throws IllegalStateException if a logit is NaN or positive infinity, or if no id is left to choose
     */
    public int sample(float[] logits) {
        return sample(logits, random.nextDouble());
    }

    /** Equivalent to {@link #sample(float[])} with the random number {@code u}, which is in {@code [0, 1)}. */
    int sample(float[] logits, double u) {
        if (logits.length != vocabularySize) {
            throw new IllegalArgumentException(
                    "cannot sample from " + logits.length + " logits: the vocabulary has " + vocabularySize + " ids");
        }
        edit(logits);
        int best = argmax(logits);
        if (options.temperature() == 0 && options.typicalP() == 1) {
            // Filters other than typical sampling do not remove the most probable token.
            return best;
        }
        candidates.startWith(logits, logits[best]);
        if (options.topK() > 0) {
            candidates.keepTopK(options.topK());
        }
        if (options.typicalP() < 1) {
            candidates.keepTypical(options.typicalP());
        }
        if (options.topP() < 1) {
            candidates.keepTopP(options.topP());
        }
        if (options.minP() > 0) {
            candidates.keepMinP(logMinP);
        }
        return options.temperature() == 0 ? candidates.best() : candidates.draw(options.temperature(), u);
    }

    /**
     * Appends a token to the sequence on which penalties and processors operate.
     *
     * @throws IllegalArgumentException if it is not in the vocabulary
     */
    public void accept(int token) {
        checkId("token", token);
        history.add(token);
        if (penalties != null) {
            penalties.slideTo(history.length() - 1, history);
        }
    }

    private void edit(float[] logits) {
        mask(logits);
        for (int i = 0; i < biases.length; i++) {
            logits[biasedIds[i]] += biases[i];
        }
        if (penalties != null) {
            penalties.apply(logits);
        }
        if (processors.length > 0) {
            for (var processor : processors) {
                processor.process(history, logits);
            }
            mask(logits);
        }
    }

    private void mask(float[] logits) {
        for (int from = forbidden.nextSetBit(0); from >= 0; ) {
            int to = forbidden.nextClearBit(from);
            Arrays.fill(logits, from, to, Float.NEGATIVE_INFINITY);
            from = forbidden.nextSetBit(to);
        }
    }

    /** Returns the lowest id with the largest logit, and checks all logits. */
    private int argmax(float[] logits) {
        maxima.compute(logits);
        float max = Float.NEGATIVE_INFINITY;
        int best = -1;
        for (int block = 0; block < maxima.count(); block++) {
            if (!(maxima.of(block) <= max)) {
                max = maxima.of(block);
                best = block * BlockMaxima.BLOCK;
                if (!(max < Float.POSITIVE_INFINITY)) {
                    break;
                }
            }
        }
        if (best < 0) {
            throw new IllegalStateException("cannot sample token " + history.length() + " of the sequence: all "
                    + vocabularySize + " ids are excluded (every logit is negative infinity)");
        }
        while (logits[best] < max || (Float.isNaN(max) && logits[best] < Float.POSITIVE_INFINITY)) {
            best++;
        }
        if (!(logits[best] < Float.POSITIVE_INFINITY)) {
            throw new IllegalStateException(
                    "cannot sample token " + history.length() + " of the sequence: the logit of id " + best + " is "
                            + logits[best] + "; logits must be finite or negative infinity");
        }
        return best;
    }

    private void checkId(String what, int id) {
        if (id < 0 || id >= vocabularySize) {
            throw outsideVocabulary(what, id);
        }
    }

    private IllegalArgumentException outsideVocabulary(String what, int id) {
        return new IllegalArgumentException(
                what + " " + id + " is outside the vocabulary (0 to " + (vocabularySize - 1) + ")");
    }
}
