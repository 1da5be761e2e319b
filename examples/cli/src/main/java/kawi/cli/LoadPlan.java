package kawi.cli;

import java.util.SplittableRandom;

/**
 * What is sent, and when. Request {@code i} of a plan is always the same, whatever has happened before it.
 *
 * @param arrival when requests are sent
 * @param requests the number of requests
 * @param nanos the time during which requests are sent, in nanoseconds
 */
record LoadPlan(
        Arrival arrival, LengthDistribution prompts, LengthDistribution answers, long seed, long requests, long nanos) {

    /** Prompts consist of these ids, which are ordinary tokens in every vocabulary. */
    static final int IDS = 1000;

    sealed interface Arrival {}

    /** Each client sends a request when its previous one has been answered. */
    record Closed(int clients) implements Arrival {}

    /** Requests arrive independently of each other and of the answers (a Poisson process). */
    record Open(double perSecond) implements Arrival {}

    /** A request for {@code answerTokens} tokens after {@code prompt}. */
    record Request(int[] prompt, int answerTokens, long seed) {}

    Request request(long index) {
        SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + index);
        int[] prompt = random.ints(prompts.sample(random), 0, IDS).toArray();
        return new Request(prompt, answers.sample(random), random.nextInt(Integer.MAX_VALUE));
    }

    /** Returns a generator of the times between arrivals. */
    SplittableRandom arrivals() {
        return new SplittableRandom(seed);
    }
}
