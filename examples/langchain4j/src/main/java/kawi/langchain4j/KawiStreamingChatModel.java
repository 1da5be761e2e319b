package kawi.langchain4j;

import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatModelStreamingEvent;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Flow;
import kawi.Prompt;

/**
 * A chat model that runs in this process and gives its answers while they are generated.
 *
 * {@snippet :
 *    StreamingChatModel chat = KawiStreamingChatModel.builder().model(model).build();
 *    chat.chat("Why is the sky blue?", LambdaStreamingResponseHandler.onPartialResponse(System.out::print));
 * }
 *
 * <p>It can be used by any number of threads. Each answer is generated on a thread of its own, which makes all calls of
 * the handler or subscriber. A handler that waits only delays its own answer, and a subscriber gets as many events as it
 * requests. Cancelling the {@code StreamingHandle} or the subscription ends the answer within one token; after that
 * nothing is called. Tool calls are given when they are complete: the arguments in Qwen3.5's syntax are not JSON until
 * then, so {@code onPartialToolCall} is not called. Failures are those of {@link KawiChatModel}; they are reported to the
 * handler, except for {@code UnsupportedFeatureException}, which is thrown.
 */
public final class KawiStreamingChatModel implements StreamingChatModel, AutoCloseable {

    private final Connection connection;

    private KawiStreamingChatModel(Connection connection) {
        this.connection = connection;
    }

    /** Returns a builder, to which a model must be given. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
        HandlerAnswer answer = new HandlerAnswer(connection, handler);
        Prompt prompt;
        try {
            prompt = connection.prompt(request);
        } catch (UnsupportedFeatureException e) {
            throw e;
        } catch (RuntimeException e) {
            start(() -> answer.fail(e));
            return;
        }
        start(() -> answer.run(prompt));
    }

    /** Starts a platform thread, since an answer computes all the time and would occupy a carrier thread. */
    private static void start(Runnable answer) {
        Thread.ofPlatform().daemon().name("kawi-langchain4j-answer").start(answer);
    }

    @Override
    public Flow.Publisher<ChatModelStreamingEvent> doChat(ChatRequest request) {
        return new AnswerPublisher(connection, connection.prompt(request));
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

        /** Returns the chat model; the exceptions are those of {@link KawiChatModel.Builder#build}. */
        public KawiStreamingChatModel build() {
            return new KawiStreamingChatModel(connect());
        }
    }
}
