package kawi;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Options of an answer. {@link Prompt} has them for one answer, {@link ChatBuilder} for all answers of a chat,
 * {@link Turn} for one message. Objects are immutable: each option returns a new one.
 *
 * @param <S> the type of the object with the options
 */
public interface AnswerOptions<S> {

    /**
     * Enables or disables thinking; the default is that of the chat template. Sampling options follow the
     * recommendation for the mode unless they are set.
     *
     * @throws IllegalStateException when the answer is generated, if the prompt or the chat template does not support
     *     it
     */
    S thinking(boolean on);

    /**
     * Sets a variable of the chat template, such as {@code preserve_thinking} or {@code documents}; a variable of the
     * same name given before, or to {@link ModelLoader#templateVariable}, is replaced. Text in it is never a control
     * token.
     *
     * @param value a string, a boolean, a number, null, or a list or a map with strings as keys of such values
     * @throws IllegalArgumentException if the value has another type, or the name is that of a variable with an option
     *     of its own: {@code messages}, {@code tools} or {@code add_generation_prompt}
     * @throws IllegalStateException when the answer is generated, if the chat template does not use the variable, or
     *     the prompt has no template
     */
    S templateVariable(String name, @Nullable Object value);

    /**
     * Limits the tokens of all thoughts of an answer together, whether the prompt or the model has opened them, in all
     * rounds if tools are called. When they are used up the thought is closed at the end of its sentence and the answer
     * begins; after that every further thought is closed at once. Has no effect on an answer without a thought.
     */
    S thinkingBudget(int tokens);

    /**
     * Enables or disables the detection of endless repetition: a repeating thought is closed, a repeating answer ends
     * with {@link FinishReason#LOOP}. Enabled by default for Qwen3.5 models below 3 billion parameters.
     */
    S loopGuard(boolean on);

    /**
     * Sets the sampling options recommended by the makers of the model for a task, see
     * {@link Model#sampling(SamplingPreset)}. By default those for general text are used, with or without thinking.
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
     * Adds to {@link Reply#logprobs} the log-probability of each token of the answer, and of the most probable tokens
     * in its place.
     *
     * @param top number of most probable tokens; 0 for the chosen token only
     */
    S logprobs(int top);

    /**
     * Limits the tokens generated for one message, {@value Prompt#DEFAULT_MAX_TOKENS} by default. Thoughts, tool calls
     * and all rounds between tools are counted.
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

    /** Continues past the model's end tokens. They appear in {@link Reply#tokens}, not in the text. */
    S ignoreEnd();

    /** Adds a hook that edits logits before sampling. Several hooks run in the order given. */
    S logitsProcessor(LogitsProcessor processor);

    /** Adds a handle that cancels the answer from another thread. */
    S cancelWith(Cancellation handle);

    /**
     * Limits the time that the answer waits for its turn when the model is busy, see {@link ModelLoader#concurrency};
     * by default it waits as long as necessary. When the time is over, the answer fails with a {@link BusyException}.
     *
     * @param time zero not to wait at all
     * @throws IllegalArgumentException if it is negative
     */
    S maxWait(Duration time);

    /**
     * Sets what to do when the messages do not fit into the context, {@link ContextPolicy#ERROR} by default. It applies
     * to conversations and to prompts that are lists of messages.
     */
    S contextPolicy(ContextPolicy policy);

    /**
     * Sets how many tokens each image of the prompt may take, by default as set by {@link ModelLoader#imageTokens}. An
     * image is enlarged or reduced accordingly; {@link GenerationStats#images} tells the sizes used. A token of Qwen3.5
     * stands for 32 x 32 pixels, and an image takes between 64 and 16,384 of them unless other limits are set. They
     * apply to all images, those of earlier messages included, which are processed again if the limits change. An image
     * may have a lower limit of its own, see {@link Part.Image#withMaxTokens}.
     *
     * @param least the smallest number; 0 for that of the model, or for {@code most} if that is smaller
     * @param most the largest number, 1,280 by default; small print needs 1,024 to 2,048. That of the model is not
     *     exceeded
     * @throws IllegalArgumentException if {@code least} is negative or greater than {@code most}, or {@code most} is 0
     */
    S imageTokens(int least, int most);

    /**
     * Sets how many tokens all frames of a film together may take, by default as set by
     * {@link ModelLoader#videoTokens}; see {@link #imageTokens}.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    S videoTokens(int most);

    /**
     * Sets whether tokens are guessed ahead, by default as set by {@link ModelLoader#speculation}. It changes the speed
     * of the answer and nothing else.
     */
    S speculation(Speculation speculation);

    /**
     * Constrains the answer to JSON that conforms to a schema. Tokens that would violate the schema cannot be
     * generated, and the answer always fits into {@link #maxTokens}; a limit that is too small for the smallest
     * conforming value is rejected. A thought before the answer is not constrained.
     *
     * @param schema a JSON Schema (2020-12); unsupported features are rejected by name
     * @throws IllegalArgumentException if it is not a schema, or no value conforms to it
     */
    S jsonSchema(String schema);

    /** Constrains the answer to any JSON value. */
    S json();

    /**
     * Constrains the answer to a regular expression, which matches it as a whole.
     *
     * @param expression in the syntax of {@link java.util.regex.Pattern}; look-around, back references and boundaries
     *     are rejected
     */
    S regex(String expression);

    /** Constrains the answer to one of these texts. */
    S choice(String... choices);
}
