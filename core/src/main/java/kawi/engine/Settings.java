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
        @Nullable Cancellation cancellation) {

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
            null);

    Settings with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.finish();
    }

    /** Tokens that end the answer. */
    BitSet endTokens(LoadedModel model) {
        BitSet ends = new BitSet();
        stopTokens.stream().filter(token -> token >= 0).forEach(ends::set);
        if (!ignoreEnd) {
            model.endTokens().stream().filter(token -> token >= 0).forEach(ends::set);
        }
        return ends;
    }

    boolean cancelled() {
        return Thread.currentThread().isInterrupted() || (cancellation != null && cancellation.isCancelled());
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

        @Nullable Cancellation cancellation;

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
            cancellation = from.cancellation;
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
                    cancellation);
        }
    }
}
