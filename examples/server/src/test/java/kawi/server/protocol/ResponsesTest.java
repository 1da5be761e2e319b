package kawi.server.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import kawi.Model;
import kawi.demo.DemoModel;
import kawi.scripted.ScriptedModel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class ResponsesTest {

    private static final String CLOCK =
            "'tools':[{'type':'function','name':'clock','description':'The time','parameters':"
                    + "{'type':'object','properties':{'city':{'type':'string'}},'required':['city']}}]";

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

    private static Client.Answer respond(Client to, String fields) {
        return to.post("/v1/responses", "{" + fields + "}");
    }

    private static Client scripted(String answer) {
        return Client.of(ScriptedModel.of(model, prompt -> answer));
    }

    @Test
    void aResponseHasItemsAndUsage() {
        JsonNode body = respond(client, "'input':'A story.','max_output_tokens':9,'metadata':{'k':'v'}")
                .body();
        assertEquals("response", body.get("object").stringValue());
        assertTrue(body.get("id").stringValue().startsWith("resp_"));
        assertEquals("incomplete", body.get("status").stringValue());
        assertEquals("max_output_tokens", body.at("/incomplete_details/reason").stringValue());
        JsonNode message = body.at("/output/" + (body.get("output").size() - 1));
        assertTrue(message.get("id").stringValue().startsWith("msg_"));
        assertEquals("message", message.get("type").stringValue());
        assertEquals("incomplete", message.get("status").stringValue());
        assertEquals("output_text", message.at("/content/0/type").stringValue());
        assertEquals(9, body.at("/usage/output_tokens").intValue());
        assertEquals(9, body.get("max_output_tokens").intValue());
        assertEquals("v", body.at("/metadata/k").stringValue());
        assertEquals(false, body.get("store").booleanValue());
    }

    /** The demo model's context holds 1024 tokens. */
    @Test
    void inputThatIsTooLongIsTruncatedOnRequest() {
        String turn = "{'role':'user','content':'Tell me a story about a fox.'},"
                + "{'role':'assistant','content':'Once upon a time there was a fox who lost a kite.'},";
        String input = "'input':[" + turn.repeat(60) + "{'role':'user','content':'And then?'}],'max_output_tokens':9";
        assertEquals(400, respond(client, input).status());
        assertEquals(400, respond(client, input + ",'truncation':'disabled'").status());
        JsonNode body = respond(client, input + ",'truncation':'auto'").body();
        assertEquals("auto", body.get("truncation").stringValue(), body.toString());
        int dropped = body.at("/usage/input_tokens_details/dropped_messages").intValue();
        assertTrue(dropped > 0 && dropped % 2 == 0, body.toString());
        assertTrue(body.at("/usage/input_tokens_details/dropped_tokens").intValue() > dropped, body.toString());
        assertTrue(body.at("/usage/input_tokens").intValue() <= 1024 - 1024 / 4);
        JsonNode whole = respond(client, "'input':'A story.','max_output_tokens':9,'truncation':'auto'")
                .body();
        assertTrue(whole.at("/usage/input_tokens_details/dropped_messages").isMissingNode(), whole.toString());
    }

    @Test
    void theEventsAreInOrder() {
        Client says =
                scripted("<think>\nHm.\n</think>\n\nWait.\n\n" + ScriptedModel.call("clock", Map.of("city", "Rome")));
        List<Client.Event> events = respond(says, "'stream':true,'input':'What time is it in Rome?'," + CLOCK)
                .events();
        List<String> names = events.stream()
                .map(event -> String.valueOf(event.name()))
                .filter(name -> !name.endsWith("text.delta"))
                .toList();
        assertEquals(
                List.of(
                        "response.created",
                        "response.in_progress",
                        "response.output_item.added",
                        "response.content_part.added",
                        "response.reasoning_text.done",
                        "response.content_part.done",
                        "response.output_item.done",
                        "response.output_item.added",
                        "response.content_part.added",
                        "response.output_text.done",
                        "response.content_part.done",
                        "response.output_item.done",
                        "response.output_item.added",
                        "response.function_call_arguments.delta",
                        "response.function_call_arguments.done",
                        "response.output_item.done",
                        "response.completed"),
                names);
        List<JsonNode> data =
                events.stream().map(event -> Client.JSON.readTree(event.data())).toList();
        for (int i = 0; i < data.size(); i++) {
            assertEquals(i, data.get(i).get("sequence_number").intValue());
            assertEquals(events.get(i).name(), data.get(i).get("type").stringValue());
        }
        JsonNode response = data.getLast().get("response");
        assertEquals(data.getFirst().at("/response/id"), response.get("id"));
        List<JsonNode> done = data.stream()
                .filter(event -> event.get("type").stringValue().equals("response.output_item.done"))
                .map(event -> event.get("item"))
                .toList();
        assertEquals(
                StreamSupport.stream(response.get("output").spliterator(), false)
                        .toList(),
                done);
        assertEquals(
                List.of("reasoning", "message", "function_call"),
                done.stream().map(item -> item.get("type").stringValue()).toList());
        assertEquals("Hm.", done.get(0).at("/content/0/text").stringValue());
        assertEquals("Wait.", done.get(1).at("/content/0/text").stringValue());
        assertEquals("{\"city\":\"Rome\"}", done.get(2).get("arguments").stringValue());
        assertEquals(
                IntStream.range(0, 3).boxed().toList(),
                data.stream()
                        .filter(event -> event.get("type").stringValue().equals("response.output_item.done"))
                        .map(event -> event.get("output_index").intValue())
                        .toList());
    }

    @Test
    void aConversationIsSentBackAsItems() {
        Client says = Client.of(ScriptedModel.of(
                model,
                prompt -> prompt.contains("<tool_response>\nnoon\n</tool_response>")
                                && prompt.contains("Wait.")
                                && prompt.startsWith("<|im_start|>system")
                                && prompt.contains("Be exact.")
                        ? "It is noon."
                        : "Wrong: " + prompt));
        JsonNode first = respond(
                        scripted("Wait.\n\n" + ScriptedModel.call("clock", Map.of("city", "Rome"))),
                        "'input':'What time is it?'," + CLOCK)
                .body();
        StringBuilder items = new StringBuilder("{'role':'user','content':'What time is it?'}");
        first.get("output").forEach(item -> items.append(",").append(item));
        String callId = first.at("/output/1/call_id").stringValue();
        items.append(",{'type':'function_call_output','call_id':'")
                .append(callId)
                .append("','output':'noon'}");
        JsonNode second = respond(says, "'instructions':'Be exact.','input':[" + items + "]," + CLOCK)
                .body();
        assertEquals("It is noon.", second.at("/output/0/content/0/text").stringValue());
    }

    @Test
    void aSchemaIsConformedTo() {
        JsonNode body = respond(
                        client,
                        "'input':'Yes or no?','text':{'format':{'type':'json_schema','name':'a','strict':true,'schema':"
                                + "{'type':'object','properties':{'yes':{'type':'boolean'}},'required':['yes'],'additionalProperties':false}}}")
                .body();
        JsonNode message = body.at("/output/" + (body.get("output").size() - 1));
        JsonNode value = Client.JSON.readTree(message.at("/content/0/text").stringValue());
        assertTrue(value.get("yes").isBoolean());
    }

    @Test
    void logprobsAreIncludedOnRequest() {
        JsonNode body = respond(
                        scripted("Rain."),
                        "'input':'Weather?','include':['message.output_text.logprobs'],'top_logprobs':2")
                .body();
        JsonNode logprobs = body.at("/output/0/content/0/logprobs");
        StringBuilder text = new StringBuilder();
        logprobs.forEach(token -> text.append(token.get("token").stringValue()));
        assertEquals("Rain.", text.toString());
        assertEquals(2, logprobs.at("/0/top_logprobs").size());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "input                | 'model':'demo'",
                "input                | 'input':7",
                "input                | 'input':[]",
                "input[0].role        | 'input':[{'role':'bishop','content':'x'}]",
                "input[0].type        | 'input':[{'type':'item_reference','id':'x'}]",
                "input[0].type        | 'input':[{'type':'computer_call'}]",
                "input[0].call_id     | 'input':[{'type':'function_call_output','output':'x'}]",
                "input[0].content[0].image_url | 'input':[{'role':'user','content':[{'type':'input_image','image_url':'https://example.org/x'}]}]",
                "previous_response_id | 'input':'x','previous_response_id':'resp_1'",
                "conversation         | 'input':'x','conversation':'c'",
                "background           | 'input':'x','background':true",
                "store                | 'input':'x','store':true",
                "prompt               | 'input':'x','prompt':{'id':'p'}",
                "truncation           | 'input':'x','truncation':'middle'",
                "max_tool_calls       | 'input':'x','max_tool_calls':3",
                "tools[0].type        | 'input':'x','tools':[{'type':'file_search'}]",
                "include[0]           | 'input':'x','include':['file_search_call.results']",
                "reasoning.effort     | 'input':'x','reasoning':{'effort':'vast'}",
                "text.format.type     | 'input':'x','text':{'format':{'type':'csv'}}",
                "max_tokens           | 'input':'x','max_tokens':3"
            })
    void fieldsThatAreWrongAreNamed(String param, String fields) {
        Client.Answer answer = respond(client, fields);
        assertEquals(400, answer.status(), answer.toString());
        assertEquals(param, answer.param(), answer.message());
    }

    @Test
    void responsesAreNotStored() {
        assertEquals(404, client.get("/v1/responses/resp_1").status());
    }
}
