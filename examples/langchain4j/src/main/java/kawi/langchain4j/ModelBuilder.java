package kawi.langchain4j;

import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ToolChoice;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import kawi.Model;
import kawi.ModelFileException;
import kawi.SamplingPreset;
import org.jspecify.annotations.Nullable;

/**
 * What the builders of the chat models have in common. A parameter that is set here takes precedence over the same one
 * in {@link #defaultRequestParameters}, and a parameter of a request over both. Null stands for the default, so that an
 * application can pass on settings that it may not have.
 *
 * @param <B> the builder
 */
abstract class ModelBuilder<B extends ModelBuilder<B>> {

    private @Nullable Supplier<Model> source;
    private boolean owned;
    private ChatRequestParameters defaults = KawiChatRequestParameters.EMPTY;
    private final KawiChatRequestParameters.Builder parameters = KawiChatRequestParameters.builder();
    private List<ChatModelListener> listeners = List.of();
    private boolean returnThinking;
    private boolean sendThinking = true;
    private @Nullable Duration maxWait;
    private @Nullable Duration timeout;

    ModelBuilder() {}

    abstract B self();

    /** Uses a model that the application has loaded and closes. Any number of objects can share it. */
    public B model(Model model) {
        Objects.requireNonNull(model, "model");
        return source(() -> model, false);
    }

    /** Loads a model from a file or folder, see {@link Model#load(Path)}. Closing the chat model closes it. */
    public B model(Path path) {
        Objects.requireNonNull(path, "path");
        return source(() -> Model.load(path), true);
    }

    /**
     * Loads a model from a path or a hub, see {@link Model#loader(String)}. Closing the chat model closes it.
     *
     * @param reference such as {@code hf:OWNER/REPOSITORY:Q4_K_M}, or the path of a file or folder
     */
    public B model(String reference) {
        Objects.requireNonNull(reference, "reference");
        return source(() -> Model.load(reference), true);
    }

    private B source(Supplier<Model> source, boolean owned) {
        this.source = source;
        this.owned = owned;
        return self();
    }

    /** Sets parameters of requests that do not set them; {@link KawiChatRequestParameters} has those of Kawi. */
    public B defaultRequestParameters(@Nullable ChatRequestParameters parameters) {
        this.defaults = parameters == null ? KawiChatRequestParameters.EMPTY : parameters;
        return self();
    }

    /** Sets the temperature, see {@link kawi.Sampling#temperature}. */
    public B temperature(@Nullable Double temperature) {
        parameters.temperature(temperature);
        return self();
    }

    /** Sets the number of candidates, see {@link kawi.Sampling#topK}. */
    public B topK(@Nullable Integer topK) {
        parameters.topK(topK);
        return self();
    }

    /** Sets the probability of the candidates together, see {@link kawi.Sampling#topP}. */
    public B topP(@Nullable Double topP) {
        parameters.topP(topP);
        return self();
    }

    /** See {@link kawi.Sampling#minP}. */
    public B minP(@Nullable Double minP) {
        parameters.minP(minP);
        return self();
    }

    /** See {@link kawi.Sampling#presencePenalty}. */
    public B presencePenalty(@Nullable Double presencePenalty) {
        parameters.presencePenalty(presencePenalty);
        return self();
    }

    /** See {@link kawi.Sampling#frequencyPenalty}. */
    public B frequencyPenalty(@Nullable Double frequencyPenalty) {
        parameters.frequencyPenalty(frequencyPenalty);
        return self();
    }

    /** See {@link kawi.Sampling#repetitionPenalty}. */
    public B repetitionPenalty(@Nullable Double repetitionPenalty) {
        parameters.repetitionPenalty(repetitionPenalty);
        return self();
    }

    /** See {@link kawi.Sampling#seed}. */
    public B seed(@Nullable Long seed) {
        parameters.seed(seed);
        return self();
    }

    /** Sets the recommended sampling options to begin with, see {@link kawi.AnswerOptions#preset}. */
    public B preset(@Nullable SamplingPreset preset) {
        parameters.preset(preset);
        return self();
    }

    /** Limits the tokens of an answer, thoughts included, see {@link kawi.AnswerOptions#maxTokens}. */
    public B maxOutputTokens(@Nullable Integer maxOutputTokens) {
        parameters.maxOutputTokens(maxOutputTokens);
        return self();
    }

