package kawi.server.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import kawi.Model;
import kawi.Prompt;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * The fields that set how an answer is generated, under the names of OpenAI and, where OpenAI has none, of vLLM and
 * llama.cpp.
 */
final class AnswerFields {

    private static final int MAX_STOPS = 16;
    private static final int MAX_BIASES = 1024;
    private static final int MAX_VARIABLES = 100;

    private final Fields fields;
    private final Model model;
    private Prompt prompt;
    private int maxTokens;

    AnswerFields(Fields fields, Model model, Prompt prompt) {
        this.fields = fields;
        this.model = model;
        this.prompt = prompt;
    }

    /** The prompt with the options that have been read. */
    Prompt prompt() {
        return prompt;
    }

    private void set(String name, Supplier<Prompt> change) {
        prompt = Failures.at(fields.at(name), change);
    }

    /** Reads the fields that choose tokens: temperature, filters, penalties, biases, the seed. */
    AnswerFields sampling() {
        number("temperature", 0, 2, value -> prompt.temperature(value));
        number("top_p", 0, 1, value -> value == 0 ? prompt.topK(1) : prompt.topP(value));
        number("min_p", 0, 1, value -> prompt.minP(value));
        number("typical_p", 0, 1, value -> prompt.typicalP(value));
        number("presence_penalty", -2, 2, value -> prompt.presencePenalty(value));
        number("frequency_penalty", -2, 2, value -> prompt.frequencyPenalty(value));
        for (String name : List.of("repetition_penalty", "repeat_penalty")) {
            number(name, 0, 100, value -> prompt.repetitionPenalty(value));
        }
        Integer topK = fields.integer("top_k", -1, Integer.MAX_VALUE);
        if (topK != null) {
            set("top_k", () -> prompt.topK(Math.max(0, topK)));
        }
        Long seed = fields.longInteger("seed");
        if (seed != null) {
            set("seed", () -> prompt.seed(seed));
        }
        logitBias();
        if (fields.isTrue("ignore_eos")) {
            set("ignore_eos", () -> prompt.ignoreEnd());
        }
        return this;
    }

    private void number(String name, double min, double max, java.util.function.DoubleFunction<Prompt> change) {
        Double value = fields.number(name, min, max);
        if (value != null) {
            set(name, () -> change.apply(value));
        }
    }

    private static void checkSize(Fields object, int max) {
        if (object.node().size() > max) {
            throw Fields.wrongValue(
                    object.path(),
                    "it has %d fields, but at most %d are allowed"
                            .formatted(object.node().size(), max));
        }
    }

    private void logitBias() {
        Fields biases = fields.object("logit_bias");
        if (biases == null) {
            return;
        }
        checkSize(biases, MAX_BIASES);
        for (Map.Entry<String, JsonNode> entry : biases.node().properties()) {
            String path = biases.at(entry.getKey());
            int token;
            try {
                token = Integer.parseInt(entry.getKey());
            } catch (NumberFormatException e) {
                throw Fields.wrongValue(path, "its name must be the id of a token");
            }
            float bias = (float) Fields.number(entry.getValue(), path, -100, 100);
            prompt = Failures.at(path, () -> prompt.logitBias(token, bias == -100 ? Float.NEGATIVE_INFINITY : bias));
        }
    }

    /** Reads {@code stop}, a string or a list of strings, and {@code stop_token_ids}. */
    AnswerFields stop() {
        JsonNode ids = fields.get("stop_token_ids");
        if (ids != null) {
            int[] tokens = TokenEndpoints.ids(ids, fields.at("stop_token_ids"), model);
            if (tokens.length > MAX_BIASES) {
                throw Fields.wrongValue(fields.at("stop_token_ids"), "it has more than %d ids".formatted(MAX_BIASES));
            }
            set("stop_token_ids", () -> prompt.stopTokens(tokens));
        }
        JsonNode node = fields.get("stop");
        if (node == null) {
            return this;
        }
        List<String> stops = new ArrayList<>();
        if (node.isString()) {
            stops.add(node.stringValue());
        } else {
            String path = fields.at("stop");
            if (!node.isArray()) {
                throw Fields.wrongType(path, "a string or an array of strings", node);
            }
            for (int i = 0; i < node.size(); i++) {
                stops.add(Fields.string(node.get(i), Json.element(path, i)));
            }
        }
        if (stops.size() > MAX_STOPS) {
            throw Fields.wrongValue(
                    fields.at("stop"),
                    "it has %d strings, but at most %d are allowed".formatted(stops.size(), MAX_STOPS));
        }
        set("stop", () -> prompt.stop(stops.toArray(String[]::new)));
        return this;
    }

    /**
     * Reads the limit of tokens; -1 is that of the context.
     *
     * @param names the names of the field, of which at most one may be given
     */
    AnswerFields maxTokens(int byDefault, String... names) {
        Integer limit = null;
        for (String name : names) {
            Integer value = fields.integer(name, -1, Integer.MAX_VALUE);
            if (value != null && limit != null && !value.equals(limit)) {
                throw Fields.wrongValue(fields.at(name), "it contradicts " + String.join(" and ", names));
            }
            limit = value == null ? limit : value;
        }
        int tokens = limit == null ? byDefault : limit;
        maxTokens = tokens < 0 ? model.contextLength() : Math.min(tokens, model.contextLength());
        prompt = prompt.maxTokens(maxTokens);
        return this;
    }

