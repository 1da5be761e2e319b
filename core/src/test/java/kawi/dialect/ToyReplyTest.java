package kawi.dialect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Random;
import kawi.reply.CallParser;
import kawi.reply.ReplyMarkup;
import kawi.reply.Tag;
import org.junit.jupiter.api.Test;

/** Replies in a dialect whose tags repeat characters and begin in several ways. */
class ToyReplyTest {

    private static final ReplyMarkup MARKUP = new ToyDialect().markup();

    private static final String PARIS =
            "[TOOL]{\"name\": \"weather\", \"arguments\": {\"city\": \"[/TOOL] Paris\"}}[/TOOL]";

    /** What was read, the same however the reply is cut. */
    private static Heard read(boolean thinking, boolean tools, String reply) {
        Heard whole = Heard.of(MARKUP, thinking, tools, List.of(reply));
        for (int cut = 0; cut <= reply.length(); cut++) {
            List<String> pieces = List.of(reply.substring(0, cut), reply.substring(cut));
            assertEquals(whole, Heard.of(MARKUP, thinking, tools, pieces), "cut at " + cut + ": " + reply);
        }
        List<String> letters = reply.chars().mapToObj(Character::toString).toList();
        assertEquals(whole, Heard.of(MARKUP, thinking, tools, letters), reply);
        return whole;
    }

    @Test
    void aThoughtAnAnswerAndACall() {
        Heard heard = read(true, true, "Is it wet?\n>>>\nLet me look. " + PARIS + "\n\nDone.");
        assertEquals("Is it wet?", heard.thought());
        assertEquals("Let me look.\n\nDone.", heard.text());
        assertEquals("weather{\"city\":\"[/TOOL] Paris\"}", heard.call());
        assertEquals(PARIS, heard.calls().getFirst().rawText());
    }

    @Test
    void tagsWithinWhatIsNoTagAreFound() {
        assertEquals(
                List.of("thought: a >> b >", "text: c"),
                read(true, false, "a >> b >\n>>>c").events());
        assertEquals(
                List.of("thought: x", "text: >y"), read(true, false, "x>>>>y").events());
        // The first three open a thought.
        assertEquals(
                List.of("thought: <x", "text: y"),
                read(false, false, "<<<<x>>>y").events());
        assertEquals(
                "weather{\"city\":\"[/TOOL] Paris\"}",
                read(false, true, "[[TOOL" + PARIS).call());
        assertEquals("[[TOOL", read(false, true, "[[TOOL" + PARIS).text());
        assertEquals("[/[TO", read(false, true, "[/[TO" + PARIS).text());
    }

    @Test
    void theTagsOfOtherDialectsAreText() {
        String text = "<think>no</think> <tool_call>\n<function=f>\n</function>\n</tool_call>";
        assertEquals(List.of("text: " + text), read(false, true, text).events());
    }

    @Test
    void withoutToolsCallsAreText() {
        assertEquals(List.of("text: " + PARIS), read(false, false, PARIS).events());
    }

    @Test
    void aTagWithoutACallIsText() {
        assertEquals(
                "Write [TOOL] and [TOOL] so.",
                read(false, true, "Write [TOOL] and [TOOL] so.").text());
        assertEquals("Write.", read(false, true, "Write[/TOOL].").text());
    }

    @Test
    void malformedCallsAreReported() {
        assertEquals(
                List.of("malformed: the call's JSON object has no \"name\" that is a string"),
                read(false, true, "[TOOL]{\"nome\": 1}[/TOOL]").events());
        assertEquals(
                List.of("malformed: the reply ended inside a call"),
                read(false, true, "[TOOL]{\"name\": \"f\"").events());
    }

    @Test
    void soupDoesNotDependOnHowItIsCut() {
        List<String> parts = List.of(
                "<",
                "<<",
                "<<<",
                ">",
                ">>",
                ">>>",
                "[",
                "[TO",
                "[TOOL]",
                "[/",
                "[/TOOL]",
                "{",
                "}",
                "{\"name\": \"f\"}",
                " ",
                "\n",
                "a",
                "\"");
        var random = new Random(5);
        for (int i = 0; i < 2000; i++) {
            var soup = new StringBuilder();
            for (int n = random.nextInt(12); n >= 0; n--) {
                soup.append(parts.get(random.nextInt(parts.size())));
            }
            read(random.nextBoolean(), random.nextBoolean(), soup.toString());
        }
    }

    @Test
    void noTagMayBeginWithAnother() {
        CallParser.Factory none = ReplyMarkup.none().calls();
        var refusal = assertThrows(
                IllegalArgumentException.class,
                () -> new ReplyMarkup(
                        List.of(new Tag(Tag.Kind.CALL_BEGIN, "[TOOL]"), new Tag(Tag.Kind.CALL_END, "[TOOL]s")), none));
        assertEquals("the tag \"[TOOL]s\" begins with the tag \"[TOOL]\"", refusal.getMessage());
        assertThrows(IllegalArgumentException.class, () -> new Tag(Tag.Kind.CALL_END, ""));
    }
}
