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
import kawi.FinishReason;
import kawi.Message;
import kawi.Part;
import kawi.Reply;
import kawi.ReplyListener;
import kawi.Tool;
import kawi.Turn;
import kawi.TypedReply;
import kawi.schema.AnswerType;

/**
 * A chat of a loaded model.
 *
 * <p>States are kept between messages within {@link ChatBuilder#snapshotBytes}. Where the model's template drops the
 * thought of an earlier answer, the model has not seen that answer without it; {@link ReadAhead} has it read in the
 * background.
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
    private final Unclosed memory;

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
        this.memory = model.watch(this, "a Chat", () -> {
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
        List<Message> added = checked(List.of(message));
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

    private Turn turn(UnaryOperator<List<Message>> asked) {
        return new ConversationTurn(this, asked, options.toolChoice(), settings);
    }

    /** The conversation without the answer to what was said last. */
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
        return options.tools().stream().map(JavaTool::given).toList();
    }

    /** Begins with the last complete state, which an answer under way does not change. */
    @Override
    public Chat fork() {
        checkOpen();
        readAhead.await(() -> closed);
        return new Conversation(model, options.messages(messages), settings, snapshots.share());
    }

    @Override
    public void save(Path file) {
        Objects.requireNonNull(file, "file");
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

    /** The tools, as the engine knows them. */
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
            StringBuilder fresh = new StringBuilder();
            return TextStream.of(model, new Streamed(exchange(turn, fresh::append)), fresh);
        } catch (RuntimeException | Error e) {
            end();
            throw e;
        }
    }

    /** An answer that is generated as it is consumed, and can be left. */
    private final class Streamed implements TextStream.Source {

        private static final int WAITING = 0;
        private static final int STEPPING = 1;
        private static final int LEFT = 2;
        private static final int ENDED = 3;

        private final Exchange exchange;
        private final AtomicInteger state = new AtomicInteger(WAITING);
        private boolean begun;

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
                if (!begun) {
                    model.lifetime().checkOpen();
                    begun = true;
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
                    leave();
                }
            }
        }

        /** Ends the answer where it is; after the step under way, if there is one. */
        @Override
        public void close() {
            exchange.cancel();
            if (state.compareAndSet(WAITING, ENDED)) {
                leave();
            } else if (!state.compareAndSet(STEPPING, LEFT) && state.compareAndSet(WAITING, ENDED)) {
                leave();
            }
        }

        private void leave() {
            state.set(ENDED);
            try {
                if (begun) {
                    while (exchange.step()) {}
                    accept(exchange);
                }
            } finally {
                end();
            }
        }
    }

    /** Makes an answer part of the conversation. */
    private void accept(Exchange exchange) {
        messages = exchange.messages();
        if (!closed
                && options.readAhead()
                && options.snapshotBytes() > 0
                && exchange.reply().finishReason() != FinishReason.CANCELLED) {
            int[] beginning = format.beginning(messages, options.tools(), settings.thinking());
            if (beginning.length > 0 && beginning.length < model.contextLength()) {
                readAhead.start(beginning);
            }
        }
    }

    private Exchange exchange(ConversationTurn turn, ReplyListener listener) {
        return new Exchange(model, format, options, turn, turn.asked(messages), sequence, listener);
    }

    private void begin() {
        begin(() -> closed);
    }

    /** @param stop whether what needs the chat has been cancelled, so that nothing more need be read ahead */
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

    /** The same, if the model can be given what they consist of. */
    static List<Message> checked(List<Message> messages) {
        Objects.requireNonNull(messages, "messages");
        for (int i = 0; i < messages.size(); i++) {
            Message message = Objects.requireNonNull(messages.get(i), "message " + i);
            for (Part part : message.content()) {
                if (part instanceof Part.Image) {
                    throw new IllegalArgumentException(
                            "message %d has an image; image input is not supported yet".formatted(i));
                }
            }
        }
        return List.copyOf(messages);
    }
}
