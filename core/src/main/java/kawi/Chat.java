package kawi;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A conversation with a model that processes only new tokens. See {@link Model#chat()}.
 *
 * <p>States between messages are cached within {@link ChatBuilder#snapshotBytes}, so that {@link #rewind},
 * {@link #again} and {@link #fork} cost only new tokens. Where the chat template drops the thought of an earlier
 * answer, the answer is processed again without it in the background, see {@link ChatBuilder#readAhead}. Answers are
 * bit-identical whatever is cached.
 *
 * <p>A chat answers one message at a time, on the thread of the caller; {@link #fork} it to answer several at once. An
 * answer that fails with an exception leaves the conversation as it was before the message. An answer that is cancelled
 * stays in the conversation as far as it was generated, together with the message, whether an interrupt, a
 * {@link Cancellation} or the end of its stream cancelled it; {@link #undo} removes both.
 *
 * <p>When the conversation exceeds the context, a message fails, or the oldest messages are dropped, see
 * {@link AnswerOptions#contextPolicy}. Messages that were dropped are no longer part of {@link #messages}, forks and
 * saved files, and {@link #undo} does not bring them back.
 *
 * <p>A chat that becomes unreachable without being closed is closed some time later, with a warning in the log.
 */
public interface Chat extends AutoCloseable {

    /** Sends a message and returns the complete answer. Interrupting the thread ends the answer within one token. */
    Reply send(String text);

    /** Sends a message and notifies a listener while the answer is generated. */
    Reply send(String text, ReplyListener listener);

    /**
     * Sends a message that is not, or not only, the text of a user:
     *
     * {@snippet :
     *    chat.send(Message.user(Part.image(photo), Part.text("Which of these two is older?"), Part.image(other)));
     * }
     *
     * @throws IllegalArgumentException if it is an assistant's message, or has an image and the model does not
     *     {@linkplain Model#seesImages see images}
     */
    default Reply send(Message message) {
        return message(message).send();
    }

    /** Sends a message and returns the answer as a lazy stream, see {@link Turn#stream}. */
    Stream<String> stream(String text);

    /** Prepares a message with options of its own: {@code chat.message("A recipe for tea.").as(Recipe.class)}. */
    Turn message(String text);

    /**
     * Prepares a message other than the text of a user, such as the result of a call, or content in parts.
     *
     * @throws IllegalArgumentException if it is an assistant's message
     */
    Turn message(Message message);

    /**
     * Prepares to answer the messages as they are, whatever the last one is.
     *
     * @throws IllegalStateException when it is sent, if there are no messages
     */
    Turn answer();

    /**
     * Prepares to answer the last user message again, replacing its answer: {@code chat.again().seed(8).send()}. If the
     * last message is that of a user or the result of a tool, there is no answer yet and this is the same as
     * {@link #answer}.
     *
     * @throws IllegalStateException when it is sent, if there is no user message
     */
    Turn again();

    /** Returns all messages. */
    List<Message> messages();

    /**
     * Returns to the first {@code count} messages: {@code chat.rewind(chat.messages().size() - 2)} removes the last
     * question and its answer.
     *
     * @throws IllegalArgumentException if there are not that many
     */
    void rewind(int count);

    /**
     * Removes the last user message and all messages after it.
     *
     * @return whether there was one
     */
    boolean undo();

    /**
     * Replaces the system message at the beginning, after which the conversation is processed again. An empty text
     * removes it.
     */
    void system(String text);

    /** Returns the tools. */
    List<Tool> tools();

    /**
     * Returns a second, independent conversation with the same messages. It costs nothing until it is used. The fork of
     * a chat that is answering begins with the messages before the current one.
     */
    Chat fork();

    /**
     * Writes the messages and the model's state to a file, from which {@link ChatBuilder#load} continues in this or
     * another process. An existing file is replaced atomically.
     *
     * @throws java.io.UncheckedIOException if the file cannot be written
     */
    void save(Path file);

    /** Returns statistics of the states cached between messages, which all forks of a conversation share. */
    CacheStats snapshots();

    /**
     * Cancels an answer under way, waits for its current step, and frees the memory of the conversation. May be called
     * from any thread, callbacks included. A call of {@link #send} returns with {@link FinishReason#CANCELLED}, and a
     * stream of an answer ends.
     */
    @Override
    void close();
}
