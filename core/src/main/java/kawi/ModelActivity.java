package kawi;

/**
 * What a model is doing and has done so far, see {@link Model#activity()}.
 *
 * @param running the number of answers in progress
 * @param waiting the number of callers that wait for a place
 * @param keyValueBytes the memory of keys and values that is reserved by answers in progress, in bytes
 * @param refused the number of answers refused with a {@link BusyException} so far
 * @param passes the number of passes through the layers so far; one pass serves all answers in progress
 * @param prefilledTokens the number of prompt tokens processed so far
 * @param decodedTokens the number of generated tokens processed so far; guesses count if they were accepted
 * @param guessedTokens the number of guesses verified so far, see {@link Speculation}
 * @param acceptedTokens how many of them were accepted
 * @param limits the limits in effect; {@link Concurrency#keyValueBytes} is present
 */
public record ModelActivity(
        int running,
        int waiting,
        long keyValueBytes,
        long refused,
        long passes,
        long prefilledTokens,
        long decodedTokens,
        long guessedTokens,
        long acceptedTokens,
        Concurrency limits) {}
