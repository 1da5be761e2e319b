package kawi.engine;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import kawi.Chat;
import kawi.ChatBuilder;
import kawi.Message;
import kawi.Tool;
import kawi.ToolChoice;

/** The initial messages and options of a conversation, and the settings of its answers. */
final class ConversationBuilder extends SettingsOptions<ChatBuilder> implements ChatBuilder {

    private final LoadedModel model;
    private final Start start;

    /**
     * The initial messages and options of a conversation.
     *
     * @param snapshotBytes the maximum memory of cached states, in bytes
     * @param readAhead whether to prepare for the next message after each answer
     */
    record Start(
            List<Message> messages,
            List<JavaTool> tools,
            ToolChoice toolChoice,
            int maxToolRounds,
            long snapshotBytes,
            boolean readAhead) {

        Start messages(List<Message> messages) {
            return new Start(messages, tools, toolChoice, maxToolRounds, snapshotBytes, readAhead);
        }
    }

    ConversationBuilder(LoadedModel model) {
        this(model, new Start(List.of(), List.of(), ToolChoice.auto(), 8, 512L << 20, true), Settings.DEFAULT);
    }

    private ConversationBuilder(LoadedModel model, Start start, Settings settings) {
        super(settings);
        this.model = model;
        this.start = start;
    }

    @Override
    ChatBuilder with(Settings settings) {
        return new ConversationBuilder(model, start, settings);
    }

    @Override
    LoadedModel model() {
        return model;
    }

    private ChatBuilder with(Start start) {
        return new ConversationBuilder(model, start, settings);
    }

    @Override
    public ChatBuilder system(String text) {
        Objects.requireNonNull(text, "text");
        return with(start.messages(Conversation.withSystem(start.messages, text)));
    }

    @Override
    public ChatBuilder messages(List<Message> messages) {
        return with(start.messages(Conversation.checked(model, messages)));
    }

    @Override
    public ChatBuilder tools(List<Tool> tools) {
        List<JavaTool> all = new ArrayList<>(start.tools);
        for (Tool tool : tools) {
            JavaTool callable = JavaTool.of(Objects.requireNonNull(tool, "tool"));
            callable.checkParameters(model.callSyntax());
            all.add(callable);
        }
        return with(new Start(
                start.messages,
                List.copyOf(JavaTool.byName(all).values()),
                start.toolChoice,
                start.maxToolRounds,
                start.snapshotBytes,
                start.readAhead));
    }

    @Override
    public ChatBuilder tools(Tool... tools) {
        return tools(List.of(tools));
    }

    @Override
    public <T> ChatBuilder tool(String name, String description, Class<T> parameters, Function<? super T, ?> function) {
        return tools(JavaTool.of(name, description, parameters, function));
    }

    @Override
    public ChatBuilder toolChoice(ToolChoice choice) {
        Objects.requireNonNull(choice, "choice");
        return with(new Start(
                start.messages, start.tools, choice, start.maxToolRounds, start.snapshotBytes, start.readAhead));
    }

    @Override
    public ChatBuilder maxToolRounds(int rounds) {
        if (rounds < 1) {
            throw new IllegalArgumentException("maxToolRounds is %d; it must be positive".formatted(rounds));
        }
        return with(
                new Start(start.messages, start.tools, start.toolChoice, rounds, start.snapshotBytes, start.readAhead));
    }

    @Override
    public ChatBuilder snapshotBytes(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("snapshotBytes is %d; it must not be negative".formatted(bytes));
        }
        return with(
                new Start(start.messages, start.tools, start.toolChoice, start.maxToolRounds, bytes, start.readAhead));
    }

    @Override
    public ChatBuilder readAhead(boolean on) {
        return with(
                new Start(start.messages, start.tools, start.toolChoice, start.maxToolRounds, start.snapshotBytes, on));
    }

    @Override
    public Chat open() {
        checkChoice();
        return new Conversation(model, start, settings, model.newSnapshots(start.snapshotBytes));
    }

    @Override
    public Chat load(Path file) {
        Objects.requireNonNull(file, "file");
        checkChoice();
        SnapshotStore snapshots = model.newSnapshots(start.snapshotBytes);
        try {
            SavedChat.Contents read = SavedChat.read(file, model);
            Conversation chat = new Conversation(model, start.messages(read.messages()), settings, snapshots);
            chat.resume(read);
            return chat;
        } catch (RuntimeException | Error e) {
            snapshots.close();
            throw e;
        }
    }

    /** Rejects a tool choice that the tools do not permit. */
    private void checkChoice() {
        new ToolOffer(model, start.tools, new ToolUse(start.toolChoice, true));
    }
}
