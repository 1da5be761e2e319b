package kawi.engine;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import kawi.CacheStats;
import kawi.Chat;
import kawi.ChatBuilder;
import kawi.ClosedException;
import kawi.FinishReason;
import kawi.Message;
import kawi.Reply;
import kawi.ReplyListener;
import kawi.Tool;
import kawi.Turn;
import kawi.TypedReply;
import kawi.schema.AnswerType;

/**
 * A conversation with a loaded model.
 *
 * <p>States between messages are cached within {@link ChatBuilder#snapshotBytes}. Where the model's template drops the
 * thought of an earlier answer, {@link ReadAhead} processes the answer again without it, in the background.
 */
final class Conversation implements Chat {

    private final LoadedModel model;
    private final ChatFormat format;
    private final SnapshotStore snapshots;
    private final CachedSequence sequence;
    private final ReadAhead readAhead;
    private final Settings settings;
    private final AtomicBoolean busy = new AtomicBoolean();
    private ConversationBuilder.Start options;
    private volatile List<Message> messages;
    private volatile boolean closed;
    private final TrackedResource memory;

    /** @param snapshots closed with the chat */
    Conversation(LoadedModel model, ConversationBuilder.Start options, Settings settings, SnapshotStore snapshots) {
        this.model = model;
        this.format = model.chatFormat();
        this.options = options;
        this.settings = settings;
        this.snapshots = snapshots;
        this.messages = options.messages();
        this.sequence = new CachedSequence(model, snapshots);
        this.readAhead = new ReadAhead(sequence);
        CachedSequence own = sequence;
        this.memory = model.track(this, "a Chat", () -> {
            own.close();
            snapshots.close();
        });
    }

    @Override
    public Reply send(String text) {
        return message(text).send();
    }

    @Override
    public Reply send(String text, ReplyListener listener) {
        return message(text).send(listener);
    }

    @Override
    public Stream<String> stream(String text) {
        return message(text).stream();
    }

    @Override
    public Turn message(String text) {
        return message(Message.user(text));
    }

    @Override
    public Turn again() {
        return turn(Conversation::unanswered);
    }

    @Override
    public Turn message(Message message) {
        if (Objects.requireNonNull(message, "message").role() == Message.Role.ASSISTANT) {
            throw new IllegalArgumentException(
                    "an assistant's message is not one to answer; begin the chat with it, see ChatBuilder.messages");
        }
        List<Message> added = checked(model, List.of(message));
        return turn(messages -> Stream.concat(messages.stream(), added.stream()).toList());
    }

    @Override
    public Turn answer() {
        return turn(messages -> {
            if (messages.isEmpty()) {
                throw new IllegalStateException("there is no message yet to answer");
            }
            return messages;
        });
    }

    private Turn turn(UnaryOperator<List<Message>> messagesToAnswer) {
        return new ConversationTurn(this, messagesToAnswer, options.toolChoice(), settings);
    }

    /** Returns the messages without the answer to the last user message. */
    private static List<Message> unanswered(List<Message> messages) {
        if (!messages.isEmpty() && messages.getLast().role() == Message.Role.TOOL) {
            return messages;
        }
        int last = lastUserMessage(messages);
        if (last < 0) {
            throw new IllegalStateException("there is no message yet to answer again");
        }
        return messages.subList(0, last + 1);
    }

    @Override
    public List<Message> messages() {
        return messages;
    }

    @Override
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

    @Override
    public boolean undo() {
        int last = lastUserMessage(messages);
        if (last >= 0) {
            rewind(last);
        }
        return last >= 0;
    }

    @Override
    public void system(String text) {
        Objects.requireNonNull(text, "text");
        begin();
        try {
            messages = withSystem(messages, text);
        } finally {
            end();
        }
    }

    @Override
    public List<Tool> tools() {
        return options.tools().stream().map(JavaTool::original).toList();
    }

    /** The fork begins with the messages before an answer in progress. */
    @Override
    public Chat fork() {
        checkOpen();
        readAhead.await(() -> closed);
        Conversation fork = new Conversation(model, options.messages(messages), settings, snapshots.share());
        fork.remember(sequence.answers());
        return fork;
    }

    /** Continues from what was saved. */
    void resume(SavedChat.Contents read) {
        sequence.remember(read.answers());
        SavedChat.Saved saved = read.saved();
        if (saved != null) {
            sequence.resume(saved.text(), saved.state());
        }
    }

    /** Remembers answers that later ones may repeat. */
    void remember(List<int[]> answers) {
        sequence.remember(answers);
    }

    @Override
    public void save(Path file) {
        Objects.requireNonNull(file, "file");
        begin();
        try {
            TokenText text = lastUserMessage(messages) < 0
                    ? TokenText.of()
                    : format.beginning(messages, options.tools(), settings).text();
            SavedChat.write(file, model, messages, sequence.answers(), text, snapshots);
        } finally {
            end();
        }
    }

