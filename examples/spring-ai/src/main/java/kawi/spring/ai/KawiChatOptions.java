package kawi.spring.ai;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import kawi.AnswerOptions;
import kawi.SamplingPreset;
import kawi.ToolChoice;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.model.tool.DefaultToolCallingChatOptions;
import org.springframework.ai.model.tool.StructuredOutputChatOptions;
import org.springframework.ai.model.tool.ToolCallingChatOptions;
import org.springframework.ai.tool.ToolCallback;

/**
 * The options of a {@link KawiChatModel}: those of every chat model, tools, the schema of a structured answer, and the
 * options of Kawi's {@link AnswerOptions}. All are optional and null unless set. Immutable.
 *
 * {@snippet :
 *    KawiChatOptions options = KawiChatOptions.builder().temperature(0.3).seed(7L).thinking(true).build();
 * }
 */
public final class KawiChatOptions extends DefaultToolCallingChatOptions implements StructuredOutputChatOptions {

    private final @Nullable String outputSchema;
    private final @Nullable String regex;
    private final @Nullable Double minP;
    private final @Nullable Double typicalP;
    private final @Nullable Double repetitionPenalty;
    private final @Nullable Integer penaltyWindow;
    private final @Nullable Map<Integer, Float> logitBias;
    private final @Nullable Long seed;
    private final @Nullable SamplingPreset preset;
    private final @Nullable Boolean thinking;
    private final @Nullable Integer thinkingBudget;
    private final @Nullable Boolean loopGuard;
    private final @Nullable Integer logprobs;
    private final @Nullable Duration maxWait;
    private final @Nullable ToolChoice toolChoice;
    private final @Nullable Map<String, @Nullable Object> templateVariables;

    private KawiChatOptions(
            @Nullable List<ToolCallback> toolCallbacks,
            @Nullable Map<String, Object> toolContext,
            @Nullable String model,
            @Nullable Double frequencyPenalty,
            @Nullable Integer maxTokens,
            @Nullable Double presencePenalty,
            @Nullable List<String> stopSequences,
            @Nullable Double temperature,
            @Nullable Integer topK,
            @Nullable Double topP,
            Builder builder) {
        super(
                toolCallbacks,
                toolContext,
                model,
                frequencyPenalty,
                maxTokens,
                presencePenalty,
                stopSequences,
                temperature,
                topK,
                topP);
        this.outputSchema = builder.outputSchema;
        this.regex = builder.regex;
        this.minP = builder.minP;
        this.typicalP = builder.typicalP;
        this.repetitionPenalty = builder.repetitionPenalty;
        this.penaltyWindow = builder.penaltyWindow;
        this.logitBias = builder.logitBias;
        this.seed = builder.seed;
        this.preset = builder.preset;
        this.thinking = builder.thinking;
        this.thinkingBudget = builder.thinkingBudget;
        this.loopGuard = builder.loopGuard;
        this.logprobs = builder.logprobs;
        this.maxWait = builder.maxWait;
        this.toolChoice = builder.toolChoice;
        this.templateVariables = builder.templateVariables;
    }

    /** Returns a builder without any option. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns these options with all those replaced that are given for a request. Lists replace lists; the tool
     * contexts are combined.
     */
    KawiChatOptions overriddenBy(@Nullable ChatOptions request) {
        if (request == null) {
            return this;
        }
        Builder merged = mutate();
        ifGiven(request.getModel(), merged::model);
        ifGiven(request.getFrequencyPenalty(), merged::frequencyPenalty);
        ifGiven(request.getMaxTokens(), merged::maxTokens);
        ifGiven(request.getPresencePenalty(), merged::presencePenalty);
        ifGiven(request.getStopSequences(), merged::stopSequences);
        ifGiven(request.getTemperature(), merged::temperature);
        ifGiven(request.getTopK(), merged::topK);
        ifGiven(request.getTopP(), merged::topP);
        if (request instanceof ToolCallingChatOptions tools) {
            merged.toolCallbacks(
                    ToolCallingChatOptions.mergeToolCallbacks(tools.getToolCallbacks(), getToolCallbacks()));
            merged.toolContext(ToolCallingChatOptions.mergeToolContext(tools.getToolContext(), getToolContext()));
        }
        merged.takeOwn(request);
        return merged.build();
    }

    private static <T> void ifGiven(@Nullable T value, Consumer<T> setter) {
        if (value != null) {
            setter.accept(value);
        }
    }

    /** The JSON Schema to which the answer conforms, see {@link AnswerOptions#jsonSchema}. */
    @Override
    public @Nullable String getOutputSchema() {
        return outputSchema;
    }

