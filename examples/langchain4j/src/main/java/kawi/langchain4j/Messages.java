package kawi.langchain4j;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.image.Image;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import kawi.Message;
import kawi.Model;
import kawi.Part;
import kawi.ToolCall;
import org.jspecify.annotations.Nullable;

/** LangChain4j's messages, tools and calls as Kawi's. */
final class Messages {

    private static final String NO_ARGUMENTS = "{}";

    private Messages() {}

    /**
     * Converts messages.
     *
     * @param thinking whether the thoughts in earlier answers are passed to the chat template
     * @throws UnsupportedFeatureException if a message has content other than text and images, or an image that is
     *     neither in base64 nor a data URL, or an image and the model does not see any
     * @throws InvalidRequestException if an image is not in base64
     */
    static List<Message> of(Iterable<ChatMessage> messages, boolean thinking, Model model) {
        List<Message> converted = new ArrayList<>();
        for (ChatMessage message : messages) {
            converted.add(of(message, thinking, model));
        }
        return converted;
    }

    /** Converts a message, see {@link #of(Iterable, boolean, Model)}. */
    static Message of(ChatMessage message, boolean thinking, Model model) {
        Message converted = of(message, thinking);
        if (converted.content().stream().anyMatch(Part.Image.class::isInstance) && !model.seesImages()) {
            throw new UnsupportedFeatureException(
                    "image content is not supported by %s, which has no vision tower".formatted(model.name()));
        }
        return converted;
    }

    /** Converts a message for a model that sees images. */
    static Message of(ChatMessage message, boolean thinking) {
        return switch (message) {
            case SystemMessage system -> Message.system(system.text());
            case UserMessage user -> new Message(Message.Role.USER, parts(user.contents()), "", List.of(), null, null);
            case AiMessage ai ->
                new Message(
                        Message.Role.ASSISTANT,
                        orEmpty(ai.text()),
                        thinking ? orEmpty(ai.thinking()) : "",
                        calls(ai.toolExecutionRequests()));
            case ToolExecutionResultMessage result ->
                new Message(Message.Role.TOOL, parts(result.contents()), "", List.of(), result.id(), result.toolName());
            default ->
                throw new UnsupportedFeatureException("messages of type %s are not supported"
                        .formatted(message.type().name().toLowerCase(Locale.ROOT)));
        };
    }

    private static List<Part> parts(List<Content> contents) {
        List<Part> parts = new ArrayList<>();
        for (Content content : contents) {
            parts.add(
                    switch (content) {
                        case TextContent text -> Part.text(text.text());
                        case ImageContent image -> part(image.image());
                        default ->
                            throw new UnsupportedFeatureException("%s content is not supported; text and images are"
                                    .formatted(content.type()
                                            .name()
                                            .toLowerCase(Locale.ROOT)
                                            .replace('_', ' ')));
                    });
        }
        return parts;
    }

    private static Part part(Image image) {
        try {
            if (image.base64Data() != null) {
                return Part.image(Base64.getMimeDecoder().decode(image.base64Data()));
            }
            String url = String.valueOf(image.url());
            if (url.regionMatches(true, 0, "data:", 0, 5)) {
                return Part.image(url);
            }
            throw new UnsupportedFeatureException(
                    "fetching images is not supported; give the bytes of %s in base64, or as a data URL"
                            .formatted(url));
        } catch (IllegalArgumentException e) {
            throw new InvalidRequestException("an image is not in base64: " + e.getMessage(), e);
        }
    }

    private static List<ToolCall> calls(List<ToolExecutionRequest> requests) {
        List<ToolCall> calls = new ArrayList<>();
        for (ToolExecutionRequest request : requests) {
            String arguments = orEmpty(request.arguments());
            calls.add(new ToolCall(
                    orEmpty(request.id()), request.name(), arguments.isBlank() ? NO_ARGUMENTS : arguments));
        }
        return calls;
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    /** Converts the description of a tool. */
    static kawi.ToolSpecification tool(ToolSpecification tool) {
        return new kawi.ToolSpecification(
                tool.name(), orEmpty(tool.description()), JsonSchemaText.ofParameters(tool.parameters()));
    }

    /** Converts a call by the model. */
    static ToolExecutionRequest request(ToolCall call) {
        return ToolExecutionRequest.builder()
                .id(call.id())
                .name(call.name())
                .arguments(call.arguments())
                .build();
    }
}
