package kawi.engine;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import kawi.AnswerOptions;
import kawi.Cancellation;
import kawi.LogitsProcessor;
import kawi.Prompt;
import kawi.Sampling;
import kawi.constraint.Grammar;
import org.jspecify.annotations.Nullable;

/**
 * The values behind {@link AnswerOptions}.
 *
 * @param thinking whether to think, or null for what the template does
 * @param thinkingBudget tokens of a thought, or null without a limit of its own
 * @param loopGuard whether to end repetitions, or null for what suits the model's size
 * @param sampling changes what the model would be sampled with
 * @param grammar what the answer must be, or null if anything will do
 * @param logprobs how many alternatives to tell the log-probabilities of beside each token's, or null for none at all
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
        @Nullable Grammar grammar,
        @Nullable Integer logprobs,
        List<Cancellation> cancellations) {

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
            null,
            null,
            List.of());

    Settings with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.finish();
    }

    /** These with a seed that is {@code more} higher, if there is a seed. */
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

    /** These, and a handle that stops the answer. */
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

    boolean cancelled() {
        if (Thread.currentThread().isInterrupted()) {
            return true;
        }
        // By index: this is asked for every token, and iterators are garbage.
        for (int i = 0; i < cancellations.size(); i++) {
            if (cancellations.get(i).isCancelled()) {
                return true;
            }
        }
        return false;
    }

    /** The options while one of them changes. */
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

        @Nullable Grammar grammar;

        @Nullable Integer logprobs;

        final List<Cancellation> cancellations;

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
            grammar = from.grammar;
            logprobs = from.logprobs;
            cancellations = new ArrayList<>(from.cancellations);
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
                    grammar,
                    logprobs,
                    List.copyOf(cancellations));
        }
    }
}
