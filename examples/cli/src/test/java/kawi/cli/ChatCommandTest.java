package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kawi.FinishReason;
import kawi.GenerationStats;
import kawi.ImageStats;
import kawi.Message;
import kawi.Part;
import kawi.Reply;
import kawi.ToolCall;
import kawi.ToolResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Conversations through a pipe. */
class ChatCommandTest {

    private static final String STORY = "Tell me a story.";

    private static Cli.Outcome talk(String input, Object... options) {
        Object[] args = new Object[options.length + 5];
        System.arraycopy(new Object[] {"chat", "--temperature", "0", "-n", "6"}, 0, args, 0, 5);
        System.arraycopy(options, 0, args, 5, options.length);
        return Cli.withInput(input, args);
    }

    @Test
    void everyLineIsAMessageAndAnswersArePlainText() {
        Cli.Outcome outcome = talk(STORY + "\n\nAnother one.");
        assertEquals(2, outcome.result().lines().count(), outcome.out());
        assertTrue(outcome.out().startsWith("Once upon a time, there\n"), outcome.out());
        assertFalse(outcome.out().contains(">") || outcome.out().contains("\033"), outcome.out());
    }

    @Test
    void commandsAnswerOnStandardError() {
        Cli.Outcome outcome =
                talk("/help\n/image\n/temp 0.5\n/temp\n/temp auto\n/think off\n/stats\n/tools\n/quit\n" + STORY);
        assertEquals("", outcome.result());
        for (String command : List.of(
                "/help", "/system", "/think", "/temp", "/tools", "/save", "/load", "/fork", "/switch", "/clear",
                "/undo", "/retry", "/stats", "/image", "/quit")) {
            assertTrue(
                    outcome.err().contains("\n  " + command + " ")
                            || outcome.err().startsWith("  " + command),
                    command);
        }
        assertTrue(outcome.err().contains("/image FILE adds an image"), outcome.err());
        assertTrue(outcome.err().contains("temperature: 0.5\ntemperature: 0.5\ntemperature: auto\n"), outcome.err());
        assertTrue(outcome.err().contains("thinking: off\nno answer yet\n"), outcome.err());
        assertTrue(
                outcome.err().contains("tools: off\n  clock ") && outcome.err().contains("  calculator "),
                outcome.err());
    }

    @Test
    void whatIsNoCommandIsASentenceAndTheConversationGoesOn() {
        Cli.Outcome outcome =
                talk("/nope\n/temp hot\n/temp -1\n/think maybe\n/undo\n/retry\n/load\n/load no/such.chat\n/switch x\n"
                        + "/image x.png\n" + STORY);
        assertEquals(1, outcome.code());
        assertEquals("Once upon a time, there\n", outcome.out());
        List<String> complaints = outcome.err().lines().toList();
        assertTrue(complaints.get(0).startsWith("there is no command /nope; /help lists the commands"), outcome.err());
        assertEquals("/temp accepts a number, such as 0.7, or auto", complaints.get(1));
        assertTrue(complaints.get(2).contains("temperature is -1.0"), outcome.err());
        assertEquals("/think accepts on, off or auto", complaints.get(3));
        assertEquals("there is no message to remove", complaints.get(4));
        assertEquals("there is no message yet to answer again", complaints.get(5));
        assertEquals("/load requires a file", complaints.get(6));
        assertTrue(complaints.get(7).contains("no/such.chat"), outcome.err());
        assertEquals("there is no branch x; the branches are main", complaints.get(8));
        assertTrue(complaints.get(9).endsWith("has no vision tower; chat --mmproj FILE gives it one"), outcome.err());
    }

    @Test
    void aMessageCanBeginWithASlash() {
        Cli.Outcome outcome = talk("//help\n/stats\n");
        assertEquals(1, outcome.result().lines().count());
        assertTrue(outcome.err().contains("2 messages"), outcome.err());
    }

    @Test
    void messagesAreTakenBackAndAnsweredAgain() {
        Cli.Outcome outcome = talk(STORY + "\n/undo\n" + STORY + "\n/retry\n/stats\n");
        List<String> answers = outcome.result().lines().toList();
        assertEquals(List.of(answers.getFirst(), answers.getFirst(), answers.getFirst()), answers);
        assertTrue(outcome.err().contains("removed; 0 messages left"), outcome.err());
        assertTrue(outcome.err().contains("2 messages, context length 1024 tokens"), outcome.err());
    }

