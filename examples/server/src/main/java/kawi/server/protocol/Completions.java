package kawi.server.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import kawi.Cancellation;
import kawi.ContextLengthException;
import kawi.Progress;
import kawi.Prompt;
import kawi.Reply;
import kawi.ReplyListener;
import kawi.TokenLogprob;
import kawi.TokenUsage;
import kawi.Tokenizer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A request to {@code /v1/completions}: texts, or token ids, that the model continues. Special tokens spelled out in a
 * text are recognized, since clients write chat templates themselves here.
 */
final class Completions {

    private static final int DEFAULT_MAX_TOKENS = 16;
    private static final int MAX_PROMPTS = 2048;

    private final ApiRequest request;
    private final Served served;
    private final Tokenizer tokenizer;
    private final List<Start> starts;
    private final List<Prompt> prompts = new ArrayList<>();
    private final int maxTokens;
    private final int count;
    private final @Nullable Integer logprobs;
    private final boolean echo;
    private final boolean stream;
    private final boolean streamUsage;
    private final Cancellation group = new Cancellation();
    private final String id = Answers.newId("cmpl-");
    private final long created = Answers.now();

    /** What is continued. */
    private record Start(String text, int[] ids) {}

    Completions(ApiRequest request, Fields fields, Served served) {
        this.request = request;
        this.served = served;
        this.tokenizer = served.tokenizer();
        this.starts = starts(fields.required("prompt"), fields.at("prompt"));
        Integer n = fields.integer("n", 1, ChatCompletions.MAX_CHOICES);
        count = n == null ? 1 : n;
        Integer best = fields.integer("best_of", 1, ChatCompletions.MAX_CHOICES);
        if (best != null && best != count) {
            throw ApiException.unsupported(fields.at("best_of"), "it must be equal to 'n', or be omitted");
        }
        logprobs = fields.integer("logprobs", 0, ChatCompletions.MAX_TOP_LOGPROBS);
        echo = fields.isTrue("echo");
        stream = fields.isTrue("stream");
        streamUsage = ChatCompletions.usageWanted(fields, stream);
        fields.rejectUnless(
                "suffix", JsonNodeFactory.instance.stringNode(""), "text cannot be inserted before a suffix; omit it");
        fields.reject("response_format", "it applies to chats; use /v1/chat/completions");
        int limit = 0;
        for (int i = 0; i < starts.size(); i++) {
            check(i, fields.at("prompt"));
            AnswerFields options = new AnswerFields(
                            fields,
                            served.model(),
                            served.model().prompt(starts.get(i).ids()))
                    .sampling()
                    .stop()
                    .maxTokens(DEFAULT_MAX_TOKENS, "max_tokens", "max_completion_tokens")
                    .rest();
            limit = options.maxTokens();
            prompts.add(complete(options.prompt(), limit));
        }
        maxTokens = limit;
        fields.rejectOthers();
    }

    private void check(int index, String path) {
        int length = starts.get(index).ids().length;
        if (length == 0) {
            throw Fields.wrongValue(path, "prompt %d is empty".formatted(index));
        }
        if (length > served.model().contextLength()) {
            throw new ContextLengthException(length, served.model().contextLength());
        }
    }

    private Prompt complete(Prompt options, int limit) {
        Prompt prompt = options.maxWait(served.maxWait())
                .cancelWith(request.cancellation())
                .cancelWith(group);
        if (logprobs == null) {
            return prompt;
        }
        // The only token of an answer is reported even if it is an end token, which evaluations rely on.
        return limit == 1 ? prompt.logprobs(logprobs).ignoreEnd() : prompt.logprobs(logprobs);
    }

    private List<Start> starts(JsonNode prompt, String path) {
        if (prompt.isString()) {
            return List.of(start(prompt.stringValue()));
        }
        if (!prompt.isArray()) {
            throw Fields.wrongType(path, "a string, an array of strings, or an array of token ids", prompt);
        }
        if (prompt.isEmpty()) {
            throw Fields.wrongValue(path, "the array is empty");
        }
        if (prompt.get(0).isNumber()) {
            return List.of(start(prompt, path));
        }
        if (prompt.size() > MAX_PROMPTS) {
            throw Fields.wrongValue(
                    path, "it has %d prompts, but at most %d are allowed".formatted(prompt.size(), MAX_PROMPTS));
        }
        List<Start> all = new ArrayList<>();
        for (int i = 0; i < prompt.size(); i++) {
            JsonNode item = prompt.get(i);
            String at = Json.element(path, i);
            all.add(item.isArray() ? start(item, at) : start(Fields.string(item, at)));
        }
        return all;
    }

    private Start start(String text) {
        return new Start(text, tokenizer.encodeWithSpecials(text));
    }

    private Start start(JsonNode ids, String path) {
        int[] tokens = TokenEndpoints.ids(ids, path, served.model());
        return new Start(tokenizer.decode(tokens), tokens);
    }

    ApiResponse answer() {
        if (stream) {
            return LiveEvents.start(request, served.maxWait(), this::stream, ChatCompletions::report);
        }
        List<Choice> choices = choices(null);
        ObjectNode body = envelope();
        ArrayNode array = body.putArray("choices");
        choices.forEach(choice -> array.add(choice.json()));
        body.set("usage", Answers.usage(usage(choices)));
        return Answers.ok(body);
    }

    private void stream(LiveEvents events) {
        List<Choice> choices = choices(events);
        if (streamUsage) {
            ObjectNode chunk = envelope();
            chunk.putArray("choices");
            chunk.set("usage", Answers.usage(usage(choices)));
            events.add(null, Json.text(chunk));
        }
        events.add(null, "[DONE]");
    }

