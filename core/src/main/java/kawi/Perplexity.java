package kawi;

import java.util.Locale;

/**
 * How well a model predicts a text, see {@link Evaluation}. With {@code nats = -ln p} of each scored token, where p is
 * the probability that the model assigns to it after the tokens before it,
 *
 * <pre>
 *    perplexity = exp(sum of nats / tokens)
 * </pre>
 *
 * @param contextLength the number of tokens of a chunk
 * @param chunks the number of chunks
 * @param tokens the number of scored tokens
 * @param bytes the size of the scored tokens in bytes; 0 if it is not known, because the model has no tokenizer
 * @param nats the sum of the negative log-likelihoods of the scored tokens
 * @param squaredNats the sum of their squares
 */
public record Perplexity(int contextLength, int chunks, long tokens, long bytes, double nats, double squaredNats) {

    /** Returns the perplexity. */
    public double value() {
        // The same on all machines, unlike Math.exp.
        return StrictMath.exp(meanNats());
    }

    /** Returns the standard error of {@link #value}, for independent tokens. */
    public double error() {
        return value() * log().error();
    }

    /** Returns the mean negative log-likelihood in nats per token. */
    public double meanNats() {
        return nats / tokens;
    }

    /** Returns the logarithm of the perplexity with its standard error, for independent tokens. */
    public Estimate log() {
        double mean = meanNats();
        double variance = squaredNats / tokens - mean * mean;
        return new Estimate(mean, tokens > 1 && variance > 0 ? Math.sqrt(variance / (tokens - 1)) : 0);
    }

    /**
     * Returns the number of bits per byte of the scored tokens, {@code nats / (ln 2 * bytes)}: unlike the perplexity,
     * it does not depend on the tokenizer. NaN if the number of bytes is not known.
     */
    public double bitsPerByte() {
        return bytes == 0 ? Double.NaN : nats / (Math.log(2) * bytes);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.4f +/- %.5f", value(), error());
    }
}
