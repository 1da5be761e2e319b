package kawi.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import kawi.CacheStats;
import kawi.MemoryPlan;
import kawi.Part;
import kawi.Tool;
import kawi.Turn;
import org.jspecify.annotations.Nullable;

/** The commands of a conversation: lines that begin with a slash. */
final class SlashCommands {

    private static final String FORCE = "--force";

    private final ChatSession session;
    private final Consumer<String> say;
    private final Map<String, Command> commands = new LinkedHashMap<>();
    private final Map<String, String> aliases = new LinkedHashMap<>();
    private boolean running = true;

    /**
     * A command.
     *
     * @param arguments as shown in the help
     * @param action receives the rest of the line
     */
    private record Command(String arguments, String description, Consumer<String> action) {}

    /**
     * Creates the commands of a conversation.
     *
     * @param answer sends a message and shows the answer
     * @param say shows a line
     */
    SlashCommands(ChatSession session, Consumer<Turn> answer, Consumer<String> say) {
        this.session = session;
        this.say = say;
        add("/help", "", "list the commands", rest -> help());
        add("/system", "[TEXT]", "set the system message; - removes it", this::system);
        add("/think", "on|off|auto", "think before answering, or not; auto is the initial setting", this::think);
        add("/temp", "X|auto", "set the sampling temperature; auto is the initial setting", this::temperature);
        add("/tools", "[on|off]", "offer the demonstration tools: a clock and a calculator", this::tools);
        add("/save", "[--force] FILE", "save the conversation to a file", this::save);
        add("/load", "FILE", "continue a saved conversation", this::load);
        add("/fork", "[NAME]", "continue on a copy of the conversation", this::fork);
        add("/switch", "[NAME]", "switch to another copy, or list them", this::switchTo);
        add("/clear", "", "remove all messages, except the system message", rest -> clear());
        add("/undo", "[N]", "remove the last message, or the last N, and their answers", this::undo);
        add("/retry", "", "answer the last message again", rest -> answer.accept(session.retry()));
        add("/stats", "", "show statistics of the last answer", rest -> stats());
        add("/image", "[FILE]", "add an image to the next message; without FILE, remove those added", this::image);
        add("/quit", "", "leave, as Ctrl-D does", rest -> running = false);
        alias("/?", "/help");
        alias("/bye", "/quit");
        alias("/exit", "/quit");
    }

    private void alias(String name, String other) {
        aliases.put(name, other);
    }

    private void add(String name, String arguments, String description, Consumer<String> action) {
        commands.put(name, new Command(arguments, description, action));
    }

    Set<String> names() {
        Set<String> names = new LinkedHashSet<>(commands.keySet());
        names.addAll(aliases.keySet());
        return names;
    }

    /** Whether a line begins with the name of a command, rather than with the path of a file. */
    boolean isCommand(String line) {
        return command(words(line)) != null;
    }

    /** The first word of a line, and the rest if there is one. */
    private static String[] words(String line) {
        return line.strip().split("\\s+", 2);
    }

    private @Nullable Command command(String[] words) {
        String name = words[0].toLowerCase(Locale.ROOT);
        return commands.get(aliases.getOrDefault(name, name));
    }

    /**
     * Executes a command.
     *
     * @return whether the conversation continues
     * @throws RuntimeException if it fails; the message is for users
     */
    boolean run(String line) {
        String[] words = words(line);
        Command command = command(words);
        if (command == null) {
            throw new IllegalArgumentException(
                    "there is no command %s; /help lists the commands; start a message with // to send a slash"
                            .formatted(Texts.shortened(words[0])));
        }
        command.action().accept(words.length > 1 ? words[1].strip() : "");
        return running;
    }

    private void help() {
        commands.forEach((name, command) ->
                say.accept("  %-21s %s".formatted(name + " " + command.arguments(), command.description())));
        say.accept("  /? is /help; /bye and /exit are /quit.");
        say.accept("A backslash at the end of a line continues the message, and so does \"\"\" until the next \"\"\".");
        say.accept("An image file that is dragged into the terminal is added to the message.");
        say.accept("Start a message with // to send a slash. Ctrl-C stops an answer.");
    }

    private void system(String text) {
        if (!text.isEmpty()) {
            session.chat().system(text.equals("-") ? "" : text);
        }
        say.accept(session.system().map(it -> "system: " + it).orElse("no system message"));
    }

