package kawi.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import kawi.AnswerOptions;
import kawi.Cancellation;
import kawi.ContextPolicy;
import kawi.LogitsProcessor;
import kawi.Prompt;
import kawi.Sampling;
import kawi.Speculation;
import kawi.constraint.Constrained;
import kawi.constraint.Grammar;
import kawi.vision.TokenLimits;
import org.jspecify.annotations.Nullable;

/**
 * The values behind {@link AnswerOptions}.
 *
 * @param thinking whether to think, or null for the default of the template
 * @param thinkingBudget the maximum number of tokens of a thought, or null for no separate limit
 * @param loopGuard whether to end repetitions, or null for the default for the model's size
 * @param sampling modifies the default sampling options of the model
 * @param templateVariables variables for the chat template
 * @param grammar the constraint on the answer, or null
 * @param logprobs the number of alternatives whose log-probabilities are recorded in addition to those of the chosen
 *     tokens, or null to record none
 * @param promptLogprobs the same for the tokens of the prompt
 * @param maxWait how long the answer may wait for its turn, or null for no limit
 * @param speculation whether to guess ahead, or null for the default of the model
 * @param imageTokens how many tokens images take, or null for the default of the model
 * @param contextPolicy what to do with messages that exceed the context
 * @param continued whether these are the settings of a later round of an answer
 */
record Settings(
        @Nullable Boolean thinking,
        @Nullable Integer thinkingBudget,
        @Nullable Boolean loopGuard,
        UnaryOperator<Sampling> sampling,
        int maxTokens,
        List<String> stopStrings,
        Set<Integer> stopTokens,
        boolean ignoreEnd,
        List<LogitsProcessor> processors,
        Map<String, @Nullable Object> templateVariables,
        @Nullable Grammar grammar,
        @Nullable Integer logprobs,
        @Nullable Integer promptLogprobs,
        List<Cancellation> cancellations,
        @Nullable Duration maxWait,
        @Nullable Speculation speculation,
        @Nullable TokenLimits imageTokens,
        ContextPolicy contextPolicy,
        boolean continued) {

    static final Settings DEFAULT = new Settings(
            null,
            null,
            null,
            UnaryOperator.identity(),
            Prompt.DEFAULT_MAX_TOKENS,
            List.of(),
            Set.of(),
            false,
            List.of(),
            Map.of(),
            null,
            null,
            null,
            List.of(),
            null,
            null,
            null,
            ContextPolicy.ERROR,
            false);

    Settings with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.finish();
    }

    /** Returns these settings with the seed increased by {@code more}, if there is a seed. */
    Settings seedPlus(int more) {
        return with(draft -> {
            UnaryOperator<Sampling> before = draft.sampling;
            draft.sampling = sampling -> {
                Sampling chosen = before.apply(sampling);
                return chosen.seed().isEmpty()
                        ? chosen
                        : chosen.seed(chosen.seed().getAsLong() + more);
            };
        });
    }

    /** Returns these settings with an additional handle that cancels the answer. */
    Settings cancelledBy(Cancellation handle) {
        return with(draft -> draft.cancellations.add(handle));
    }

    /** Tokens that end the answer. */
    BitSet endTokens(LoadedModel model) {
        BitSet ends = new BitSet();
        stopTokens.forEach(ends::set);
        if (!ignoreEnd) {
            model.endTokens().stream().filter(token -> token >= 0).forEach(ends::set);
        }
        return ends;
    }

    /**
     * The sampling options of an answer. Recommended penalties belong to the recommended temperature and do not apply
     * to greedy sampling.
     *
     * @param chat whether it is that of a chat, {@code thinking} whether it begins with a thought
     */
    Sampling sampling(LoadedModel model, boolean chat, boolean thinking) {
        Sampling chosen = sampling.apply(model.samplingFor(chat, thinking));
        return chosen.temperature() == 0 ? sampling.apply(Sampling.defaults().temperature(0)) : chosen;
    }

    /**
     * Begins an answer of a form.
     *
     * @param begun the beginning of the answer, which is given
     * @param room the number of tokens that can follow
     */
    Constrained constrained(Grammar form, LoadedModel model, String begun, int room) {
        if (ignoreEnd) {
            throw new IllegalStateException(
                    "an answer of a given form has an end; ignoreEnd() cannot be combined with it");
        }
        Constrained run = new Constrained(form, model.tokenTrie());
        if (!begun.isEmpty() && !run.acceptAll(model.requireTokenizer().encode(begun))) {
            throw new IllegalArgumentException("the last message does not begin an answer of the requested form");
        }
        if (run.minimumTokens() > room) {
            throw new IllegalArgumentException(
                    "the shortest answer of the requested form may take %d tokens, but there is room for %d; raise maxTokens or contextLength"
                            .formatted(run.minimumTokens(), room));
        }
        return run;
    }

    /** Whether to guess ahead. */
    Speculation speculation(LoadedModel model) {
        return speculation == null ? model.speculation() : speculation;
    }

    boolean cancelled() {
        if (Thread.currentThread().isInterrupted()) {
            return true;
        }
        // By index, since this runs for every token and an iterator would be garbage.
        for (int i = 0; i < cancellations.size(); i++) {
            if (cancellations.get(i).isCancelled()) {
                return true;
            }
        }
        return false;
    }

    /** A mutable copy of the settings. */
    static final class Draft {
        @Nullable Boolean thinking;

        @Nullable Integer thinkingBudget;

        @Nullable Boolean loopGuard;

        UnaryOperator<Sampling> sampling;
        int maxTokens;
        final List<String> stopStrings;
        final Set<Integer> stopTokens;
        boolean ignoreEnd;
        final List<LogitsProcessor> processors;
        final Map<String, @Nullable Object> templateVariables;

        @Nullable Grammar grammar;

        @Nullable Integer logprobs;

        @Nullable Integer promptLogprobs;

        final List<Cancellation> cancellations;

        @Nullable Duration maxWait;

        @Nullable Speculation speculation;

        @Nullable TokenLimits imageTokens;

        ContextPolicy contextPolicy;
        boolean continued;

        private Draft(Settings from) {
            thinking = from.thinking;
            thinkingBudget = from.thinkingBudget;
            loopGuard = from.loopGuard;
            sampling = from.sampling;
            maxTokens = from.maxTokens;
            stopStrings = new ArrayList<>(from.stopStrings);
            stopTokens = new TreeSet<>(from.stopTokens);
            ignoreEnd = from.ignoreEnd;
            processors = new ArrayList<>(from.processors);
            templateVariables = new LinkedHashMap<>(from.templateVariables);
            grammar = from.grammar;
            logprobs = from.logprobs;
            promptLogprobs = from.promptLogprobs;
            cancellations = new ArrayList<>(from.cancellations);
            maxWait = from.maxWait;
            speculation = from.speculation;
            imageTokens = from.imageTokens;
            contextPolicy = from.contextPolicy;
            continued = from.continued;
        }

        private Settings finish() {
            return new Settings(
                    thinking,
                    thinkingBudget,
                    loopGuard,
                    sampling,
                    maxTokens,
                    List.copyOf(stopStrings),
                    Set.copyOf(stopTokens),
                    ignoreEnd,
                    List.copyOf(processors),
                    Collections.unmodifiableMap(templateVariables),
                    grammar,
                    logprobs,
                    promptLogprobs,
                    List.copyOf(cancellations),
                    maxWait,
                    speculation,
                    imageTokens,
                    contextPolicy,
                    continued);
        }
    }
}
