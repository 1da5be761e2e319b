package kawi;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.stream.Stream;

/**
 * A message to a {@link Chat} and how to answer it; begins with the conversation's options. Immutable. The conversation goes on when it is
 * sent.
 */
public interface Turn extends AnswerOptions<Turn> {

    /** Whether the model may, must or must not call tools for this message, and which. Once it has had results it may, or must not. */
    Turn toolChoice(ToolChoice choice);

    /** Sends the message, runs the tools that are called, and returns when the answer is complete. */
    Reply send();

    /** Sends the message, handing over what comes. */
    Reply send(ReplyListener listener);

    /** Sends the message and answers on a thread of its own, see {@link Prompt#generateAsync}. */
    CompletableFuture<Reply> sendAsync();

    /** The answer as events, see {@link Prompt#publisher}; the message is sent when somebody subscribes. */
    Flow.Publisher<ReplyEvent> publisher();

    /**
     * Sends the message and answers lazily: on the thread that consumes the stream, as it consumes it; a stream that is closed unread has sent
     * nothing. The chat is busy until the stream has been consumed, has failed or is closed: close it if you may stop earlier, which
     * cancels the answer, see {@link Chat}. A stream that is left is closed when it has become unreachable, with a warning in the log.
     */
    Stream<String> stream();

    /** Sends the message and answers with a value, see {@link Prompt#as(Class)}. */
    <T> T as(Class<T> type);

    /** Sends the message and answers with a value, see {@link Prompt#as(TypeOf)}. */
    <T> T as(TypeOf<T> type);

    /** As {@link #as(Class)}, with the reply beside the value. */
    <T> TypedReply<T> replyAs(Class<T> type);

    /** As {@link #as(TypeOf)}, with the reply beside the value. */
    <T> TypedReply<T> replyAs(TypeOf<T> type);
}
