package kawi.server.protocol;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import kawi.GenerationStats;
import kawi.Reply;
import kawi.TokenUsage;
import kawi.ToolCall;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Parts of responses that several endpoints share. */
final class Answers {

    private Answers() {}

    static String newId(String prefix) {
        return prefix + UUID.randomUUID().toString().replace("-", "");
    }

    static long now() {
        return Instant.now().getEpochSecond();
    }

    static ApiResponse.Complete ok(ObjectNode body) {
        return Json.response(200, Map.of(), body);
    }

    /**
     * The reason in the words of the protocol.
     *
     * @throws ApiException if the answer was cancelled
     */
    static String finishReason(Reply reply) {
        return switch (reply.finishReason()) {
            case END, STOP_STRING -> "stop";
            case TOOL_CALLS -> "tool_calls";
            case MAX_TOKENS, CONTEXT_FULL, LOOP, TOOL_LIMIT -> "length";
            case CANCELLED -> throw Failures.cancelled();
        };
    }

    static boolean isCut(Reply reply) {
        return finishReason(reply).equals("length");
    }

    /** The usage of several answers to one prompt. */
    static TokenUsage usage(List<Reply> replies) {
        int completion = 0;
        int thinking = 0;
        for (Reply reply : replies) {
            completion += reply.usage().completionTokens();
            thinking += reply.usage().thinkingTokens();
        }
        GenerationStats first = replies.getFirst().stats();
        return new TokenUsage(first.promptTokens(), completion, thinking, first.reusedTokens());
    }

    static ObjectNode usage(TokenUsage usage) {
        ObjectNode json = Json.object()
                .put("prompt_tokens", usage.promptTokens())
                .put("completion_tokens", usage.completionTokens())
                .put("total_tokens", usage.totalTokens());
        json.putObject("prompt_tokens_details").put("cached_tokens", usage.reusedTokens());
        json.putObject("completion_tokens_details").put("reasoning_tokens", usage.thinkingTokens());
        return json;
    }

    /** @param index the index of the call in a stream, or null */
    static ObjectNode call(ToolCall call, @Nullable Integer index) {
        ObjectNode json = Json.object();
        if (index != null) {
            json.put("index", index);
        }
        json.put("id", call.id()).put("type", "function");
        json.putObject("function").put("name", call.name()).put("arguments", call.arguments());
        return json;
    }

    static ArrayNode calls(List<ToolCall> calls) {
        ArrayNode array = Json.array();
        calls.forEach(call -> array.add(call(call, null)));
        return array;
    }
}