    /** @param events where to write chunks, or null */
    private List<Choice> choices(@Nullable LiveEvents events) {
        return Parallel.map(served.model(), starts.size(), group, index -> choices(index, events)).stream()
                .flatMap(List::stream)
                .toList();
    }

    /** The choices of one prompt. With a seed, they have consecutive seeds. */
    private List<Choice> choices(int index, @Nullable LiveEvents events) {
        Prompt prompt = prompts.get(index);
        List<Choice> choices = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            choices.add(new Choice(index * count + i, starts.get(index), choices, events));
        }
        Integer scored = echo ? logprobs : null;
        if (scored == null || maxTokens == 0) {
            choices.getFirst().onPrompt(scored == null ? List.of() : prompt.promptLogprobs(scored));
        }
        if (maxTokens > 0) {
            Prompt each = scored == null ? prompt : prompt.scorePrompt(scored);
            List<Reply> replies = count == 1 ? List.of(each.generate(choices.getFirst())) : each.generateAll(choices);
            for (int i = 0; i < count; i++) {
                choices.get(i).reply = replies.get(i);
            }
        }
        choices.forEach(Choice::end);
        return choices;
    }

    private ObjectNode envelope() {
        return Json.object()
                .put("id", id)
                .put("object", "text_completion")
                .put("created", created)
                .put("model", served.id())
                .put("system_fingerprint", "kawi");
    }

    private TokenUsage usage(List<Choice> choices) {
        int prompt = starts.stream().mapToInt(start -> start.ids().length).sum();
        int completion = 0;
        int reused = 0;
        for (Choice choice : choices) {
            completion += choice.reply == null ? 0 : choice.reply.usage().completionTokens();
            reused += choice.reply == null ? 0 : choice.reply.usage().reusedTokens();
        }
        return new TokenUsage(prompt, completion, 0, Math.min(reused, prompt));
    }

    /** One continuation. Its text and log-probabilities are those of the echoed prompt and of the answer. */
    private final class Choice implements ReplyListener {
        private final int index;
        private final @Nullable LiveEvents events;
        private final Start start;
        private final List<Choice> siblings;
        private List<TokenLogprob> promptLogprobs = List.of();
        private @Nullable Reply reply;

        /** The number of characters of the text, and of tokens of the answer, that have been written. */
        private int characters;

        private int tokens;

        /**
         * @param siblings all choices of the prompt
         * @param events where to write chunks, or null
         */
        Choice(int index, Start start, List<Choice> siblings, @Nullable LiveEvents events) {
            this.index = index;
            this.events = events;
            this.start = start;
            this.siblings = siblings;
            this.characters = echo ? length(start.text()) : 0;
        }

        @Override
        public void onPrompt(List<TokenLogprob> scores) {
            siblings.forEach(choice -> choice.begin(scores));
        }

        private void begin(List<TokenLogprob> scores) {
            promptLogprobs = scores;
            if (events != null && echo) {
                write(start.text(), logprobs == null ? null : echoed().json(), null);
            }
        }

        private void end() {
            if (events != null) {
                List<TokenLogprob> all = reply == null ? List.of() : reply.logprobs();
                List<TokenLogprob> rest = all.subList(Math.min(tokens, all.size()), all.size());
                write("", rest.isEmpty() ? null : answered(rest), finishReason());
            }
        }

        private static int length(String text) {
            return text.codePointCount(0, text.length());
        }

        private Logprobs.Arrays echoed() {
            Logprobs.Arrays arrays = new Logprobs(tokenizer).new Arrays(0);
            arrays.addFirst(start.ids()[0]);
            arrays.addAll(promptLogprobs);
            return arrays;
        }

        private ObjectNode answered(List<TokenLogprob> some) {
            Logprobs.Arrays arrays = new Logprobs(tokenizer).new Arrays(characters);
            arrays.addAll(some);
            return arrays.json();
        }

        private String finishReason() {
            if (reply == null) {
                return "length";
            }
            String reason = Answers.finishReason(reply);
            boolean ended = maxTokens == 1
                    && reply.tokens().stream().anyMatch(served.model().endTokens()::contains);
            return ended ? "stop" : reason;
        }

        @Override
        public void onText(String piece) {
            onText(piece, List.of());
        }

        @Override
        public void onText(String piece, List<TokenLogprob> added) {
            if (events != null) {
                write(piece, added.isEmpty() ? null : answered(added), null);
                tokens += added.size();
                characters += length(piece);
            }
        }

        @Override
        public void onProgress(Progress.Step step) {
            if (events != null) {
                events.begin();
            }
        }

        private ObjectNode choice(String text, @Nullable ObjectNode logprobs, @Nullable String reason) {
            ObjectNode choice = Json.object().put("text", text).put("index", index);
            choice.set("logprobs", logprobs);
            return choice.put("finish_reason", reason);
        }

        private ObjectNode json() {
            String text = (echo ? start.text() : "") + (reply == null ? "" : reply.text());
            ObjectNode arrays = null;
            if (logprobs != null) {
                Logprobs.Arrays all = echo ? echoed() : new Logprobs(tokenizer).new Arrays(0);
                all.addAll(reply == null ? List.of() : reply.logprobs());
                arrays = all.json();
            }
            return choice(text, arrays, finishReason());
        }

        private void write(String text, @Nullable ObjectNode logprobs, @Nullable String reason) {
            ObjectNode chunk = envelope();
            chunk.putArray("choices").add(choice(text, logprobs, reason));
            if (streamUsage) {
                chunk.putNull("usage");
            }
            Objects.requireNonNull(events).add(null, Json.text(chunk));
        }
    }
}