    /** The limit of tokens that has been read. */
    int maxTokens() {
        return maxTokens;
    }

    /** Reads whether and how much to think: {@code chat_template_kwargs}, {@code enable_thinking} and budgets. */
    AnswerFields thinking() {
        Boolean thinking = fields.bool("enable_thinking");
        Fields variables = fields.object("chat_template_kwargs");
        if (variables != null) {
            checkSize(variables, MAX_VARIABLES);
            Boolean given = variables.bool("enable_thinking");
            thinking = given == null ? thinking : given;
            for (Map.Entry<String, JsonNode> entry : variables.node().properties()) {
                if (!entry.getKey().equals("enable_thinking")) {
                    String path = variables.at(entry.getKey());
                    Object value = Json.toJava(entry.getValue());
                    prompt = Failures.at(path, () -> prompt.templateVariable(entry.getKey(), value));
                }
            }
        }
        for (String name : List.of("thinking_budget", "thinking_budget_tokens")) {
            Integer budget = fields.integer(name, 0, Integer.MAX_VALUE);
            if (budget != null) {
                set(name, () -> prompt.thinkingBudget(budget));
            }
        }
        effort(fields.string("reasoning_effort"), fields.at("reasoning_effort"), thinking);
        return this;
    }

    /** Reads the object {@code reasoning} of a response. A summary is not written; the whole reasoning is returned. */
    AnswerFields reasoning() {
        Fields reasoning = fields.object("reasoning");
        if (reasoning != null) {
            reasoning.oneOf("summary", "auto", "concise", "detailed");
            reasoning.ignore("generate_summary");
            effort(reasoning.string("effort"), reasoning.at("effort"), null);
            reasoning.rejectOthers();
        }
        return this;
    }

    /**
     * Sets the effort of reasoning: none turns thoughts off, and the others turn them on, with a budget up to medium.
     *
     * @param thinking whether to think, which takes precedence over the effort; or null
     */
    private void effort(@Nullable String effort, String path, @Nullable Boolean thinking) {
        Boolean on = thinking;
        if (effort != null) {
            int budget = switch (effort) {
                case "none" -> 0;
                case "minimal" -> 256;
                case "low" -> 1024;
                case "medium" -> 8192;
                case "high", "xhigh", "max" -> Integer.MAX_VALUE;
                default ->
                    throw Fields.wrongValue(
                            path,
                            "it is '%s', but must be one of none, minimal, low, medium, high, xhigh".formatted(effort));
            };
            on = thinking != null ? thinking : (Boolean) (budget > 0);
            if (on && budget > 0 && budget < Integer.MAX_VALUE) {
                prompt = prompt.thinkingBudget(budget);
            }
        }
        if (on != null) {
            prompt = prompt.thinking(on);
        }
    }

    /**
     * Reads the form of the answer: {@code {"type": "json_schema", "json_schema": {"schema": ...}}} in chats, and
     * {@code {"type": "json_schema", "schema": ...}} in responses.
     */
    AnswerFields format(@Nullable Fields format) {
        if (format == null) {
            return this;
        }
        String type = format.requiredString("type");
        switch (type) {
            case "text" -> {}
            case "json_object" -> {
                JsonNode schema = format.get("schema");
                schema("schema", format, schema == null ? Json.object().put("type", "object") : schema);
            }
            case "json_schema" -> {
                boolean nested =
                        format.node().has("json_schema") || !format.node().has("schema");
                Fields holder =
                        nested ? Fields.object(format.required("json_schema"), format.at("json_schema")) : format;
                holder.string("name");
                holder.string("description");
                holder.bool("strict");
                schema("schema", holder, holder.required("schema"));
                holder.rejectOthers();
            }
            default ->
                throw Fields.wrongValue(
                        format.at("type"),
                        "it is '%s', but must be one of text, json_object, json_schema".formatted(type));
        }
        format.rejectOthers();
        return this;
    }

    private void schema(String name, Fields holder, JsonNode schema) {
        if (!schema.isObject() && !schema.isBoolean()) {
            throw Fields.wrongType(holder.at(name), "a JSON Schema", schema);
        }
        prompt = Failures.at(holder.at(name), () -> prompt.jsonSchema(Json.text(schema)));
    }

    /** Accepts or rejects fields that OpenAI has and that do not concern how an answer is generated here. */
    AnswerFields rest() {
        fields.ignore(
                "user",
                "metadata",
                "safety_identifier",
                "prompt_cache_key",
                "prompt_cache_retention",
                "prediction",
                "cache_prompt",
                "timings_per_token",
                "id_slot");
        String tier = fields.string("service_tier");
        if (tier != null && !List.of("auto", "default").contains(tier)) {
            throw ApiException.unsupported(fields.at("service_tier"), "there is only one tier; omit it");
        }
        fields.rejectUnless(
                "store",
                JsonNodeFactory.instance.booleanNode(false),
                "answers are not stored; omit it or set it to false");
        fields.reject("min_tokens", "a minimum length is not supported; omit it");
        for (String constraint : List.of("grammar", "guided_json", "guided_regex", "guided_choice", "guided_grammar")) {
            fields.reject(constraint, "use response_format with a JSON Schema");
        }
        return this;
    }
}
