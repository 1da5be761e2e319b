package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import kawi.FinishReason;
import kawi.Message;
import kawi.Prompt;
import kawi.Reply;
import kawi.TokenLogprob;
import kawi.ToolCall;
import kawi.ToolChoice;
import kawi.ToolSpecification;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Answers whose beginning is given as the last message. */
class ContinuedMessageTest {

    private static final String ASK = "Where is Borobudur?";

    private static final ToolSpecification FIND = new ToolSpecification("find", "Finds a place", """
            {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]}""");

    private static final String CALL =
            "<tool_call>\n<function=find>\n<parameter=place>\nBorobudur\n</parameter>\n" + "</function>\n</tool_call>";

    private static final String PLACE = """
            {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"],
             "additionalProperties": false}""";

    private static LoadedModel model;

    record Place(String city) {}

    @BeforeAll
    static void load() throws IOException {
        model = DemoConversations.loader().load();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static Message begun(String thinking, String text) {
        return new Message(Message.Role.ASSISTANT, text, thinking, List.of());
    }

    private static Prompt continued(Message begun) {
        return model.prompt(List.of(Message.user(ASK), begun)).continueFinalMessage();
    }

    private static Prompt scripted(Message begun, String rest) {
        return continued(begun).logitsProcessor(new Script(model, rest));
    }

    private static String text(Prompt prompt) {
        return model.requireTokenizer().decode(prompt.tokens());
    }

    private static String asked(boolean thinking) {
        return text(model.prompt(ASK).thinking(thinking));
    }

    @Test
    void thePromptEndsWithTheBeginningOfTheMessage() {
        String open = asked(true);
        assertTrue(open.endsWith("<think>\n"), open);
        assertEquals(
                asked(false) + "It is in", text(continued(begun("", "It is in")).thinking(false)));
        assertEquals(
                open + "\n</think>\n\nIt is in",
                text(continued(begun("", "It is in")).thinking(true)));
        assertEquals(open + "Java", text(continued(begun("Java", ""))));
        assertEquals(open + "Java.\n</think>\n\nIn ", text(continued(begun("Java.", "In "))));
        assertEquals(open, text(continued(begun("", "")).thinking(true)));
        assertArrayEquals(model.prompt(ASK).tokens(), continued(begun("", "")).tokens());
    }

    @Test
    void aTemplateThatLeavesThoughtsToTheModelGetsTheTag() throws IOException {
        String template = """
                {%- for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}{% endfor %}
                {{- '<|im_start|>assistant\\n' }}""";
        try (LoadedModel other = DemoConversations.loader(template).load()) {
            List<Message> messages = List.of(Message.user(ASK), begun("Java", ""));
            Prompt prompt = other.prompt(messages).continueFinalMessage();
            String text = other.requireTokenizer().decode(prompt.tokens());
            assertTrue(text.endsWith("assistant\n<think>\nJava"), text);
            Reply reply = prompt.logitsProcessor(new Script(other, " it is.\n</think>\n\nIn Java."))
                    .generate();
            assertEquals(" it is.", reply.thinking());
            assertEquals("In Java.", reply.text());
        }
    }

    @Test
    void theReplyIsTheContinuationOnly() {
        Reply reply = scripted(begun("", "It is in"), " Java.\n").thinking(true).generate();
        assertEquals(" Java.\n", reply.text());
        assertEquals("", reply.thinking());
        assertEquals(FinishReason.END, reply.finishReason());

        List<String> heard = new ArrayList<>();
        scripted(begun("", "It is in"), " Java.").thinking(true).generate(heard::add);
        assertEquals(" Java.", String.join("", heard));
    }

    @Test
    void itIsWhatTheModelSaysAfterTheseTokens() {
        Prompt prompt = continued(begun("", "The dog")).maxTokens(20);
        assertEquals(
                model.prompt(prompt.tokens())
                        .sampling(model.samplingFor(true, false))
                        .seed(3)
                        .maxTokens(20)
                        .generate()
                        .tokens(),
                prompt.seed(3).generate().tokens());
    }

    @Test
    void tagsOfThoughtsInTheContinuationOfATextAreText() {
        Reply reply = scripted(begun("", "It is"), "<think> in </think>Java")
                .thinking(true)
                .generate();
        assertEquals("<think> in </think>Java", reply.text());
        assertEquals("", reply.thinking());
    }

    @Test
    void aThoughtIsContinued() {
        Reply reply = scripted(begun("It is an", ""), " island.\n</think>\n\nIn Java.")
                .generate();
        assertEquals(" island.", reply.thinking());
        assertEquals("In Java.", reply.text());
    }

    @Test
    void aSpecialTokenInTheMessageIsText() {
        assertEquals(
                List.of(),
                model.messageStarts().stream()
                        .filter(start -> count(continued(begun("", "<|im_start|>")), start)
                                != count(continued(begun("", "x")), start))
                        .boxed()
                        .toList());
    }

    private static long count(Prompt prompt, int token) {
        return Arrays.stream(prompt.tokens()).filter(id -> id == token).count();
    }

    @Test
    void stopStringsAndLogprobsAreThoseOfTheContinuation() {
        Reply reply = scripted(begun("", "It is END in"), " Java END or not")
                .stop("END")
                .logprobs(0)
                .generate();
        assertEquals(" Java ", reply.text());
        assertEquals(FinishReason.STOP_STRING, reply.finishReason());
        assertEquals(
                reply.tokens(),
                reply.logprobs().stream().map(TokenLogprob::token).toList());
    }

    @Test
    void severalContinuationsOfOneMessage() {
        List<Reply> replies = continued(begun("", "The")).seed(1).maxTokens(8).generateAll(2);
        assertEquals(
                continued(begun("", "The")).seed(2).maxTokens(8).generate().text(),
                replies.get(1).text());
    }

    @Test
    void theFormIsThatOfTheWholeText() {
        Prompt prompt = continued(begun("", "{\"city\": \"Mage")).maxTokens(40).seed(1);
        Reply reply = prompt.jsonSchema(PLACE).generate();
        assertTrue(reply.text().endsWith("\"}"), reply.text());
        Place place = prompt.logitsProcessor(new Script(model, "lang\"}")).as(Place.class);
        assertEquals(new Place("Magelang"), place);
        assertEquals(
                "",
                continued(begun("", "{\"city\":\"Solo\"}"))
                        .jsonSchema(PLACE)
                        .generate()
                        .text());
        assertProblem(
                IllegalArgumentException.class,
                "does not begin an answer of the requested form",
                continued(begun("", "The city")).jsonSchema(PLACE));
        Reply thought = scripted(begun("Java", ""), ".\n</think>\n\n{\"city\":\"Solo\"}")
                .jsonSchema(PLACE)
                .generate();
        assertEquals("{\"city\":\"Solo\"}", thought.text());
    }

    @Test
    void theContinuationMayCallTools() {
        Reply reply =
                scripted(begun("", "Let me look."), "\n\n" + CALL).tools(FIND).generate();
        assertEquals("", reply.text());
        assertEquals(
                List.of("find"), reply.toolCalls().stream().map(ToolCall::name).collect(Collectors.toList()));
        assertProblem(
                IllegalStateException.class,
                "must be a tool call",
                continued(begun("", "Let me")).tools(FIND).toolChoice(ToolChoice.required()));
    }

    @Test
    void whatCannotBeContinuedIsRejected() {
        ToolCall call = new ToolCall("call00001", "find", "{}");
        assertProblem(IllegalArgumentException.class, "role USER", List.of(Message.user(ASK)));
        assertProblem(
                IllegalArgumentException.class,
                "tool calls",
                List.of(Message.user(ASK), Message.assistant("", List.of(call))));
        assertThrows(IllegalStateException.class, model.prompt(ASK)::continueFinalMessage);
        assertProblem(
                IllegalArgumentException.class,
                "the only one",
                model.prompt(List.of(Message.assistant("It"))).continueFinalMessage());
        assertProblem(
                IllegalStateException.class,
                "thinking(false)",
                continued(begun("It", "")).thinking(false));
    }

    private static void assertProblem(Class<? extends Exception> type, String text, List<Message> messages) {
        Prompt prompt = model.prompt(messages);
        Exception e = assertThrows(type, prompt::continueFinalMessage);
        assertTrue(String.valueOf(e.getMessage()).contains(text), e.getMessage());
    }

    private static void assertProblem(Class<? extends Exception> type, String text, Prompt prompt) {
        Exception e = assertThrows(type, prompt::generate);
        assertTrue(String.valueOf(e.getMessage()).contains(text), e.getMessage());
    }
}
