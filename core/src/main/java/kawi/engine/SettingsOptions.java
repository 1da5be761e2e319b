package kawi.engine;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import kawi.AnswerOptions;
import kawi.Cancellation;
import kawi.ContextPolicy;
import kawi.LogitsProcessor;
import kawi.Sampling;
import kawi.SamplingPreset;
import kawi.Speculation;
import kawi.constraint.Grammar;
import kawi.constraint.GrammarForm;
import kawi.vision.TokenLimits;
import org.jspecify.annotations.Nullable;

/**
 * Implements the options of an answer as modifications of {@link Settings}.
 *
 * @param <S> the type of the object with the options
 */
abstract sealed class SettingsOptions<S> implements AnswerOptions<S>
        permits SinglePrompt, ConversationBuilder, ConversationTurn {

    final Settings settings;

    SettingsOptions(Settings settings) {
        this.settings = settings;
    }

    /** The model that generates the answer. */
    abstract LoadedModel model();

    /** Returns a copy with other settings. */
    abstract S with(Settings settings);

    private S change(Consumer<Settings.Draft> change) {
        return with(settings.with(change));
    }

    @Override
    public S thinking(boolean on) {
        return change(draft -> draft.thinking = on);
    }

    @Override
    public S thinkingBudget(int tokens) {
        if (tokens < 0) {
            throw new IllegalArgumentException("thinkingBudget is %d; it must not be negative".formatted(tokens));
        }
        return change(draft -> draft.thinkingBudget = tokens);
    }

    @Override
    public S loopGuard(boolean on) {
        return change(draft -> draft.loopGuard = on);
    }

    @Override
    public S preset(SamplingPreset preset) {
        Objects.requireNonNull(preset, "preset");
        return sampling(model().sampling(preset));
    }

    @Override
    public S sampling(Sampling sampling) {
        Objects.requireNonNull(sampling, "sampling")
                .logitBias()
                .keySet()
                .forEach(token -> checkToken(token, "logitBias"));
        return change(draft -> draft.sampling = before -> sampling);
    }

    private S sampling(UnaryOperator<Sampling> edit) {
        return change(draft -> {
            UnaryOperator<Sampling> before = draft.sampling;
            draft.sampling = sampling -> edit.apply(before.apply(sampling));
        });
    }

    @Override
    public S temperature(double value) {
        return checked(sampling -> sampling.temperature(value));
    }

    @Override
    public S topK(int value) {
        return checked(sampling -> sampling.topK(value));
    }

    @Override
    public S topP(double value) {
        return checked(sampling -> sampling.topP(value));
    }

    @Override
    public S minP(double value) {
        return checked(sampling -> sampling.minP(value));
    }

    @Override
    public S typicalP(double value) {
        return checked(sampling -> sampling.typicalP(value));
    }

    @Override
    public S repetitionPenalty(double value) {
        return checked(sampling -> sampling.repetitionPenalty(value));
    }

    @Override
    public S presencePenalty(double value) {
        return checked(sampling -> sampling.presencePenalty(value));
    }

    @Override
    public S frequencyPenalty(double value) {
        return checked(sampling -> sampling.frequencyPenalty(value));
    }

    @Override
    public S penaltyWindow(int tokens) {
        return checked(sampling -> sampling.penaltyWindow(tokens));
    }

    @Override
    public S logitBias(int token, float bias) {
        checkToken(token, "logitBias");
        return checked(sampling -> sampling.logitBias(token, bias));
    }

    @Override
    public S seed(long seed) {
        return checked(sampling -> sampling.seed(seed));
    }

    /** Returns an edit, validated now rather than when the answer is generated. */
    private S checked(UnaryOperator<Sampling> edit) {
        Objects.requireNonNull(edit.apply(Sampling.defaults()));
        return sampling(edit);
    }

    @Override
    public S templateVariable(String name, @Nullable Object value) {
        TemplateVariable.checkName(name);
        Object copy = TemplateVariable.copy(name, value);
        return change(draft -> draft.templateVariables.put(name, copy));
    }

    @Override
    public S logprobs(int top) {
        int vocabulary = model().vocabularySize();
        if (top < 0 || top > vocabulary) {
            throw new IllegalArgumentException(
                    "logprobs is %d; it must be between 0 and the %d tokens of the vocabulary"
                            .formatted(top, vocabulary));
        }
        return change(draft -> draft.logprobs = top);
    }

    @Override
    public S maxTokens(int tokens) {
        if (tokens < 0) {
            throw new IllegalArgumentException("maxTokens is %d; it must not be negative".formatted(tokens));
        }
        return change(draft -> draft.maxTokens = tokens);
    }

    @Override
    public S stop(String... strings) {
        model().requireTokenizer();
        for (String string : strings) {
            if (Objects.requireNonNull(string, "stop string").isEmpty()) {
                throw new IllegalArgumentException("a stop string is empty; it must have at least one character");
            }
        }
        return change(draft -> draft.stopStrings.addAll(List.of(strings)));
    }

    @Override
    public S stopTokens(int... ids) {
        for (int id : ids) {
            checkToken(id, "stopTokens");
        }
        return change(draft -> {
            for (int id : ids) {
                draft.stopTokens.add(id);
            }
        });
    }

    @Override
    public S ignoreEnd() {
        return change(draft -> draft.ignoreEnd = true);
    }

    @Override
    public S logitsProcessor(LogitsProcessor processor) {
        Objects.requireNonNull(processor, "processor");
        return change(draft -> draft.processors.add(processor));
    }

    @Override
    public S cancelWith(Cancellation handle) {
        return with(settings.cancelledBy(Objects.requireNonNull(handle, "handle")));
    }

    @Override
    public S maxWait(Duration time) {
        if (Objects.requireNonNull(time, "time").isNegative()) {
            throw new IllegalArgumentException("maxWait is %s; it must not be negative".formatted(time));
        }
        return change(draft -> draft.maxWait = time);
    }

    @Override
    public S contextPolicy(ContextPolicy policy) {
        Objects.requireNonNull(policy, "policy");
        return change(draft -> draft.contextPolicy = policy);
    }

    @Override
    public S speculation(Speculation speculation) {
        Objects.requireNonNull(speculation, "speculation");
        return change(draft -> draft.speculation = speculation);
    }

    @Override
    public S imageTokens(int least, int most) {
        return imageTokens(limits -> limits.withImages(least, most));
    }

    @Override
    public S videoTokens(int most) {
        return imageTokens(limits -> limits.withFilms(most));
    }

    private S imageTokens(UnaryOperator<TokenLimits> edit) {
        TokenLimits changed = edit.apply(model().vision().limits(settings));
        return change(draft -> draft.imageTokens = changed);
    }

    @Override
    public S jsonSchema(String schema) {
        return with(withJsonSchema(Objects.requireNonNull(schema, "schema")));
    }

    /** Returns the settings with {@link #jsonSchema}. */
    final Settings withJsonSchema(String schema) {
        return withForm(new GrammarForm.Schema(schema));
    }

    @Override
    public S json() {
        return form(new GrammarForm.AnyJson());
    }

    @Override
    public S regex(String expression) {
        Objects.requireNonNull(expression, "expression");
        return form(new GrammarForm.Regex(expression));
    }

    @Override
    public S choice(String... choices) {
        for (String choice : choices) {
            Objects.requireNonNull(choice, "choice");
        }
        return form(new GrammarForm.Choice(List.of(choices)));
    }

    private S form(GrammarForm form) {
        return with(withForm(form));
    }

    private void checkToken(int token, String option) {
        int vocabulary = model().vocabularySize();
        if (token < 0 || token >= vocabulary) {
            throw new IllegalArgumentException("%s has the token id %d; ids of this model are between 0 and %d"
                    .formatted(option, token, vocabulary - 1));
        }
    }

    private Settings withForm(GrammarForm form) {
        model().requireTokenizer();
        Grammar compiled = model().grammar(form);
        return settings.with(draft -> draft.grammar = compiled);
    }
}