    /** The regular expression that the answer matches, see {@link AnswerOptions#regex}. */
    public @Nullable String getRegex() {
        return regex;
    }

    /** See {@link AnswerOptions#minP}. */
    public @Nullable Double getMinP() {
        return minP;
    }

    /** See {@link AnswerOptions#typicalP}. */
    public @Nullable Double getTypicalP() {
        return typicalP;
    }

    /** See {@link AnswerOptions#repetitionPenalty}. */
    public @Nullable Double getRepetitionPenalty() {
        return repetitionPenalty;
    }

    /** See {@link AnswerOptions#penaltyWindow}. */
    public @Nullable Integer getPenaltyWindow() {
        return penaltyWindow;
    }

    /** The bias of tokens by their ids, see {@link AnswerOptions#logitBias}. */
    public @Nullable Map<Integer, Float> getLogitBias() {
        return logitBias;
    }

    /** See {@link AnswerOptions#seed}. */
    public @Nullable Long getSeed() {
        return seed;
    }

    /** See {@link AnswerOptions#preset}. */
    public @Nullable SamplingPreset getPreset() {
        return preset;
    }

    /** See {@link AnswerOptions#thinking}. */
    public @Nullable Boolean getThinking() {
        return thinking;
    }

    /** See {@link AnswerOptions#thinkingBudget}. */
    public @Nullable Integer getThinkingBudget() {
        return thinkingBudget;
    }

    /** See {@link AnswerOptions#loopGuard}. */
    public @Nullable Boolean getLoopGuard() {
        return loopGuard;
    }

    /** See {@link AnswerOptions#logprobs}. */
    public @Nullable Integer getLogprobs() {
        return logprobs;
    }

    /** See {@link AnswerOptions#maxWait}. */
    public @Nullable Duration getMaxWait() {
        return maxWait;
    }

    /** Whether the model may, must or must not call tools. */
    public @Nullable ToolChoice getToolChoice() {
        return toolChoice;
    }

    /** The variables of the chat template, see {@link AnswerOptions#templateVariable}. */
    public @Nullable Map<String, @Nullable Object> getTemplateVariables() {
        return templateVariables;
    }

    /** Returns a new builder with these options. */
    @Override
    public Builder mutate() {
        Builder builder = new Builder()
                .model(getModel())
                .frequencyPenalty(getFrequencyPenalty())
                .maxTokens(getMaxTokens())
                .presencePenalty(getPresencePenalty())
                .stopSequences(getStopSequences())
                .temperature(getTemperature())
                .topK(getTopK())
                .topP(getTopP())
                .toolCallbacks(getToolCallbacks())
                .toolContext(getToolContext());
        builder.takeOwn(this);
        return builder;
    }

