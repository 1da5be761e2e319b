package kawi.cli;

import java.util.ArrayList;
import java.util.List;
import kawi.cli.Completion.Value;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Completion for fish: one line for each command, option and parameter. */
final class FishCompletion {

    private FishCompletion() {}

    static String script(CommandLine program) {
        List<String> all = new ArrayList<>();
        Completion.commands(program).values().forEach(command -> all.addAll(Completion.names(command)));
        StringBuilder script = new StringBuilder("# Completion of kawi for fish.%n".formatted());
        String none = "not __fish_seen_subcommand_from " + String.join(" ", all);
        for (CommandLine command : Completion.commands(program).values()) {
            List<String> names = Completion.names(command);
            for (String name : names) {
                line(
                        script,
                        none,
                        " -f -a %s -d %s"
                                .formatted(
                                        name,
                                        quoted(command.getCommandSpec()
                                                .usageMessage()
                                                .description())));
            }
            String condition = "__fish_seen_subcommand_from " + String.join(" ", names);
            for (OptionSpec option : Completion.options(command)) {
                line(script, condition, described(option));
                if (names.contains("run")) {
                    line(script, none, described(option)); // the command that is meant if there is no other
                }
            }
            boolean files = false;
            for (PositionalParamSpec parameter : Completion.parameters(command)) {
                Value value = Value.of(parameter);
                files |= value.kind() == Completion.Kind.FILE;
                if (value.kind() == Completion.Kind.WORD) {
                    line(script, condition, " -f -a '%s'".formatted(String.join(" ", value.words())));
                }
            }
            line(script, condition, files ? " -F" : " -f");
        }
        return script.toString();
    }

    private static void line(StringBuilder script, String condition, String rest) {
        script.append("complete -c kawi -n '%s'%s%n".formatted(condition, rest));
    }

    private static String described(OptionSpec option) {
        StringBuilder text = new StringBuilder();
        for (String name : Completion.names(option)) {
            text.append(name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.substring(1));
        }
        Value value = Value.of(option);
        text.append(
                switch (value.kind()) {
                    case NOTHING -> "";
                    case TEXT -> " -x";
                    case FILE -> " -r -F";
                    case FOLDER -> " -x -a '(__fish_complete_directories)'";
                    case WORD -> " -x -a '%s'".formatted(String.join(" ", value.words()));
                });
        return text.append(" -d ").append(quoted(option.description())).toString();
    }

    private static String quoted(String[] description) {
        return "'" + Completion.sentence(description).replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