    @Test
    void anotherAnswerHasAnotherSeed() {
        Cli.Outcome outcome = Cli.withInput(STORY + "\n/retry\n/stats\n", "chat", "--seed", "7", "-n", "6");
        assertTrue(outcome.err().contains("seed 8"), outcome.err());
        assertEquals(
                Cli.withInput(STORY + "\n", "chat", "--seed", "8", "-n", "6").result(),
                outcome.result().lines().skip(1).findFirst().orElseThrow() + "\n");
    }

    @Test
    void theSystemMessageCanChange() {
        Cli.Outcome outcome = talk("/system\n/system You are a fox.\n/system -\n", "--system", "You are terse.");
        assertEquals("", outcome.result());
        assertEquals(
                List.of("system: You are terse.", "system: You are a fox.", "no system message"),
                outcome.err().lines().toList());
    }

    @Test
    void conversationsAreSavedAndLoaded(@TempDir Path folder) {
        Path file = folder.resolve("a story.chat");
        talk(STORY + "\n/save " + file).result();
        assertTrue(Files.exists(file));
        String next = "What is the name of the fox?\n/stats\n";
        Cli.Outcome loaded = talk(next, "--load", file);
        String there = talk(STORY + "\n" + next).result();
        assertEquals(there.lines().skip(1).toList(), loaded.result().lines().toList());
        assertTrue(loaded.err().contains("4 messages"), loaded.err());

        Cli.Outcome command = talk("/load " + file + "\n" + next);
        assertEquals(loaded.out(), command.result());
        assertTrue(command.err().contains(file + " loaded, 2 messages"), command.err());
    }

    @Test
    void bothBranchesOfAForkAreKept() {
        Cli.Outcome outcome = talk(
                STORY + "\n/fork other\n" + STORY + "\n/stats\n/switch main\n/stats\n/fork\n/switch\n/fork other\n");
        assertEquals(1, outcome.code());
        assertTrue(outcome.err().contains("now on branch other; /switch main goes back"), outcome.err());
        assertTrue(outcome.err().indexOf("4 messages") < outcome.err().indexOf("* main\n  other\n"), outcome.err());
        assertTrue(outcome.err().indexOf("\n2 messages") > outcome.err().indexOf("* main\n  other\n"), outcome.err());
        assertTrue(outcome.err().contains("  main\n  other\n* copy-2\n"), outcome.err());
        assertTrue(outcome.err().contains("branch other already exists"), outcome.err());
    }

    @Test
    void toolsAreOfferedAndTakenBack() {
        Cli.Outcome outcome = talk("hello\n/tools on\nhello\n/stats\n/tools off\nhello\n/stats\n");
        assertEquals(3, outcome.result().lines().count(), outcome.out());
        Matcher read = Pattern.compile("(\\d+) prompt tokens").matcher(outcome.err());
        assertTrue(read.find());
        int with = Integer.parseInt(read.group(1));
        assertTrue(read.find());
        assertTrue(with > Integer.parseInt(read.group(1)), outcome.err());
        assertTrue(outcome.err().contains("tools: on\n") && outcome.err().contains("tools: off\n"), outcome.err());
        assertTrue(talk("/tools maybe").err().contains("/tools accepts on or off"));
    }

    @Test
    void callsOfToolsArePartOfAnAnswerInJson() {
        ToolCall call = new ToolCall("1", "calculator", "{\"expression\":\"1+1\"}");
        Reply reply = new Reply(
                "Two.",
                "hm",
                List.of(),
                List.of(new ToolResult(call, "2", null)),
                List.of(1, 2),
                List.of(),
                FinishReason.END,
                new GenerationStats(
                        9, 0, 0, 4, 5, 2, 1, 0, 0, 1, Duration.ZERO, Duration.ZERO, Duration.ZERO, ImageStats.NONE),
                7);
        StringWriter out = new StringWriter();
        Json.print(new PrintWriter(out), AnswerReport.brief(reply));
        assertEquals("""
                {"text":"Two.","thinking":"hm","finish_reason":"end","prefilled_tokens":4,"reused_tokens":5,\
                "generated_tokens":2,"tool_calls":[{"name":"calculator","arguments":{"expression":"1+1"},"result":"2"}],\
                "seed":7}""", out.toString().strip());
    }

