package kawi.cli;

import java.util.List;
import kawi.cli.Completion.Value;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Completion for zsh: specifications for {@code _arguments}. */
final class ZshCompletion {

    private ZshCompletion() {}

    static String script(CommandLine program) {
        StringBuilder commands = new StringBuilder();
        StringBuilder arguments = new StringBuilder();
        for (CommandLine command : Completion.commands(program).values()) {
            String described = quoted(
                    Completion.sentence(command.getCommandSpec().usageMessage().description()));
            List<String> names = Completion.names(command);
            for (String name : names) {
                commands.append("        '%s:%s'%n".formatted(name, described));
            }
            arguments.append("        %s)%n            _arguments -s".formatted(String.join("|", names)));
            for (OptionSpec option : Completion.options(command)) {
                List<String> optionNames = Completion.names(option);
                for (String name : optionNames) {
                    arguments.append(" \\%n                '(%s)%s%s[%s]%s'"
                            .formatted(
                                    String.join(" ", optionNames),
                                    name,
                                    Value.of(option).kind() == Completion.Kind.NOTHING
                                            ? ""
                                            : name.startsWith("--") ? "=" : "+",
                                    quoted(Completion.sentence(option.description())),
                                    action(option.paramLabel(), Value.of(option))));
                }
            }
            for (PositionalParamSpec parameter : Completion.parameters(command)) {
                arguments.append(" \\%n                '%s%s'"
                        .formatted(
                                parameter.index().isVariable()
                                        ? "*"
                                        : String.valueOf(parameter.index().min() + 1),
                                action(parameter.paramLabel(), Value.of(parameter))));
            }
            arguments.append("%n            ;;%n".formatted());
        }
        return """
                #compdef kawi
                # Completion of kawi for zsh, after compinit.
                _kawi() {
                    local command=run
                    local -a commands
                    commands=(
                %s    )
                    if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
                        _describe command commands
                        return
                    fi
                    if (( ${commands[(I)${words[2]}:*]} )); then
                        command=$words[2]
                        shift words
                        (( CURRENT-- ))
                    fi
                    case $command in
                %s    esac
                }
                compdef _kawi kawi
                """.formatted(commands, arguments);
    }

    private static String action(String label, Value value) {
        String message = label.replaceAll("[^A-Za-z]+", " ").strip();
        return switch (value.kind()) {
            case NOTHING -> "";
            case TEXT -> ":%s: ".formatted(message);
            case FILE -> ":%s:_files".formatted(message);
            case FOLDER -> ":%s:_files -/".formatted(message);
            case WORD -> ":%s:(%s)".formatted(message, String.join(" ", value.words()));
        };
    }

    private static String quoted(String text) {
        return text.replace("'", "'\\''")
                .replace("[", "\\[")
                .replace("]", "\\]")
                .replace(":", "\\:");
    }
}
