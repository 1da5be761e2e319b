package kawi.engine;

/** Guesses the next tokens of an answer, and learns what has become of its guesses. */
interface Guesser {

    /**
     * Stores guesses of the tokens that follow {@code tokens[0, at)}, the prompt and the answer so far, at index
     * {@code at} and after it.
     *
     * @param most the maximum number of guesses
     * @return the number of guesses
     */
    int guess(int[] tokens, int at, int most);

    /**
     * Notes the result of a pass.
     *
     * @param guessed the number of guesses verified, possibly fewer than were made, or none
     * @param accepted how many of them were accepted, the first ones
     * @param nanos the duration of the pass; 0 if the answer has ended before all of its guesses were compared
     */
    void verified(int guessed, int accepted, long nanos);
}
