package kawi;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.stream.Stream;

/**
 * A message to a {@link Chat} and the options of its answer, which begin with those of the chat. Immutable. The
 * conversation changes when the message is sent.
 */
public interface Turn extends AnswerOptions<Turn> {

    /**
     * Sets whether the model may, must or must not call tools for this message, and which. After the results it may,
     * unless it must not.
     */
    Turn toolChoice(ToolChoice choice);

    /** Sends the message, executes the tools that the model calls, and returns the complete answer. */
    Reply send();

    /** Sends the message and notifies a listener while the answer is generated. */
    Reply send(ReplyListener listener);

    /** Sends the message and answers on a thread of its own, see {@link Prompt#generateAsync}. */
    CompletableFuture<Reply> sendAsync();

    /**
     * Returns the answer as events, see {@link Prompt#publisher}. The message is sent when a subscriber requests
     * events.
     */
    Flow.Publisher<ReplyEvent> publisher();

    /**
     * Sends the message and returns the answer as a lazy stream, generated on the thread that consumes it. A stream
     * that is closed unread has sent nothing. The chat is busy until the stream has been consumed, has failed or is
     * closed; closing it earlier cancels the answer, see {@link Chat}. A stream that is abandoned is closed when it has
     * become unreachable, with a warning in the log.
     */
    Stream<String> stream();

    /** Sends the message and answers with a value, see {@link Prompt#as(Class)}. */
    <T> T as(Class<T> type);

    /** Sends the message and answers with a value, see {@link Prompt#as(TypeOf)}. */
    <T> T as(TypeOf<T> type);

    /** As {@link #as(Class)}, with the reply in addition to the value. */
    <T> TypedReply<T> replyAs(Class<T> type);

    /** As {@link #as(TypeOf)}, with the reply in addition to the value. */
    <T> TypedReply<T> replyAs(TypeOf<T> type);
}
