package kawi.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
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
import kawi.Part;
import kawi.Reply;
import kawi.Tool;
import kawi.Turn;
import org.jspecify.annotations.Nullable;

/** A conversation with its branches, and the options that can change during it. */
final class ChatSession implements AutoCloseable {

    private static final String FIRST_BRANCH = "main";

    private final Model model;
    private final ChatBuilder options;
    private final @Nullable Long seed;
    private final Map<String, Chat> branches = new LinkedHashMap<>();
    /** The files that this conversation was loaded from or saved to, which it may overwrite. */
    private final Set<Path> files = new HashSet<>();

    private final List<Part.Image> attached = new ArrayList<>();
    private String branch = FIRST_BRANCH;
    private @Nullable Boolean thinking;
    private @Nullable Double temperature;
    private @Nullable Reply last;
    private int retries;

    /**
     * Starts a conversation.
     *
     * @param seed the seed in {@code options}, or null
     * @param saved the file of a conversation to continue, or null
     */
    ChatSession(Model model, ChatBuilder options, @Nullable Long seed, List<Tool> tools, @Nullable Path saved) {
        this.model = model;
        this.options = options;
        this.seed = seed;
        ChatBuilder first = options.tools(tools);
        branches.put(branch, saved == null ? first.open() : first.load(saved));
        if (saved != null) {
            files.add(absolute(saved));
        }
    }

    private static Path absolute(Path file) {
        return file.toAbsolutePath().normalize();
    }

    Model model() {
        return model;
    }

    /** Returns the conversation on the current branch. */
    Chat chat() {
        return Objects.requireNonNull(branches.get(branch));
    }

    String branch() {
        return branch;
    }

    Set<String> branches() {
        return branches.keySet();
    }

    /** Returns the last answer. */
    Optional<Reply> last() {
        return Optional.ofNullable(last);
    }

    void answered(Reply reply) {
        last = reply;
    }

    /** Adds an image to the next message. */
    void attach(Part.Image image) {
        attached.add(image);
    }

    /** Removes the images of the next message and returns how many there were. */
    int detach() {
        int count = attached.size();
        attached.clear();
        return count;
    }

    /** Returns the next turn; the images that were attached precede the message. */
    Turn say(String message) {
        List<Part> parts = new ArrayList<>(attached);
        parts.add(Part.text(message));
        Turn turn = say(Message.user(parts.toArray(Part[]::new)));
        attached.clear();
        return turn;
    }

    /** Returns the next turn. */
    Turn say(Message message) {
        retries = 0;
        return adjusted(chat().message(message));
    }

    /**
     * Returns a turn that answers the last message again. If the user set a seed, the next seed is used, because the
     * same would give the same answer.
     */
    Turn retry() {
        retries++;
        Turn turn = adjusted(chat().again());
        return seed == null ? turn : turn.seed(seed + retries);
    }

    private Turn adjusted(Turn turn) {
        Turn adjusted = thinking == null ? turn : turn.thinking(thinking);
        return temperature == null ? adjusted : adjusted.temperature(temperature);
    }

    /** @param thinking null for the initial options */
    void think(@Nullable Boolean thinking) {
        this.thinking = thinking;
    }

    Optional<Boolean> thinking() {
        return Optional.ofNullable(thinking);
    }

    /** @param temperature null for the initial options */
    void temperature(@Nullable Double temperature) {
        if (temperature != null) {
            var _ = options.temperature(temperature); // rejects invalid values
        }
        this.temperature = temperature;
    }

    Optional<Double> temperature() {
        return Optional.ofNullable(temperature);
    }

    /** Sets the tools of this branch. */
    void tools(List<Tool> tools) {
        replace(options.tools(tools).messages(chat().messages()).open());
    }

    void load(Path file) {
        replace(options.tools(chat().tools()).load(file));
        files.add(absolute(file));
    }

    /**
     * Saves this branch.
     *
     * @param force whether another file of that name may be overwritten
     * @throws IllegalArgumentException if there is one and it may not
     */
    void save(Path file, boolean force) {
        if (!force && Files.exists(file) && !files.contains(absolute(file))) {
            throw new IllegalArgumentException(
                    "%s already exists; /save --force %s overwrites it".formatted(file, file));
        }
        chat().save(file);
        files.add(absolute(file));
    }

    /** Removes all messages of this branch, except the system message. */
    void clear() {
        List<Message> kept = chat().messages().stream()
                .filter(message -> message.role() == Message.Role.SYSTEM)
                .limit(1)
                .toList();
        replace(options.tools(chat().tools()).messages(kept).open());
        retries = 0;
    }

    /** Removes the last message and its answer; returns whether there was one. */
    boolean undo() {
        retries = 0;
        return chat().undo();
    }

    private void replace(Chat chat) {
        Chat before = branches.put(branch, chat);
        if (before != null) {
            before.close();
        }
    }

    /** Returns the system message. */
    Optional<String> system() {
        return chat().messages().stream()
                .filter(message -> message.role() == Message.Role.SYSTEM)
                .map(Message::text)
                .findFirst();
    }

    /**
     * Creates a branch and switches to it.
     *
     * @throws IllegalArgumentException if there is a branch of that name
     */
    void fork(String name) {
        if (branches.containsKey(name)) {
            throw new IllegalArgumentException("branch %s already exists; /switch %s selects it".formatted(name, name));
        }
        branches.put(name, chat().fork());
        branch = name;
    }

    /** @throws IllegalArgumentException if there is no such branch */
    void switchTo(String name) {
        if (!branches.containsKey(name)) {
            throw new IllegalArgumentException(
                    "there is no branch %s; the branches are %s".formatted(name, String.join(", ", branches.keySet())));
        }
        branch = name;
    }

    @Override
    public void close() {
        branches.values().forEach(Chat::close);
    }
}
