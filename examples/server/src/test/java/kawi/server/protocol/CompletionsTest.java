package kawi.server.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import kawi.Model;
import kawi.TokenLogprob;
import kawi.Tokenizer;
import kawi.demo.DemoModel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class CompletionsTest {

    private static Model model;
    private static Tokenizer tokenizer;
    private static Client client;

    @BeforeAll
    static void load() {
        model = DemoModel.load();
        tokenizer = model.tokenizer().orElseThrow();
        client = Client.of(model);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static String text(JsonNode body) {
        return body.at("/choices/0/text").stringValue();
    }

    private static List<String> strings(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::stringValue)
                .toList();
    }

    @Test
    void aTextIsContinued() {
        JsonNode body = client.complete("{'prompt':'Once upon a time','temperature':0,'max_tokens':8}")
                .body();
        assertEquals(
                model.prompt("Once upon a time")
                        .raw()
                        .temperature(0)
                        .maxTokens(8)
                        .generate()
                        .text(),
                text(body));
        assertEquals("text_completion", body.get("object").stringValue());
        assertTrue(body.get("id").stringValue().startsWith("cmpl-"));
        assertEquals("length", body.at("/choices/0/finish_reason").stringValue());
        assertTrue(body.at("/choices/0/logprobs").isNull());
        assertEquals(8, body.at("/usage/completion_tokens").intValue());
    }

    @Test
    void sixteenTokensAreTheDefault() {
        JsonNode body = client.complete("{'prompt':'Once','ignore_eos':true}").body();
        assertEquals(16, body.at("/usage/completion_tokens").intValue());
    }

    @Test
    void promptsAreTextsOrTokensOneOrMany() {
        int[] one = tokenizer.encode("Once upon a time");
        int[] two = tokenizer.encode("The little bird");
        String options = ",'temperature':0,'max_tokens':6}";
        String first =
                text(client.complete("{'prompt':'Once upon a time'" + options).body());
        String second =
                text(client.complete("{'prompt':'The little bird'" + options).body());

        assertEquals(
                first,
                text(client.complete("{'prompt':" + Arrays.toString(one) + options)
                        .body()));
        for (String both : List.of(
                "['Once upon a time','The little bird']",
                "[" + Arrays.toString(one) + "," + Arrays.toString(two) + "]",
                "['Once upon a time'," + Arrays.toString(two) + "]")) {
            JsonNode body = client.complete("{'prompt':" + both + options).body();
            assertEquals(2, body.get("choices").size());
            assertEquals(0, body.at("/choices/0/index").intValue());
            assertEquals(1, body.at("/choices/1/index").intValue());
            assertEquals(first, body.at("/choices/0/text").stringValue());
            assertEquals(second, body.at("/choices/1/text").stringValue());
            assertEquals(
                    one.length + two.length, body.at("/usage/prompt_tokens").intValue());
        }
    }

    @Test
    void choicesOfSeveralPromptsAreNumberedPromptByPrompt() {
        String options = ",'seed':7,'temperature':1.3,'max_tokens':6}";
        JsonNode body =
                client.complete("{'n':2,'prompt':['Once','The']" + options).body();
        assertEquals(4, body.get("choices").size());
        assertEquals(
                text(client.complete("{'prompt':'The'" + options).body()),
                body.at("/choices/2/text").stringValue());
        assertEquals(
                text(client.complete("{'prompt':'The'" + options.replace(":7", ":8"))
                        .body()),
                body.at("/choices/3/text").stringValue());
    }

    @Test
    void specialTokensOfATextAreRecognized() {
        JsonNode body = client.complete(
                        "{'prompt':'<|im_start|>user\\nHello<|im_end|>\\n<|im_start|>assistant\\n','max_tokens':1}")
                .body();
        assertEquals(
                tokenizer.encodeWithSpecials("<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n").length,
                body.at("/usage/prompt_tokens").intValue());
    }

    @Test
    void anEchoHasTheLogprobsOfThePrompt() {
        int[] ids = tokenizer.encode("Once upon a time there was a little dog named Tim");
        JsonNode body = client.complete("{'prompt':%s,'echo':true,'logprobs':2,'max_tokens':3,'temperature':0}"
                        .formatted(Arrays.toString(ids)))
                .body();
        JsonNode logprobs = body.at("/choices/0/logprobs");
        List<TokenLogprob> expected = new ArrayList<>(model.prompt(ids).promptLogprobs(2));
        expected.addAll(model.prompt(ids)
                .logprobs(2)
                .temperature(0)
                .maxTokens(3)
                .generate()
                .logprobs());

        assertEquals(ids.length + 3, logprobs.get("tokens").size());
        assertTrue(logprobs.at("/token_logprobs/0").isNull());
        assertTrue(logprobs.at("/top_logprobs/0").isNull());
        for (int i = 0; i < expected.size(); i++) {
            double logprob = logprobs.at("/token_logprobs/" + (i + 1)).doubleValue();
            assertEquals(expected.get(i).logprob(), logprob);
            JsonNode top = logprobs.at("/top_logprobs/" + (i + 1));
            assertEquals(
                    logprob,
                    top.get(logprobs.at("/tokens/" + (i + 1)).stringValue()).doubleValue());
            assertTrue(top.size() == 2 || top.size() == 3);
        }
        String text = text(body);
        assertEquals(text, String.join("", strings(logprobs.get("tokens"))));
        assertTrue(text.startsWith("Once upon a time there was a little dog named Tim"));
        int offset = 0;
        for (int i = 0; i < logprobs.get("tokens").size(); i++) {
            assertEquals(offset, logprobs.at("/text_offset/" + i).intValue());
            offset += logprobs.at("/tokens/" + i).stringValue().length();
        }
    }

    @Test
    void withoutTokensToGenerateOnlyThePromptIsScored() {
        int[] ids = tokenizer.encode("A bird sat in a tree.");
        JsonNode body = client.complete(
                        "{'prompt':%s,'echo':true,'logprobs':1,'max_tokens':0}".formatted(Arrays.toString(ids)))
                .body();
        assertEquals("A bird sat in a tree.", text(body));
        assertEquals(ids.length, body.at("/choices/0/logprobs/tokens").size());
        assertEquals(0, body.at("/usage/completion_tokens").intValue());
        assertEquals("length", body.at("/choices/0/finish_reason").stringValue());
    }

    /** An answer of one token is part of the arrays even if it ends the text: evaluations cut the last element. */
    @Test
    void theOnlyTokenIsReportedEvenIfItIsAnEndToken() {
        int end = model.endTokens().iterator().next();
        JsonNode body = client.complete(
                        "{'prompt':'Once upon','echo':true,'logprobs':1,'max_tokens':1,'temperature':0,'logit_bias':{'%d':100}}"
                                .formatted(end))
                .body();
        assertEquals(
                tokenizer.encode("Once upon").length + 1,
                body.at("/choices/0/logprobs/token_logprobs").size());
        assertEquals("Once upon", text(body));
        assertEquals("stop", body.at("/choices/0/finish_reason").stringValue());
    }

    @Test
    void anAnswerEndsAtAStopToken() {
        JsonNode free = client.complete("{'prompt':'Once upon a','temperature':0,'max_tokens':6,'logprobs':0}")
                .body();
        int second = model.prompt("Once upon a")
                .raw()
                .temperature(0)
                .maxTokens(6)
                .generate()
                .tokens()
                .get(1);
        JsonNode stopped = client.complete(
                        "{'prompt':'Once upon a','temperature':0,'max_tokens':6,'stop_token_ids':[%d]}"
                                .formatted(second))
                .body();
        assertEquals(
                free.at("/choices/0/logprobs/tokens/0").stringValue(),
                stopped.at("/choices/0/text").stringValue());
        assertEquals("stop", stopped.at("/choices/0/finish_reason").stringValue());
    }

    @Test
    void partsOfCharactersAreNamedByTheirBytes() {
        int[] ids = tokenizer.encode("🦊 ok");
        JsonNode tokens = client.complete(
                        "{'prompt':%s,'echo':true,'logprobs':0,'max_tokens':0}".formatted(Arrays.toString(ids)))
                .body()
                .at("/choices/0/logprobs");
        assertTrue(strings(tokens.get("tokens")).getFirst().startsWith("bytes:\\xf0"), tokens.toString());
        assertEquals(
                "🦊 ok".codePointCount(0, "🦊 ok".length())
                        - strings(tokens.get("tokens")).getLast().length(),
                tokens.get("text_offset").get(ids.length - 1).intValue());
    }

    @Test
    void aStreamHasTheSameTextAndLogprobs() {
        String options = "'prompt':['Once upon','The cat'],'echo':true,'logprobs':1,'max_tokens':7,'seed':2}";
        JsonNode whole = client.complete("{" + options).body();
        List<JsonNode> chunks = client.complete("{'stream':true,'stream_options':{'include_usage':true}," + options)
                .chunks();
        for (int i = 0; i < 2; i++) {
            int index = i;
            List<JsonNode> own = chunks.stream()
                    .filter(chunk -> chunk.at("/choices/0/index").intValue(-1) == index)
                    .map(chunk -> chunk.at("/choices/0"))
                    .toList();
            JsonNode choice = whole.get("choices").get(i);
            assertEquals(
                    choice.get("text").stringValue(),
                    own.stream().map(each -> each.get("text").stringValue()).collect(Collectors.joining()));
            assertEquals(choice.get("finish_reason"), own.getLast().get("finish_reason"));
            for (String array : List.of("tokens", "token_logprobs", "top_logprobs", "text_offset")) {
                List<JsonNode> joined = new ArrayList<>();
                own.forEach(each -> each.at("/logprobs/" + array).forEach(joined::add));
                assertEquals(
                        StreamSupport.stream(choice.at("/logprobs/" + array).spliterator(), false)
                                .toList(),
                        joined,
                        array);
            }
        }
        assertEquals(whole.get("usage"), chunks.getLast().get("usage"));
    }

    @Test
    void severalChoicesEchoAPromptThatIsReadOnce() {
        String options = "'n':3,'prompt':'Once upon a time','echo':true,'logprobs':1,'max_tokens':4,'seed':2}";
        int length = tokenizer.encode("Once upon a time").length;
        long before = model.activity().prefilledTokens();

        JsonNode whole = client.complete("{" + options).body();

        assertEquals(length + 2, model.activity().prefilledTokens() - before);
        JsonNode scores = whole.at("/choices/0/logprobs/token_logprobs");
        List<JsonNode> chunks = client.complete("{'stream':true," + options).chunks();
        for (int i = 0; i < 3; i++) {
            int index = i;
            JsonNode choice = whole.get("choices").get(i);
            assertTrue(choice.get("text").stringValue().startsWith("Once upon a time"));
            assertEquals(
                    choice.get("text").stringValue(),
                    chunks.stream()
                            .filter(chunk -> chunk.at("/choices/0/index").intValue() == index)
                            .map(chunk -> chunk.at("/choices/0/text").stringValue())
                            .collect(Collectors.joining()));
            JsonNode own = choice.at("/logprobs/token_logprobs");
            for (int t = 0; t < length; t++) {
                assertEquals(scores.get(t), own.get(t));
            }
        }
    }

    @Test
    void whatCannotBeHonouredIsRefused() {
        assertEquals("best_of", client.complete("{'prompt':'x','best_of':3}").param());
        assertEquals(
                200,
                client.complete("{'prompt':'x','best_of':1,'max_tokens':1}").status());
        assertEquals("suffix", client.complete("{'prompt':'x','suffix':'y'}").param());
        assertEquals("prompt", client.complete("{'prompt':''}").param());
        assertEquals("prompt", client.complete("{'prompt':[]}").param());
        assertEquals("prompt[1]", client.complete("{'prompt':['x',3]}").param());
        assertEquals("prompt[1]", client.complete("{'prompt':[3,'x']}").param());
        assertEquals(
                "prompt[0][1]", client.complete("{'prompt':[[1,99999999]]}").param());
        assertEquals("prompt", client.complete("{}").param());
        assertEquals("logprobs", client.complete("{'prompt':'x','logprobs':21}").param());
        assertEquals("echo", client.complete("{'prompt':'x','echo':'yes'}").param());
        assertFalse(client.complete("{'prompt':'x','best_of':3}").message().isEmpty());
    }
}
