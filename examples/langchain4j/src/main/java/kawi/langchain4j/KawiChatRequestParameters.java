package kawi.langchain4j;

import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import kawi.SamplingPreset;
import org.jspecify.annotations.Nullable;

/**
 * Parameters of a request, including those that only Kawi has. They can be given to a request or, as defaults, to the
 * builder of a model; a parameter that is null is not set.
 *
 * {@snippet :
 *    ChatRequest.builder()
 *            .messages(UserMessage.from("Name three rivers of Java."))
 *            .parameters(KawiChatRequestParameters.builder().temperature(0.3).seed(7L).thinking(false).build())
 *            .build();
 * }
 */
public final class KawiChatRequestParameters extends DefaultChatRequestParameters {

    /** Parameters of which none is set. */
    public static final KawiChatRequestParameters EMPTY = builder().build();

    private final @Nullable Long seed;
    private final @Nullable SamplingPreset preset;
    private final @Nullable Double minP;
    private final @Nullable Double typicalP;
    private final @Nullable Double repetitionPenalty;
    private final @Nullable Integer penaltyWindow;
    private final Map<Integer, Float> logitBias;
    private final @Nullable Boolean thinking;
    private final @Nullable Integer thinkingBudget;
    private final @Nullable Boolean loopGuard;
    private final @Nullable Boolean parallelToolCalls;
    private final Map<String, Object> templateVariables;

    private KawiChatRequestParameters(Builder builder) {
        super(builder);
        seed = builder.seed;
        preset = builder.preset;
        minP = builder.minP;
        typicalP = builder.typicalP;
        repetitionPenalty = builder.repetitionPenalty;
        penaltyWindow = builder.penaltyWindow;
        logitBias = Map.copyOf(builder.logitBias);
        thinking = builder.thinking;
        thinkingBudget = builder.thinkingBudget;
        loopGuard = builder.loopGuard;
        parallelToolCalls = builder.parallelToolCalls;
        templateVariables = Collections.unmodifiableMap(new LinkedHashMap<>(builder.templateVariables));
    }

    /** Returns a builder of parameters of which none is set. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns the parameters of a request as parameters of this class. */
    static KawiChatRequestParameters of(ChatRequestParameters parameters) {
        return parameters instanceof KawiChatRequestParameters same
                ? same
                : builder().overrideWith(parameters).build();
    }

    /** The seed of the random numbers, see {@link kawi.Sampling#seed}. */
    public @Nullable Long seed() {
        return seed;
    }

    /** The recommended sampling options that the others change, see {@link kawi.AnswerOptions#preset}. */
    public @Nullable SamplingPreset preset() {
        return preset;
    }

    /** See {@link kawi.Sampling#minP}. */
    public @Nullable Double minP() {
        return minP;
    }

    /** See {@link kawi.Sampling#typicalP}. */
    public @Nullable Double typicalP() {
        return typicalP;
    }

    /** See {@link kawi.Sampling#repetitionPenalty}. */
    public @Nullable Double repetitionPenalty() {
        return repetitionPenalty;
    }

    /** See {@link kawi.Sampling#penaltyWindow}. */
    public @Nullable Integer penaltyWindow() {
        return penaltyWindow;
    }

    /** The biases by token id, see {@link kawi.Sampling#logitBias}; empty if not set. */
    public Map<Integer, Float> logitBias() {
        return logitBias;
    }

    /** Whether the model thinks before it answers, see {@link kawi.AnswerOptions#thinking}. */
    public @Nullable Boolean thinking() {
        return thinking;
    }

    /** The maximum number of tokens of thoughts, see {@link kawi.AnswerOptions#thinkingBudget}. */
    public @Nullable Integer thinkingBudget() {
        return thinkingBudget;
    }

    /** Whether endless repetition is detected, see {@link kawi.AnswerOptions#loopGuard}. */
    public @Nullable Boolean loopGuard() {
        return loopGuard;
    }

    /** Whether an answer may contain several tool calls, see {@link kawi.Prompt#parallelToolCalls}. */
    public @Nullable Boolean parallelToolCalls() {
        return parallelToolCalls;
    }

    /** Variables of the chat template, see {@link kawi.AnswerOptions#templateVariable}; empty if not set. */
    public Map<String, Object> templateVariables() {
        return templateVariables;
    }

    @Override
    public KawiChatRequestParameters overrideWith(ChatRequestParameters that) {
        return builder().overrideWith(this).overrideWith(that).build();
    }

