package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kawi.Cancellation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class RunCommandTest {

    private static final String QUESTION = "Tell me a story about a fox who lost a kite.";

    @Test
    void tellsAStoryAndEndsWithOneLineOfStatistics() {
        var outcome = Cli.run("--temperature", "0", "-n", "60", QUESTION);
        String story = outcome.result();
        assertTrue(story.startsWith("Once upon a time, there was a "), story);
        assertTrue(story.contains(" fox named Milo. He lived in a "), story);
        assertTrue(story.endsWith("\n"), story);
        assertTrue(
                outcome.err()
                        .matches("24 prompt tokens, 60 generated, \\d+\\.\\d tokens/s, first token after "
                                + "\\d+\\.\\d\\d s( \\(\\d+\\.\\d\\d s after the start\\))?"
                                + "(, \\d+ of \\d+ guesses accepted)?, stopped at the token limit \\(-n\\)\\R"),
                outcome.err());
    }

    @Test
    void wordsStandardInputAndTheCommandItselfAreTheSamePrompt() {
        String answer = Cli.run("--temperature", "0", "-n", "8", QUESTION).result();
        assertEquals(
                answer,
                Cli.run("run", "-n", "8", "--temperature", "0", "Tell me a story about", "a fox who lost a kite.")
                        .result());
        assertEquals(
                answer,
                Cli.withInput(QUESTION + "\n", "--temperature", "0", "-n", "8").result());
        assertEquals(
                answer,
                Cli.withInput(QUESTION, "--temperature", "0", "-n", "8", "-").result());
    }

    @Test
    void jsonHasTheWholeAnswer() {
        JsonNode answer = Cli.run("--json", "--temperature", "0", "-n", "5", "--seed", "9", QUESTION)
                .json();
        assertEquals("Once upon a time,", answer.get("text").asString());
        assertEquals(5, answer.get("tokens").size());
        assertEquals("max_tokens", answer.get("finish_reason").asString());
        assertEquals(24, answer.get("usage").get("prompt_tokens").intValue());
        assertEquals(5, answer.get("usage").get("generated_tokens").intValue());
        assertTrue(answer.get("timings").get("first_token_seconds").doubleValue() > 0);
        assertTrue(answer.get("timings").get("tokens_per_second").doubleValue() > 0);
        assertEquals(9, answer.get("seed").longValue());
    }

    @Test
    void theSeedThatWasReportedGivesTheSameTextAgain() {
        JsonNode first =
                Cli.run("--json", "--temperature", "1.5", "-n", "20", QUESTION).json();
        JsonNode again = Cli.run("--json", "--temperature", "1.5", "-n", "20", "--seed", first.get("seed"), QUESTION)
                .json();
        assertEquals(first.get("text"), again.get("text"));
        assertEquals(first.get("tokens"), again.get("tokens"));
    }

    @Test
    void stopsWhereItIsTold() {
        JsonNode atText = Cli.run("--json", "--temperature", "0", "--stop", "a time", QUESTION)
                .json();
        assertEquals("Once upon ", atText.get("text").asString());
        assertEquals("stop_string", atText.get("finish_reason").asString());

        int comma = 11;
        JsonNode atToken = Cli.run("--json", "--temperature", "0", "--stop-token", comma, QUESTION)
                .json();
        assertEquals("Once upon a time", atToken.get("text").asString());
        assertEquals("end", atToken.get("finish_reason").asString());
    }

    @Test
    void variablesOfTheChatTemplateAreJsonOrText() {
        assertTrue(Cli.run("--template-variable", "x=[1", QUESTION)
                .complaint(2)
                .startsWith("kawi run: the value of --template-variable x is not JSON: line 1, column "));
        for (String value : new String[] {"preserve_thinking=true", "preserve_thinking=not JSON"}) {
            String complaint = Cli.run("--template-variable", value, QUESTION).complaint(1);
            assertTrue(complaint.contains("does not use the variable preserve_thinking; omit it"), complaint);
        }
        assertTrue(Cli.run("--template-variable", "messages=[]", QUESTION)
                .complaint(2)
                .contains("the template variable messages is that of the conversation"));
    }

    @Test
    void endTokensAreIgnoredOnRequest() {
        String[] greedy = {"--json", "--temperature", "0", "-n", "40", "What is 2 plus 2?"};
        JsonNode ends = Cli.run((Object[]) greedy).json();
        JsonNode goesOn = Cli.run("--ignore-eos", greedy[0], greedy[1], greedy[2], greedy[3], greedy[4], greedy[5])
                .json();
        assertEquals("end", ends.get("finish_reason").asString());
        assertEquals("max_tokens", goesOn.get("finish_reason").asString());
        assertTrue(goesOn.get("text").asString().startsWith(ends.get("text").asString()));
    }

    @Test
    void optionsOfSamplingAct() {
        int once = 685;
        String banned = Cli.run("--temperature", "0", "-n", "3", "--logit-bias", once + "=-inf", QUESTION)
                .result();
        assertFalse(banned.startsWith("Once"), banned);

        int the = 262;
        String forced = Cli.run("--temperature", "0", "-n", "3", "--logit-bias", the + "=1000", QUESTION)
                .result();
        assertEquals(" the the the\n", forced);

        String topOne = Cli.run("--temperature", "5", "--top-k", "1", "-n", "5", QUESTION)
                .result();
        assertEquals("Once upon a time,\n", topOne);
    }

    @Test
    void rawTextIsContinuedWithoutTheTemplate() {
        var outcome = Cli.run("--raw", "--temperature", "0", "-n", "3", "--json", "Once upon a time");
        assertEquals(4, outcome.json().get("usage").get("prompt_tokens").intValue());
        assertEquals(
                "kawi run: --raw and --system exclude each other: a raw prompt has no system message",
                Cli.run("--raw", "--system", "Be brief.", "hello there").complaint(2));
    }

    @Test
    void aSystemMessageComesBeforeThePrompt() {
        int without = promptTokens("hello");
        assertTrue(promptTokens("--system", "Be brief.", "hello") > without);
    }

    private static int promptTokens(String... args) {
        Object[] all = new Object[args.length + 3];
        all[0] = "--json";
        all[1] = "-n";
        all[2] = "1";
        System.arraycopy(args, 0, all, 3, args.length);
        return Cli.run(all).json().get("usage").get("prompt_tokens").intValue();
    }

    @Test
    void valuesOutOfRangeAreMisuse() {
        assertEquals(
                "kawi run: --top-p is 3.0; it must be above 0 and at most 1 (keep all tokens)",
                Cli.run("--top-p", "3", "hello").complaint(2));
        assertTrue(Cli.run("--preset", "wild", "hello").complaint(2).contains("the presets are thinking, "));
        assertTrue(Cli.run("--logit-bias", "the=1", "hello").complaint(2).contains("\"the\" is not a token id"));
        assertTrue(Cli.run("--logit-bias", "1=much", "hello").complaint(2).contains("neither a number nor -inf"));
        assertTrue(Cli.run("-n", "-1", "hello").complaint(2).contains("--max-tokens is -1"));
        assertTrue(Cli.run("--stop", "", "hello").complaint(2).contains("a stop string is empty"));
    }

    @Test
    void presetsAreKnownByName() {
        assertEquals(
                "Once upon a time,\n",
                Cli.run("--preset", "non-thinking", "--temperature", "0", "-n", "5", QUESTION)
                        .result());
    }

    @Test
    void aPromptThatIsTooLongIsASentence() {
        String complaint = Cli.withInput("fox ".repeat(2000), "-").complaint(1);
        assertTrue(complaint.matches("kawi run: the prompt has \\d+ tokens, but the context holds 1024"), complaint);
    }

    @Test
    void answersHaveTheFormAskedFor(@TempDir Path folder) throws IOException {
        assertTrue(Set.of("yes", "no", "it depends, really")
                .contains(Cli.run("--choice", "yes,no,it depends\\, really", QUESTION)
                        .result()
                        .strip()));
        assertTrue(Cli.run("--regex", "[0-9]{3}-[a-f]{2}", QUESTION).result().matches("[0-9]{3}-[a-f]{2}\\R"));

        Path schema = Files.writeString(folder.resolve("animal.json"), """
                {"type": "object", "properties": {"legs": {"type": "integer", "minimum": 0, "maximum": 8}},
                 "required": ["legs"], "additionalProperties": false}""");
        JsonNode animal = Cli.run("--schema", schema, QUESTION).json();
        assertTrue(animal.get("legs").isIntegralNumber(), animal.toString());
        JsonNode whole = Cli.run("--json", "--schema", schema, QUESTION).json();
        assertTrue(Cli.tree(whole.get("text").asString()).has("legs"), whole.toString());
    }

    @Test
    void formsThatMakeNoSenseAreMisuse(@TempDir Path folder) throws IOException {
        assertTrue(Cli.run("--regex", "(", QUESTION).complaint(2).startsWith("kawi run: --regex: "));
        assertTrue(
                Cli.run("--regex", "a", "--choice", "b", QUESTION).complaint(2).contains("mutually exclusive"));
        assertTrue(Cli.run("--schema", "-", QUESTION).complaint(2).contains("--schema requires a file"));
        assertTrue(Cli.run("--schema", "no/such.json", QUESTION).complaint(1).contains("there is no such file"));
        Path broken = Files.writeString(folder.resolve("broken.json"), "{\"type\":");
        assertEquals(
                "kawi run: %s is not JSON: line 1, column 9: a value was expected, but the text ends".formatted(broken),
                Cli.run("--schema", broken, QUESTION).complaint(1));
        Path unknown = Files.writeString(folder.resolve("unknown.json"), "{\"type\": \"frog\"}");
        assertTrue(Cli.run("--schema", unknown, QUESTION).complaint(1).startsWith("kawi run: " + unknown + ": "));
    }

    @Test
    void choicesAreSplitAtCommas() {
        assertEquals(List.of("a", "b,c", " d", "e\\f", "g\\"), AnswerForm.split("a,b\\,c, d,e\\f,g\\\\"));
        assertEquals(List.of(""), AnswerForm.split(""));
    }

    @Test
    void jsonSaysWhatWasReadAndThought() {
        JsonNode answer = Cli.run("--json", "-n", "3", "--thinking-budget", "5", "--no-loop-guard", QUESTION)
                .json();
        assertEquals("", answer.get("thinking").asString());
        JsonNode usage = answer.get("usage");
        assertEquals(
                usage.get("prompt_tokens").intValue(),
                usage.get("prefilled_tokens").intValue()
                        + usage.get("reused_tokens").intValue());
        assertEquals(0, usage.get("thinking_tokens").intValue());
        assertTrue(Cli.run("--thinking-budget", "-1", "hello").complaint(2).contains("--thinking-budget is -1"));
    }

    @Test
    void guessesChangeTheStatisticsOnly() {
        JsonNode off = Cli.run("--json", "-n", "30", "--seed", "7", "--speculation", "off", QUESTION)
                .json();
        assertEquals(29, off.get("usage").get("steps").intValue());
        assertEquals(0, off.get("usage").get("guessed_tokens").intValue());
        for (String speculation : new String[] {"auto", "1", "8"}) {
            JsonNode on = Cli.run("--json", "-n", "30", "--seed", "7", "--speculation", speculation, QUESTION)
                    .json();
            assertEquals(off.get("tokens"), on.get("tokens"));
            JsonNode usage = on.get("usage");
            assertEquals(
                    29,
                    usage.get("steps").intValue() + usage.get("accepted_tokens").intValue());
        }
        assertTrue(Cli.run("--speculation", "9", "hello").complaint(2).contains("off, auto or a number between 1"));
    }

    @Test
    void thoughtsAreForPeople() {
        for (boolean interactive : new boolean[] {true, false}) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            Terminal terminal =
                    new Terminal(InputStream.nullInputStream(), out, err, interactive, Map.of("TERM", "xterm"));
            try (RunView view = new RunView(terminal, new Cancellation())) {
                view.onThinking("hm");
                view.onText("Yes");
            }
            assertEquals("Yes", out.toString(StandardCharsets.UTF_8));
            assertEquals(interactive ? "\033[2mhm\033[0m\n\n" : "", err.toString(StandardCharsets.UTF_8));
        }
    }
}
