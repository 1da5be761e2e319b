package kawi.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Completion for the fish shell: one line for each command and each of its options. */
final class FishCompletion {

    private FishCompletion() {}

    static String script(CommandLine program) {
        String name = program.getCommandName();
        StringBuilder script = new StringBuilder("# Completion of %s for fish.%n".formatted(name));
        for (OptionSpec option : program.getCommandSpec().options()) {
            script.append("complete -c %s -n __fish_use_subcommand%s%n".formatted(name, described(option)));
        }
        program.getSubcommands().forEach((command, line) -> {
            script.append("complete -c %s -n __fish_use_subcommand -f -a %s -d %s%n"
                    .formatted(
                            name,
                            command,
                            quoted(line.getCommandSpec().usageMessage().description())));
            for (OptionSpec option : line.getCommandSpec().options()) {
                script.append("complete -c %s -n '__fish_seen_subcommand_from %s'%s%n"
                        .formatted(name, command, described(option)));
            }
        });
        return script.toString();
    }

    private static String described(OptionSpec option) {
        StringBuilder text = new StringBuilder();
        Stream<String> negated =
                option.negatable() ? Stream.of(option.longestName().replaceFirst("^--", "--no-")) : Stream.empty();
        for (String name : Stream.concat(Stream.of(option.names()), negated).toList()) {
            text.append(name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.substring(1));
        }
        boolean file = List.of(option.names()).contains("--model") || option.type() == Path.class;
        if (option.arity().max() > 0) {
            text.append(file ? " -r -F" : " -x");
        }
        return text.append(" -d ").append(quoted(option.description())).toString();
    }

    /** The first sentence. */
    private static String quoted(String[] description) {
        String text = String.join(" ", description).replaceFirst("(?s)[.;:] .*|\\.$", "");
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
