package kawi.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.AudioContent;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.CustomMessage;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.PdfFileContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.message.VideoContent;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import kawi.Message;
import kawi.Part;
import kawi.ToolCall;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessagesTest {

    @Test
    void textsOfEachRoleStayAsTheyAre() {
        assertEquals(Message.system("Be terse."), Messages.of(SystemMessage.from("Be terse."), true));
        assertEquals(Message.user("Hello"), Messages.of(UserMessage.from("Hello"), true));
        assertEquals(Message.user("Hello"), Messages.of(UserMessage.from("Ann", "Hello"), true));
        assertEquals(Message.assistant("Hi"), Messages.of(AiMessage.from("Hi"), true));
    }

    @Test
    void severalTextsOfAUserStayApart() {
        assertEquals(
                Message.user(Part.text("one"), Part.text("two")),
                Messages.of(UserMessage.from(TextContent.from("one"), TextContent.from("two")), true));
    }

    @Test
    void callsHaveTheirIdsAndArguments() {
        AiMessage calling =
                AiMessage.from("Let me see.", List.of(request("a", "clock", null), request(null, "add", "{\"x\":1}")));
        assertEquals(
                Message.assistant(
                        "Let me see.", List.of(new ToolCall("a", "clock", "{}"), new ToolCall("", "add", "{\"x\":1}"))),
                Messages.of(calling, true));
        assertEquals(
                Message.assistant("", List.of(new ToolCall("a", "clock", "{}"))),
                Messages.of(AiMessage.from(request("a", "clock", " ")), true),
                "without a text");
    }

    private static ToolExecutionRequest request(@Nullable String id, String name, @Nullable String arguments) {
        return ToolExecutionRequest.builder()
                .id(id)
                .name(name)
                .arguments(arguments)
                .build();
    }

    @Test
    void resultsHaveTheIdAndTheNameOfTheCall() {
        assertEquals(
                Message.tool(new ToolCall("a", "clock", "{}"), "10:14"),
                Messages.of(ToolExecutionResultMessage.from("a", "clock", "10:14"), true));
        assertEquals(
                new Message(Message.Role.TOOL, List.of(Part.text("no such city")), "", List.of(), null, "weather"),
                Messages.of(
                        ToolExecutionResultMessage.builder()
                                .toolName("weather")
                                .text("no such city")
                                .isError(true)
                                .build(),
                        true));
    }

    @Test
    void thoughtsAreSentOnlyIfWanted() {
        AiMessage thoughtful = AiMessage.builder().text("4").thinking("2 and 2").build();
        assertEquals(new Message(Message.Role.ASSISTANT, "4", "2 and 2", List.of()), Messages.of(thoughtful, true));
        assertEquals(Message.assistant("4"), Messages.of(thoughtful, false));
    }

    @Test
    void listsKeepTheirOrder() {
        List<ChatMessage> messages = List.of(SystemMessage.from("s"), UserMessage.from("u"), AiMessage.from("a"));
        assertEquals(
                List.of(Message.system("s"), Message.user("u"), Message.assistant("a")),
                messages.stream().map(message -> Messages.of(message, true)).toList());
    }

    static List<Content> otherContents() {
        return List.of(
                AudioContent.from("aGVsbG8=", "audio/wav"),
                VideoContent.from("aGVsbG8=", "video/mp4"),
                PdfFileContent.from("aGVsbG8=", "application/pdf"));
    }

    @ParameterizedTest
    @MethodSource("otherContents")
    void contentOtherThanTextAndImagesIsRefusedByName(Content content) {
        UserMessage message = UserMessage.from(TextContent.from("What is this?"), content);
        String kind = content.type().name().toLowerCase(Locale.ROOT);
        UnsupportedFeatureException e =
                assertThrows(UnsupportedFeatureException.class, () -> Messages.of(message, true));
        assertEquals("%s content is not supported; text and images are".formatted(kind), e.getMessage());
    }

    @Test
    void imagesAreInBase64OrDataUrls() {
        byte[] gif = "GIF89a".getBytes(StandardCharsets.US_ASCII);
        Part.Image image = new Part.Image(gif, "image/gif");
        String base64 = Base64.getEncoder().encodeToString(gif);
        assertEquals(
                Message.user(image, Part.text("Which is older?"), image),
                Messages.of(
                        UserMessage.from(
                                ImageContent.from(base64, "image/png"),
                                TextContent.from("Which is older?"),
                                ImageContent.from("data:image/gif;base64," + base64)),
                        true));
        ToolExecutionResultMessage result = ToolExecutionResultMessage.builder()
                .id("a")
                .toolName("camera")
                .contents(List.of(ImageContent.from(base64, "image/gif")))
                .build();
        assertEquals(List.of(image), Messages.of(result, true).content());
        assertThrows(
                InvalidRequestException.class,
                () -> Messages.of(UserMessage.from(ImageContent.from("A", "image/png")), true));
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://example.com/cat.png", "file:///etc/passwd"})
    void urlsOfImagesAreNotFetched(String url) {
        UnsupportedFeatureException e = assertThrows(
                UnsupportedFeatureException.class, () -> Messages.of(UserMessage.from(ImageContent.from(url)), true));
        assertEquals(
                "fetching images is not supported; give the bytes of %s in base64, or as a data URL".formatted(url),
                e.getMessage());
    }

    @Test
    void messagesOfOtherProvidersAreRefused() {
        UnsupportedFeatureException e = assertThrows(
                UnsupportedFeatureException.class, () -> Messages.of(CustomMessage.from(Map.of("a", 1)), true));
        assertTrue(String.valueOf(e.getMessage()).contains("custom"), e::getMessage);
    }

    @Test
    void toolsHaveASchemaWithOrWithoutParameters() {
        assertEquals(
                new kawi.ToolSpecification(
                        "weather",
                        "Weather of a city",
                        "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}},\"required\":[\"city\"],\"additionalProperties\":false}"),
                Messages.tool(ToolSpecification.builder()
                        .name("weather")
                        .description("Weather of a city")
                        .parameters(JsonObjectSchema.builder()
                                .addStringProperty("city")
                                .required("city")
                                .build())
                        .build()));
        assertEquals(
                new kawi.ToolSpecification(
                        "clock", "", "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}"),
                Messages.tool(ToolSpecification.builder().name("clock").build()));
    }
}
