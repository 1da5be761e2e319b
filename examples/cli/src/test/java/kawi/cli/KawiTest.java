package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import kawi.KernelSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class KawiTest {

    static Set<String> commands() {
        OutputStream nobody = OutputStream.nullOutputStream();
        return Kawi.allCommands(new Terminal(InputStream.nullInputStream(), nobody, nobody, false, Map.of()))
                .getSubcommands()
                .keySet();
    }

    @Test
    void thereAreTheseCommands() {
        assertEquals(
                Set.of(
                        "run",
                        "chat",
                        "serve",
                        "score",
                        "perplexity",
                        "tokenize",
                        "inspect",
                        "show",
                        "pull",
                        "list",
                        "ls",
                        "remove",
                        "rm",
                        "quantize",
                        "imatrix",
                        "bench",
                        "density",
                        "load",
                        "doctor",
                        "make-random",
                        "completion",
                        "help"),
                commands());
    }

    @Test
    void exitCodesAreListed() {
        String help = Cli.run("--help").result();
        assertTrue(help.contains("Examples:"), help);
        String codes = help.substring(help.indexOf("Exit codes:"));
        for (int code :
                new int[] {Kawi.SUCCESS, Kawi.FAILURE, Kawi.INVALID_USAGE, Kawi.INTERRUPTED, Kawi.CLOSED_PIPE}) {
            assertTrue(codes.matches("(?s).*\\R\\s*" + code + "\\s+\\S.*"), codes);
        }
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandIsListedAndExplainsItselfWithExamples(String command) {
        Pattern listed = Pattern.compile("(?m)^  (\\S+, )?" + command + "(, \\S+)? ");
        assertTrue(listed.matcher(Cli.run("--help").result()).find());

        String help = Cli.run(command, "--help").result();
        assertTrue(help.matches("(?s)Usage: kawi (" + command + " |[^|]*\\R).*"), help);
        assertEquals(help, Cli.run("help", command).result());
        assertTrue(help.contains("Examples:"), help);
        assertTrue(help.lines().allMatch(line -> line.length() <= 100), help);
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "chat", "serve", "score", "perplexity", "bench", "load", "doctor"})
    void everyCommandThatRunsAModelTakesTheSameOptions(String command) {
        String help = Cli.run(command, "--help").result();
        for (String option : new String[] {"-m, --model", "-t, --threads", "--kernels", "--kv", "--stacktrace"}) {
            assertTrue(help.contains(option), option);
        }
    }

    @Test
    void theLastOfRepeatedOptionsCounts() {
        assertEquals(
                Cli.run("--temperature", "0", "-n", "3", "hello").result(),
                Cli.run("-n", "9", "--temperature", "0", "--max-tokens", "3", "hello")
                        .result());
    }

    @Test
    void messagesAreForUsers() {
        assertEquals(
                "kawi run: Value for option '--logit-bias' (ID=X) should be in KEY=VALUE format but was the",
                Cli.run("--logit-bias", "the", "hello").complaint(2));
        assertEquals(
                "kawi run: Invalid value for option '--threads': 'two' is not an integer",
                Cli.run("-t", "two", "hello").complaint(2));
        assertEquals(
                "kawi run: Invalid value for option '--temperature': 'hot' is not a number",
                Cli.run("--temperature", "hot", "hello").complaint(2));
        for (String invalid : new String[] {
            "-n -1",
            "--top-p 3",
            "--top-k -1",
            "--min-p 2",
            "--typical-p 7",
            "--repetition-penalty -1",
            "--presence-penalty NaN",
            "--frequency-penalty NaN",
            "--penalty-window -1",
            "--thinking-budget -1",
            "--ctx 0",
            "--kv f8",
            "--stop-token -1",
            "--ignore-eos --choice a,b"
        }) {
            Cli.Outcome outcome = Cli.run((Object[]) (invalid + " hello there").split(" ", -1));
            assertTrue(outcome.code() == 1 || outcome.code() == 2, invalid + ": " + outcome.err());
            assertFalse(outcome.err().matches("(?s).*\\b[a-z]+[A-Z][A-Za-z]*\\b.*"), outcome.err());
        }
    }

    @Test
    void hasAVersion() {
        assertTrue(Cli.run("--version").result().startsWith("kawi "));
        assertEquals(Cli.run("--version").result(), Cli.run("-V").result());
    }

    @Test
    void aMissingFileIsASentenceAndNoStackTrace() {
        var outcome = Cli.run("score", "-m", "no/such/model.gguf", "--ids", "1,2");
        assertEquals(
                "kawi score: no/such/model.gguf does not exist; expected a GGUF file, a Hugging Face folder, or a model on"
                        + " a hub such as hf:Qwen/Qwen3.5-0.8B",
                outcome.complaint(1));
        assertEquals(1, outcome.err().lines().count());
    }

    @Test
    void aStackTraceComesWhenAskedFor() {
        String err = Cli.run("score", "-m", "no/such/model.gguf", "--ids", "1,2", "--stacktrace")
                .err();
        assertTrue(err.contains("\tat kawi."), err);
    }

    @Test
    void unknownOptionsAreMisuse() {
        var outcome = Cli.run("bench", "--promt-tokens", "3");
        assertEquals("kawi bench: Unknown options: '--promt-tokens', '3'", outcome.complaint(2));
        assertTrue(outcome.err().contains("--prompt-tokens"), outcome.err());
    }

    @Test
    void nonsenseInTheSystemPropertyIsMisuse() {
        String before = System.getProperty(KernelSupport.PROPERTY);
        System.setProperty(KernelSupport.PROPERTY, "fast");
        try {
            assertEquals(
                    "kawi run: kernels 'fast': expected auto, scalar, vector or assembled",
                    Cli.run("hello").complaint(2));
        } finally {
            if (before == null) {
                System.clearProperty(KernelSupport.PROPERTY);
            } else {
                System.setProperty(KernelSupport.PROPERTY, before);
            }
        }
    }

    @Test
    void nonsenseInOptionsIsMisuse() {
        assertEquals(
                "kawi bench: kernels 'fast': expected auto, scalar, vector or assembled",
                Cli.run("bench", "--kernels", "fast").complaint(2));
        assertTrue(Cli.run("score", "-t", "0", "--ids", "1").complaint(2).contains("threads is 0"));
        assertTrue(Cli.run("score", "-t", "two", "--ids", "1").complaint(2).contains("--threads"));
    }

    @Test
    void emptyInputIsNoPrompt() {
        assertEquals("kawi run: the prompt is missing", Cli.run().complaint(2));
    }

    @Test
    void damagedArgumentsAreRecoveredFromTheCommandLine() {
        byte[] commandLine = {'j', 'a', 'v', 'a', 0, 'K', 0, '-', 'n', 0, (byte) 0xC3, (byte) 0xA9, 0, 0};
        String[] recovered = NativeArguments.last(new String[] {"-n", "\uFFFD\uFFFD", ""}, commandLine);
        assertEquals(3, recovered.length);
        assertEquals("-n", recovered[0]);
        assertEquals("é", recovered[1]);
        assertEquals("", recovered[2]);
    }

    @Test
    void unexpectedExceptionsSaySo() {
        assertFalse(
                Failure.sentence(new IllegalStateException("this is closed")).contains("unexpected"));
        assertTrue(Failure.sentence(new ArrayIndexOutOfBoundsException("7")).startsWith("unexpected"));
        assertTrue(Failure.sentence(new IllegalStateException()).startsWith("unexpected"));
    }
}
