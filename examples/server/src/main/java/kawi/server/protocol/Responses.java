package kawi.server.protocol;

import java.util.ArrayList;
import java.util.List;
import kawi.ContextPolicy;
import kawi.Prompt;
import kawi.Reply;
import kawi.ReplyListener;
import kawi.TokenLogprob;
import kawi.TokenUsage;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A request to {@code /v1/responses}. Nothing is stored, so fields that refer to stored responses are refused. */
final class Responses {

    private final ApiRequest request;
    private final Fields fields;
    private final Served served;
    private final Prompt prompt;
    private final boolean stream;
    private final boolean logprobs;
    private final String id = Answers.newId("resp_");
    private final long created = Answers.now();

    Responses(ApiRequest request, Fields fields, Served served) {
        this.request = request;
        this.fields = fields;
        this.served = served;
        rejectState(fields);
        Prompt messages = ResponseInput.prompt(fields, served.model()).contextPolicy(contextPolicy(fields));
        AnswerFields options = new AnswerFields(
                        fields, served.model(), new ToolFields(fields, false, served.model()).apply(messages))
                .sampling()
                .stop()
                .maxTokens(Prompt.DEFAULT_MAX_TOKENS, "max_output_tokens")
                .thinking()
                .rest();
        options.reasoning();
        format(options);
        stream = fields.isTrue("stream");
        Fields streaming = fields.object("stream_options");
        if (streaming != null) {
            streaming.ignore("include_obfuscation");
            streaming.rejectOthers();
        }
        Integer top = fields.integer("top_logprobs", 0, ChatCompletions.MAX_TOP_LOGPROBS);
        logprobs = included(fields) || (top != null && top > 0);
        fields.rejectOthers();
        Prompt chosen = options.prompt().maxWait(served.maxWait()).cancelWith(request.cancellation());
        prompt = logprobs ? chosen.logprobs(top == null ? 0 : top) : chosen;
    }

    private static void rejectState(Fields fields) {
        fields.reject("previous_response_id", "responses are not stored; send the whole conversation as 'input'");
        fields.reject("conversation", "conversations are not stored; send the whole conversation as 'input'");
        fields.reject("prompt", "prompts are not stored; send the text as 'input'");
        fields.rejectUnless(
                "background", JsonNodeFactory.instance.booleanNode(false), "responses are not stored; omit it");
        fields.reject("max_tool_calls", "it concerns built-in tools, of which there are none; omit it");
    }

    private static ContextPolicy contextPolicy(Fields fields) {
        return "auto".equals(fields.oneOf("truncation", "auto", "disabled"))
                ? ContextPolicy.DROP_OLDEST
                : ContextPolicy.ERROR;
    }

    private void format(AnswerFields options) {
        Fields text = fields.object("text");
        if (text == null) {
            return;
        }
        options.format(text.object("format"));
        text.rejectUnless(
                "verbosity", JsonNodeFactory.instance.stringNode("medium"), "the model has no such setting; omit it");
        text.rejectOthers();
    }

    /** Whether log-probabilities are to be included. */
    private static boolean included(Fields fields) {
        boolean logprobs = false;
        List<JsonNode> include = fields.array("include");
        for (int i = 0; include != null && i < include.size(); i++) {
            String path = Json.element(fields.at("include"), i);
            switch (Fields.string(include.get(i), path)) {
                case "message.output_text.logprobs" -> logprobs = true;
                case "reasoning.encrypted_content" -> {} // reasoning is returned as it is, and can be sent back
                case String other -> throw ApiException.unsupported(path, "'%s' cannot be included".formatted(other));
            }
        }
        return logprobs;
    }

    ApiResponse answer() {
        if (stream) {
            ResponseEvents writer = new ResponseEvents(this);
            return LiveEvents.start(
                    request,
                    served.maxWait(),
                    events -> writer.write(prompt, events),
                    (failure, events) -> writer.fail(failure));
        }
        List<TokenLogprob> tokens = new ArrayList<>();
        Reply reply = prompt.generate(new ReplyListener() {
            @Override
            public void onText(String piece) {}

            @Override
            public void onText(String piece, List<TokenLogprob> added) {
                tokens.addAll(added);
            }
        });
        return Answers.ok(complete(reply, new ResponseItems(this), tokens));
    }

    /** The log-probabilities of a text, empty if they are not wanted. */
    JsonNode logprobs(List<TokenLogprob> tokens) {
        return logprobs ? new Logprobs(served.tokenizer()).content(tokens) : Json.array();
    }

    /** The response with a complete answer. */
    ObjectNode complete(Reply reply, ResponseItems items, List<TokenLogprob> tokens) {
        boolean cut = Answers.isCut(reply);
        ObjectNode response = describe(cut ? "incomplete" : "completed");
        if (cut) {
            response.putObject("incomplete_details").put("reason", "max_output_tokens");
        }
        response.set("output", items.all(reply, tokens, cut));
        TokenUsage usage = reply.usage();
        ObjectNode counts = response.putObject("usage").put("input_tokens", usage.promptTokens());
        ObjectNode details = counts.putObject("input_tokens_details")
                .put("cached_tokens", usage.reusedTokens())
                .put("cache_write_tokens", 0);
        if (reply.stats().droppedMessages() > 0) {
            details.put("dropped_messages", reply.stats().droppedMessages())
                    .put("dropped_tokens", reply.stats().droppedTokens());
        }
        counts.put("output_tokens", usage.completionTokens());
        counts.putObject("output_tokens_details").put("reasoning_tokens", usage.thinkingTokens());
        counts.put("total_tokens", usage.totalTokens());
        return response;
    }

    /** The response without an answer. */
    ObjectNode describe(String status) {
        ObjectNode response = Json.object()
                .put("id", id)
                .put("object", "response")
                .put("created_at", created)
                .put("status", status)
                .putNull("error")
                .putNull("incomplete_details");
        echo(response, "instructions", JsonNodeFactory.instance.nullNode());
        echo(response, "max_output_tokens", JsonNodeFactory.instance.nullNode());
        response.put("model", served.id());
        response.putArray("output");
        echo(response, "parallel_tool_calls", JsonNodeFactory.instance.booleanNode(true));
        response.putNull("previous_response_id");
        ObjectNode reasoning = Json.object().putNull("effort").putNull("summary");
        echo(response, "reasoning", reasoning);
        response.put("store", false);
        echo(response, "temperature", JsonNodeFactory.instance.nullNode());
        ObjectNode text = Json.object();
        text.putObject("format").put("type", "text");
        echo(response, "text", text);
        echo(response, "tool_choice", JsonNodeFactory.instance.stringNode("auto"));
        echo(response, "tools", Json.array());
        echo(response, "top_p", JsonNodeFactory.instance.nullNode());
        echo(response, "truncation", JsonNodeFactory.instance.stringNode("disabled"));
        response.putNull("usage");
        echo(response, "user", JsonNodeFactory.instance.nullNode());
        echo(response, "metadata", Json.object());
        return response;
    }

    private void echo(ObjectNode response, String name, JsonNode byDefault) {
        JsonNode given = fields.get(name);
        response.set(name, given == null ? byDefault : given);
    }
}
