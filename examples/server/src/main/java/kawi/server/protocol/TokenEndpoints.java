package kawi.server.protocol;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import kawi.Model;
import kawi.Prompt;
import kawi.Tokenizer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The endpoints for tokens and templates: {@code /tokenize}, {@code /detokenize}, {@code /tokenizer_info} and
 * {@code /apply-template}, with the fields of vLLM and of llama.cpp.
 */
final class TokenEndpoints {

    private TokenEndpoints() {}

    /** Token ids in a request. */
    static int[] ids(JsonNode node, String path, Model model) {
        List<JsonNode> items = Fields.array(node, path);
        int[] ids = new int[items.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = Fields.integer(items.get(i), Json.element(path, i), 0, model.vocabularySize() - 1);
        }
        return ids;
    }

    /**
     * {@code prompt} or {@code content} is text; {@code messages} is a chat. Special tokens are recognized unless
     * {@code parse_special} is false.
     */
    static ApiResponse tokenize(Fields fields, Served served) {
        Tokenizer tokenizer = served.tokenizer();
        Boolean special = fields.bool("parse_special");
        fields.bool("add_special_tokens");
        fields.bool("add_special");
        boolean pieces = fields.isTrue("with_pieces");
        int[] ids;
        if (fields.has("messages")) {
            ids = chat(fields, served).tokens();
        } else {
            String text = fields.string(fields.has("prompt") ? "prompt" : "content");
            if (text == null) {
                text = fields.requiredString("prompt");
            }
            ids = Boolean.FALSE.equals(special) ? tokenizer.encode(text) : tokenizer.encodeWithSpecials(text);
        }
        fields.rejectOthers();
        ObjectNode body = Json.object()
                .put("count", ids.length)
                .put("max_model_len", served.model().contextLength());
        ArrayNode tokens = body.putArray("tokens");
        for (int id : ids) {
            if (pieces) {
                tokens.addObject().put("id", id).put("piece", tokenizer.text(id));
            } else {
                tokens.add(id);
            }
        }
        return Answers.ok(body);
    }

    static ApiResponse detokenize(Fields fields, Served served) {
        Tokenizer tokenizer = served.tokenizer();
        int[] ids = ids(fields.required("tokens"), fields.at("tokens"), served.model());
        fields.rejectOthers();
        String text = tokenizer.decode(ids);
        return Answers.ok(Json.object().put("prompt", text).put("content", text));
    }

    static ApiResponse tokenizerInfo(Served served) {
        Tokenizer tokenizer = served.tokenizer();
        Model model = served.model();
        ObjectNode body = Json.object()
                .put("tokenizer_class", "PreTrainedTokenizerFast")
                .put("model_max_length", model.contextLength())
                .put("eos_token", endToken(model, tokenizer))
                .put(
                        "pad_token",
                        endTokens(model, tokenizer).stream().findFirst().orElse(null))
                .putNull("bos_token")
                .put("chat_template", model.chatTemplate().orElse(null));
        ObjectNode added = body.putObject("added_tokens_decoder");
        tokenizer
                .addedTokens()
                .forEach((id, text) -> added.putObject(String.valueOf(id))
                        .put("content", text)
                        .put("special", tokenizer.isSpecial(id)));
        return Answers.ok(body);
    }

    /** The text of the token that ends an answer; if there are several, that which the chat template writes. */
    private static @Nullable String endToken(Model model, Tokenizer tokenizer) {
        List<String> ends = endTokens(model, tokenizer);
        String template = model.chatTemplate().orElse("");
        return ends.stream().filter(template::contains).findFirst().orElse(ends.isEmpty() ? null : ends.getFirst());
    }

    private static List<String> endTokens(Model model, Tokenizer tokenizer) {
        return model.endTokens().stream()
                .sorted()
                .map(id -> tokenizer.addedTokens().get(id))
                .filter(Objects::nonNull)
                .toList();
    }

    static ApiResponse applyTemplate(Fields fields, Served served) {
        Prompt prompt = chat(fields, served);
        fields.rejectOthers();
        return Answers.ok(Json.object().put("prompt", served.tokenizer().decode(prompt.tokens())));
    }

    private static Prompt chat(Fields fields, Served served) {
        Prompt messages = ChatMessages.prompt(fields, served.model());
        return new AnswerFields(fields, served.model(), new ToolFields(fields, true, served.model()).apply(messages))
                .thinking()
                .prompt();
    }

    /** The properties of the server and the model, with the names of llama.cpp. */
    static ApiResponse props(Map<String, Served> models) {
        Served first = models.values().iterator().next();
        Model model = first.model();
        ObjectNode body = Json.object();
        ObjectNode settings = body.putObject("default_generation_settings").put("n_ctx", model.contextLength());
        settings.putObject("params")
                .put("temperature", model.sampling().temperature())
                .put("top_k", model.sampling().topK())
                .put("top_p", model.sampling().topP())
                .put("min_p", model.sampling().minP())
                .put("typical_p", model.sampling().typicalP())
                .put("repeat_penalty", model.sampling().repetitionPenalty())
                .put("presence_penalty", model.sampling().presencePenalty())
                .put("frequency_penalty", model.sampling().frequencyPenalty())
                .put("max_tokens", Prompt.DEFAULT_MAX_TOKENS);
        body.put("model_alias", first.id())
                .put("chat_template", model.chatTemplate().orElse(null))
                .put(
                        "eos_token",
                        model.tokenizer().map(known -> endToken(model, known)).orElse(null));
        body.putObject("modalities").put("vision", model.seesImages()).put("audio", false);
        body.put("kernels", model.kernels())
                .put("threads", model.threads())
                .put("parameters", model.parameters())
                .put("vocabulary_size", model.vocabularySize());
        ArrayNode names = body.putArray("models");
        models.keySet().forEach(names::add);
        return Answers.ok(body);
    }
}