    @Override
    public CacheStats snapshots() {
        return snapshots.stats();
    }

    @Override
    public void close() {
        closed = true;
        memory.close();
    }

    @Override
    public String toString() {
        return "Chat[%s, %d messages]".formatted(model.name(), messages.size());
    }

    /** The tools in the engine's representation. */
    List<JavaTool> offered() {
        return options.tools();
    }

    LoadedModel model() {
        return model;
    }

    Reply answer(ConversationTurn turn, ReplyListener listener) {
        begin(turn.settings::cancelled);
        try {
            Exchange exchange = exchange(turn, listener);
            while (exchange.step()) {}
            accept(exchange);
            return exchange.reply();
        } finally {
            end();
        }
    }

    <T> TypedReply<T> answer(ConversationTurn turn, AnswerType<T> type) {
        begin(turn.settings::cancelled);
        try {
            Exchange exchange = exchange(turn, piece -> {});
            while (exchange.step()) {}
            T value = exchange.read(type);
            accept(exchange);
            return new TypedReply<>(value, exchange.reply());
        } finally {
            end();
        }
    }

    Stream<String> stream(ConversationTurn turn) {
        begin(turn.settings::cancelled);
        try {
            StringBuilder pending = new StringBuilder();
            return TextStream.of(model, new Streamed(exchange(turn, pending::append)), pending);
        } catch (RuntimeException | Error e) {
            end();
            throw e;
        }
    }

    /** An answer that is generated as it is consumed and can be cancelled. */
    private final class Streamed implements TextStream.Source {

        private static final int WAITING = 0;
        private static final int STEPPING = 1;
        private static final int CANCELLED = 2;
        private static final int ENDED = 3;

        private final Exchange exchange;
        private final AtomicInteger state = new AtomicInteger(WAITING);
        private boolean started;

        Streamed(Exchange exchange) {
            this.exchange = exchange;
        }

        @Override
        public boolean step() {
            if (closed || !state.compareAndSet(WAITING, STEPPING)) {
                return false;
            }
            boolean more = false;
            try {
                if (!started) {
                    model.lifetime().checkOpen();
                    started = true;
                }
                more = exchange.step();
                if (!more) {
                    accept(exchange);
                }
                return more;
            } finally {
                if (!more) {
                    state.set(ENDED);
                    end();
                } else if (!state.compareAndSet(STEPPING, WAITING)) {
                    finishCancelled();
                }
            }
        }

        /** Cancels the answer, after the current step if there is one. */
        @Override
        public void close() {
            exchange.cancel();
            if (state.compareAndSet(WAITING, ENDED)) {
                finishCancelled();
            } else if (!state.compareAndSet(STEPPING, CANCELLED) && state.compareAndSet(WAITING, ENDED)) {
                finishCancelled();
            }
        }

        private void finishCancelled() {
            state.set(ENDED);
            try {
                if (started) {
                    while (exchange.step()) {}
                    accept(exchange);
                }
            } finally {
                end();
            }
        }
    }

    /** Adds an answer to the conversation. */
    private void accept(Exchange exchange) {
        messages = exchange.messages();
        if (!closed
                && options.readAhead()
                && options.snapshotBytes() > 0
                && exchange.reply().finishReason() != FinishReason.CANCELLED) {
            PromptTokens beginning = format.beginning(messages, options.tools(), settings);
            if (beginning.length() > 0 && beginning.length() < model.contextLength()) {
                readAhead.start(beginning);
            }
        }
    }

    private Exchange exchange(ConversationTurn turn, ReplyListener listener) {
        return new Exchange(model, format, options, turn, turn.messagesToAnswer(messages), sequence, listener);
    }

    private void begin() {
        begin(() -> closed);
    }

    /** @param stop returns whether the operation has been cancelled, so that reading ahead can stop */
    private void begin(BooleanSupplier stop) {
        if (!busy.compareAndSet(false, true)) {
            throw new IllegalStateException("this chat is answering a message; wait for that, or fork it");
        }
        try {
            checkOpen();
            readAhead.await(stop);
        } catch (RuntimeException | Error e) {
            end();
            throw e;
        }
    }

    /** @throws ClosedException if the chat or its model is closed */
    void checkOpen() {
        model.lifetime().checkOpen();
        if (closed) {
            throw new ClosedException("this chat is closed", null);
        }
    }

    private void end() {
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

    /** Returns a copy of the messages, or throws if the model does not support their content. */
    static List<Message> checked(LoadedModel model, List<Message> messages) {
        Objects.requireNonNull(messages, "messages");
        for (int i = 0; i < messages.size(); i++) {
            Message message = Objects.requireNonNull(messages.get(i), "message " + i);
            if (VisionInput.hasMedia(message)) {
                model.vision().require("message %d has an image".formatted(i));
            }
        }
        return List.copyOf(messages);
    }
}
