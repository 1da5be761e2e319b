package kawi.spring.ai;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import kawi.FinishReason;
import kawi.Model;
import kawi.Reply;
import kawi.ReplyEvent;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.observation.ChatModelObservationContext;
import org.springframework.ai.chat.observation.ChatModelObservationConvention;
import org.springframework.ai.chat.observation.ChatModelObservationDocumentation;
import org.springframework.ai.chat.observation.DefaultChatModelObservationConvention;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.retry.NonTransientAiException;
import org.springframework.ai.retry.TransientAiException;
import reactor.adapter.JdkFlowAdapter;
import reactor.core.publisher.Flux;
import reactor.core.publisher.SynchronousSink;
import reactor.util.context.ContextView;

/**
 * A language model of Kawi, in the same process, as a {@link ChatModel}.
 *
 * {@snippet :
 *    Model model = Model.load("hf:Qwen/Qwen3.5-0.8B");
 *    ChatModel chatModel = KawiChatModel.builder().model(model).build();
 *    String answer = ChatClient.create(chatModel).prompt("Why is the sky blue?").call().content();
 * }
 *
 * <ul>
 *   <li>The options of a request replace those of the builder, one by one.
 *   <li>Tool calls are returned and never executed; {@code ToolCallingAdvisor}, which {@code ChatClient} adds, does so.
 *   <li>A stream generates no more than its subscriber requests, on a thread of its own. Cancelling the subscription
 *       ends the answer within one token. Pieces of thoughts are in the metadata of the generations, under
 *       {@code thinking}; the last response contains the tool calls, the finish reason and the usage.
 *   <li>Failures are {@link TransientAiException} if the same request may succeed later, otherwise
 *       {@link NonTransientAiException}.
 *   <li>Each answer is observed as {@code gen_ai.client.operation}.
 * </ul>
 *
 * It is safe for use by multiple threads. Closing the {@link Model} is up to its owner.
 */
public final class KawiChatModel implements ChatModel {

    /** The name of the provider in observations, and the value of {@code spring.ai.model.chat}. */
    public static final String PROVIDER = "kawi";

    private static final ChatModelObservationConvention DEFAULT_CONVENTION =
            new DefaultChatModelObservationConvention();

    private final Model model;
    private final RequestConversion requests;
    private final KawiChatOptions options;
    private final ObservationRegistry observations;
    private final ChatModelObservationConvention convention;

    private KawiChatModel(Builder builder) {
        this.model = Objects.requireNonNull(builder.model, "model");
        this.requests = new RequestConversion(model);
        this.options = builder.options.getModel() == null
                ? builder.options.mutate().model(model.name()).build()
                : builder.options;
        this.observations = builder.observations;
        this.convention = builder.convention;
    }

    /** Returns a builder; the model must be set. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns the options of requests that do not set them. */
    @Override
    public KawiChatOptions getOptions() {
        return options;
    }

    /** Returns the complete answer. Interrupting the thread ends it within one token. */
    @Override
    public ChatResponse call(Prompt prompt) {
        Prompt request = withOptions(prompt);
        ChatModelObservationContext context = context(request, false);
        return Objects.requireNonNull(observation(context).observe(() -> {
            ChatResponse response = answer(request);
            context.setResponse(response);
            return response;
        }));
    }

    private ChatResponse answer(Prompt request) {
        Reply reply;
        try {
            reply = convert(request).generate();
        } catch (RuntimeException e) {
            throw (RuntimeException) Failures.translated(e);
        }
        if (reply.finishReason() == FinishReason.CANCELLED) {
            throw Failures.cancelled(reply);
        }
        return new ResponseConversion(name()).whole(reply);
    }

    /** Returns the answer in pieces, beginning when it is subscribed to. */
    @Override
    public Flux<ChatResponse> stream(Prompt prompt) {
        Prompt request = withOptions(prompt);
        return Flux.deferContextual(view -> {
            ChatModelObservationContext context = context(request, true);
            Observation observation = started(observation(context), view);
            AtomicBoolean stopped = new AtomicBoolean();
            // Before the subscriber learns of the end, so that it finds the observation complete.
            Runnable stop = () -> {
                if (stopped.compareAndSet(false, true)) {
                    observation.stop();
                }
            };
            return Flux.defer(() -> pieces(request, context))
                    .onErrorMap(Failures::translated)
                    .doOnError(observation::error)
                    .doOnTerminate(stop)
                    .doOnCancel(stop)
                    .contextWrite(values -> values.put(ObservationThreadLocalAccessor.KEY, observation));
        });
    }