    @Override
    public KawiChatRequestParameters defaultedBy(ChatRequestParameters that) {
        return builder().overrideWith(that).overrideWith(this).build();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return super.equals(other)
                && other instanceof KawiChatRequestParameters that
                && Objects.equals(seed, that.seed)
                && preset == that.preset
                && Objects.equals(minP, that.minP)
                && Objects.equals(typicalP, that.typicalP)
                && Objects.equals(repetitionPenalty, that.repetitionPenalty)
                && Objects.equals(penaltyWindow, that.penaltyWindow)
                && logitBias.equals(that.logitBias)
                && Objects.equals(thinking, that.thinking)
                && Objects.equals(thinkingBudget, that.thinkingBudget)
                && Objects.equals(loopGuard, that.loopGuard)
                && Objects.equals(parallelToolCalls, that.parallelToolCalls)
                && templateVariables.equals(that.templateVariables);
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                super.hashCode(),
                seed,
                preset,
                minP,
                typicalP,
                repetitionPenalty,
                penaltyWindow,
                logitBias,
                thinking,
                thinkingBudget,
                loopGuard,
                parallelToolCalls,
                templateVariables);
    }

    @Override
    public String toString() {
        return "KawiChatRequestParameters{" + super.toString()
                + ", seed=" + seed
                + ", preset=" + preset
                + ", minP=" + minP
                + ", typicalP=" + typicalP
                + ", repetitionPenalty=" + repetitionPenalty
                + ", penaltyWindow=" + penaltyWindow
                + ", logitBias=" + logitBias
                + ", thinking=" + thinking
                + ", thinkingBudget=" + thinkingBudget
                + ", loopGuard=" + loopGuard
                + ", parallelToolCalls=" + parallelToolCalls
                + ", templateVariables=" + templateVariables
                + '}';
    }

    /** A builder of parameters. */
    public static final class Builder extends DefaultChatRequestParameters.Builder<Builder> {

        private @Nullable Long seed;
        private @Nullable SamplingPreset preset;
        private @Nullable Double minP;
        private @Nullable Double typicalP;
        private @Nullable Double repetitionPenalty;
        private @Nullable Integer penaltyWindow;
        private Map<Integer, Float> logitBias = Map.of();
        private @Nullable Boolean thinking;
        private @Nullable Integer thinkingBudget;
        private @Nullable Boolean loopGuard;
        private @Nullable Boolean parallelToolCalls;
        private Map<String, Object> templateVariables = Map.of();

        private Builder() {}

        /** Replaces the parameters that are set in the given ones. */
        @Override
        public Builder overrideWith(ChatRequestParameters parameters) {
            super.overrideWith(parameters);
            if (parameters instanceof KawiChatRequestParameters that) {
                seed = firstSet(that.seed, seed);
                preset = firstSet(that.preset, preset);
                minP = firstSet(that.minP, minP);
                typicalP = firstSet(that.typicalP, typicalP);
                repetitionPenalty = firstSet(that.repetitionPenalty, repetitionPenalty);
                penaltyWindow = firstSet(that.penaltyWindow, penaltyWindow);
                logitBias = that.logitBias.isEmpty() ? logitBias : that.logitBias;
                thinking = firstSet(that.thinking, thinking);
                thinkingBudget = firstSet(that.thinkingBudget, thinkingBudget);
                loopGuard = firstSet(that.loopGuard, loopGuard);
                parallelToolCalls = firstSet(that.parallelToolCalls, parallelToolCalls);
                templateVariables = that.templateVariables.isEmpty() ? templateVariables : that.templateVariables;
            }
            return this;
        }

        private static <T> @Nullable T firstSet(@Nullable T first, @Nullable T second) {
            return first != null ? first : second;
        }

        /** Sets {@link KawiChatRequestParameters#seed}. */
        public Builder seed(@Nullable Long seed) {
            this.seed = seed;
            return this;
        }

        /** Sets {@link KawiChatRequestParameters#preset}. */
        public Builder preset(@Nullable SamplingPreset preset) {
            this.preset = preset;
            return this;
        }

        /** Sets {@link KawiChatRequestParameters#minP}. */
        public Builder minP(@Nullable Double minP) {
            this.minP = minP;
            return this;
        }

        /** Sets {@link KawiChatRequestParameters#typicalP}. */
        public Builder typicalP(@Nullable Double typicalP) {
            this.typicalP = typicalP;
            return this;
        }

        /** Sets {@link KawiChatRequestParameters#repetitionPenalty}. */
        public Builder repetitionPenalty(@Nullable Double repetitionPenalty) {
            this.repetitionPenalty = repetitionPenalty;
            return this;
        }

        /** Sets {@link KawiChatRequestParameters#penaltyWindow}. */
        public Builder penaltyWindow(@Nullable Integer penaltyWindow) {
            this.penaltyWindow = penaltyWindow;
            return this;
        }

        /** Sets {@link KawiChatRequestParameters#logitBias}. */
        public Builder logitBias(Map<Integer, Float> logitBias) {
            this.logitBias = Objects.requireNonNull(logitBias, "logitBias");
            return this;
        }

        /** Sets {@link KawiChatRequestParameters#thinking}. */
        public Builder thinking(@Nullable Boolean thinking) {
            this.thinking = thinking;
            return this;
        }

        /** Sets {@link KawiChatRequestParameters#thinkingBudget}. */
        public Builder thinkingBudget(@Nullable Integer thinkingBudget) {
            this.thinkingBudget = thinkingBudget;
            return this;
        }

        /** Sets {@link KawiChatRequestParameters#loopGuard}. */
        public Builder loopGuard(@Nullable Boolean loopGuard) {
            this.loopGuard = loopGuard;
            return this;
        }

        /** Sets {@link KawiChatRequestParameters#parallelToolCalls}. */
        public Builder parallelToolCalls(@Nullable Boolean parallelToolCalls) {
            this.parallelToolCalls = parallelToolCalls;
            return this;
        }

        /** Sets {@link KawiChatRequestParameters#templateVariables}. */
        public Builder templateVariables(Map<String, Object> templateVariables) {
            this.templateVariables = Objects.requireNonNull(templateVariables, "templateVariables");
            return this;
        }

        @Override
        public KawiChatRequestParameters build() {
            return new KawiChatRequestParameters(this);
        }
    }
}
