package kawi.server.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import kawi.Progress;
import kawi.Prompt;
import kawi.Reply;
import kawi.ReplyListener;
import kawi.TokenLogprob;
import kawi.ToolCall;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A request to {@code /v1/chat/completions}. */
final class ChatCompletions {

    static final int MAX_CHOICES = 16;
    static final int MAX_TOP_LOGPROBS = 20;

    private final ApiRequest request;
    private final Served served;
    private final Prompt prompt;
    private final int count;
    private final boolean stream;
    private final boolean streamUsage;
    private final boolean logprobs;
    private final String id = Answers.newId("chatcmpl-");
    private final long created = Answers.now();

    ChatCompletions(ApiRequest request, Fields fields, Served served) {
        this.request = request;
        this.served = served;
        Prompt messages = ChatMessages.prompt(fields, served.model());
        AnswerFields options = new AnswerFields(
                        fields, served.model(), new ToolFields(fields, true, served.model()).apply(messages))
                .sampling()
                .stop()
                .maxTokens(Prompt.DEFAULT_MAX_TOKENS, "max_completion_tokens", "max_tokens")
                .thinking()
                .format(fields.object("response_format"))
                .rest();
        Integer n = fields.integer("n", 1, MAX_CHOICES);
        count = n == null ? 1 : n;
        stream = fields.isTrue("stream");
        streamUsage = usageWanted(fields, stream);
        Integer top = fields.integer("top_logprobs", 0, MAX_TOP_LOGPROBS);
        logprobs = fields.isTrue("logprobs");
        if (top != null && top > 0 && !logprobs) {
            throw Fields.wrongValue(fields.at("top_logprobs"), "it is only allowed when 'logprobs' is true");
        }
        rejectOthers(fields);
        Prompt chosen = options.prompt().maxWait(served.maxWait()).cancelWith(request.cancellation());
        prompt = logprobs ? chosen.logprobs(top == null ? 0 : top) : chosen;
    }

    /** Whether the last chunk of a stream has the usage. */
    static boolean usageWanted(Fields fields, boolean stream) {
        Fields options = fields.object("stream_options");
        if (options == null) {
            return false;
        }
        if (!stream) {
            throw Fields.wrongValue(fields.at("stream_options"), "it is only allowed when 'stream' is true");
        }
        boolean wanted = options.isTrue("include_usage");
        options.ignore("include_obfuscation");
        options.rejectOthers();
        return wanted;
    }

    private static void rejectOthers(Fields fields) {
        JsonNode modalities = fields.get("modalities");
        if (modalities != null && !modalities.equals(Json.array().add("text"))) {
            throw ApiException.unsupported(fields.at("modalities"), "only [\"text\"] is supported");
        }
        fields.reject("audio", "audio is not supported");
        fields.reject("web_search_options", "the server does not search the web");
        fields.reject("functions", "it is deprecated; use 'tools'");
        fields.reject("function_call", "it is deprecated; use 'tool_choice'");
        fields.rejectUnless(
                "verbosity", JsonNodeFactory.instance.stringNode("medium"), "the model has no such setting; omit it");
        fields.rejectUnless(
                "separate_reasoning", JsonNodeFactory.instance.booleanNode(true), "only true is supported; omit it");
        fields.rejectOthers();
    }

    ApiResponse answer() {
        if (stream) {
            return LiveEvents.start(request, served.maxWait(), this::stream, ChatCompletions::report);
        }
        List<Choice> choices =
                IntStream.range(0, count).mapToObj(_ -> new Choice()).toList();
        List<Reply> replies = generate(choices);
        ObjectNode body = envelope("chat.completion");
        ArrayNode array = body.putArray("choices");
        for (int i = 0; i < count; i++) {
            array.add(choices.get(i).json(i, replies.get(i)));
        }
        body.set("usage", Answers.usage(Answers.usage(replies)));
        return Answers.ok(body);
    }

    /** Generates an answer for each listener. With a seed, they have consecutive seeds. */
    private List<Reply> generate(List<? extends ReplyListener> listeners) {
        return count == 1 ? List.of(prompt.generate(listeners.getFirst())) : prompt.generateAll(listeners);
    }

    /** A failure after the beginning of a stream. */
    static void report(ApiException failure, LiveEvents events) {
        ObjectNode body = Json.object();
        body.set("error", failure.error());
        events.add(null, Json.text(body));
    }

