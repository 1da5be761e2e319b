package kawi.engine;

/** Guesses the next tokens of an answer, and learns what has become of its guesses. */
interface Guesser {

    /**
     * Stores guesses of the tokens that follow {@code tokens[0, at)}, the prompt and the answer so far, at index
     * {@code at} and after it.
     *
     * @param most the maximum number of guesses
     * @param otherRows the number of rows of other sequences in the last pass
     * @return the number of guesses
     */
    int guess(int[] tokens, int at, int most, int otherRows);

    /** The number of guesses that the model's head should make in addition, see {@link #drafted}. */
    int drafts();

    /** Receives the ids of guesses of the model's head. */
    int[] draftIds();

    /** Receives the probabilities of guesses of the model's head. */
    float[] draftConfidence();

    /**
     * Chooses how many of the {@code count} guesses of the head to verify, the first ones. Called on the thread that
     * computes the pass, while the thread of the answer waits.
     */
    int drafted(int count);

    /**
     * Notes the result of a pass.
     *
     * @param guessed the number of guesses verified, possibly fewer than were made, or none
     * @param accepted how many of them were accepted, the first ones
     * @param complete whether the first one that was not accepted was wrong; otherwise the answer has ended before it
     */
    void verified(int guessed, int accepted, boolean complete);
}
