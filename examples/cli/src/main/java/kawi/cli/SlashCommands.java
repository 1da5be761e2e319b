package kawi.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import kawi.CacheStats;
import kawi.MemoryPlan;
import kawi.Tool;
import kawi.Turn;

/** What a person can do in a conversation besides talking: lines that begin with a slash. */
final class SlashCommands {

    private final ChatSession session;
    private final Consumer<String> say;
    private final Map<String, Command> commands = new LinkedHashMap<>();
    private boolean goesOn = true;

    /**
     * A command.
     *
     * @param arguments for the help
     * @param action takes the rest of the line
     */
    private record Command(String arguments, String description, Consumer<String> action) {}

    /**
     * Commands of a conversation.
     *
     * @param answer sends a message and shows the answer
     * @param say shows a line
     */
    SlashCommands(ChatSession session, Consumer<Turn> answer, Consumer<String> say) {
        this.session = session;
        this.say = say;
        add("/help", "", "this list", rest -> help());
        add("/system", "[TEXT]", "instructions for the whole conversation; - removes them", this::system);
        add("/think", "on|off|auto", "think before answering, or not; auto: as at the start", this::think);
        add("/temp", "X|auto", "sampling temperature; auto: as at the start", this::temperature);
        add("/tools", "[on|off]", "harmless demonstration tools: a clock and a calculator", this::tools);
        add("/save", "FILE", "write the conversation to a file", this::save);
        add("/load", "FILE", "go on with a conversation from a file", this::load);
        add("/fork", "[NAME]", "go on with a copy, and keep both", this::fork);
        add("/switch", "[NAME]", "go to another copy, or list them", this::switchTo);
        add("/undo", "", "take the last message and its answer back", rest -> undo());
        add("/retry", "", "another answer to the last message", rest -> answer.accept(session.retry()));
        add("/stats", "", "what the last answer cost", rest -> stats());
        add("/image", "FILE", "pictures: not yet", rest -> say.accept("pictures cannot be looked at yet"));
        add("/quit", "", "leave; Ctrl-D does too", rest -> goesOn = false);
    }

    private void add(String name, String arguments, String description, Consumer<String> action) {
        commands.put(name, new Command(arguments, description, action));
    }

    Set<String> names() {
        return commands.keySet();
    }

    /**
     * Does what a line says.
     *
     * @return whether the conversation goes on
     * @throws RuntimeException with a sentence, if that cannot be done
     */
    boolean run(String line) {
        String[] words = line.strip().split("\\s+", 2);
        Command command = commands.get(words[0].toLowerCase(Locale.ROOT));
        if (command == null) {
            throw new IllegalArgumentException(
                    "there is no command %s; /help lists them, and a message that begins with a slash needs two"
                            .formatted(Texts.shortened(words[0])));
        }
        command.action().accept(words.length > 1 ? words[1] : "");
        return goesOn;
    }

    private void help() {
        commands.forEach((name, command) ->
                say.accept("  %-18s %s".formatted(name + " " + command.arguments(), command.description())));
        say.accept(
                "A message goes on in the next line after a backslash at the end of a line, or between \"\"\" and \"\"\".");
        say.accept("A message that begins with a slash is written with two. Ctrl-C stops an answer.");
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
                    default -> throw new IllegalArgumentException("/think takes on, off or auto");
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
            throw new IllegalArgumentException("/temp takes a number, such as 0.7, or auto", e);
        }
    }

    private void tools(String mode) {
        switch (mode) {
            case "on" -> session.tools(DemoTools.all());
            case "off" -> session.tools(List.of());
            case "" -> {}
            default -> throw new IllegalArgumentException("/tools takes on or off");
        }
        say.accept("tools: " + (session.chat().tools().isEmpty() ? "off" : "on"));
        for (Tool tool : DemoTools.all()) {
            say.accept("  %-18s %s".formatted(tool.name(), tool.description()));
        }
    }

    private void save(String file) {
        Path path = path("/save", file);
        session.chat().save(path);
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
            throw new IllegalArgumentException(command + " takes a file");
        }
        return file.startsWith("~/") ? Path.of(System.getProperty("user.home"), file.substring(2)) : Path.of(file);
    }

    private void fork(String name) {
        String before = session.branch();
        session.fork(name.isEmpty() ? "copy-" + session.branches().size() : name);
        say.accept("now on %s; /switch %s goes back".formatted(session.branch(), before));
    }

    private void switchTo(String name) {
        if (!name.isEmpty()) {
            session.switchTo(name);
        }
        for (String branch : session.branches()) {
            say.accept((branch.equals(session.branch()) ? "* " : "  ") + branch);
        }
    }

    private void undo() {
        if (!session.chat().undo()) {
            throw new IllegalStateException("there is no message to take back");
        }
        say.accept("taken back; %d messages left"
                .formatted(session.chat().messages().size()));
    }

    private void stats() {
        session.last()
                .ifPresentOrElse(reply -> AnswerReport.lines(reply).forEach(say), () -> say.accept("no answer yet"));
        CacheStats snapshots = session.chat().snapshots();
        say.accept("%d messages, context of %d tokens, %d states to go back to in %s of %s"
                .formatted(
                        session.chat().messages().size(),
                        session.model().contextLength(),
                        snapshots.entries(),
                        MemoryPlan.bytes(snapshots.bytes()),
                        MemoryPlan.bytes(snapshots.budget())));
    }
}
