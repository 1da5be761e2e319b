package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

class CompletionCommandTest {

    private static CommandLine kawi() {
        OutputStream nobody = OutputStream.nullOutputStream();
        return Kawi.allCommands(new Terminal(InputStream.nullInputStream(), nobody, nobody, false, Map.of()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh"})
    void shellsLikeBashKnowEveryCommandAndOption(String shell) {
        String script = Cli.run("completion", shell).result();
        kawi().getSubcommands().forEach((name, command) -> {
            assertTrue(script.contains("\"" + name) || script.contains(" " + name), name);
            for (OptionSpec option : command.getCommandSpec().options()) {
                CompletionCommand.negated(option)
                        .ifPresent(negated -> assertTrue(script.contains("'" + negated + "'"), name + " " + negated));
                for (String optionName : option.names()) {
                    assertTrue(script.contains("'" + optionName + "'"), name + " " + optionName);
                }
            }
        });
    }

    @Test
    void fishKnowsEveryCommandAndOption() {
        String script = Cli.run("completion", "fish").result();
        kawi().getSubcommands().forEach((name, command) -> {
            assertTrue(script.contains("-n __fish_use_subcommand -f -a " + name + " "), name);
            for (OptionSpec option : command.getCommandSpec().options()) {
                String line = script.lines()
                        .filter(it -> it.contains("__fish_seen_subcommand_from " + name + "'"))
                        .filter(it -> it.contains(" -l " + option.longestName().replaceFirst("^--", "") + " "))
                        .findFirst()
                        .orElse("");
                assertTrue(!line.isEmpty(), name + " " + option.longestName());
                assertEquals(
                        0,
                        line.replace("\\'", "").chars().filter(c -> c == '\'').count() % 2,
                        line);
            }
        });
        assertTrue(script.contains(" -l thinking -l no-thinking "), script);
    }

    @Test
    void otherShellsAreMisuse() {
        assertTrue(Cli.run("completion", "tcsh").complaint(2).contains("bash, zsh, fish"));
    }
}
