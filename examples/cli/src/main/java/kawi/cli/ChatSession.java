package kawi.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import kawi.Chat;
import kawi.ChatBuilder;
import kawi.Message;
import kawi.Model;
import kawi.Reply;
import kawi.Tool;
import kawi.Turn;
import org.jspecify.annotations.Nullable;

/** A conversation with its branches, and the options that change on the way. */
final class ChatSession implements AutoCloseable {

    private static final String FIRST_BRANCH = "main";

    private final Model model;
    private final ChatBuilder options;
    private final @Nullable Long seed;
    private final Map<String, Chat> branches = new LinkedHashMap<>();
    private String branch = FIRST_BRANCH;
    private @Nullable Boolean thinking;
    private @Nullable Double temperature;
    private @Nullable Reply last;
    private int retries;

    /**
     * Begins a conversation.
     *
     * @param seed the seed among the options, if there is one
     * @param saved a conversation to go on with, or null
     */
    ChatSession(Model model, ChatBuilder options, @Nullable Long seed, List<Tool> tools, @Nullable Path saved) {
        this.model = model;
        this.options = options;
        this.seed = seed;
        ChatBuilder first = options.tools(tools);
        branches.put(branch, saved == null ? first.open() : first.load(saved));
    }

    Model model() {
        return model;
    }

    /** The conversation on the present branch. */
    Chat chat() {
        return Objects.requireNonNull(branches.get(branch));
    }

    String branch() {
        return branch;
    }

    Set<String> branches() {
        return branches.keySet();
    }

    /** The answer before. */
    Optional<Reply> last() {
        return Optional.ofNullable(last);
    }

    void answered(Reply reply) {
        last = reply;
    }

    /** What is said next. */
    Turn say(String message) {
        retries = 0;
        return adjusted(chat().message(message));
    }

    /** Another answer to what was said last. With a seed of the user's, the next one: the same would give the same answer. */
    Turn retry() {
        retries++;
        Turn turn = adjusted(chat().again());
        return seed == null ? turn : turn.seed(seed + retries);
    }

    private Turn adjusted(Turn turn) {
        Turn adjusted = thinking == null ? turn : turn.thinking(thinking);
        return temperature == null ? adjusted : adjusted.temperature(temperature);
    }

    /** @param thinking null for what the options say */
    void think(@Nullable Boolean thinking) {
        this.thinking = thinking;
    }

    Optional<Boolean> thinking() {
        return Optional.ofNullable(thinking);
    }

    /** @param temperature null for what the options say */
    void temperature(@Nullable Double temperature) {
        if (temperature != null) {
            var _ = options.temperature(temperature); // refuses what makes no sense
        }
        this.temperature = temperature;
    }

    Optional<Double> temperature() {
        return Optional.ofNullable(temperature);
    }

    /** Offers these tools from now on, on this branch. */
    void tools(List<Tool> tools) {
        replace(options.tools(tools).messages(chat().messages()).open());
    }

    void load(Path file) {
        replace(options.tools(chat().tools()).load(file));
    }

    private void replace(Chat chat) {
        Chat before = branches.put(branch, chat);
        if (before != null) {
            before.close();
        }
    }

    /** The instructions for the whole conversation, or nothing. */
    Optional<String> system() {
        return chat().messages().stream()
                .filter(message -> message.role() == Message.Role.SYSTEM)
                .map(Message::text)
                .findFirst();
    }

    /**
     * Goes on with a copy, and keeps what there is.
     *
     * @throws IllegalArgumentException if there is a branch of that name
     */
    void fork(String name) {
        if (branches.containsKey(name)) {
            throw new IllegalArgumentException(
                    "there is a branch %s already; /switch %s goes there".formatted(name, name));
        }
        branches.put(name, chat().fork());
        branch = name;
    }

    /** @throws IllegalArgumentException if there is no such branch */
    void switchTo(String name) {
        if (!branches.containsKey(name)) {
            throw new IllegalArgumentException(
                    "there is no branch %s; there is %s".formatted(name, String.join(", ", branches.keySet())));
        }
        branch = name;
    }

    @Override
    public void close() {
        branches.values().forEach(Chat::close);
    }
}