    private List<@Nullable Object> own() {
        return Arrays.asList(
                outputSchema,
                regex,
                minP,
                typicalP,
                repetitionPenalty,
                penaltyWindow,
                logitBias,
                seed,
                preset,
                thinking,
                thinkingBudget,
                loopGuard,
                logprobs,
                maxWait,
                toolChoice,
                templateVariables);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return super.equals(other) && other instanceof KawiChatOptions that && own().equals(that.own());
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), own());
    }

    /** Builds {@link KawiChatOptions}. A null removes an option. */
    public static final class Builder extends DefaultToolCallingChatOptions.Builder<Builder>
            implements StructuredOutputChatOptions.Builder<Builder> {

        private @Nullable String outputSchema;
        private @Nullable String regex;
        private @Nullable Double minP;
        private @Nullable Double typicalP;
        private @Nullable Double repetitionPenalty;
        private @Nullable Integer penaltyWindow;
        private @Nullable Map<Integer, Float> logitBias;
        private @Nullable Long seed;
        private @Nullable SamplingPreset preset;
        private @Nullable Boolean thinking;
        private @Nullable Integer thinkingBudget;
        private @Nullable Boolean loopGuard;
        private @Nullable Integer logprobs;
        private @Nullable Duration maxWait;
        private @Nullable ToolChoice toolChoice;
        private @Nullable Map<String, @Nullable Object> templateVariables;

        private Builder() {}

        /** See {@link AnswerOptions#jsonSchema}. */
        @Override
        public Builder outputSchema(@Nullable String schema) {
            this.outputSchema = schema;
            return this;
        }

        /** See {@link AnswerOptions#regex}. */
        public Builder regex(@Nullable String expression) {
            this.regex = expression;
            return this;
        }

        /** See {@link AnswerOptions#minP}. */
        public Builder minP(@Nullable Double value) {
            this.minP = value;
            return this;
        }

        /** See {@link AnswerOptions#typicalP}. */
        public Builder typicalP(@Nullable Double value) {
            this.typicalP = value;
            return this;
        }

        /** See {@link AnswerOptions#repetitionPenalty}. */
        public Builder repetitionPenalty(@Nullable Double value) {
            this.repetitionPenalty = value;
            return this;
        }

        /** See {@link AnswerOptions#penaltyWindow}. */
        public Builder penaltyWindow(@Nullable Integer tokens) {
            this.penaltyWindow = tokens;
            return this;
        }

        /** Sets the bias of tokens by their ids, see {@link AnswerOptions#logitBias}. */
        public Builder logitBias(@Nullable Map<Integer, Float> bias) {
            this.logitBias = bias == null ? null : Map.copyOf(bias);
            return this;
        }

        /** See {@link AnswerOptions#seed}. */
        public Builder seed(@Nullable Long value) {
            this.seed = value;
            return this;
        }

        /** See {@link AnswerOptions#preset}; other sampling options have precedence over it. */
        public Builder preset(@Nullable SamplingPreset value) {
            this.preset = value;
            return this;
        }

        /** See {@link AnswerOptions#thinking}. */
        public Builder thinking(@Nullable Boolean on) {
            this.thinking = on;
            return this;
        }

        /** See {@link AnswerOptions#thinkingBudget}. */
        public Builder thinkingBudget(@Nullable Integer tokens) {
            this.thinkingBudget = tokens;
            return this;
        }

        /** See {@link AnswerOptions#loopGuard}. */
        public Builder loopGuard(@Nullable Boolean on) {
            this.loopGuard = on;
            return this;
        }

        /** See {@link AnswerOptions#logprobs}; they are in the generation's metadata. */
        public Builder logprobs(@Nullable Integer top) {
            this.logprobs = top;
            return this;
        }

        /** See {@link AnswerOptions#maxWait}. */
        public Builder maxWait(@Nullable Duration time) {
            this.maxWait = time;
            return this;
        }

        /**
         * Sets whether the model may, must or must not call tools; {@link ToolChoice#auto()} by default. After the
         * results of tools, the model decides again, so that a required call does not repeat forever.
         */
        public Builder toolChoice(@Nullable ToolChoice choice) {
            this.toolChoice = choice;
            return this;
        }

        /** Sets the variables of the chat template, see {@link AnswerOptions#templateVariable}. */
        public Builder templateVariables(@Nullable Map<String, @Nullable Object> variables) {
            this.templateVariables =
                    variables == null ? null : Collections.unmodifiableMap(new LinkedHashMap<>(variables));
            return this;
        }

        /**
         * Replaces the options that are set in another builder, of this or another model. Stop sequences and tools are
         * added, as Spring AI's own builders do.
         */
        @Override
        public Builder combineWith(ChatOptions.Builder<?> other) {
            super.combineWith(other);
            takeOwn(other.build());
            return this;
        }

        /** Takes from other options, where they have a value, those that not every chat model has. */
        private void takeOwn(ChatOptions from) {
            if (from instanceof StructuredOutputChatOptions structured) {
                ifGiven(structured.getOutputSchema(), this::outputSchema);
            }
            if (from instanceof KawiChatOptions kawi) {
                ifGiven(kawi.regex, this::regex);
                ifGiven(kawi.minP, this::minP);
                ifGiven(kawi.typicalP, this::typicalP);
                ifGiven(kawi.repetitionPenalty, this::repetitionPenalty);
                ifGiven(kawi.penaltyWindow, this::penaltyWindow);
                ifGiven(kawi.logitBias, this::logitBias);
                ifGiven(kawi.seed, this::seed);
                ifGiven(kawi.preset, this::preset);
                ifGiven(kawi.thinking, this::thinking);
                ifGiven(kawi.thinkingBudget, this::thinkingBudget);
                ifGiven(kawi.loopGuard, this::loopGuard);
                ifGiven(kawi.logprobs, this::logprobs);
                ifGiven(kawi.maxWait, this::maxWait);
                ifGiven(kawi.toolChoice, this::toolChoice);
                ifGiven(kawi.templateVariables, this::templateVariables);
            }
        }

        @Override
        public KawiChatOptions build() {
            return new KawiChatOptions(
                    toolCallbacks,
                    toolContext,
                    model,
                    frequencyPenalty,
                    maxTokens,
                    presencePenalty,
                    stopSequences,
                    temperature,
                    topK,
                    topP,
                    this);
        }
    }
}
