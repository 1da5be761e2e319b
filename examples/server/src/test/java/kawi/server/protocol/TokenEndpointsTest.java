package kawi.server.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kawi.Model;
import kawi.demo.DemoModel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class TokenEndpointsTest {

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

    @ParameterizedTest
    @ValueSource(strings = {"Hello, world!", "größer 你好 🦊", "<|im_start|>user\\nHi<|im_end|>", "  spaces\\t\\n "})
    void tokensAreTextAgain(String text) {
        JsonNode tokens = client.post("/tokenize", "{'content':'" + text + "'}").body();
        assertEquals(tokens.get("tokens").size(), tokens.get("count").intValue());
        assertEquals(model.contextLength(), tokens.get("max_model_len").intValue());
        JsonNode back = client.post("/detokenize", "{'tokens':" + tokens.get("tokens") + "}")
                .body();
        assertEquals(
                text.replace("\\n", "\n").replace("\\t", "\t"),
                back.get("content").stringValue());
    }

    @Test
    void specialTokensAreRecognizedUnlessTheyAreNot() {
        assertEquals(
                1,
                client.post("/tokenize", "{'prompt':'<|im_end|>'}")
                        .body()
                        .get("count")
                        .intValue());
        assertTrue(client.post("/tokenize", "{'prompt':'<|im_end|>','parse_special':false}")
                        .body()
                        .get("count")
                        .intValue()
                > 1);
    }

    @Test
    void tokensCanHavePieces() {
        JsonNode first = client.post("/tokenize", "{'content':'Hello there','with_pieces':true}")
                .body()
                .at("/tokens/0");
        assertEquals(
                model.tokenizer().orElseThrow().text(first.get("id").intValue()),
                first.get("piece").stringValue());
    }

    @Test
    void aChatIsShownAsTheModelReadsIt() {
        String chat = "'messages':[{'role':'system','content':'Be brief.'},{'role':'user','content':'Hi'}]";
        String prompt = client.post("/apply-template", "{" + chat + "}")
                .body()
                .get("prompt")
                .stringValue();
        assertTrue(
                prompt.startsWith(
                        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"),
                prompt);
        JsonNode tokens = client.post("/tokenize", "{" + chat + "}").body();
        assertEquals(
                prompt,
                client.post("/detokenize", "{'tokens':" + tokens.get("tokens") + "}")
                        .body()
                        .get("prompt")
                        .stringValue());
        String tool = "'tools':[{'type':'function','function':{'name':'clock','description':'Tells the time'}}]";
        assertTrue(client.post("/apply-template", "{" + chat + "," + tool + "}")
                .body()
                .get("prompt")
                .stringValue()
                .contains("Tells the time"));
    }

    @Test
    void thinkingChangesTheChat() {
        String chat = "'messages':[{'role':'user','content':'Hi'}]";
        String on = "{'chat_template_kwargs':{'enable_thinking':true}," + chat + "}";
        String off = "{'reasoning_effort':'none'," + chat + "}";
        assertFalse(client.post("/apply-template", on)
                .body()
                .equals(client.post("/apply-template", off).body()));
    }

    @Test
    void reasoningOfTheHistoryIsReadUnderEitherName() {
        String before = "{'messages':[{'role':'user','content':'2+2?'},{'role':'assistant','content':'','";
        String after =
                "':'Sum.','tool_calls':[{'id':'a','type':'function','function':{'name':'add','arguments':'{}'}}]},"
                        + "{'role':'tool','tool_call_id':'a','content':'4'}]}";
        String one = client.post("/apply-template", before + "reasoning_content" + after)
                .body()
                .toString();
        assertTrue(one.contains("Sum."), one);
        assertEquals(
                one,
                client.post("/apply-template", before + "reasoning" + after)
                        .body()
                        .toString());
    }

    @Test
    void propertiesAreThoseOfTheModel() {
        JsonNode props = client.get("/props").body();
        assertEquals(
                model.contextLength(),
                props.at("/default_generation_settings/n_ctx").intValue());
        assertEquals("demo", props.get("model_alias").stringValue());
        assertTrue(props.get("chat_template").stringValue().contains("messages"));
    }

    @Test
    void wrongRequestsAreRefused() {
        assertEquals("prompt", client.post("/tokenize", "{}").param());
        assertEquals("tokens", client.post("/detokenize", "{}").param());
        assertEquals(
                "tokens[1]", client.post("/detokenize", "{'tokens':[1,-1]}").param());
        assertEquals("tokens[0]", client.post("/detokenize", "{'tokens':['a']}").param());
        assertEquals("messages", client.post("/apply-template", "{}").param());
        assertEquals(
                "text", client.post("/tokenize", "{'prompt':'a','text':'b'}").param());
    }
}
