package kawi;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import kawi.schema.AnswerType;

/**
 * A conversation with a model that never reads twice what it still knows: each message costs its own tokens. See {@link Model#chat()}.
 *
 * <p>States are kept between messages within {@link ChatBuilder#snapshotBytes}: going back, asking again and trying another way cost what is
 * new. Where the model's template drops the thought of an earlier answer, the model has not seen that answer without it; it reads it in the
 * background while the caller reads it too ({@link ChatBuilder#readAhead}). Whatever has been kept or given up, the answers are the same bits
 * as those of a conversation read from the beginning.
 *
 * <p>A chat answers one message at a time, on the caller's thread; {@link #fork} it to say two things at once. An answer that fails with an
 * exception leaves the conversation as it was before the message.
 */
public final class Chat implements AutoCloseable {

    private final Model model;
    private final ChatFormat format;
    private final SnapshotStore snapshots;
    private final CachedSequence sequence;
    private final ReadAhead readAhead;
    private final Settings settings;
    private final AtomicBoolean busy = new AtomicBoolean();
    private ChatBuilder.Start options;
    private volatile List<Message> messages;
    private volatile boolean closed;

    /** Whether what keeps the chat busy is a stream, which somebody may have left. */
    private volatile boolean streaming;

    /** @param snapshots closed with the chat */
    Chat(Model model, ChatBuilder.Start options, Settings settings, SnapshotStore snapshots) {
        this.model = model;
        this.format = new ChatFormat(model);
        this.options = options;
        this.settings = settings;
        this.snapshots = snapshots;
        this.messages = options.messages();
        this.sequence = new CachedSequence(model, snapshots);
        this.readAhead = new ReadAhead(sequence);
    }

    /** Says something and returns when the answer is complete. Interrupting the thread ends it within one token. */
    public Reply send(String text) {
        return message(text).send();
    }

    /** Says something and hands the answer over as it comes. */
    public Reply send(String text, ReplyListener listener) {
        return message(text).send(listener);
    }

    /** Says something and answers lazily, see {@link Turn#stream}. */
    public Stream<String> stream(String text) {
        return message(text).stream();
    }

    /** Prepares to say something, with options of its own: {@code chat.message("A recipe for tea.").as(Recipe.class)}. */
    public Turn message(String text) {
        return new Turn(this, java.util.Objects.requireNonNull(text, "text"), options.toolChoice(), settings);
    }

    /**
     * Prepares to answer the last user message again, in place of the answer it has: {@code chat.again().seed(8).send()}.
     *
     * @throws IllegalStateException when it is sent, if there is no user message
     */
    public Turn again() {
        return new Turn(this, null, options.toolChoice(), settings);
    }

    /** Everything said so far. */
    public List<Message> messages() {
        return messages;
    }

    /**
     * Goes back to the first {@code count} messages: {@code chat.rewind(chat.messages().size() - 2)} takes back the last question and its
     * answer.
     */
    public void rewind(int count) {
        begin();
        try {
            if (count < 0 || count > messages.size()) {
                throw new IllegalArgumentException(
                        "cannot go back to %d messages, there are %d".formatted(count, messages.size()));
            }
            messages = List.copyOf(messages.subList(0, count));
        } finally {
            end();
        }
    }

    /** Takes back the last user message and all that followed; false if there is none. */
    public boolean undo() {
        int last = lastUserMessage(messages);
        if (last >= 0) {
            rewind(last);
        }
        return last >= 0;
    }

    /** Changes the instructions for the whole conversation, which is then read again; an empty text removes them. */
    public void system(String text) {
        begin();
        try {
            messages = withSystem(messages, text);
        } finally {
            end();
        }
    }

    /** The tools offered to the model. */
    public List<Tool> tools() {
        return options.tools();
    }

    /** A second conversation that begins with what was said so far; both go their own ways from here. It costs nothing until it is used. */
    public Chat fork() {
        begin();
        try {
            return new Chat(model, options.messages(messages), settings, snapshots.share());
        } finally {
            end();
        }
    }

    /**
     * Writes the conversation, and what the model remembers of it, to a file, from which {@link ChatBuilder#load} goes on in this or another
     * process. A file that is there is replaced in one step.
     *
     * @throws java.io.UncheckedIOException if that fails
     */
    public void save(Path file) {
        begin();
        try {
            int[] tokens = lastUserMessage(messages) < 0
                    ? new int[0]
                    : format.beginning(messages, options.tools(), settings.thinking());
            SavedChat.write(file, model, messages, tokens, snapshots);
        } finally {
            end();
        }
    }

