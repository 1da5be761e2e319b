package kawi.server.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import kawi.Model;
import kawi.Tokenizer;
import kawi.demo.DemoModel;
import kawi.scripted.ScriptedModel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Requests as the lm-evaluation-harness sends them for a model behind an API, and what it computes from the responses:
 * the log-probability of a continuation is the sum over its tokens, and it is greedy if each token has the greatest
 * log-probability of its place.
 */
class EvaluationHarnessTest {

    private static final String CONTEXT = "Lily had a red ball. She liked to";
    private static final List<String> CONTINUATIONS = List.of(" play", " eat the moon", " play with it.", " sleep");

    private static Model model;
    private static Tokenizer tokenizer;
    private static Client client;

    /** The result for one continuation. */
    private record Scored(double logprob, boolean greedy, String digits) {}

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

    private static int[] ids(String continuation) {
        return IntStream.concat(Arrays.stream(tokenizer.encode(CONTEXT)), Arrays.stream(tokenizer.encode(continuation)))
                .toArray();
    }

    private static String request(List<int[]> batch, int maxTokens) {
        return "{'model':'demo','prompt':%s,'temperature':0,'max_tokens':%d,'logprobs':1,'seed':1234,'echo':true}"
                .formatted(batch.stream().map(Arrays::toString).collect(Collectors.joining(",", "[", "]")), maxTokens);
    }

    /** Reads a response like the harness: choices by index, without the context and the generated tokens. */
    private static List<Scored> parse(JsonNode body, int context, int generated) {
        return StreamSupport.stream(body.get("choices").spliterator(), false)
                .sorted((a, b) -> a.get("index").intValue() - b.get("index").intValue())
                .map(choice -> {
                    JsonNode logprobs = choice.at("/logprobs/token_logprobs");
                    JsonNode top = choice.at("/logprobs/top_logprobs");
                    double sum = 0;
                    boolean greedy = true;
                    StringBuilder digits = new StringBuilder();
                    for (int i = context; i < logprobs.size() - generated; i++) {
                        double own = logprobs.get(i).doubleValue();
                        sum += own;
                        digits.append(logprobs.get(i)).append(' ');
                        double best = StreamSupport.stream(top.get(i).spliterator(), false)
                                .mapToDouble(JsonNode::doubleValue)
                                .max()
                                .orElseThrow();
                        greedy &= own == best;
                    }
                    return new Scored(sum, greedy, digits.toString());
                })
                .toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void continuationsAreScoredAloneAsInABatch(int maxTokens) {
        int context = tokenizer.encode(CONTEXT).length;
        List<int[]> all = CONTINUATIONS.stream().map(EvaluationHarnessTest::ids).toList();
        List<Scored> batch = parse(client.complete(request(all, maxTokens)).body(), context, maxTokens);
        List<Scored> alone = new ArrayList<>();
        all.forEach(each -> alone.addAll(
                parse(client.complete(request(List.of(each), maxTokens)).body(), context, maxTokens)));

        assertEquals(CONTINUATIONS.size(), batch.size());
        assertEquals(alone, batch);
        for (int i = 0; i < batch.size(); i++) {
            double expected = model.prompt(all.get(i)).promptLogprobs(0).stream()
                    .skip(context - 1)
                    .mapToDouble(token -> token.logprob())
                    .reduce(0, Double::sum);
            assertEquals(expected, batch.get(i).logprob());
        }
        assertTrue(batch.get(0).logprob() > batch.get(1).logprob());
    }

    @Test
    void theGreedyContinuationIsRecognized() {
        int[] start = tokenizer.encode(CONTEXT);
        List<Integer> next =
                model.prompt(start).temperature(0).maxTokens(5).generate().tokens();
        int[] greedy = IntStream.concat(Arrays.stream(start), next.stream().mapToInt(Integer::intValue))
                .toArray();
        int[] other = greedy.clone();
        other[other.length - 1] = tokenizer.encode("zebra")[0];
        List<Scored> scored =
                parse(client.complete(request(List.of(greedy, other), 1)).body(), start.length, 1);
        assertTrue(scored.get(0).greedy());
        assertTrue(!scored.get(1).greedy());
    }

    @Test
    void textIsGeneratedUntilAStopString() {
        Client says = Client.of(ScriptedModel.of(model, prompt -> "The answer is 42.\n\nQuestion: what else?"));
        JsonNode body = says.chat(
                        "{'messages':[{'role':'user','content':'6 times 7?'}],'model':'demo','max_tokens':256,"
                                + "'temperature':0,'stop':['\\n\\n','Question:','</s>','<|im_end|>'],'seed':1234}")
                .body();
        assertEquals("The answer is 42.", body.at("/choices/0/message/content").stringValue());
        JsonNode completion = client.complete("{'prompt':'" + CONTEXT
                        + "','model':'demo','max_tokens':40,'temperature':0,'stop':['.'],'seed':1234}")
                .body();
        assertTrue(!completion.at("/choices/0/text").stringValue().contains("."));
    }

    @Test
    void aTokenizerCanBeUsedFromAfar() {
        JsonNode info = client.get("/tokenizer_info").body();
        assertEquals("<|im_end|>", info.get("eos_token").stringValue());
        assertTrue(info.get("chat_template").stringValue().contains("messages"));
        JsonNode end = client.post("/tokenize", "{'prompt':'<|im_end|>','add_special_tokens':false}")
                .body();
        assertEquals(1, end.get("tokens").size());
        assertTrue(model.endTokens().contains(end.at("/tokens/0").intValue()));
        JsonNode tokens = client.post("/tokenize", "{'prompt':'" + CONTEXT + "','add_special_tokens':false}")
                .body();
        assertEquals(
                Arrays.stream(tokenizer.encode(CONTEXT)).boxed().toList(),
                StreamSupport.stream(tokens.get("tokens").spliterator(), false)
                        .map(JsonNode::intValue)
                        .toList());
        JsonNode text = client.post("/detokenize", "{'tokens':" + tokens.get("tokens") + "}")
                .body();
        assertEquals(CONTEXT, text.get("prompt").stringValue());
        assertEquals(CONTEXT, text.get("content").stringValue());
    }
}