    /** Ends an answer before any of these strings. */
    public B stopSequences(@Nullable List<String> stopSequences) {
        parameters.stopSequences(stopSequences == null ? List.of() : stopSequences);
        return self();
    }

    /** Ends an answer before any of these strings. */
    public B stopSequences(String... stopSequences) {
        return stopSequences(List.of(stopSequences));
    }

    /** Sets whether the model may, must or must not call tools; {@code AUTO} by default. */
    public B toolChoice(@Nullable ToolChoice toolChoice) {
        parameters.toolChoice(toolChoice);
        return self();
    }

    /** Sets the form of answers. JSON is enforced while tokens are chosen: with a schema, every answer conforms to it. */
    public B responseFormat(@Nullable ResponseFormat responseFormat) {
        parameters.responseFormat(responseFormat);
        return self();
    }

    /** Enables or disables thinking; the default is that of the model's chat template. */
    public B thinking(@Nullable Boolean thinking) {
        parameters.thinking(thinking);
        return self();
    }

    /** Sets whether an answer may contain several tool calls, see {@link kawi.Prompt#parallelToolCalls}. */
    public B parallelToolCalls(@Nullable Boolean parallelToolCalls) {
        parameters.parallelToolCalls(parallelToolCalls);
        return self();
    }

    /** Limits the tokens of thoughts, see {@link kawi.AnswerOptions#thinkingBudget}. */
    public B thinkingBudget(@Nullable Integer thinkingBudget) {
        parameters.thinkingBudget(thinkingBudget);
        return self();
    }

    /**
     * Sets whether thoughts are returned, in {@code AiMessage.thinking()} and to
     * {@code StreamingChatResponseHandler.onPartialThinking}; not by default. This does not make the model think, see
     * {@link #thinking}.
     */
    public B returnThinking(@Nullable Boolean returnThinking) {
        this.returnThinking = Boolean.TRUE.equals(returnThinking);
        return self();
    }

    /**
     * Sets whether thoughts in earlier answers are given to the chat template, which decides whether the model sees
     * them; enabled by default. Templates of Qwen3.5 keep the thoughts before tool calls that belong to the current
     * question.
     */
    public B sendThinking(@Nullable Boolean sendThinking) {
        this.sendThinking = !Boolean.FALSE.equals(sendThinking);
        return self();
    }

    /**
     * Limits the time that an answer waits while the model is busy, see {@link kawi.AnswerOptions#maxWait}; then it
     * fails with a {@code RateLimitException}. No limit by default.
     */
    public B maxWait(@Nullable Duration maxWait) {
        this.maxWait = maxWait;
        return self();
    }

    /**
     * Limits the time of an answer, waiting included; a longer one fails with a {@code TimeoutException}. No limit by
     * default.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public B timeout(@Nullable Duration timeout) {
        if (timeout != null && !timeout.isPositive()) {
            throw new IllegalArgumentException("timeout is " + timeout + "; it must be positive");
        }
        this.timeout = timeout;
        return self();
    }

    /** Sets the listeners that are notified of requests, responses and errors. */
    public B listeners(@Nullable List<ChatModelListener> listeners) {
        this.listeners = listeners == null ? List.of() : List.copyOf(listeners);
        return self();
    }

    /** Sets the listeners that are notified of requests, responses and errors. */
    public B listeners(ChatModelListener... listeners) {
        return listeners(List.of(listeners));
    }

    /**
     * Loads the model unless it is given.
     *
     * @throws IllegalStateException if there is no model
     * @throws RuntimeException one of LangChain4j's exceptions if it cannot be loaded or a parameter cannot be used
     */
    Connection connect() {
        if (source == null) {
            throw new IllegalStateException("no model was given; call model(...) with a model, a path or a reference");
        }
        Model model;
        try {
            model = source.get();
        } catch (ModelFileException e) {
            throw Failures.of(e);
        }
        try {
            KawiChatRequestParameters named =
                    KawiChatRequestParameters.builder().modelName(model.name()).build();
            return new Connection(
                    model,
                    owned,
                    named.overrideWith(defaults).overrideWith(parameters.build()),
                    listeners,
                    returnThinking,
                    sendThinking,
                    maxWait,
                    timeout);
        } catch (RuntimeException e) {
            if (owned) {
                model.close();
            }
            throw e;
        }
    }
}