    private Flux<ChatResponse> pieces(Prompt request, ChatModelObservationContext context) {
        ResponseConversion responses = new ResponseConversion(name());
        return JdkFlowAdapter.flowPublisherToFlux(convert(request).publisher())
                .handle((ReplyEvent event, SynchronousSink<ChatResponse> sink) -> {
                    switch (event) {
                        case ReplyEvent.Text text -> sink.next(responses.text(text.piece()));
                        case ReplyEvent.Thinking thinking -> sink.next(responses.thinking(thinking.piece()));
                        // The calls are part of the completed reply; no tool is executed, so that none returns.
                        case ReplyEvent.Called call -> {}
                        case ReplyEvent.Returned result -> {}
                        case ReplyEvent.Completed completed -> {
                            Reply reply = completed.reply();
                            if (reply.finishReason() == FinishReason.CANCELLED) {
                                sink.error(Failures.cancelled(reply));
                            } else {
                                context.setResponse(responses.whole(reply));
                                sink.next(responses.last(reply));
                            }
                        }
                    }
                });
    }

    private static Observation started(Observation observation, ContextView view) {
        Observation parent = view.getOrDefault(ObservationThreadLocalAccessor.KEY, null);
        observation.parentObservation(parent);
        try (Observation.Scope _ = parent == null ? Observation.Scope.NOOP : parent.openScope()) {
            return observation.start();
        }
    }

    private Prompt withOptions(Prompt prompt) {
        Objects.requireNonNull(prompt, "prompt");
        return new Prompt(prompt.getInstructions(), options.overriddenBy(prompt.getOptions()));
    }

    private kawi.Prompt convert(Prompt request) {
        KawiChatOptions chosen = (KawiChatOptions) Objects.requireNonNull(request.getOptions());
        String requested = chosen.getModel();
        if (!name().equals(requested) && !model.name().equals(requested)) {
            throw new IllegalArgumentException("the model %s was requested, but this chat model runs %s"
                    .formatted(
                            requested, name().equals(model.name()) ? name() : name() + ", which is " + model.name()));
        }
        return requests.prompt(request.getInstructions(), chosen);
    }

    /** The name by which requests select this model. */
    private String name() {
        return Objects.requireNonNull(options.getModel());
    }

    private static ChatModelObservationContext context(Prompt request, boolean streaming) {
        return ChatModelObservationContext.builder()
                .prompt(request)
                .provider(PROVIDER)
                .streaming(streaming)
                .build();
    }

    private Observation observation(ChatModelObservationContext context) {
        return ChatModelObservationDocumentation.CHAT_MODEL_OPERATION.observation(
                convention, DEFAULT_CONVENTION, () -> context, observations);
    }

    /** Builds a {@link KawiChatModel}. */
    public static final class Builder {

        private @Nullable Model model;
        private KawiChatOptions options = KawiChatOptions.builder().build();
        private ObservationRegistry observations = ObservationRegistry.NOOP;
        private ChatModelObservationConvention convention = DEFAULT_CONVENTION;

        private Builder() {}

        /** Sets the model. It is not closed by the chat model. */
        public Builder model(Model model) {
            this.model = Objects.requireNonNull(model, "model");
            return this;
        }

        /**
         * Sets the options of requests that do not set them, none by default. {@link KawiChatOptions#getModel} is the
         * name by which requests select the model, by default {@link Model#name}.
         */
        public Builder options(KawiChatOptions options) {
            this.options = Objects.requireNonNull(options, "options");
            return this;
        }

        /** Sets where answers are observed; by default they are not. */
        public Builder observationRegistry(ObservationRegistry registry) {
            this.observations = Objects.requireNonNull(registry, "registry");
            return this;
        }

        /** Sets the names and values of the observations, by default those of Spring AI. */
        public Builder observationConvention(ChatModelObservationConvention convention) {
            this.convention = Objects.requireNonNull(convention, "convention");
            return this;
        }

        /** Builds the chat model. */
        public KawiChatModel build() {
            if (model == null) {
                throw new IllegalStateException("the chat model has no model; set one with model(Model)");
            }
            return new KawiChatModel(this);
        }
    }
}