    /** How the states between messages have been kept; shared by all forks of a conversation. */
    public CacheStats snapshots() {
        return snapshots.stats();
    }

    /** Frees the conversation's memory; a stream of an answer ends with it. */
    @Override
    public void close() {
        if (!closed) {
            if (!streaming) {
                readAhead.cancel();
                begin();
            }
            sequence.close();
            closed = true;
            snapshots.close();
            end();
        }
    }

    @Override
    public String toString() {
        return "Chat[%s, %d messages]".formatted(model.name(), messages.size());
    }

    Model model() {
        return model;
    }

    Reply answer(Turn turn, ReplyListener listener) {
        begin();
        try {
            Exchange exchange = exchange(turn, listener);
            while (exchange.step()) {}
            accept(exchange);
            return exchange.reply();
        } finally {
            end();
        }
    }

    <T> T answer(Turn turn, AnswerType<T> type) {
        begin();
        try {
            Exchange exchange = exchange(turn, piece -> {});
            while (exchange.step()) {}
            T value = exchange.read(type);
            accept(exchange);
            return value;
        } finally {
            end();
        }
    }

    Stream<String> stream(Turn turn) {
        begin();
        try {
            StringBuilder fresh = new StringBuilder();
            Exchange exchange = exchange(turn, fresh::append);
            AtomicBoolean open = new AtomicBoolean(true);
            streaming = true;
            return TextStream.of(
                            () -> {
                                boolean more = exchange.step();
                                if (!more) {
                                    accept(exchange);
                                }
                                return more;
                            },
                            fresh)
                    .onClose(() -> {
                        if (open.getAndSet(false)) {
                            end();
                        }
                    });
        } catch (RuntimeException | Error e) {
            end();
            throw e;
        }
    }

    /** Makes an answer part of the conversation. */
    private void accept(Exchange exchange) {
        messages = exchange.messages();
        if (options.readAhead()
                && options.snapshotBytes() > 0
                && exchange.reply().finishReason() != FinishReason.CANCELLED) {
            int[] beginning = format.beginning(messages, options.tools(), settings.thinking());
            if (beginning.length > 0 && beginning.length < model.contextLength()) {
                readAhead.start(beginning);
            }
        }
    }

    private Exchange exchange(Turn turn, ReplyListener listener) {
        String said = turn.message();
        List<Message> history;
        if (said == null) {
            int last = lastUserMessage(messages);
            if (last < 0) {
                throw new IllegalStateException("there is no message yet to answer again");
            }
            history = messages.subList(0, last + 1);
        } else {
            history = new ArrayList<>(messages);
            history.add(Message.user(said));
        }
        return new Exchange(model, format, options, turn, history, sequence, listener);
    }

    private void begin() {
        if (!busy.compareAndSet(false, true)) {
            throw new IllegalStateException("this chat is answering a message; wait for that, or fork it");
        }
        if (closed) {
            busy.set(false);
            throw new IllegalStateException("this chat is closed");
        }
        readAhead.await();
    }

    private void end() {
        streaming = false;
        busy.set(false);
    }

    private static int lastUserMessage(List<Message> messages) {
        int last = messages.size() - 1;
        while (last >= 0 && messages.get(last).role() != Message.Role.USER) {
            last--;
        }
        return last;
    }

    static List<Message> withSystem(List<Message> messages, String text) {
        List<Message> changed = new ArrayList<>(messages);
        if (!changed.isEmpty() && changed.getFirst().role() == Message.Role.SYSTEM) {
            changed.removeFirst();
        }
        if (!text.isEmpty()) {
            changed.addFirst(Message.system(text));
        }
        return List.copyOf(changed);
    }

    /** The same, if a conversation can consist of them. */
    static List<Message> checked(List<Message> messages) {
        for (int i = 1; i < messages.size(); i++) {
            if (messages.get(i).role() == Message.Role.SYSTEM) {
                throw new IllegalArgumentException(
                        "message %d is a system message; only the first can be one".formatted(i));
            }
        }
        return List.copyOf(messages);
    }
}
