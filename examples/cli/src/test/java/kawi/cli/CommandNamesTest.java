package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandNamesTest {

    @ParameterizedTest
    @CsvSource({
        "lst, list",
        "lits, list",
        "lists, list",
        "pul, pull",
        "cht, chat",
        "hcat, chat",
        "chatt, chat",
        "isnpect, inspect",
        "inpsect, inspect",
        "tokenise, tokenize",
        "docter, doctor",
        "doctr, doctor",
        "benhc, bench",
        "rmeove, remove",
        "complettion, completion",
        "make-randm, make-random",
        "scroe, score",
        "hepl, help",
        "shwo, ",
        "what, ",
        "sun, ",
        "hello, ",
        "story, ",
        "a, "
    })
    void theNearestCommandIsSuggested(String word, String command) {
        assertEquals(Optional.ofNullable(command), CommandNames.nearest(Kawi.names(), word));
    }

    @ParameterizedTest
    @CsvSource({
        "lst, list",
        "pul hf:acme/model, pull",
        "pul acme/model, pull",
        "hepl chat, help",
        "cht -m model.gguf, chat",
        "inspet model.gguf, inspect",
        "download hf:a/b, pull",
        "benchmark -m x.gguf, bench",
        "--json lst, list",
        "-n 5 list, list"
    })
    void aMistypedCommandIsNoPrompt(String line, String command) {
        Cli.Outcome outcome = Cli.run((Object[]) line.split(" ", -1));
        String complaint = outcome.complaint(2);
        assertTrue(complaint.contains("did you mean \"kawi " + command), complaint);
        assertTrue(complaint.contains("\"kawi run "), complaint);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ps", "server", "stop", "push", "create", "cp", "login", "convert", "start llama3.2"})
    void commandsOfOtherToolsAreExplained(String line) {
        Cli.Outcome outcome = Cli.run((Object[]) line.split(" ", -1));
        String complaint = outcome.complaint(2);
        assertTrue(complaint.startsWith("kawi: \"" + line.split(" ", -1)[0] + "\" is not a command: "), complaint);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hello", "What?", "stop the fox", "get up", "Ps", "create a poem", "fox", "helpful hints"})
    void aPromptIsAPrompt(String line) {
        Object[] args = ("--temperature 0 -n 1 " + line).split(" ", -1);
        Cli.run(args).result();
        Cli.run((Object[]) (line + " -n 1 --temperature 0").split(" ", -1)).result();
    }

    @Test
    void everyWordCanBeAPrompt() {
        Cli.run("run", "-n", "1", "lst").result();
        Cli.run("run", "-n", "1", "serve").result();
    }

    @Test
    void helpExplainsCommands() {
        assertEquals(Cli.run("--help").result(), Cli.run("help").result());
        assertEquals(Cli.run("chat", "--help").result(), Cli.run("help", "chat").result());
        assertEquals(
                Cli.run("inspect", "--help").result(), Cli.run("help", "show").result());
        assertTrue(Cli.run("help", "caht").complaint(2).contains("did you mean \"kawi help chat\"?"));
        assertTrue(Cli.run("help", "me").complaint(2).contains("the commands are run, chat"));
    }

    @Test
    void aPromptThatBeginsWithACommandNeedsQuotationMarks() {
        Cli.Outcome outcome = Cli.run("list", "three", "birds");
        assertEquals(2, outcome.code());
        assertTrue(outcome.err().contains("quotation marks"), outcome.err());
    }
}
