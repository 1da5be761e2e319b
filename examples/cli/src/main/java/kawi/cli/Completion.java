package kawi.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** What shells have to know to complete a command line: commands, options, and what can follow them. */
final class Completion {

    /** What can be completed after an option or in the place of a parameter. */
    enum Kind {
        /** Nothing follows. */
        NOTHING,
        /** Text that is not known in advance. */
        TEXT,
        /** A file or a folder. */
        FILE,
        FOLDER,
        /** One of a few words. */
        WORD
    }

    /**
     * The value of an option or a parameter.
     *
     * @param words for {@link Kind#WORD}
     */
    record Value(Kind kind, List<String> words) {

        static Value of(ArgSpec argument) {
            if (argument.arity().max() == 0) {
                return new Value(Kind.NOTHING, List.of());
            }
            List<String> words = new ArrayList<>();
            if (argument.completionCandidates() != null) {
                argument.completionCandidates().forEach(words::add);
            }
            if (!words.isEmpty()) {
                return new Value(Kind.WORD, List.copyOf(words));
            }
            Kind kind = argument.paramLabel().equals("DIR")
                    ? Kind.FOLDER
                    : argument.paramLabel().equals("MODEL") || argument.type() == Path.class ? Kind.FILE : Kind.TEXT;
            return new Value(kind, List.of());
        }
    }

    private Completion() {}

    /** Returns the commands by name, without other names for them. */
    static Map<String, CommandLine> commands(CommandLine program) {
        Map<String, CommandLine> commands = new LinkedHashMap<>();
        program.getSubcommands().forEach((name, command) -> {
            if (command.getCommandName().equals(name)) {
                commands.put(name, command);
            }
        });
        return commands;
    }

    /** Returns all names of a command. */
    static List<String> names(CommandLine command) {
        return Stream.concat(
                        Stream.of(command.getCommandName()),
                        Arrays.stream(command.getCommandSpec().aliases()))
                .toList();
    }

    static List<OptionSpec> options(CommandLine command) {
        return command.getCommandSpec().options().stream()
                .filter(option -> !option.hidden())
                .toList();
    }

    /** Returns all names of an option, including the one that negates it. */
    static List<String> names(OptionSpec option) {
        List<String> names = new ArrayList<>(List.of(option.names()));
        if (option.negatable()) {
            names.add(option.longestName().replaceFirst("^--", "--no-"));
        }
        return names;
    }

    static List<PositionalParamSpec> parameters(CommandLine command) {
        return command.getCommandSpec().positionalParameters();
    }

    /** Returns the first sentence of a description. */
    static String sentence(String[] description) {
        return String.join(" ", description).replaceFirst("(?s)[.;:] .*|\\.$", "");
    }
}
