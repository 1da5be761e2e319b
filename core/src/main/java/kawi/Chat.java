package kawi;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A conversation with a model that never reads twice what it still knows: each message costs its own tokens. See {@link Model#chat()}.
 *
 * <p>States are kept between messages within {@link ChatBuilder#snapshotBytes}: going back, asking again and trying another way cost what is
 * new. Where the model's template drops the thought of an earlier answer, the model has not seen that answer without it; it reads it in the
 * background while the caller reads it too ({@link ChatBuilder#readAhead}). Whatever has been kept or given up, the answers are the same bits
 * as those of a conversation read from the beginning.
 *
 * <p>A chat answers one message at a time, on the caller's thread; {@link #fork} it to say two things at once. An answer that fails with an
 * exception leaves the conversation as it was before the message. One that is cancelled stays in the conversation as far as it came,
 * together with the message, no matter whether an interrupt, a {@link Cancellation} or the end of its stream cancelled it; {@link #undo} takes
 * both back.
 *
 * <p>A chat that becomes unreachable without having been closed is closed some time later, with a warning in the log.
 */
public interface Chat extends AutoCloseable {

    /** Says something and returns when the answer is complete. Interrupting the thread ends it within one token. */
    Reply send(String text);

    /** Says something and hands the answer over as it comes. */
    Reply send(String text, ReplyListener listener);

    /** Says something and answers lazily, see {@link Turn#stream}. */
    Stream<String> stream(String text);

    /** Prepares to say something, with options of its own: {@code chat.message("A recipe for tea.").as(Recipe.class)}. */
    Turn message(String text);

    /**
     * Prepares to say something that is not just the user's text, such as the result of a call or a text in parts.
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
     * Prepares to answer the last user message again, in place of the answer it has: {@code chat.again().seed(8).send()}. Where the last
     * message is a user's or a tool's result, it has no answer yet and this is the same as {@link #answer}.
     *
     * @throws IllegalStateException when it is sent, if there is no user message
     */
    Turn again();

    /** Everything said so far. */
    List<Message> messages();

    /**
     * Goes back to the first {@code count} messages: {@code chat.rewind(chat.messages().size() - 2)} takes back the last question and its
     * answer.
     */
    void rewind(int count);

    /** Takes back the last user message and all that followed; false if there is none. */
    boolean undo();

    /** Changes the instructions for the whole conversation, which is then read again; an empty text removes them. */
    void system(String text);

    /** The tools offered to the model. */
    List<Tool> tools();

    /**
     * A second conversation that begins with what was said so far; both go their own ways from here. It costs nothing until it is used. The
     * fork of a chat that is answering begins with what was said before the message.
     */
    Chat fork();

    /**
     * Writes the conversation, and what the model remembers of it, to a file, from which {@link ChatBuilder#load} goes on in this or another
     * process. A file that is there is replaced in one step.
     *
     * @throws java.io.UncheckedIOException if that fails
     * @throws java.util.concurrent.CancellationException if the thread is interrupted meanwhile
     */
    void save(Path file);

    /** How the states between messages have been kept; shared by all forks of a conversation. */
    CacheStats snapshots();

    /**
     * Cancels an answer under way, waits for the step that it is in, and frees the conversation's memory. It may be called from any thread,
     * callbacks included. A call of {@link #send} returns with {@link FinishReason#CANCELLED}, a stream of an answer ends.
     */
    @Override
    void close();
}
