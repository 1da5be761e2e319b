package kawi.langchain4j;

import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialThinkingContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import kawi.Cancellation;
import kawi.Prompt;
import kawi.Reply;
import kawi.ReplyListener;
import kawi.ToolCall;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An answer that is given to a handler, all on one thread.
 *
 * <p>As in LangChain4j's own integrations, an exception thrown by the handler is reported to its {@code onError} and does
 * not end the answer, an exception thrown by {@code onError} is logged, and after the handle was cancelled nothing is
 * called any more.
 */
final class HandlerAnswer implements ReplyListener, StreamingHandle {

    private static final Logger LOG = LoggerFactory.getLogger(HandlerAnswer.class);

    private final Connection connection;
    private final StreamingChatResponseHandler handler;
    private final Cancellation cancellation = new Cancellation();
    private int toolCalls;

    HandlerAnswer(Connection connection, StreamingChatResponseHandler handler) {
        this.connection = connection;
        this.handler = handler;
    }

    /** Generates the answer. */
    void run(Prompt prompt) {
        Reply complete;
        try (TimeLimit limit = connection.startTimeLimit()) {
            Reply reply = limit.applyTo(prompt).cancelWith(cancellation).generate(this);
            if (isCancelled()) {
                return;
            }
            complete = limit.complete(reply);
        } catch (RuntimeException e) {
            fail(Failures.of(e));
            return;
        } catch (Error e) {
            fail(e);
            throw e;
        }
        notify(() -> handler.onCompleteResponse(connection.response(complete)));
    }

    /** Reports a failure of the answer. */
    void fail(Throwable failure) {
        if (!isCancelled()) {
            reportError(failure);
        }
    }

    private void notify(Runnable callback) {
        if (isCancelled()) {
            return;
        }
        try {
            callback.run();
        } catch (Exception e) { // not only a RuntimeException: handlers in Kotlin throw any
            reportError(e);
        }
    }

    private void reportError(Throwable error) {
        try {
            handler.onError(error);
        } catch (Exception e) {
            LOG.warn("onError of a handler of a streamed answer threw an exception, which is ignored", e);
        }
    }

    @Override
    public void onText(String piece) {
        notify(() -> handler.onPartialResponse(new PartialResponse(piece), new PartialResponseContext(this)));
    }

    @Override
    public void onThinking(String piece) {
        if (connection.returnThinking() && !piece.isEmpty()) {
            notify(() -> handler.onPartialThinking(new PartialThinking(piece), new PartialThinkingContext(this)));
        }
    }

    @Override
    public void onToolCall(ToolCall call) {
        int index = toolCalls++;
        notify(() -> handler.onCompleteToolCall(new CompleteToolCall(index, Messages.request(call))));
    }

    @Override
    public void cancel() {
        cancellation.cancel();
    }

    @Override
    public boolean isCancelled() {
        return cancellation.isCancelled();
    }
}