    private void think(String mode) {
        session.think(
                switch (mode) {
                    case "on" -> Boolean.TRUE;
                    case "off" -> Boolean.FALSE;
                    case "auto" -> null;
                    default -> throw new IllegalArgumentException("/think accepts on, off or auto");
                });
        say.accept("thinking: " + mode);
    }

    private void temperature(String value) {
        if (!value.isEmpty()) {
            session.temperature(value.equals("auto") ? null : number(value));
        }
        say.accept("temperature: " + session.temperature().map(String::valueOf).orElse("auto"));
    }

    private static double number(String value) {
        try {
            return Double.parseDouble(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("/temp accepts a number, such as 0.7, or auto", e);
        }
    }

    private void tools(String mode) {
        switch (mode) {
            case "on" -> session.tools(DemoTools.all());
            case "off" -> session.tools(List.of());
            case "" -> {}
            default -> throw new IllegalArgumentException("/tools accepts on or off");
        }
        say.accept("tools: " + (session.chat().tools().isEmpty() ? "off" : "on"));
        for (Tool tool : DemoTools.all()) {
            say.accept("  %-18s %s".formatted(tool.name(), tool.description()));
        }
    }

    private void save(String rest) {
        boolean force = rest.equals(FORCE) || rest.startsWith(FORCE + " ");
        Path path = path("/save", force ? rest.substring(FORCE.length()).strip() : rest);
        session.save(path, force);
        say.accept("saved to " + path);
    }

    private void load(String file) {
        Path path = path("/load", file);
        session.load(path);
        say.accept("%s loaded, %d messages"
                .formatted(path, session.chat().messages().size()));
    }

    private static Path path(String command, String file) {
        if (file.isEmpty()) {
            throw new IllegalArgumentException(command + " requires a file");
        }
        return file.startsWith("~/") ? Path.of(System.getProperty("user.home"), file.substring(2)) : Path.of(file);
    }

    private void fork(String name) {
        String before = session.branch();
        session.fork(name.isEmpty() ? "copy-" + session.branches().size() : name);
        say.accept("now on branch %s; /switch %s goes back".formatted(session.branch(), before));
    }

    private void switchTo(String name) {
        if (!name.isEmpty()) {
            session.switchTo(name);
        }
        for (String branch : session.branches()) {
            say.accept((branch.equals(session.branch()) ? "* " : "  ") + branch);
        }
    }

    private void clear() {
        session.clear();
        say.accept("the conversation is empty"
                + session.system().map(it -> "; the system message is kept").orElse(""));
    }

    private void undo(String number) {
        if (!number.matches("([1-9]\\d{0,8})?")) {
            throw new IllegalArgumentException("/undo accepts the number of messages to remove, such as 2");
        }
        int wanted = number.isEmpty() ? 1 : Integer.parseInt(number);
        int removed = 0;
        while (removed < wanted && session.undo()) {
            removed++;
        }
        if (removed == 0) {
            throw new IllegalStateException("there is no message to remove");
        }
        say.accept((removed == wanted ? "removed" : "removed %d, there are no more".formatted(removed))
                + "; %d messages left".formatted(session.chat().messages().size()));
    }

    private void image(String file) {
        if (file.isEmpty()) {
            int count = session.detach();
            say.accept(count == 0 ? "/image FILE adds an image to the next message" : "%d removed".formatted(count));
            return;
        }
        DroppedImages named = DroppedImages.in(file);
        List<Path> files = named.text().isEmpty() ? named.files() : List.of(path("/image", file));
        attach(files);
    }

    /** Adds images to the next message. */
    void attach(List<Path> files) {
        if (!session.model().seesImages()) {
            throw new IllegalArgumentException("%s has no vision tower; chat --mmproj FILE gives it one"
                    .formatted(session.model().name()));
        }
        for (Path file : files) {
            Part.Image image = Part.image(file);
            session.attach(image);
            say.accept("%s (%s) is added to the next message".formatted(file.getFileName(), image.mediaType()));
        }
    }

    private void stats() {
        session.last()
                .ifPresentOrElse(reply -> AnswerReport.lines(reply).forEach(say), () -> say.accept("no answer yet"));
        CacheStats snapshots = session.chat().snapshots();
        say.accept("%d messages, context length %d tokens, %d saved states in %s of %s"
                .formatted(
                        session.chat().messages().size(),
                        session.model().contextLength(),
                        snapshots.entries(),
                        MemoryPlan.bytes(snapshots.bytes()),
                        MemoryPlan.bytes(snapshots.budget())));
    }
}
