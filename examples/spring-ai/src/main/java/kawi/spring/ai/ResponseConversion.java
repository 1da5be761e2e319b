package kawi.spring.ai;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import kawi.FinishReason;
import kawi.Reply;
import kawi.TokenUsage;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.metadata.ChatGenerationMetadata;
import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;

/**
 * Converts one reply of a model, or its pieces, to responses of Spring AI.
 *
 * <p>In a stream, each piece of a thought is in the metadata of its generation, under {@link #THINKING}, and the
 * complete thought is in the metadata of the last message. Spring AI's aggregation of a stream keeps the latter, so
 * that the history of a conversation contains whole thoughts. All tool calls are in the last response too, together
 * with the finish reason and the usage.
 */
final class ResponseConversion {

    /** The key of thoughts in the metadata of generations and messages. */
    static final String THINKING = "thinking";

    /** The key of the seed in the metadata of responses and generations. */
    static final String SEED = "seed";

    /** The key of the {@link kawi.GenerationStats} in the metadata of responses. */
    static final String STATS = "stats";

    /** The key of the list of {@link kawi.TokenLogprob} in the metadata of generations. */
    static final String LOGPROBS = "logprobs";

    private final String id = "kawi-" + UUID.randomUUID();
    private final String modelName;
    private final ChatResponseMetadata pieceMetadata;

    ResponseConversion(String modelName) {
        this.modelName = modelName;
        this.pieceMetadata =
                ChatResponseMetadata.builder().id(id).model(modelName).build();
    }

    ChatResponse text(String piece) {
        return new ChatResponse(List.of(new Generation(new AssistantMessage(piece))), pieceMetadata);
    }

    ChatResponse thinking(String piece) {
        ChatGenerationMetadata metadata =
                ChatGenerationMetadata.builder().metadata(THINKING, piece).build();
        return new ChatResponse(List.of(new Generation(new AssistantMessage(""), metadata)), pieceMetadata);
    }

    /** The last response of a stream, whose text and thoughts have been delivered already. */
    ChatResponse last(Reply reply) {
        return response(reply, "", metadata(reply).build());
    }

    /** The whole reply as one response. */
    ChatResponse whole(Reply reply) {
        ChatGenerationMetadata.Builder metadata = metadata(reply);
        if (!reply.thinking().isEmpty()) {
            metadata.metadata(THINKING, reply.thinking());
        }
        return response(reply, reply.text(), metadata.build());
    }

    private ChatResponse response(Reply reply, String text, ChatGenerationMetadata metadata) {
        AssistantMessage message = AssistantMessage.builder()
                .content(text)
                .properties(reply.thinking().isEmpty() ? Map.of() : Map.of(THINKING, reply.thinking()))
                .toolCalls(reply.toolCalls().stream()
                        .map(call ->
                                new AssistantMessage.ToolCall(call.id(), "function", call.name(), call.arguments()))
                        .toList())
                .build();
        return new ChatResponse(
                List.of(new Generation(message, metadata)),
                ChatResponseMetadata.builder()
                        .id(id)
                        .model(modelName)
                        .usage(usage(reply.usage()))
                        .keyValue(SEED, reply.seed())
                        .keyValue(STATS, reply.stats())
                        .build());
    }

    private static ChatGenerationMetadata.Builder metadata(Reply reply) {
        ChatGenerationMetadata.Builder metadata = ChatGenerationMetadata.builder()
                .finishReason(finishReason(reply.finishReason()))
                .metadata(SEED, reply.seed());
        if (!reply.logprobs().isEmpty()) {
            metadata.metadata(LOGPROBS, reply.logprobs());
        }
        return metadata;
    }

    /** The names that providers of Spring AI commonly use, and Kawi's own for what has none. */
    private static String finishReason(FinishReason reason) {
        return switch (reason) {
            case END, STOP_STRING -> "STOP";
            case MAX_TOKENS, CONTEXT_FULL -> "LENGTH";
            case LOOP, TOOL_CALLS, TOOL_LIMIT, CANCELLED -> reason.name();
        };
    }

    private static DefaultUsage usage(TokenUsage usage) {
        return new DefaultUsage(
                usage.promptTokens(),
                usage.completionTokens(),
                usage.totalTokens(),
                usage,
                (long) usage.reusedTokens(),
                null);
    }
}
