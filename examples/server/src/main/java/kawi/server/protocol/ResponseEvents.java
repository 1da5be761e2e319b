package kawi.server.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import kawi.Progress;
import kawi.Prompt;
import kawi.Reply;
import kawi.ReplyListener;
import kawi.TokenLogprob;
import kawi.ToolCall;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes the events of a response:
 *
 * <pre>
 *    response.created, response.in_progress
 *    for each item:   response.output_item.added
 *        text:        response.content_part.added, ...delta, ...done, response.content_part.done
 *        call:        response.function_call_arguments.delta, ...done
 *                     response.output_item.done
 *    response.completed or response.incomplete; error and response.failed after a failure
 * </pre>
 */
final class ResponseEvents implements ReplyListener {

    private final Responses response;
    private final ResponseItems items;
    private final List<TokenLogprob> tokens = new ArrayList<>();
    private final StringBuilder thinking = new StringBuilder();
    private final StringBuilder text = new StringBuilder();
    private Open open = Open.NOTHING;
    private int sequence;
    private int index;
    private boolean created;
    private @Nullable LiveEvents events;

    /** The item that is being written. */
    private enum Open {
        NOTHING,
        REASONING,
        MESSAGE
    }

    ResponseEvents(Responses response) {
        this.response = response;
        this.items = new ResponseItems(response);
    }

    /** Generates the answer and writes all events. */
    void write(Prompt prompt, LiveEvents to) {
        events = to;
        Reply reply = prompt.generate(this);
        boolean cut = Answers.isCut(reply);
        create();
        if (text.isEmpty() && reply.toolCalls().isEmpty()) {
            openMessage();
        }
        close(cut ? "incomplete" : "completed");
        reply.toolCalls().forEach(this::writeCall);
        add(
                cut ? "response.incomplete" : "response.completed",
                Json.object().set("response", response.complete(reply, items, tokens)));
    }

    /** Writes a failure after the beginning. */
    void fail(ApiException failure) {
        create();
        ObjectNode error = failure.error();
        ObjectNode event = Json.object().put("code", failure.code()).put("message", failure.getMessage());
        event.set("param", error.get("param"));
        add("error", event);
        ObjectNode failed = response.describe("failed");
        failed.putObject("error").put("code", "server_error").put("message", failure.getMessage());
        add("response.failed", Json.object().set("response", failed));
    }

    private void add(String type, ObjectNode event) {
        ObjectNode whole = Json.object().put("type", type).put("sequence_number", sequence++);
        whole.setAll(event);
        events().add(type, Json.text(whole));
    }

    private LiveEvents events() {
        return Objects.requireNonNull(events);
    }

    private void create() {
        if (!created) {
            created = true;
            add("response.created", Json.object().set("response", response.describe("in_progress")));
            add("response.in_progress", Json.object().set("response", response.describe("in_progress")));
        }
    }

    private ObjectNode inItem(String id) {
        return Json.object().put("item_id", id).put("output_index", index);
    }

    private ObjectNode inPart(String id) {
        return inItem(id).put("content_index", 0);
    }

    private void addItem(String type, ObjectNode item) {
        add(type, Json.object().put("output_index", index).set("item", item));
    }

    private void openReasoning() {
        create();
        if (open == Open.NOTHING) {
            open = Open.REASONING;
            addItem("response.output_item.added", items.beginReasoning());
            add("response.content_part.added", inPart(items.reasoningId()).set("part", items.reasoningPart("")));
        }
    }

    private void openMessage() {
        create();
        close("completed");
        if (open != Open.MESSAGE) {
            open = Open.MESSAGE;
            addItem("response.output_item.added", items.beginMessage());
            add("response.content_part.added", inPart(items.messageId()).set("part", items.textPart("", List.of())));
        }
    }

    /** Ends the item that is open. */
    private void close(String status) {
        switch (open) {
            case NOTHING -> {}
            case REASONING -> {
                String id = items.reasoningId();
                String all = thinking.toString();
                add("response.reasoning_text.done", inPart(id).put("text", all));
                add("response.content_part.done", inPart(id).set("part", items.reasoningPart(all)));
                addItem("response.output_item.done", items.reasoning(all, "completed"));
                index++;
            }
            case MESSAGE -> {
                String id = items.messageId();
                String all = text.toString();
                ObjectNode done = inPart(id).put("text", all);
                done.set("logprobs", response.logprobs(tokens));
                add("response.output_text.done", done);
                add("response.content_part.done", inPart(id).set("part", items.textPart(all, tokens)));
                addItem("response.output_item.done", items.message(all, tokens, status));
                index++;
            }
        }
        open = Open.NOTHING;
    }

    @Override
    public void onThinking(String piece) {
        if (open != Open.MESSAGE) {
            openReasoning();
            thinking.append(piece);
            add("response.reasoning_text.delta", inPart(items.reasoningId()).put("delta", piece));
        }
    }

    @Override
    public void onText(String piece) {
        onText(piece, List.of());
    }

    @Override
    public void onText(String piece, List<TokenLogprob> added) {
        if (open != Open.MESSAGE) {
            openMessage();
        }
        text.append(piece);
        tokens.addAll(added);
        ObjectNode delta = inPart(items.messageId()).put("delta", piece);
        delta.set("logprobs", response.logprobs(added));
        add("response.output_text.delta", delta);
    }

    @Override
    public void onProgress(Progress.Step step) {
        events().begin();
    }

    private void writeCall(ToolCall call) {
        ObjectNode whole = items.call(call, call.arguments(), "completed");
        String id = whole.get("id").stringValue();
        addItem("response.output_item.added", items.call(call, "", "in_progress"));
        add("response.function_call_arguments.delta", inItem(id).put("delta", call.arguments()));
        add(
                "response.function_call_arguments.done",
                inItem(id).put("name", call.name()).put("arguments", call.arguments()));
        addItem("response.output_item.done", whole);
        index++;
    }
}
