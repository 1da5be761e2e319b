package kawi.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.TokenCountEstimator;
import java.util.List;
import kawi.Model;
import kawi.demo.DemoModel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KawiTokenCountEstimatorTest {

    private final Model model = DemoModel.loader().threads(1).load();
    private final TokenCountEstimator estimator = new KawiTokenCountEstimator(model);

    @AfterAll
    void close() {
        model.close();
    }

    private int tokens(String markup) {
        return model.tokenizer().orElseThrow().encodeWithSpecials(markup).length;
    }

    @Test
    void aTextIsCountedWithoutMarkup() {
        assertEquals(0, estimator.estimateTokenCountInText(""));
        assertEquals(tokens("The fox laughed."), estimator.estimateTokenCountInText("The fox laughed."));
        assertTrue(estimator.estimateTokenCountInText("<|im_end|>") > 1, "text is never markup");
    }

    @Test
    void aMessageIsCountedWithItsMarkup() {
        assertEquals(
                tokens("<|im_start|>system\nBe terse.<|im_end|>\n"),
                estimator.estimateTokenCountInMessage(SystemMessage.from("Be terse.")));
        assertEquals(
                tokens("<|im_start|>user\nThe fox laughed.<|im_end|>\n"),
                estimator.estimateTokenCountInMessage(UserMessage.from("The fox laughed.")));
        assertEquals(
                tokens("<|im_start|>assistant\n<think>\n\n</think>\n\nWhy?<|im_end|>\n"),
                estimator.estimateTokenCountInMessage(AiMessage.from("Why?")));
        ToolExecutionRequest call = ToolExecutionRequest.builder()
                .id("1")
                .name("weather")
                .arguments("{\"city\":\"Oslo\"}")
                .build();
        assertEquals(
                tokens(
                        "<|im_start|>assistant\n<think>\n\n</think>\n\n<tool_call>\n<function=weather>\n<parameter=city>\nOslo\n</parameter>\n</function>\n</tool_call><|im_end|>\n"),
                estimator.estimateTokenCountInMessage(AiMessage.from(call)));
        assertEquals(
                tokens("<|im_start|>user\n<tool_response>\nsnow\n</tool_response><|im_end|>\n"),
                estimator.estimateTokenCountInMessage(ToolExecutionResultMessage.from(call, "snow")));
    }

    @Test
    void messagesAreCountedAsThePromptMadeOfThem() {
        List<ChatMessage> messages = List.of(
                SystemMessage.from("Be terse."),
                UserMessage.from("Tell me about the fox."),
                AiMessage.from("It laughed."),
                UserMessage.from("Why?"));
        int counted = estimator.estimateTokenCountInMessages(messages);
        assertEquals(
                KawiChatModel.builder()
                        .model(model)
                        .maxOutputTokens(1)
                        .build()
                        .chat(messages)
                        .tokenUsage()
                        .inputTokenCount(),
                counted);
        assertEquals(0, estimator.estimateTokenCountInMessages(List.of()));
    }

    @Test
    void messagesThatAreNoConversationAreCountedOneByOne() {
        List<ChatMessage> answers = List.of(AiMessage.from("It laughed."), AiMessage.from("Why not?"));
        assertEquals(
                estimator.estimateTokenCountInMessage(answers.get(0))
                        + estimator.estimateTokenCountInMessage(answers.get(1)),
                estimator.estimateTokenCountInMessages(answers));
        assertEquals(
                tokens("<|im_start|>system\nBe terse.<|im_end|>\n"),
                estimator.estimateTokenCountInMessages(List.of(SystemMessage.from("Be terse."))));
    }

    @Test
    void messagesMayBeLongerThanTheContext() {
        UserMessage message = UserMessage.from("word ".repeat(3 * model.contextLength()));
        assertTrue(estimator.estimateTokenCountInMessage(message) > model.contextLength());
        assertTrue(estimator.estimateTokenCountInMessages(List.of(message)) > model.contextLength());
    }

    @Test
    void whatIsNotSupportedIsNotCounted() {
        UserMessage image = UserMessage.from(ImageContent.from("aGVsbG8=", "image/png"));
        assertThrows(UnsupportedFeatureException.class, () -> estimator.estimateTokenCountInMessage(image));
        assertThrows(UnsupportedFeatureException.class, () -> estimator.estimateTokenCountInMessages(List.of(image)));
    }
}
