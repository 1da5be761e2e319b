package kawi.server.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import kawi.Model;
import kawi.demo.DemoModel;
import kawi.scripted.ScriptedModel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that are wrong, and what they are told. */
class RequestErrorsTest {

    private static final String HELLO = "'messages':[{'role':'user','content':'Hello'}]";

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

    private static Client.Answer raw(byte[] body) {
        return client.send(Client.request("POST", "/v1/chat/completions", body));
    }

    private static void isInvalid(Client.Answer answer) {
        assertEquals(400, answer.status(), answer.toString());
        assertEquals("invalid_request_error", answer.body().at("/error/type").stringValue());
        assertFalse(answer.message().isBlank());
        assertTrue(answer.message().endsWith("."), answer.message());
        assertTrue(answer.body().get("error").has("param"));
        assertTrue(answer.body().get("error").has("code"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "[]",
                "'text'",
                "null",
                "{'messages':[}",
                "{'messages':[{'role':'user','content':'x'}]",
                "{'messages':[]} {}",
                "{'temperature':NaN}",
                "{'temperature':Infinity}",
                "{'temperature':01}",
                "{\"messages\":[{\"role\":\"user\",\"role\":\"user\"}]}",
                "{'a':1,'a':2}"
            })
    void bodiesThatAreNotOneJsonObject(String body) {
        Client.Answer answer = client.chat(body);
        isInvalid(answer);
        assertEquals("invalid_json", answer.code());
    }

    @Test
    void theFaultOfABodyHasAPlace() {
        String duplicate = client.chat("{'messages':[{'role':'user','content':'a','content':'b'}]}")
                .message();
        assertTrue(duplicate.contains("content"), duplicate);
        assertTrue(duplicate.contains("messages[0]"), duplicate);
        assertTrue(duplicate.contains("line 1, column"), duplicate);
    }

    @Test
    void deepJsonIsRefused() {
        isInvalid(client.chat("{'messages':" + "[".repeat(5000) + "]".repeat(5000) + "}"));
        isInvalid(client.chat("{'tools':" + "{'a':".repeat(200) + "1" + "}".repeat(200) + "}"));
        isInvalid(raw("[".repeat(1_000_000).getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void textIsUtf8WithWholeCharacters() {
        byte[] body = "{\"messages\":[{\"role\":\"user\",\"content\":\"?\"}]}".getBytes(StandardCharsets.UTF_8);
        int at = new String(body, StandardCharsets.UTF_8).indexOf('?');
        body[at] = (byte) 0xc3;
        Client.Answer answer = raw(body);
        isInvalid(answer);
        assertEquals("The body is not valid UTF-8 at byte " + at + ".", answer.message());

        Client.Answer half = client.chat("{'messages':[{'role':'user','content':'x\\ud83e'}]}");
        isInvalid(half);
        assertEquals("messages[0].content", half.param());
        assertEquals(
                200,
                client.chat("{'max_tokens':1,'messages':[{'role':'user','content':'\\ud83e\\udd8a'}]}")
                        .status());
    }

    @Test
    void hugeNumbersAreRefused() {
        isInvalid(client.chat("{'seed':" + "9".repeat(5000) + "," + HELLO + "}"));
        isInvalid(client.chat("{'temperature':1e999999999," + HELLO + "}"));
        isInvalid(client.chat("{'max_tokens':99999999999," + HELLO + "}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "messages                   | 'messages':'Hello'",
                "messages                   | 'messages':[]",
                "messages                   | 'model':'demo'",
                "messages[0]                | 'messages':['Hello']",
                "messages[0].role           | 'messages':[{'content':'x'}]",
                "messages[0].role           | 'messages':[{'role':'king','content':'x'}]",
                "messages[0].content        | 'messages':[{'role':'user'}]",
                "messages[0].content        | 'messages':[{'role':'user','content':7}]",
                "messages[0].content[0].type| 'messages':[{'role':'user','content':[{'type':'smell'}]}]",
                "messages[1].tool_call_id   | 'messages':[{'role':'user','content':'x'},{'role':'tool','content':'x'}]",
                "messages[0].tool_calls[0].id | 'messages':[{'role':'assistant','tool_calls':[{'function':{'name':'a','arguments':'{}'}}]}]",
                "temperature                | HELLO,'temperature':'hot'",
                "temperature                | HELLO,'temperature':2.5",
                "temperature                | HELLO,'temperature':-1",
                "top_p                      | HELLO,'top_p':1.5",
                "presence_penalty           | HELLO,'presence_penalty':3",
                "frequency_penalty          | HELLO,'frequency_penalty':-3",
                "max_tokens                 | HELLO,'max_tokens':1.5",
                "max_tokens                 | HELLO,'max_tokens':true",
                "n                          | HELLO,'n':0",
                "n                          | HELLO,'n':1000",
                "seed                       | HELLO,'seed':'1'",
                "stop                       | HELLO,'stop':3",
                "stop[1]                    | HELLO,'stop':['a',3]",
                "stop                       | HELLO,'stop':['']",
                "stream                     | HELLO,'stream':'yes'",
                "stream_options             | HELLO,'stream_options':{'include_usage':true}",
                "stream_options.usage       | HELLO,'stream':true,'stream_options':{'usage':true}",
                "logit_bias                 | HELLO,'logit_bias':[1]",
                "logit_bias.x               | HELLO,'logit_bias':{'x':1}",
                "logit_bias.99999999        | HELLO,'logit_bias':{'99999999':1}",
                "logit_bias.5               | HELLO,'logit_bias':{'5':101}",
                "stop_token_ids[0]          | HELLO,'stop_token_ids':['x']",
                "tools[0].function.parameters | HELLO,'tools':[{'type':'function','function':{'name':'a','strict':true,'parameters':{'type':'object','properties':{'b':{'$ref':'https://example.org/b'}}}}}]",
                "top_logprobs               | HELLO,'logprobs':true,'top_logprobs':21",
                "logprobs                   | HELLO,'logprobs':3",
                "tools                      | HELLO,'tools':{}",
                "tools[0].type              | HELLO,'tools':[{'type':'web_search'}]",
                "tools[0].function.name     | HELLO,'tools':[{'type':'function','function':{}}]",
                "tools[0].function.parameters | HELLO,'tools':[{'type':'function','function':{'name':'a','parameters':'x'}}]",
                "tools                      | HELLO,'tools':[{'type':'function','function':{'name':'a b'}}]",
                "tool_choice                | HELLO,'tool_choice':'required'",
                "tool_choice                | HELLO,'tools':[{'type':'function','function':{'name':'a'}}],'tool_choice':'perhaps'",
                "tool_choice.function.name  | HELLO,'tools':[{'type':'function','function':{'name':'a'}}],'tool_choice':{'type':'function','function':{'name':'b'}}",
                "response_format.type       | HELLO,'response_format':{'type':'xml'}",
                "response_format.json_schema | HELLO,'response_format':{'type':'json_schema'}",
                "response_format.json_schema.schema | HELLO,'response_format':{'type':'json_schema','json_schema':{'name':'a','schema':{'type':'what'}}}",
                "reasoning_effort           | HELLO,'reasoning_effort':'enormous'",
                "chat_template_kwargs       | HELLO,'chat_template_kwargs':true",
                "chat_template_kwargs.enable_thinking | HELLO,'chat_template_kwargs':{'enable_thinking':'yes'}",
                "chat_template_kwargs.messages | HELLO,'chat_template_kwargs':{'messages':[]}",
                "model                      | HELLO,'model':7",
                "store                      | HELLO,'store':true",
                "audio                      | HELLO,'audio':{}",
                "modalities                 | HELLO,'modalities':['text','audio']",
                "functions                  | HELLO,'functions':[]",
                "function_call              | HELLO,'function_call':'auto'",
                "web_search_options         | HELLO,'web_search_options':{}",
                "verbosity                  | HELLO,'verbosity':'low'",
                "service_tier               | HELLO,'service_tier':'flex'",
                "min_tokens                 | HELLO,'min_tokens':3",
                "guided_json                | HELLO,'guided_json':{}",
                "max_token                  | HELLO,'max_token':3"
            })
    void fieldsThatAreWrongAreNamed(String param, String fields) {
        Client.Answer answer = client.chat("{" + fields.replace("HELLO", HELLO) + "}");
        isInvalid(answer.message().startsWith("Unrecognized") ? withPeriod(answer) : answer);
        assertEquals(param, answer.param(), answer.message());
    }

    /** The sentence about an unknown field is that of OpenAI, which has no period. */
    private static Client.Answer withPeriod(Client.Answer answer) {
        return new Client.Answer(
                answer.status(),
                answer.headers(),
                Client.JSON.readTree(answer.body().toString().replace("\",\"type\"", ".\",\"type\"")),
                answer.events());
    }

    @Test
    void listsAndMapsHaveLimits() {
        String biases = IntStream.range(0, 1025).mapToObj(i -> "'" + i + "':1").collect(Collectors.joining(","));
        assertEquals(
                "logit_bias",
                client.chat("{'logit_bias':{" + biases + "}," + HELLO + "}").param());
        String variables = biases.substring(0, biases.indexOf(",'101'"));
        assertEquals(
                "chat_template_kwargs",
                client.chat("{'chat_template_kwargs':{" + variables + "}," + HELLO + "}")
                        .param());
        String stops = "'x',".repeat(16) + "'x'";
        assertEquals(
                "stop", client.chat("{'stop':[" + stops + "]," + HELLO + "}").param());
        String tool = "{'type':'function','function':{'name':'t%d'}}";
        String tools = IntStream.range(0, 129).mapToObj(tool::formatted).collect(Collectors.joining(","));
        assertEquals(
                "tools", client.chat("{'tools':[" + tools + "]," + HELLO + "}").param());
    }

    @Test
    void fieldsThatDoNotConcernTheAnswerAreIgnored() {
        assertEquals(
                200,
                client.chat("{'max_tokens':1,'user':'u','metadata':{'a':'b'},'store':false,'service_tier':'auto',"
                                + "'safety_identifier':'s','prompt_cache_key':'k','stop':null,'tools':[],'logit_bias':null,"
                                + "'modalities':['text'],'parallel_tool_calls':true,'verbosity':'medium'," + HELLO
                                + "}")
                        .status());
    }

    @Test
    void aVariableThatTheTemplateDoesNotReadIsRefused() {
        Client.Answer answer = client.chat("{'chat_template_kwargs':{'enable_thinkin':true}," + HELLO + "}");
        isInvalid(answer);
        assertTrue(answer.message().contains("enable_thinkin"), answer.message());
    }

    @Test
    void pathsAndMethods() {
        Client.Answer unknown = client.get("/v1/unknown");
        assertEquals(404, unknown.status());
        assertEquals("unknown_url", unknown.code());
        Client.Answer method = client.get("/v1/chat/completions");
        assertEquals(405, method.status());
        assertEquals("POST", method.headers().get("Allow"));
        assertEquals(404, client.get("/v1/models/gone").status());
        assertEquals("demo", client.get("/models/demo").body().get("id").stringValue());
    }

    @Test
    void embeddingsNeedAnotherModel() {
        Client.Answer answer = client.post("/v1/embeddings", "{'model':'demo','input':'x'}");
        isInvalid(answer);
        assertEquals("unsupported_model", answer.code());
        assertEquals(
                "The model 'demo' generates text and has no embeddings; load an embedding model.", answer.message());
        assertEquals(
                404,
                client.post("/v1/embeddings", "{'model':'ada','input':'x'}").status());
    }

    @Test
    void imagesAreDataUrls() {
        String message = "{'messages':[{'role':'user','content':[{'type':'image_url','image_url':{'url':'%s'}}]}]}";
        for (String url : List.of(
                "https://example.org/a.png",
                "http://169.254.169.254/latest",
                "file:///etc/passwd",
                "data:text/html;base64,AAAA",
                "data:image/png,AAAA",
                "data:image/png;base64,A*A")) {
            Client.Answer answer = client.chat(message.formatted(url));
            isInvalid(answer);
            assertEquals("messages[0].content[0].image_url.url", answer.param());
            assertEquals("invalid_image_url", answer.code());
        }
        Client.Answer large = client.chat(message.formatted("data:image/png;base64," + "A".repeat(30 << 20)));
        assertEquals("image_too_large", large.code());
        Client.Answer decoded = client.chat(message.formatted("DATA:image/PNG;base64,iVBORw0KGgo="));
        isInvalid(decoded);
        assertTrue(decoded.message().contains("has no vision tower"), decoded.message());
    }

    @Test
    void aCallThatCannotBeUnderstoodIsAnErrorOfTheServer() {
        Client says = Client.of(ScriptedModel.of(model, prompt -> ScriptedModel.call("clock", Map.of("zone", "nine"))));
        String tools = "'tools':[{'type':'function','function':{'name':'clock','parameters':{'type':'object',"
                + "'properties':{'zone':{'type':'integer'},'area':{'type':'integer'}},'maxProperties':1}}}]";
        Client.Answer answer = says.chat("{" + tools + "," + HELLO + "}");
        assertEquals(500, answer.status(), answer.toString());
        assertEquals("invalid_tool_call", answer.code());
    }

    @Test
    void aClosedModelIsUnavailable() {
        Model closed = DemoModel.load();
        Client late = Client.of(closed);
        closed.close();
        Client.Answer answer = late.chat("{" + HELLO + "}");
        assertEquals(503, answer.status(), answer.toString());
        assertEquals("server_error", answer.body().at("/error/type").stringValue());
    }
}