    @Test
    void jsonLinesHaveAnObjectForEachLine() {
        byte[] input = (STORY
                        + "\r\n{\"message\":\"Two\\nlines.\",\"id\":1}\n\"a string\"\n/help\n{\"no\":1}\n\n\u00ff\nlast")
                .getBytes(StandardCharsets.ISO_8859_1);
        Cli.Outcome outcome = Cli.withInput(input, "chat", "--jsonl", "--temperature", "0", "-n", "6");
        assertEquals(1, outcome.code(), "one of the lines is no message");
        List<JsonNode> answers = outcome.out().lines().map(Cli::tree).toList();
        assertEquals(7, answers.size(), outcome.out());
        assertEquals("", outcome.err());
        assertEquals("Once upon a time, there", answers.getFirst().path("text").asString());
        assertEquals(
                List.of(
                        "text",
                        "thinking",
                        "finish_reason",
                        "prefilled_tokens",
                        "reused_tokens",
                        "generated_tokens",
                        "seed"),
                List.copyOf(answers.getFirst().propertyNames()));
        assertEquals("max_tokens", answers.getFirst().path("finish_reason").asString());
        assertEquals(0, answers.getFirst().path("reused_tokens").intValue());
        assertEquals(6, answers.getFirst().path("generated_tokens").intValue());
        assertEquals(
                "line 7 of standard input is not UTF-8 text: byte 0 is 0xff",
                answers.get(5).path("error").asString());
        assertTrue(answers.get(6).has("text"), answers.get(6).toString());
    }

    @Test
    void whatIsReadAndWhatIsKnownMakeThePrompt() {
        List<JsonNode> answers = Cli.withInput("a\nb\nc\n", "chat", "--jsonl", "--temperature", "0", "-n", "4")
                .result()
                .lines()
                .map(Cli::tree)
                .toList();
        int before = 0;
        for (JsonNode answer : answers) {
            int all = answer.path("prefilled_tokens").intValue()
                    + answer.path("reused_tokens").intValue();
            assertTrue(answer.path("prefilled_tokens").intValue() < 20, answer.toString());
            assertTrue(all > before, answer.toString());
            before = all;
        }
        int first = answers.getFirst().path("prefilled_tokens").intValue();
        int asked = Cli.run("--json", "-n", "1", "a")
                .json()
                .get("usage")
                .get("prompt_tokens")
                .intValue();
        assertEquals(asked, first);
    }

    @Test
    void messagesAreJsonOnlyWhereTheyLookLikeIt() {
        assertEquals("a\nb", JsonLines.message("\"a\\nb\"").text());
        assertEquals("hi", JsonLines.message(" {\"message\":\"hi\"} ").text());
        assertEquals(
                "\"Hello\" she said", JsonLines.message("\"Hello\" she said").text());
        assertEquals("hi", JsonLines.message("{\"text\":\"hi\"}").text());
        assertEquals(
                "{\"other\":\"hi\"}", JsonLines.message("{\"other\":\"hi\"}").text());
        assertEquals("{not json", JsonLines.message("{not json").text());
        assertEquals("[1]", JsonLines.message("[1]").text());
        String image = "data:image/gif;base64,R0lGODlhAQABAAAAACw=";
        Message message =
                JsonLines.message("{\"text\": \"Which?\", \"images\": [\"%s\", \"%s\"]}".formatted(image, image));
        assertEquals(List.of(Part.image(image), Part.image(image), Part.text("Which?")), message.content());
        assertThrows(IllegalArgumentException.class, () -> JsonLines.message("{\"text\": \"\", \"images\": [1]}"));
    }

    @Test
    void blankLinesAreIgnoredAndEmptyMessagesAreErrors() {
        assertEquals("", Cli.withInput("\n  \n", "chat", "--jsonl").result());
        Cli.Outcome outcome = Cli.withInput("{\"message\":\"\"}\n", "chat", "--jsonl");
        assertEquals(1, outcome.code());
        assertEquals("{\"error\":\"the message is empty\"}", outcome.out().strip());
    }

    @Test
    void blanksBeforeACommandAreIgnored() {
        Cli.Outcome outcome = talk("  /temp 0.5\n\t/undo\n  //one\n/stats");
        assertEquals(1, outcome.out().lines().count());
        assertTrue(outcome.err().contains("temperature: 0.5\nthere is no message to remove\n"), outcome.err());
        assertTrue(outcome.err().contains("2 messages"), outcome.err());
    }

    @Test
    void severalMessagesAreTakenBack() {
        Cli.Outcome outcome = talk("a\nb\nc\n/undo 2\n/stats\nd\n/undo 3\n/undo x\n/undo 0\n");
        List<String> said = outcome.err().lines().toList();
        assertTrue(outcome.err().contains("\nremoved; 2 messages left\n"), outcome.err());
        assertTrue(outcome.err().contains("removed 2, there are no more; 0 messages left\n"), outcome.err());
        assertEquals("/undo accepts the number of messages to remove, such as 2", said.get(said.size() - 2));
        assertEquals(1, outcome.code());
    }

