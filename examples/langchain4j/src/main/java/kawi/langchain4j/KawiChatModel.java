package kawi.langchain4j;

import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import kawi.Prompt;
import kawi.Reply;

/**
 * A chat model that runs in this process.
 *
 * {@snippet :
 *    try (Model model = Model.load(Path.of("Qwen3.5-0.8B-Q4_K_M.gguf"))) {
 *        ChatModel chat = KawiChatModel.builder().model(model).temperature(0.7).build();
 *        System.out.println(chat.chat("Why is the sky blue?"));
 *    }
 * }
 *
 * <p>It can be used by any number of threads. Tools are not executed: the calls are returned in the response. Failures
 * are those of {@code dev.langchain4j.exception}: {@code UnsupportedFeatureException} for content other than text,
 * {@code InvalidRequestException} for a request that the chat template or the context length does not permit,
 * {@code RateLimitException} if the model is busy with the answers of others,
 * {@code InternalServerException} if the model calls a tool in a way that cannot be used, {@code TimeoutException} after
 * the time limit, and {@code LangChain4jException} if the thread is interrupted or the model is closed.
 */
public final class KawiChatModel implements ChatModel, AutoCloseable {

    private final Connection connection;

    private KawiChatModel(Connection connection) {
        this.connection = connection;
    }

    /** Returns a builder, to which a model must be given. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public ChatResponse doChat(ChatRequest request) {
        Prompt prompt = connection.prompt(request);
        try (TimeLimit limit = connection.startTimeLimit()) {
            return connection.response(limit.complete(limit.applyTo(prompt).generate()));
        } catch (RuntimeException e) {
            throw Failures.of(e);
        }
    }

    /** Answers on a thread of its own. Cancelling the future ends the answer within one token. */
    @Override
    public CompletableFuture<ChatResponse> doChatAsync(ChatRequest request) {
        Prompt prompt = connection.prompt(request);
        TimeLimit limit = connection.startTimeLimit();
        CompletableFuture<Reply> reply = limit.applyTo(prompt).generateAsync();
        CompletableFuture<ChatResponse> response = reply.handle((complete, thrown) -> {
            limit.close();
            if (thrown instanceof RuntimeException failure) {
                throw Failures.of(failure);
            }
            if (thrown != null) {
                throw new CompletionException(thrown);
            }
            return connection.response(limit.complete(complete));
        });
        var _ = response.whenComplete((complete, thrown) -> reply.cancel(false));
        return response;
    }

    @Override
    public ChatRequestParameters defaultRequestParameters() {
        return connection.defaults();
    }

    @Override
    public List<ChatModelListener> listeners() {
        return connection.listeners();
    }

    @Override
    public Set<Capability> supportedCapabilities() {
        return Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA);
    }

    /** Closes the model if {@link #builder} has loaded it. One that was given stays open. */
    @Override
    public void close() {
        connection.close();
    }

    /** A builder. */
    public static final class Builder extends ModelBuilder<Builder> {

        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /**
         * Returns the chat model.
         *
         * @throws IllegalStateException if no model was given
         * @throws dev.langchain4j.exception.ModelNotFoundException if it cannot be loaded
         * @throws dev.langchain4j.exception.InvalidRequestException if a parameter is out of range
         * @throws dev.langchain4j.exception.UnsupportedFeatureException if the default parameters name another model
         */
        public KawiChatModel build() {
            return new KawiChatModel(connect());
        }
    }
}
