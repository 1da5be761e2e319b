package kawi.cli;

import java.util.ArrayList;
import java.util.List;
import kawi.cli.Completion.Value;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Completion for bash, 3.2 and newer. Three functions answer questions about a command: its options, what follows an
 * option, and what its parameters are; a fourth one reads the command line.
 */
final class BashCompletion {

    private static final String READER = """
            _kawi_files() {
                COMPREPLY=()
                while IFS= read -r file; do
                    COMPREPLY[${#COMPREPLY[@]}]=$file
                done < <(compgen "$1" -- "$2")
                compopt -o filenames 2>/dev/null
            }

            _kawi() {
                local word value= command= waiting= ended= index=0 i file current=${COMP_WORDS[COMP_CWORD]}
                for ((i = 1; i < COMP_CWORD; i++)); do
                    word=${COMP_WORDS[i]}
                    if [[ $word == = ]]; then # separates an option from its value
                        continue
                    elif [[ -n $waiting ]]; then
                        waiting=
                    elif [[ $word == -- ]]; then
                        ended=yes
                    elif [[ $word == -* && -z $ended ]]; then
                        value=$(_kawi_option "${command:-run}" "$word")
                        [[ $value == nothing ]] || waiting=$value
                    elif [[ -z $command && " $_kawi_commands " == *" $word "* ]]; then
                        command=$word
                    else
                        command=${command:-run}
                        index=$((index + 1))
                    fi
                done
                [[ $current == = ]] && current=
                if [[ -n $waiting ]]; then
                    value=$waiting
                elif [[ $current == -* && -z $ended ]]; then
                    value=$(_kawi_options "${command:-run}")
                elif [[ -z $command ]]; then
                    value=$_kawi_commands
                else
                    value=$(_kawi_parameter "$command" "$index")
                fi
                case $value in
                    file) _kawi_files -f "$current" ;;
                    folder) _kawi_files -d "$current" ;;
                    text | nothing) COMPREPLY=() ;;
                    *) COMPREPLY=($(compgen -W "$value" -- "$current")) ;;
                esac
            }

            complete -F _kawi kawi
            """;

    private BashCompletion() {}

    static String script(CommandLine program) {
        List<String> all = new ArrayList<>();
        StringBuilder options = new StringBuilder();
        StringBuilder values = new StringBuilder();
        StringBuilder parameters = new StringBuilder();
        for (CommandLine command : Completion.commands(program).values()) {
            List<String> names = Completion.names(command);
            all.addAll(names);
            String label = String.join(" | ", names);
            List<String> optionNames = new ArrayList<>();
            for (OptionSpec option : Completion.options(command)) {
                optionNames.addAll(Completion.names(option));
                String word = word(Value.of(option));
                if (!word.equals("nothing")) {
                    for (String name : names) {
                        for (String optionName : option.names()) {
                            values.append("        '%s %s') echo '%s' ;;%n".formatted(name, optionName, word));
                        }
                    }
                }
            }
            options.append("        %s) echo '%s' ;;%n".formatted(label, String.join(" ", optionNames)));
            for (PositionalParamSpec parameter : Completion.parameters(command)) {
                for (String name : names) {
                    String index = parameter.index().isVariable()
                            ? "*"
                            : String.valueOf(parameter.index().min());
                    parameters.append(
                            "        '%s '%s) echo '%s' ;;%n".formatted(name, index, word(Value.of(parameter))));
                }
            }
        }
        return "# Completion of kawi for bash.%n_kawi_commands='%s'%n%n".formatted(String.join(" ", all))
                + function("_kawi_options", "$1", options, "")
                + function("_kawi_option", "$1 $2", values, "        *) echo nothing ;;%n".formatted())
                + function("_kawi_parameter", "$1 $2", parameters, "        *) echo nothing ;;%n".formatted())
                + READER;
    }

    private static String function(String name, String subject, CharSequence cases, String otherwise) {
        return "%s() {%n    case \"%s\" in%n%s%s    esac%n}%n%n".formatted(name, subject, cases, otherwise);
    }

    private static String word(Value value) {
        return switch (value.kind()) {
            case NOTHING -> "nothing";
            case TEXT -> "text";
            case FILE -> "file";
            case FOLDER -> "folder";
            case WORD -> String.join(" ", value.words());
        };
    }
}
