package kawi.quality;

import kawi.Perplexity;

/** The sum of negative log-likelihoods and of their squares. */
final class LikelihoodSum {

    private long tokens;
    private double nats;
    private double squares;

    void add(double negativeLogLikelihood) {
        tokens++;
        nats += negativeLogLikelihood;
        squares += negativeLogLikelihood * negativeLogLikelihood;
    }

    Perplexity perplexity(int contextLength, int chunks, long bytes) {
        return new Perplexity(contextLength, chunks, tokens, bytes, nats, squares);
    }
}
