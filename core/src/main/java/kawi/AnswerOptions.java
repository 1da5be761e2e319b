package kawi;

import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import kawi.constraint.Grammar;

/**
 * Options of an answer, the same wherever one is asked for: {@link Prompt} has them for one answer, {@link ChatBuilder} for all answers of a
 * conversation, {@link Turn} for the next. Each option gives a new object; none is changed.
 *
 * @param <S> the type of the object with the options
 */
public abstract sealed class AnswerOptions<S> permits Prompt, ChatBuilder, Turn {

    final Settings settings;

    AnswerOptions(Settings settings) {
        this.settings = settings;
    }

    /** The model that will answer. */
    abstract Model model();

    /** The same with other settings. */
    abstract S with(Settings settings);

    private S change(Consumer<Settings.Draft> change) {
        return with(settings.with(change));
    }

    /**
     * Answers with or without thinking; the model's template has its own default otherwise. Unless sampling options say something else,
     * those that the model's makers recommend follow.
     */
    public S thinking(boolean on) {
        return change(draft -> draft.thinking = on);
    }

    /**
     * Thinks for at most this many tokens. When they are used up the thought may come to the end of its sentence, then it is closed and the
     * answer begins. Has no effect on an answer without a thought.
     */
    public S thinkingBudget(int tokens) {
        if (tokens < 0) {
            throw new IllegalArgumentException("thinkingBudget is %d; it must not be negative".formatted(tokens));
        }
        return change(draft -> draft.thinkingBudget = tokens);
    }

    /**
     * Whether to notice that the model has begun to repeat itself without end: a thought is then closed, an answer ended with
     * {@link FinishReason#LOOP}. On by default for models below three thousand million parameters.
     */
    public S loopGuard(boolean on) {
        return change(draft -> draft.loopGuard = on);
    }

    /**
     * Takes the sampling options that Qwen3.5's makers recommend for a task and this model's size. Without this, and without other options,
     * those for general text apply, thinking or not.
     */
    public S preset(SamplingPreset preset) {
        return sampling(preset.forQwen35(model().parameters()));
    }

    /** Replaces all sampling options. */
    public S sampling(Sampling sampling) {
        return change(draft -> draft.sampling = before -> sampling);
    }

    private S sampling(UnaryOperator<Sampling> edit) {
        return change(draft -> {
            UnaryOperator<Sampling> before = draft.sampling;
            draft.sampling = sampling -> edit.apply(before.apply(sampling));
        });
    }

    /** See {@link Sampling#temperature}. */
    public S temperature(double value) {
        return checked(sampling -> sampling.temperature(value));
    }

    /** See {@link Sampling#topK}. */
    public S topK(int value) {
        return checked(sampling -> sampling.topK(value));
    }

    /** See {@link Sampling#topP}. */
    public S topP(double value) {
        return checked(sampling -> sampling.topP(value));
    }

    /** See {@link Sampling#minP}. */
    public S minP(double value) {
        return checked(sampling -> sampling.minP(value));
    }

    /** See {@link Sampling#typicalP}. */
    public S typicalP(double value) {
        return checked(sampling -> sampling.typicalP(value));
    }

    /** See {@link Sampling#repetitionPenalty}. */
    public S repetitionPenalty(double value) {
        return checked(sampling -> sampling.repetitionPenalty(value));
    }

    /** See {@link Sampling#presencePenalty}. */
    public S presencePenalty(double value) {
        return checked(sampling -> sampling.presencePenalty(value));
    }

    /** See {@link Sampling#frequencyPenalty}. */
    public S frequencyPenalty(double value) {
        return checked(sampling -> sampling.frequencyPenalty(value));
    }

    /** See {@link Sampling#penaltyWindow}. */
    public S penaltyWindow(int tokens) {
        return checked(sampling -> sampling.penaltyWindow(tokens));
    }

    /** See {@link Sampling#logitBias}. */
    public S logitBias(int token, float bias) {
        return checked(sampling -> sampling.logitBias(token, bias));
    }

    /** See {@link Sampling#seed}. */
    public S seed(long seed) {
        return checked(sampling -> sampling.seed(seed));
    }

    /** An edit whose refusal comes now rather than when the answer is generated. */
    private S checked(UnaryOperator<Sampling> edit) {
        Objects.requireNonNull(edit.apply(Sampling.defaults()));
        return sampling(edit);
    }

    /** Generates at most this many tokens, {@value Prompt#DEFAULT_MAX_TOKENS} by default. */
    public S maxTokens(int tokens) {
        if (tokens < 0) {
            throw new IllegalArgumentException("maxTokens is %d; it must not be negative".formatted(tokens));
        }
        return change(draft -> draft.maxTokens = tokens);
    }

    /** Ends the answer before any of these strings, in addition to those already given. */
    public S stop(String... strings) {
        for (String string : strings) {
            if (string.isEmpty()) {
                throw new IllegalArgumentException("a stop string is empty; it must have at least one character");
            }
        }
        return change(draft -> draft.stopStrings.addAll(List.of(strings)));
    }

    /** Ends the answer at any of these tokens, in addition to the model's own end tokens. */
    public S stopTokens(int... ids) {
        return change(draft -> {
            for (int id : ids) {
                draft.stopTokens.add(id);
            }
        });
    }

    /** Goes on past the model's end tokens; they appear in {@link Reply#tokens}, not in the text. */
    public S ignoreEnd() {
        return change(draft -> draft.ignoreEnd = true);
    }

    /** Adds a hook that edits logits before sampling; several run in the order given. */
    public S logitsProcessor(LogitsProcessor processor) {
        return change(draft -> draft.processors.add(processor));
    }

    /** Lets {@code handle} stop the answer from another thread. */
    public S cancelWith(Cancellation handle) {
        return change(draft -> draft.cancellation = handle);
    }

    /**
     * Makes the answer a JSON value that a schema allows. It is built token by token from what the schema allows and so always parses; only
     * {@link #maxTokens} too small for the smallest such value is refused. A thought before it is free.
     *
     * @param schema text of a JSON Schema (2020-12); what of it cannot be honoured is refused by name
     * @throws IllegalArgumentException if it is not a schema, or one that no value satisfies
     */
    public S jsonSchema(String schema) {
        return form("schema " + schema, () -> Grammar.jsonSchema(schema));
    }

    /** Makes the answer a JSON value of any kind. */
    public S json() {
        return form("json", Grammar::json);
    }

    /**
     * Makes the answer a text that a regular expression matches as a whole.
     *
     * @param expression in the syntax of {@link java.util.regex.Pattern}; look-around, back references and boundaries are refused
     */
    public S regex(String expression) {
        return form("regex " + expression, () -> Grammar.regex(expression));
    }

    /** Makes the answer one of these texts. */
    public S choice(String... choices) {
        List<String> texts = List.of(choices);
        return form("choice " + texts, () -> Grammar.choice(texts));
    }

    private S form(String form, Supplier<Grammar> grammar) {
        Grammar compiled = model().grammar(form, grammar);
        return change(draft -> draft.grammar = compiled);
    }
}