    @Test
    void theConversationCanBeCleared() {
        Cli.Outcome outcome =
                talk(STORY + "\n/clear\n/stats\n/system\n" + STORY + "\n/stats\n", "--system", "You are a fox.");
        assertTrue(outcome.err().contains("the conversation is empty; the system message is kept\n"), outcome.err());
        assertTrue(outcome.err().contains("system: You are a fox.\n"), outcome.err());
        assertTrue(outcome.err().contains("\n3 messages, "), outcome.err());
        List<String> answers = outcome.result().lines().toList();
        assertEquals(answers.get(0), answers.get(1));
    }

    @Test
    void aFullContextIsExplained() {
        String words = "fox ".repeat(30) + "\n";
        Cli.Outcome outcome = talk(words.repeat(3) + "/undo 9\n/clear\n" + STORY, "--ctx", "64");
        assertTrue(
                outcome.err()
                        .lines()
                        .anyMatch(line -> line.matches(
                                "the prompt has \\d+ tokens, but the context holds 64; /undo N removes the last N messages, "
                                        + "/clear removes all; chat --ctx N sets the length of the context, up to that of the "
                                        + "model, and chat --context-policy drop-oldest drops old messages")),
                outcome.err());
        assertTrue(outcome.out().endsWith("Once upon a time, there\n"), outcome.out());
        Cli.Outcome cut = talk("fox ".repeat(20), "--ctx", "64", "-n", "100", "--ignore-eos");
        assertTrue(cut.err().contains("(stopped because the context is full; /undo N removes"), cut.err());
    }

    @Test
    void oldMessagesAreDroppedOnRequest() {
        String words = "fox ".repeat(30) + "\n";
        Cli.Outcome outcome = talk(words.repeat(4), "--ctx", "100", "-n", "4", "--context-policy", "drop-oldest");
        assertEquals(0, outcome.code(), outcome.err());
        assertEquals(4, outcome.out().lines().count(), outcome.out());
        assertTrue(
                outcome.err()
                        .matches("(?s).*the context is full: the oldest [24] messages, \\d+ tokens, were dropped\n.*"),
                outcome.err());
        List<JsonNode> answers = Cli.withInput(
                        words.repeat(4),
                        "chat",
                        "--jsonl",
                        "--ctx",
                        "100",
                        "-n",
                        "4",
                        "--context-policy",
                        "drop-oldest")
                .result()
                .lines()
                .map(Cli::tree)
                .toList();
        assertTrue(answers.getFirst().path("dropped_messages").isMissingNode());
        assertTrue(answers.stream()
                .anyMatch(answer -> answer.path("dropped_messages").asInt() > 0
                        && answer.path("dropped_tokens").asInt() > 0));
        assertTrue(Cli.run("chat", "--context-policy", "oldest")
                .complaint(2)
                .contains("'oldest' is neither error nor drop-oldest"));
    }

    @Test
    void commandsHaveTheNamesOfOtherTools() {
        assertEquals(talk("/help").err(), talk("/?").err());
        for (String leave : new String[] {"/quit", "/bye", "/exit", "/BYE"}) {
            assertEquals("", talk(leave + "\n" + STORY).result());
        }
    }

    @Test
    void otherFilesAreNotOverwritten(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("letter.txt"), "Dear fox");
        Cli.Outcome refused = talk(STORY + "\n/save " + file);
        assertEquals(1, refused.code());
        assertEquals(
                "%s already exists; /save --force %s overwrites it".formatted(file, file),
                refused.err().lines().skip(1).findFirst().orElse(""));
        assertEquals("Dear fox", Files.readString(file));

        Path mine = folder.resolve("a b.chat");
        talk(STORY + "\n/save " + mine + "\nAnother.\n/save " + mine + "\n").result();
        talk("And?\n/save " + mine + "\n", "--load", mine).result();
        assertEquals(
                "2 messages",
                talk("/load " + mine + "\n/undo 2\n/stats").err().replaceAll("(?s).*(\\d messages), context.*", "$1"));
        talk(STORY + "\n/save --force " + file).result();
        assertTrue(talk("/load " + file).err().contains("loaded, 2 messages"));
        assertEquals("/save requires a file", talk("/save --force").err().strip());
    }

    @Test
    void optionsThatMakeNoSenseAreMisuse() {
        assertTrue(talk("", "--top-p", "3").complaint(2).contains("--top-p is 3.0"));
        assertTrue(talk("", "--load", "no/such.chat").complaint(1).contains("no/such.chat"));
    }
}