    private ObjectNode envelope(String object) {
        return Json.object()
                .put("id", id)
                .put("object", object)
                .put("created", created)
                .put("model", served.id())
                .put("system_fingerprint", "kawi");
    }

    /** One of the answers. */
    private final class Choice implements ReplyListener {
        private final List<TokenLogprob> tokens = new ArrayList<>();

        @Override
        public void onText(String piece) {}

        @Override
        public void onText(String piece, List<TokenLogprob> added) {
            tokens.addAll(added);
        }

        private ObjectNode json(int index, Reply reply) {
            ObjectNode choice = Json.object().put("index", index);
            ObjectNode message = choice.putObject("message").put("role", "assistant");
            boolean calls = !reply.toolCalls().isEmpty();
            message.put("content", calls && reply.text().isEmpty() ? null : reply.text());
            message.putNull("refusal");
            if (!reply.thinking().isEmpty()) {
                message.put("reasoning_content", reply.thinking()).put("reasoning", reply.thinking());
            }
            if (calls) {
                message.set("tool_calls", Answers.calls(reply.toolCalls()));
            }
            choice.set("logprobs", logprobs ? logprobs(tokens) : null);
            return choice.put("finish_reason", Answers.finishReason(reply));
        }
    }

    private ObjectNode logprobs(List<TokenLogprob> tokens) {
        ObjectNode json = Json.object();
        json.set("content", new Logprobs(served.tokenizer()).content(tokens));
        json.putNull("refusal");
        return json;
    }

    private void stream(LiveEvents events) {
        List<Chunks> choices = IntStream.range(0, count)
                .mapToObj(index -> new Chunks(index, events))
                .toList();
        List<Reply> replies = generate(choices);
        for (int i = 0; i < count; i++) {
            choices.get(i).add(Json.object(), List.of(), Answers.finishReason(replies.get(i)));
        }
        if (streamUsage) {
            ObjectNode chunk = envelope("chat.completion.chunk");
            chunk.putArray("choices");
            chunk.set("usage", Answers.usage(Answers.usage(replies)));
            events.add(null, Json.text(chunk));
        }
        events.add(null, "[DONE]");
    }

    /** Writes the chunks of one choice. */
    private final class Chunks implements ReplyListener {
        private final int index;
        private final LiveEvents events;
        private boolean begun;
        private int calls;

        Chunks(int index, LiveEvents events) {
            this.index = index;
            this.events = events;
        }

        @Override
        public void onText(String piece) {
            onText(piece, List.of());
        }

        @Override
        public void onText(String piece, List<TokenLogprob> tokens) {
            add(Json.object().put("content", piece), tokens, null);
        }

        @Override
        public void onThinking(String piece) {
            add(Json.object().put("reasoning_content", piece).put("reasoning", piece), List.of(), null);
        }

        @Override
        public void onToolCall(ToolCall call) {
            int number = calls++;
            ObjectNode begin = Json.object();
            begin.putArray("tool_calls").add(Answers.call(new ToolCall(call.id(), call.name(), ""), number));
            add(begin, List.of(), null);
            ObjectNode arguments = Json.object();
            arguments
                    .putArray("tool_calls")
                    .addObject()
                    .put("index", number)
                    .putObject("function")
                    .put("arguments", call.arguments());
            add(arguments, List.of(), null);
        }

        @Override
        public void onProgress(Progress.Step step) {
            events.begin();
        }

        private void add(ObjectNode delta, List<TokenLogprob> tokens, @Nullable String reason) {
            if (!begun) {
                begun = true;
                write(Json.object().put("role", "assistant").putNull("content"), List.of(), null);
            }
            write(delta, tokens, reason);
        }

        private void write(ObjectNode delta, List<TokenLogprob> tokens, @Nullable String reason) {
            ObjectNode chunk = envelope("chat.completion.chunk");
            ObjectNode choice = chunk.putArray("choices").addObject().put("index", index);
            choice.set("delta", delta);
            choice.set("logprobs", tokens.isEmpty() ? null : logprobs(tokens));
            choice.put("finish_reason", reason);
            if (streamUsage) {
                chunk.putNull("usage");
            }
            events.add(null, Json.text(chunk));
        }
    }
}
