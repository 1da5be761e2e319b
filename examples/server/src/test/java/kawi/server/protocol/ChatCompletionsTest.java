package kawi.server.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import kawi.Cancellation;
import kawi.Model;
import kawi.demo.DemoModel;
import kawi.scripted.ScriptedModel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class ChatCompletionsTest {

    private static final String HELLO = "'messages':[{'role':'user','content':'Tell me about a dog.'}]";

    private static final String WEATHER = """
            'tools':[{'type':'function','function':{'name':'weather','description':'Weather of a city','parameters':
              {'type':'object','properties':{'city':{'type':'string'},'days':{'type':'integer'}},
               'required':['city'],'additionalProperties':false}}}]""";

    private static Model model;
    private static Client client;

    @BeforeAll
    static void load() {
        model = DemoModel.load();
        client = Client.of(model);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static Client scripted(String answer) {
        return Client.of(ScriptedModel.of(model, prompt -> answer));
    }

    private static String text(JsonNode body) {
        return body.at("/choices/0/message/content").stringValue("");
    }

    /** The contents of the deltas of a choice, joined. */
    private static String joined(List<JsonNode> chunks, int choice, String field) {
        return chunks.stream()
                .flatMap(chunk -> StreamSupport.stream(chunk.get("choices").spliterator(), false))
                .filter(each -> each.get("index").intValue() == choice)
                .map(each -> each.at("/delta/" + field).stringValue(""))
                .collect(Collectors.joining());
    }

    @Test
    void anAnswerIsThatOfTheLibrary() {
        JsonNode body = client.chat("{'model':'demo','seed':5,'max_tokens':12," + HELLO + "}")
                .body();

        assertEquals(
                model.prompt("Tell me about a dog.")
                        .seed(5)
                        .maxTokens(12)
                        .generate()
                        .text(),
                text(body));
        assertEquals("chat.completion", body.get("object").stringValue());
        assertTrue(body.get("id").stringValue().startsWith("chatcmpl-"));
        assertEquals("demo", body.get("model").stringValue());
        assertEquals("length", body.at("/choices/0/finish_reason").stringValue());
        assertEquals("assistant", body.at("/choices/0/message/role").stringValue());
        assertEquals(12, body.at("/usage/completion_tokens").intValue());
        assertEquals(
                model.prompt("Tell me about a dog.").countTokens(),
                body.at("/usage/prompt_tokens").intValue());
        assertEquals(
                body.at("/usage/prompt_tokens").intValue() + 12,
                body.at("/usage/total_tokens").intValue());
    }

    @Test
    void theModelMayBeOmittedIfThereIsOne() {
        assertEquals(200, client.chat("{'max_tokens':1," + HELLO + "}").status());
        Client two = new Client(new OpenAi(Map.of("a", model, "b", model)));
        Client.Answer answer = two.chat("{'max_tokens':1," + HELLO + "}");
        assertEquals(400, answer.status());
        assertEquals("model", answer.param());
    }

    @Test
    void anUnknownModelIsNotFound() {
        Client.Answer answer = client.chat("{'model':'gpt-7'," + HELLO + "}");
        assertEquals(404, answer.status());
        assertEquals("model_not_found", answer.code());
        assertEquals("The model 'gpt-7' does not exist; there is demo.", answer.message());
    }

    @Test
    void aStreamHasTheSameTextInChunks() {
        String options = "'seed':9,'max_tokens':20," + HELLO;
        String whole = text(client.chat("{" + options + "}").body());
        List<JsonNode> chunks = client.chat("{'stream':true," + options + "}").chunks();

        assertEquals(whole, joined(chunks, 0, "content"));
        assertEquals("assistant", chunks.getFirst().at("/choices/0/delta/role").stringValue());
        assertTrue(chunks.getFirst().at("/choices/0/delta/content").isNull());
        for (JsonNode chunk : chunks.subList(1, chunks.size())) {
            assertFalse(chunk.at("/choices/0/delta").has("role"));
            assertEquals(chunks.getFirst().get("id"), chunk.get("id"));
            assertEquals("chat.completion.chunk", chunk.get("object").stringValue());
            assertFalse(chunk.has("usage"));
        }
        assertTrue(chunks.size() > 10, "several chunks");
        JsonNode last = chunks.getLast();
        assertEquals("length", last.at("/choices/0/finish_reason").stringValue());
        assertEquals(0, last.at("/choices/0/delta").size());
    }

    @Test
    void theUsageIsTheLastChunk() {
        List<JsonNode> chunks = client.chat(
                        "{'stream':true,'stream_options':{'include_usage':true},'max_tokens':6," + HELLO + "}")
                .chunks();
        assertEquals(0, chunks.getLast().get("choices").size());
        assertEquals(6, chunks.getLast().at("/usage/completion_tokens").intValue());
        assertTrue(chunks.getFirst().get("usage").isNull());
    }

    @Test
    void choicesHaveConsecutiveSeeds() {
        String options = "'max_tokens':10,'temperature':1.2," + HELLO;
        JsonNode three = client.chat("{'n':3,'seed':40," + options + "}").body();
        assertEquals(3, three.get("choices").size());
        List<JsonNode> streamed =
                client.chat("{'n':3,'seed':40,'stream':true," + options + "}").chunks();
        for (int i = 0; i < 3; i++) {
            String alone = text(
                    client.chat("{'seed':%d,%s}".formatted(40 + i, options)).body());
            assertEquals(i, three.get("choices").get(i).get("index").intValue());
            assertEquals(
                    alone, three.at("/choices/%d/message/content".formatted(i)).stringValue());
            assertEquals(alone, joined(streamed, i, "content"));
        }
        assertEquals(30, three.at("/usage/completion_tokens").intValue());
    }

    @Test
    void sameSeedSameAnswerOtherSeedOtherAnswer() {
        String options = "'max_tokens':24,'temperature':1.5," + HELLO;
        String first = text(client.chat("{'seed':1," + options + "}").body());
        assertEquals(first, text(client.chat("{'seed':1," + options + "}").body()));
        assertNotEquals(first, text(client.chat("{'seed':2," + options + "}").body()));
    }

    @Test
    void manyAtOnceAreAnsweredAsIfAlone() {
        List<String> requests = IntStream.range(0, 6)
                .mapToObj(i ->
                        "{'seed':%d,'max_tokens':16,'messages':[{'role':'user','content':'Story %d'}]}".formatted(i, i))
                .toList();
        List<String> alone = requests.stream()
                .map(request -> text(client.chat(request).body()))
                .toList();
        List<String> together = Parallel.map(
                model,
                requests.size(),
                new Cancellation(),
                i -> text(client.chat(requests.get(i)).body()));
        assertEquals(alone, together);
    }

    @Test
    void anAnswerEndsBeforeAStopString() {
        Client says = scripted("One, two, three, four.");
        for (String stop : List.of("' three'", "['nothing',' three']")) {
            JsonNode body = says.chat("{'stop':" + stop + "," + HELLO + "}").body();
            assertEquals("One, two,", text(body));
            assertEquals("stop", body.at("/choices/0/finish_reason").stringValue());
            List<JsonNode> chunks = says.chat("{'stream':true,'stop':" + stop + "," + HELLO + "}")
                    .chunks();
            assertEquals("One, two,", joined(chunks, 0, "content"));
        }
    }

    @Test
    void logprobsAreThoseOfTheTextAlsoInAStream() {
        String options = "'seed':3,'max_tokens':15,'logprobs':true,'top_logprobs':4," + HELLO;
        JsonNode whole = client.chat("{" + options + "}").body();
        JsonNode content = whole.at("/choices/0/logprobs/content");
        assertEquals(text(whole), tokens(content));
        for (JsonNode token : content) {
            assertEquals(4, token.get("top_logprobs").size());
            assertTrue(token.get("logprob").doubleValue() <= 0);
            assertEquals(token.get("token").stringValue(), utf8(token.get("bytes")));
        }
        List<JsonNode> streamed = new ArrayList<>();
        for (JsonNode chunk : client.chat("{'stream':true," + options + "}").chunks()) {
            chunk.at("/choices/0/logprobs/content").forEach(streamed::add);
        }
        assertEquals(StreamSupport.stream(content.spliterator(), false).toList(), streamed);
    }

    private static String tokens(JsonNode content) {
        return StreamSupport.stream(content.spliterator(), false)
                .map(token -> token.get("token").stringValue())
                .collect(Collectors.joining());
    }

    private static String utf8(JsonNode bytes) {
        byte[] array = new byte[bytes.size()];
        for (int i = 0; i < array.length; i++) {
            array[i] = (byte) bytes.get(i).intValue();
        }
        return new String(array, StandardCharsets.UTF_8);
    }

    @Test
    void withoutLogprobsThereAreNone() {
        assertTrue(client.chat("{'max_tokens':2," + HELLO + "}")
                .body()
                .at("/choices/0/logprobs")
                .isNull());
        assertEquals(
                "top_logprobs", client.chat("{'top_logprobs':2," + HELLO + "}").param());
    }

    @Test
    void thoughtsAreBothReasoningContentAndReasoning() {
        Client says = scripted("<think>\nA dog, then.\n</think>\n\nDogs bark.");
        JsonNode message = says.chat("{" + HELLO + "}").body().at("/choices/0/message");
        assertEquals("A dog, then.", message.get("reasoning_content").stringValue());
        assertEquals("A dog, then.", message.get("reasoning").stringValue());
        assertEquals("Dogs bark.", message.get("content").stringValue());

        List<JsonNode> chunks = says.chat("{'stream':true," + HELLO + "}").chunks();
        assertEquals("A dog, then.", joined(chunks, 0, "reasoning_content"));
        assertEquals("A dog, then.", joined(chunks, 0, "reasoning"));
        assertEquals("Dogs bark.", joined(chunks, 0, "content"));
    }

    @Test
    void theLogprobsOfAThoughtAreNotThoseOfTheText() {
        Client says = scripted("<think>\nA dog, then.\n</think>\n\nDogs bark.");
        JsonNode body = says.chat("{'logprobs':true," + HELLO + "}").body();
        assertEquals("Dogs bark.", tokens(body.at("/choices/0/logprobs/content")));
    }

    @Test
    void toolsAreCalledAndResultsAreRead() {
        String call = ScriptedModel.call("weather", Map.of("city", "Solo"));
        Client says = Client.of(ScriptedModel.of(
                model, prompt -> prompt.contains("<tool_response>") ? "It rains in Solo." : "Let me look.\n\n" + call));
        String question = "{'role':'user','content':'Weather in Solo?'}";
        JsonNode first =
                says.chat("{'messages':[" + question + "]," + WEATHER + "}").body();
        JsonNode message = first.at("/choices/0/message");
        assertEquals("tool_calls", first.at("/choices/0/finish_reason").stringValue());
        assertEquals("Let me look.", message.get("content").stringValue());
        JsonNode made = message.at("/tool_calls/0");
        assertEquals("function", made.get("type").stringValue());
        assertEquals("weather", made.at("/function/name").stringValue());
        assertEquals("{\"city\":\"Solo\"}", made.at("/function/arguments").stringValue());

        String id = made.get("id").stringValue();
        String history = question + "," + message + ",{'role':'tool','tool_call_id':'" + id + "','content':'rain'}";
        JsonNode second =
                says.chat("{'messages':[" + history + "]," + WEATHER + "}").body();
        assertEquals("It rains in Solo.", text(second));
        assertEquals("stop", second.at("/choices/0/finish_reason").stringValue());

        List<JsonNode> chunks = says.chat("{'stream':true,'messages':[" + question + "]," + WEATHER + "}")
                .chunks();
        JsonNode begin = chunks.get(chunks.size() - 3).at("/choices/0/delta/tool_calls/0");
        assertEquals(0, begin.get("index").intValue());
        assertEquals("weather", begin.at("/function/name").stringValue());
        assertEquals("function", begin.get("type").stringValue());
        assertEquals("", begin.at("/function/arguments").stringValue());
        assertFalse(begin.get("id").stringValue().isEmpty());
        JsonNode rest = chunks.get(chunks.size() - 2).at("/choices/0/delta/tool_calls/0");
        assertEquals(
                Client.JSON.readTree("{\"index\":0,\"function\":{\"arguments\":\"{\\\"city\\\":\\\"Solo\\\"}\"}}"),
                rest);
        assertEquals(
                "tool_calls", chunks.getLast().at("/choices/0/finish_reason").stringValue());
    }

    @Test
    void aChoiceOfToolsIsObeyed() {
        for (String choice : List.of(
                "'required'",
                "{'type':'function','function':{'name':'weather'}}",
                "{'type':'allowed_tools','allowed_tools':{'mode':'required','tools':[{'type':'function','function':{'name':'weather'}}]}}")) {
            JsonNode body = client.chat("{'max_tokens':200,'parallel_tool_calls':false,'tool_choice':%s,%s,%s}"
                            .formatted(choice, WEATHER, HELLO))
                    .body();
            assertEquals(1, body.at("/choices/0/message/tool_calls").size(), choice + body);
            assertTrue(body.at("/choices/0/message/content").isNull());
        }
        JsonNode none = client.chat("{'max_tokens':30,'tool_choice':'none'," + WEATHER + "," + HELLO + "}")
                .body();
        assertFalse(none.at("/choices/0/message").has("tool_calls"));
    }

    @Test
    void severalCallsAreOneIfParallelCallsAreOff() {
        String call = ScriptedModel.call("weather", Map.of("city", "Solo"));
        Client says = scripted(call + "\n" + call);
        assertEquals(
                2,
                says.chat("{" + WEATHER + "," + HELLO + "}")
                        .body()
                        .at("/choices/0/message/tool_calls")
                        .size());
        assertEquals(
                1,
                says.chat("{'parallel_tool_calls':false," + WEATHER + "," + HELLO + "}")
                        .body()
                        .at("/choices/0/message/tool_calls")
                        .size());
    }

    @Test
    void aSchemaIsConformedTo() {
        String schema = "{'type':'object','properties':{'name':{'type':'string','maxLength':12},"
                + "'age':{'type':'integer','minimum':0,'maximum':99}},'required':['name','age'],'additionalProperties':false}";
        JsonNode body = client.chat(
                        "{'response_format':{'type':'json_schema','json_schema':{'name':'dog','strict':true,'schema':"
                                + schema + "}}," + HELLO + "}")
                .body();
        JsonNode value = Client.JSON.readTree(text(body));
        assertTrue(value.get("name").isString());
        assertTrue(value.get("age").isIntegralNumber());
        assertEquals(2, value.size());
    }

    @Test
    void aSchemaAppliesAfterTheThought() {
        String schema = "'response_format':{'type':'json_schema','json_schema':{'name':'a','schema':{'type':'object',"
                + "'properties':{'ok':{'type':'boolean'}},'required':['ok'],'additionalProperties':false}}}";
        String thinking = ",'chat_template_kwargs':{'enable_thinking':true}," + schema + "," + HELLO + "}";
        for (int limit : new int[] {60, 200}) {
            JsonNode body =
                    client.chat("{'seed':2,'max_tokens':" + limit + thinking).body();
            assertTrue(Client.JSON.readTree(text(body)).get("ok").isBoolean());
        }
        JsonNode message = scripted("A {brace} in a thought.\n</think>\n\n{\"ok\":true}")
                .chat("{'max_tokens':100" + thinking)
                .body()
                .at("/choices/0/message");
        assertEquals("A {brace} in a thought.", message.get("reasoning_content").stringValue());
        assertEquals("{\"ok\":true}", message.get("content").stringValue());
    }

    @Test
    void aJsonObjectIsAnObject() {
        JsonNode body = client.chat("{'max_tokens':60,'seed':1,'response_format':{'type':'json_object'}," + HELLO + "}")
                .body();
        assertTrue(Client.JSON.readTree(text(body)).isObject(), text(body));
    }

    @Test
    void biasesChangeTheChoice() {
        int dog = model.tokenizer().orElseThrow().encode(" dog")[0];
        JsonNode body = client.chat("{'temperature':0,'max_tokens':4,'logit_bias':{'%d':100},%s}".formatted(dog, HELLO))
                .body();
        assertEquals(" dog dog dog dog".strip(), text(body).strip());
        assertNull(body.get("error"));
    }

    @Test
    void contentMayHaveSeveralParts() {
        String parts = "[{'type':'text','text':'Tell me '},{'type':'text','text':'about a dog.'}]";
        String options = "'seed':5,'max_tokens':8,'messages':[{'role':'user','content':";
        assertEquals(
                text(client.chat("{" + options + "'Tell me about a dog.'}]}").body()),
                text(client.chat("{" + options + parts + "}]}").body()));
    }

    @Test
    void aPromptBeyondTheContextIsRefusedInAStreamToo() {
        String messages = "'messages':[{'role':'user','content':'%s'}]".formatted("word ".repeat(20_000));
        for (String stream : List.of("false", "true")) {
            Client.Answer answer = client.chat("{'stream':" + stream + "," + messages + "}");
            assertEquals(400, answer.status());
            assertEquals("context_length_exceeded", answer.code());
        }
    }
}
