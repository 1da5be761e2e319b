package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kawi.Cancellation;
import kawi.ContextLengthException;
import kawi.FinishReason;
import kawi.Prompt;
import kawi.Reply;
import kawi.ReplyListener;
import kawi.TokenLogprob;
import kawi.ToolCall;
import kawi.ToolSpecification;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tokens of an answer's text and of a prompt, with their log-probabilities. */
class AnswerTokensTest {

    private static final ToolSpecification CLOCK = new ToolSpecification("clock", "The time in a city", """
            {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}""");

    /** The grammar of calls has no word for this schema, so calls are not constrained. */
    private static final ToolSpecification LOOSE = new ToolSpecification("clock", "The time in a city", """
            {"type": "object", "properties": {"city": {"type": "string"}}, "minProperties": 1, "required": ["city"],
             "maxProperties": 1, "patternProperties": {"^x": {"type": "integer"}}}""");

    private static LoadedModel model;

    @BeforeAll
    static void load() throws IOException {
        model = DemoConversations.loader().load();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static String call(String city) {
        return "<tool_call>\n<function=clock>\n<parameter=city>\n" + city + "\n</parameter>\n</function>\n</tool_call>";
    }

    private static final class Heard implements ReplyListener {
        private final StringBuilder text = new StringBuilder();
        private final List<TokenLogprob> tokens = new ArrayList<>();

        @Override
        public void onText(String piece) {
            throw new AssertionError("tokens were requested");
        }

        @Override
        public void onText(String piece, List<TokenLogprob> added) {
            text.append(piece);
            tokens.addAll(added);
        }

        private String tokenText() {
            int[] ids = tokens.stream().mapToInt(TokenLogprob::token).toArray();
            return model.requireTokenizer().decode(ids);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Plain text, and more of it.",
                "Grüße, 你好, 🦊🐘!\n\nA second paragraph.",
                "<think>\nHm, Plain?\n</think>\n\nPlain text.",
                "Before a < sign, <tool and <tool_call without one."
            })
    void theTokensOfATextAreItsText(String says) {
        Heard heard = new Heard();
        Reply reply = model.prompt("Speak.")
                .logprobs(2)
                .maxTokens(200)
                .logitsProcessor(new Script(model, says))
                .generate(heard);

        assertEquals(reply.text(), heard.text.toString());
        assertEquals(reply.text(), heard.tokenText());
        assertTrue(reply.logprobs().containsAll(heard.tokens));
    }

    @Test
    void tokensOfCallsAreNotThoseOfTheText() {
        Heard heard = new Heard();
        Reply reply = model.prompt("What time is it?")
                .tools(CLOCK)
                .logprobs(0)
                .maxTokens(200)
                .logitsProcessor(new Script(model, "I will look.\n\n" + call("look") + "\n" + call("Rome")))
                .generate(heard);

        assertEquals(2, reply.toolCalls().size());
        assertEquals("I will look.", heard.text.toString());
        assertEquals("I will look.", heard.tokenText().strip());
    }

    @Test
    void aStopStringCutsTheTokens() {
        Heard heard = new Heard();
        Reply reply = model.prompt("Count.")
                .logprobs(0)
                .maxTokens(200)
                .stop("three four")
                .logitsProcessor(new Script(model, "one two three four five"))
                .generate(heard);

        assertEquals("one two ", reply.text());
        assertEquals(FinishReason.STOP_STRING, reply.finishReason());
        assertTrue(heard.tokenText().startsWith("one two"), heard.tokenText());
        assertTrue(heard.tokens.size() < reply.tokens().size());
    }

    @Test
    void eachOfSeveralAnswersHasAListener() {
        Prompt prompt = model.prompt("Tell a story.")
                .seed(11)
                .temperature(1.3)
                .maxTokens(20)
                .logprobs(0);
        List<Heard> heard = List.of(new Heard(), new Heard(), new Heard());
        List<Reply> replies = prompt.generateAll(heard);
        for (int i = 0; i < 3; i++) {
            assertEquals(prompt.seed(11 + i).generate().text(), replies.get(i).text());
            assertEquals(replies.get(i).text(), heard.get(i).text.toString());
            assertEquals(replies.get(i).text(), heard.get(i).tokenText());
        }
        assertThrows(IllegalArgumentException.class, () -> prompt.generateAll(List.of()));
    }

    @Test
    void anAnswerCanBeLimitedToOneCall() {
        for (ToolSpecification tool : List.of(CLOCK, LOOSE)) {
            Prompt prompt = model.prompt("What time is it?").tools(tool).maxTokens(200);
            String two = call("Oslo") + "\n" + call("Rome");
            assertEquals(
                    List.of("Oslo", "Rome"),
                    cities(prompt.logitsProcessor(new Script(model, two)).generate()));
            assertEquals(
                    List.of("Oslo"),
                    cities(prompt.parallelToolCalls(false)
                            .logitsProcessor(new Script(model, two))
                            .generate()));
        }
    }

    private static List<String> cities(Reply reply) {
        return reply.toolCalls().stream()
                .map(ToolCall::arguments)
                .map(json -> json.substring(json.indexOf(':') + 2, json.lastIndexOf('"')))
                .toList();
    }

    @Test
    void thePromptHasTheProbabilitiesThatItWouldHaveAsAnAnswer() {
        int[] start = model.requireTokenizer().encode("Once upon a time");
        Reply reply = model.prompt(start)
                .temperature(0)
                .maxTokens(12)
                .ignoreEnd()
                .logprobs(3)
                .generate();
        int[] all = Stream.concat(Arrays.stream(start).boxed(), reply.tokens().stream())
                .mapToInt(Integer::intValue)
                .toArray();

        List<TokenLogprob> prompt = model.prompt(all).promptLogprobs(3);

        assertEquals(all.length - 1, prompt.size());
        assertEquals(reply.logprobs(), prompt.subList(start.length - 1, prompt.size()));
        assertEquals(
                Arrays.stream(all, 1, all.length).boxed().toList(),
                prompt.stream().map(TokenLogprob::token).collect(Collectors.toList()));
    }

    /** Keeps the log-probabilities of the prompt, which come before the text. */
    private static final class Scores implements ReplyListener {
        private final List<List<TokenLogprob>> scores = new ArrayList<>();
        private final StringBuilder text = new StringBuilder();

        @Override
        public void onPrompt(List<TokenLogprob> tokens) {
            assertEquals("", text.toString());
            scores.add(tokens);
        }

        @Override
        public void onText(String piece) {
            text.append(piece);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 40, 300})
    void aScoredPromptIsProcessedOnce(int length) {
        int[] ids = new int[length];
        Arrays.setAll(ids, i -> 20 + 7 * i % 400);
        Prompt prompt = model.prompt(ids).seed(3).maxTokens(6).ignoreEnd();
        Scores heard = new Scores();
        long before = model.activity().prefilledTokens();

        Reply reply = prompt.scorePrompt(2).generate(heard);

        assertEquals(length, model.activity().prefilledTokens() - before);
        assertEquals(length, reply.stats().prefilledTokens());
        assertEquals(0, reply.stats().reusedTokens());
        assertEquals(List.of(prompt.promptLogprobs(2)), heard.scores);
        assertEquals(prompt.generate().tokens(), reply.tokens());
        assertEquals(reply.text(), heard.text.toString());
    }

    @Test
    void severalAnswersScoreTheirPromptOnce() {
        int[] ids = model.requireTokenizer().encode("Once upon a time there was a dog");
        Prompt prompt = model.prompt(ids).seed(3).maxTokens(6).ignoreEnd();
        List<Scores> heard = List.of(new Scores(), new Scores(), new Scores());
        long before = model.activity().prefilledTokens();

        List<Reply> replies = prompt.scorePrompt(0).generateAll(heard);

        assertEquals(ids.length + 2, model.activity().prefilledTokens() - before);
        assertEquals(List.of(prompt.promptLogprobs(0)), heard.get(0).scores);
        for (int i = 0; i < 3; i++) {
            assertEquals(prompt.seed(3 + i).generate().tokens(), replies.get(i).tokens());
            assertEquals(i == 0 ? 1 : 0, heard.get(i).scores.size());
        }
    }

    @Test
    void aCancelledAnswerHasNoScores() {
        Scores heard = new Scores();
        Cancellation cancellation = new Cancellation();
        cancellation.cancel();
        Reply reply = model.prompt("Once upon a time")
                .raw()
                .cancelWith(cancellation)
                .scorePrompt(0)
                .generate(heard);
        assertEquals(FinishReason.CANCELLED, reply.finishReason());
        assertEquals(List.of(), heard.scores);
    }

    @Test
    void aPromptThatExceedsTheContextIsRefused() {
        assertThrows(
                ContextLengthException.class,
                () -> model.prompt(new int[model.contextLength() + 1]).promptLogprobs(0));
    }
}
