package kawi.server.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.stream.Collectors;
import kawi.Model;
import kawi.demo.DemoModel;
import kawi.scripted.ScriptedModel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Chats whose last message is the assistant's, which the answer continues. */
class AssistantPrefillTest {

    private static final String USER = "{'role':'user','content':'Where is Borobudur?'}";

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

    private static String messages(String assistant) {
        return "'messages':[" + USER + ",{'role':'assistant'," + assistant + "}]";
    }

    private static String rendered(String fields) {
        JsonNode body = client.post("/apply-template", "{" + fields + "}").body();
        return body.get("prompt").stringValue();
    }

    /** A client of a model that continues every prompt with the same text. */
    private static Client continuing(String text) {
        return Client.of(ScriptedModel.of(model, prompt -> text));
    }

    private static JsonNode message(Client.Answer answer) {
        assertEquals(200, answer.status(), answer::message);
        return answer.body().at("/choices/0/message");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'content':'It is on '",
                "'content':[{'type':'text','text':'It is'},{'type':'text','text':' on '}]",
                "'content':'It is on ','tool_calls':[]",
            })
    void thePromptEndsWithTheMessage(String assistant) {
        String asked = rendered("'messages':[" + USER + "]");
        assertEquals(asked + "It is on ", rendered(messages(assistant)));
    }

    @Test
    void theAnswerIsTheContinuation() {
        String body = messages("'content':'The dog'") + ",'max_tokens':12,'seed':4";
        String text = message(client.chat("{" + body + "}")).get("content").stringValue();

        String prompt = rendered(messages("'content':'The dog'"));
        JsonNode completion = client.complete(Client.JSON
                        .createObjectNode()
                        .put("prompt", prompt)
                        .put("max_tokens", 12)
                        .put("seed", 4)
                        .toString())
                .body();
        assertEquals(completion.at("/choices/0/text").stringValue(), text);
        assertFalse(text.isEmpty());

        String streamed = client.chat("{'stream':true," + body + "}").chunks().stream()
                .map(chunk -> chunk.at("/choices/0/delta/content").stringValue(""))
                .collect(Collectors.joining());
        assertEquals(text, streamed);
    }

    @Test
    void theTextEndsTheThought() {
        String body = messages("'content':'It is'") + ",'chat_template_kwargs':{'enable_thinking':true}";
        assertTrue(rendered(body).endsWith("<think>\n\n</think>\n\nIt is"), rendered(body));
        JsonNode answer = message(continuing(" on Java.").chat("{" + body + "}"));
        assertEquals(" on Java.", answer.get("content").stringValue());
        assertFalse(answer.has("reasoning_content"), answer::toString);
    }

    @ParameterizedTest
    @CsvSource({"reasoning_content", "reasoning"})
    void aThoughtIsContinued(String name) {
        String body = messages("'" + name + "':'It is an'");
        assertTrue(rendered(body).endsWith("<think>\nIt is an"), rendered(body));
        JsonNode answer = message(continuing(" island.\n</think>\n\nOn Java.").chat("{" + body + "}"));
        assertEquals(" island.", answer.get("reasoning_content").stringValue());
        assertEquals("On Java.", answer.get("content").stringValue());
    }

    @Test
    void stopStringsAreThoseOfTheContinuation() {
        Client.Answer answer =
                continuing(" on Java. Yes.").chat("{" + messages("'content':'Java. It is'") + ",'stop':'.'}");
        assertEquals(" on Java", message(answer).get("content").stringValue());
        assertEquals("stop", answer.body().at("/choices/0/finish_reason").stringValue());
    }

    @Test
    void theFormIsThatOfTheWholeText() {
        String form = """
                ,'response_format':{'type':'json_schema','json_schema':{'name':'place','schema':{'type':'object',
                'properties':{'city':{'type':'string'}},'required':['city'],'additionalProperties':false}}}}""";
        String begun = "{\\\"city\\\":\\\"Mage";
        JsonNode answer = message(continuing("lang\"}").chat("{" + messages("'content':'" + begun + "'") + form));
        assertEquals("lang\"}", answer.get("content").stringValue());

        Client.Answer refused = client.chat("{" + messages("'content':'The city'") + form);
        assertEquals(400, refused.status());
        assertEquals("The last message does not begin an answer of the requested form.", refused.message());
    }

    @Test
    void aToolMayBeCalledButNotRequired() {
        String tools = ",'tools':[{'type':'function','function':{'name':'find','parameters':{'type':'object'}}}]";
        Client script = continuing("\n\n" + ScriptedModel.call("find", Map.of()));
        JsonNode answer = message(script.chat("{" + messages("'content':'Let me look.'") + tools + "}"));
        assertEquals("find", answer.at("/tool_calls/0/function/name").stringValue());

        Client.Answer refused =
                client.chat("{" + messages("'content':'Let me look.'") + tools + ",'tool_choice':'required'}");
        assertEquals(400, refused.status());
        assertTrue(refused.message().contains("must be a tool call"), refused.message());
    }

    @ParameterizedTest
    @ValueSource(strings = {"'continue_final_message':false", "'add_generation_prompt':true"})
    void aMessageCanBeComplete(String field) {
        String prompt = rendered(messages("'content':'It is on Java.'") + "," + field);
        String asked = rendered("'messages':[" + USER + "]");
        assertTrue(prompt.contains("It is on Java.<|im_end|>"), prompt);
        assertTrue(prompt.endsWith(asked.substring(asked.lastIndexOf("<|im_start|>"))), prompt);
    }

    @Test
    void theFieldsOfVllmAskForTheSame() {
        String fields = ",'continue_final_message':true,'add_generation_prompt':false";
        String body = messages("'content':'It'");
        assertEquals(rendered(body), rendered(body + fields));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "continue_final_message | 'messages':[USER],'continue_final_message':true | only such a message",
                "continue_final_message | 'messages':[USER,BEGUN],'continue_final_message':true,"
                        + "'add_generation_prompt':true | contradicts",
                "add_generation_prompt | 'messages':[USER],'add_generation_prompt':false | only supported if",
                "messages | 'messages':[USER,BEGUN,BEGUN] | join them",
                "messages | 'messages':[USER,{'role':'assistant','tool_calls':[{'id':'a','type':'function',"
                        + "'function':{'name':'find','arguments':'{}'}}]}] | tool calls, which cannot be continued",
                "'' | 'messages':[BEGUN] | the only one",
                "'' | 'messages':[USER,{'role':'assistant','reasoning':'So'}],'enable_thinking':false | thinking(false)",
            })
    void whatCannotBeContinuedIsRefused(String param, String body, String problem) {
        String request =
                "{" + body.replace("USER", USER).replace("BEGUN", "{'role':'assistant','content':'It is'}") + "}";
        Client.Answer answer = client.chat(request);
        assertEquals(400, answer.status());
        assertEquals(param.equals("''") ? "" : param, answer.param());
        assertTrue(answer.message().contains(problem), answer.message());
    }
}
