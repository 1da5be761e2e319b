package kawi.server.protocol;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kawi.Reply;
import kawi.TokenLogprob;
import kawi.ToolCall;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The items of the output of a response: reasoning, a message, calls of functions. */
final class ResponseItems {

    private final Responses response;
    private final String reasoningId = Answers.newId("rs_");
    private final String messageId = Answers.newId("msg_");
    private final Map<String, String> callIds = new HashMap<>();

    ResponseItems(Responses response) {
        this.response = response;
    }

    ArrayNode all(Reply reply, List<TokenLogprob> tokens, boolean cut) {
        ArrayNode items = Json.array();
        String status = cut ? "incomplete" : "completed";
        boolean message = !reply.text().isEmpty() || reply.toolCalls().isEmpty();
        if (!reply.thinking().isEmpty()) {
            items.add(reasoning(reply.thinking(), message && reply.text().isEmpty() ? status : "completed"));
        }
        if (message) {
            items.add(message(reply.text(), tokens, status));
        }
        reply.toolCalls().forEach(call -> items.add(call(call, call.arguments(), "completed")));
        return items;
    }

    ObjectNode beginReasoning() {
        ObjectNode item = Json.object().put("id", reasoningId).put("type", "reasoning");
        item.putArray("summary");
        item.putArray("content");
        return item.put("status", "in_progress");
    }

    ObjectNode reasoning(String text, String status) {
        ObjectNode item = beginReasoning();
        item.putArray("content").add(reasoningPart(text));
        return item.put("status", status);
    }

    ObjectNode reasoningPart(String text) {
        return Json.object().put("type", "reasoning_text").put("text", text);
    }

    ObjectNode beginMessage() {
        ObjectNode item = Json.object()
                .put("id", messageId)
                .put("type", "message")
                .put("status", "in_progress")
                .put("role", "assistant");
        item.putArray("content");
        return item;
    }

    ObjectNode message(String text, List<TokenLogprob> tokens, String status) {
        ObjectNode item = beginMessage();
        item.putArray("content").add(textPart(text, tokens));
        return item.put("status", status);
    }

    ObjectNode textPart(String text, List<TokenLogprob> tokens) {
        ObjectNode part = Json.object().put("type", "output_text").put("text", text);
        part.putArray("annotations");
        part.set("logprobs", response.logprobs(tokens));
        return part;
    }

    ObjectNode call(ToolCall call, String arguments, String status) {
        return Json.object()
                .put("id", callIds.computeIfAbsent(call.id(), _ -> Answers.newId("fc_")))
                .put("type", "function_call")
                .put("status", status)
                .put("call_id", call.id())
                .put("name", call.name())
                .put("arguments", arguments);
    }

    String reasoningId() {
        return reasoningId;
    }

    String messageId() {
        return messageId;
    }
}
