package kawi;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * Options of a conversation and how to begin it; see {@link Model#chat()}. Immutable: every option gives a new builder, which may open any
 * number of conversations.
 */
public final class ChatBuilder extends AnswerOptions<ChatBuilder> {

    private final Model model;
    private final Start start;

    /**
     * What a conversation begins with.
     *
     * @param snapshotBytes memory for states to return to
     * @param readAhead whether to prepare for the next message after each answer
     */
    record Start(
            List<Message> messages,
            List<Tool> tools,
            ToolChoice toolChoice,
            int maxToolRounds,
            long snapshotBytes,
            boolean readAhead) {

        Start messages(List<Message> messages) {
            return new Start(messages, tools, toolChoice, maxToolRounds, snapshotBytes, readAhead);
        }
    }

    ChatBuilder(Model model) {
        this(model, new Start(List.of(), List.of(), ToolChoice.auto(), 8, 512L << 20, true), Settings.DEFAULT);
    }

    private ChatBuilder(Model model, Start start, Settings settings) {
        super(settings);
        this.model = model;
        this.start = start;
    }

    @Override
    ChatBuilder with(Settings settings) {
        return new ChatBuilder(model, start, settings);
    }

    @Override
    Model model() {
        return model;
    }

    private ChatBuilder with(Start start) {
        return new ChatBuilder(model, start, settings);
    }

    /** Instructions for the whole conversation; replaces those given before. */
    public ChatBuilder system(String text) {
        return with(start.messages(Chat.withSystem(start.messages, text)));
    }

    /** What has been said before. A system message can only be the first. */
    public ChatBuilder messages(List<Message> messages) {
        return with(start.messages(Chat.checked(messages)));
    }

    /** Offers tools to the model, in addition to those already given. */
    public ChatBuilder tools(List<Tool> tools) {
        List<Tool> all = new ArrayList<>(start.tools);
        all.addAll(tools);
        return with(new Start(
                start.messages,
                List.copyOf(Tool.byName(all).values()),
                start.toolChoice,
                start.maxToolRounds,
                start.snapshotBytes,
                start.readAhead));
    }

    /** Offers tools to the model, in addition to those already given. */
    public ChatBuilder tools(Tool... tools) {
        return tools(List.of(tools));
    }

    /** Offers a tool to the model: {@code tools(Tool.of(name, description, parameters, function))}. */
    public <T> ChatBuilder tool(String name, String description, Class<T> parameters, Function<? super T, ?> function) {
        return tools(Tool.of(name, description, parameters, function));
    }

    /** Whether the model may, must or must not call tools, and which; it may by default. A {@link Turn} can have a choice of its own. */
    public ChatBuilder toolChoice(ToolChoice choice) {
        return with(new Start(
                start.messages, start.tools, choice, start.maxToolRounds, start.snapshotBytes, start.readAhead));
    }

    /**
     * How many times in one answer the model gets results of tools and goes on, 8 by default; an answer that would need more ends with
     * {@link FinishReason#TOOL_LIMIT}.
     */
    public ChatBuilder maxToolRounds(int rounds) {
        if (rounds < 1) {
            throw new IllegalArgumentException("maxToolRounds is %d; it must be positive".formatted(rounds));
        }
        return with(
                new Start(start.messages, start.tools, start.toolChoice, rounds, start.snapshotBytes, start.readAhead));
    }

    /**
     * Memory for states between messages, in bytes; 512 MiB by default. They are what makes the next message, {@link Chat#rewind},
     * {@link Chat#again} and {@link Chat#fork} cost only new tokens; what has not been used for longest goes first. Without any, everything
     * is read again; answers are the same bits.
     */
    public ChatBuilder snapshotBytes(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("snapshotBytes is %d; it must not be negative".formatted(bytes));
        }
        return with(
                new Start(start.messages, start.tools, start.toolChoice, start.maxToolRounds, bytes, start.readAhead));
    }

    /**
     * Whether to prepare for the next message while the caller reads an answer, on by default: the answer is read again, on a thread of its
     * own, in the form that the template will give it in the next prompt, which has no thought. Without this, the next message costs that
     * reading too.
     */
    public ChatBuilder readAhead(boolean on) {
        return with(
                new Start(start.messages, start.tools, start.toolChoice, start.maxToolRounds, start.snapshotBytes, on));
    }

    /** Begins the conversation. */
    public Chat open() {
        return new Chat(model, start, settings, model.newSnapshots("chat", start.snapshotBytes));
    }

    /**
     * Goes on with a conversation that {@link Chat#save} has written, with these options and tools; its messages replace those given here.
     *
     * @throws ModelFileException if the file is damaged, or was not made with this model
     */
    public Chat load(Path file) {
        Objects.requireNonNull(file, "file");
        SnapshotStore snapshots = model.newSnapshots("chat", start.snapshotBytes);
        try {
            return new Chat(model, start.messages(SavedChat.read(file, model, snapshots)), settings, snapshots);
        } catch (RuntimeException | Error e) {
            snapshots.close();
            throw e;
        }
    }
}
