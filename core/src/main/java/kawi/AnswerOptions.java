package kawi;

/**
 * Options of an answer, the same wherever one is asked for: {@link Prompt} has them for one answer, {@link ChatBuilder} for all answers of a
 * conversation, {@link Turn} for the next. Each option gives a new object; none is changed.
 *
 * @param <S> the type of the object with the options
 */
public interface AnswerOptions<S> {

    /**
     * Answers with or without thinking; the model's template has its own default otherwise. Unless sampling options say something else,
     * those that the model's makers recommend follow.
     */
    S thinking(boolean on);

    /**
     * Thinks for at most this many tokens. When they are used up the thought may come to the end of its sentence, then it is closed and the
     * answer begins. Has no effect on an answer without a thought.
     */
    S thinkingBudget(int tokens);

    /**
     * Whether to notice that the model has begun to repeat itself without end: a thought is then closed, an answer ended with
     * {@link FinishReason#LOOP}. On by default for Qwen3.5 models below 3 billion parameters.
     */
    S loopGuard(boolean on);

    /**
     * Takes the sampling options that the model's makers recommend for a task, see
     * {@link Model#sampling(SamplingPreset)}. Without this, and without other options, those for general text apply,
     * thinking or not.
     *
     * @throws IllegalStateException if there are no recommendations for this model
     */
    S preset(SamplingPreset preset);

    /** Replaces all sampling options. */
    S sampling(Sampling sampling);

    /** See {@link Sampling#temperature}. */
    S temperature(double value);

    /** See {@link Sampling#topK}. */
    S topK(int value);

    /** See {@link Sampling#topP}. */
    S topP(double value);

    /** See {@link Sampling#minP}. */
    S minP(double value);

    /** See {@link Sampling#typicalP}. */
    S typicalP(double value);

    /** See {@link Sampling#repetitionPenalty}. */
    S repetitionPenalty(double value);

    /** See {@link Sampling#presencePenalty}. */
    S presencePenalty(double value);

    /** See {@link Sampling#frequencyPenalty}. */
    S frequencyPenalty(double value);

    /** See {@link Sampling#penaltyWindow}. */
    S penaltyWindow(int tokens);

    /** See {@link Sampling#logitBias}. */
    S logitBias(int token, float bias);

    /** See {@link Sampling#seed}. */
    S seed(long seed);

    /**
     * Has {@link Reply#logprobs} tell the log-probability of each token of the answer, and of the most probable tokens in its place.
     *
     * @param top how many of the most probable ones; 0 for none but the chosen token
     */
    S logprobs(int top);

    /**
     * Generates at most this many tokens, {@value Prompt#DEFAULT_MAX_TOKENS} by default, in answer to one message: thoughts, tool calls and all
     * rounds between tools count.
     */
    S maxTokens(int tokens);

    /** Ends the answer before any of these strings, in addition to those already given. */
    S stop(String... strings);

    /**
     * Ends the answer at any of these tokens, in addition to the model's own end tokens.
     *
     * @throws IllegalArgumentException if one of them is not in the vocabulary
     */
    S stopTokens(int... ids);

    /** Goes on past the model's end tokens; they appear in {@link Reply#tokens}, not in the text. */
    S ignoreEnd();

    /** Adds a hook that edits logits before sampling; several run in the order given. */
    S logitsProcessor(LogitsProcessor processor);

    /** Lets {@code handle} stop the answer from another thread; several may. */
    S cancelWith(Cancellation handle);

    /**
     * Makes the answer a JSON value that a schema allows. It is built token by token from what the schema allows and so always parses; only
     * {@link #maxTokens} too small for the smallest such value is refused. A thought before it is free.
     *
     * @param schema text of a JSON Schema (2020-12); what of it cannot be honoured is refused by name
     * @throws IllegalArgumentException if it is not a schema, or one that no value satisfies
     */
    S jsonSchema(String schema);

    /** Makes the answer a JSON value of any kind. */
    S json();

    /**
     * Makes the answer a text that a regular expression matches as a whole.
     *
     * @param expression in the syntax of {@link java.util.regex.Pattern}; look-around, back references and boundaries are refused
     */
    S regex(String expression);

    /** Makes the answer one of these texts. */
    S choice(String... choices);
}
