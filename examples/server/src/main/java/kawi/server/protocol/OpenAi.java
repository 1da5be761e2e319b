package kawi.server.protocol;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import kawi.Model;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Answers requests in the OpenAI protocol with models.
 *
 * <table>
 * <caption>Paths; those below {@code /v1} also exist without it</caption>
 * <tr><td>{@code GET /v1/models}, {@code GET /v1/models/{id}}<td>the models
 * <tr><td>{@code POST /v1/chat/completions}<td>chats
 * <tr><td>{@code POST /v1/completions}<td>continuations of texts and token ids
 * <tr><td>{@code POST /v1/responses}<td>responses, without state on the server
 * <tr><td>{@code POST /v1/embeddings}<td>refused, since models generate text
 * <tr><td>{@code POST /tokenize}, {@code POST /detokenize}, {@code GET /tokenizer_info}<td>tokens
 * <tr><td>{@code POST /apply-template}<td>chats as the model reads them
 * <tr><td>{@code GET /props}<td>properties of the models
 * </table>
 *
 * <p>A field of a request is honoured, or ignored if it does not concern the answer, or else refused by name. Errors
 * have the statuses and bodies of OpenAI. The models remain the caller's and are not closed.
 */
public final class OpenAi implements Api {

    /** How long a request waits for its turn by default: one minute. */
    public static final Duration DEFAULT_MAX_WAIT = Duration.ofMinutes(1);

    private final Map<String, Served> models = new LinkedHashMap<>();

    /**
     * Creates an API.
     *
     * @param models the models by the names under which they are offered, in the order of {@code /v1/models}; a model
     *     may have several names
     * @throws IllegalArgumentException if there are none
     */
    public OpenAi(Map<String, Model> models) {
        this(models, DEFAULT_MAX_WAIT);
    }

    /**
     * Creates an API.
     *
     * @param models see {@link #OpenAi(Map)}
     * @param maxWait how long a request waits for its turn when a model is busy, {@link #DEFAULT_MAX_WAIT} by default;
     *     after that it is refused with status 429
     * @throws IllegalArgumentException if there are no models, or the time is negative
     */
    public OpenAi(Map<String, Model> models, Duration maxWait) {
        if (models.isEmpty()) {
            throw new IllegalArgumentException("there are no models; at least one is required");
        }
        if (maxWait.isNegative()) {
            throw new IllegalArgumentException("maxWait is %s; it must not be negative".formatted(maxWait));
        }
        long now = Answers.now();
        models.forEach(
                (id, model) -> this.models.put(id, new Served(id, Objects.requireNonNull(model, id), now, maxWait)));
    }

    @Override
    public ApiResponse handle(ApiRequest request) {
        try {
            return route(request);
        } catch (RuntimeException | Error thrown) { // the client is told
            return Failures.of(thrown, request.requestId()).response();
        }
    }

    private ApiResponse route(ApiRequest request) {
        String path = ApiRequest.withoutVersion(request.path());
        if (path.startsWith("/models/")) {
            requireMethod(request, "GET");
            return Answers.ok(describe(served(path.substring("/models/".length()))));
        }
        return switch (path) {
            case "/models" -> {
                requireMethod(request, "GET");
                yield listModels();
            }
            case "/props" -> {
                requireMethod(request, "GET");
                yield TokenEndpoints.props(models);
            }
            case "/tokenizer_info" -> {
                requireMethod(request, "GET");
                yield TokenEndpoints.tokenizerInfo(models.values().iterator().next());
            }
            case "/chat/completions",
                    "/completions",
                    "/responses",
                    "/embeddings",
                    "/tokenize",
                    "/detokenize",
                    "/apply-template" -> {
                requireMethod(request, "POST");
                yield post(path, request);
            }
            default ->
                throw new ApiException(
                        404,
                        ApiException.INVALID_REQUEST,
                        null,
                        "unknown_url",
                        "Unknown request URL: %s %s.".formatted(request.method(), request.path()));
        };
    }

    private ApiResponse post(String path, ApiRequest request) {
        Fields fields = Json.read(request.body());
        Served served = served(fields, path.startsWith("/chat") || path.equals("/responses"));
        return switch (path) {
            case "/chat/completions" -> new ChatCompletions(request, fields, served).answer();
            case "/completions" -> new Completions(request, fields, served).answer();
            case "/responses" -> new Responses(request, fields, served).answer();
            case "/tokenize" -> TokenEndpoints.tokenize(fields, served);
            case "/detokenize" -> TokenEndpoints.detokenize(fields, served);
            case "/apply-template" -> TokenEndpoints.applyTemplate(fields, served);
            default ->
                throw ApiException.invalid(
                        "model",
                        "unsupported_model",
                        "The model '%s' generates text and has no embeddings; load an embedding model."
                                .formatted(served.id()));
        };
    }

    private static void requireMethod(ApiRequest request, String method) {
        if (!request.method().equals(method)) {
            throw new ApiException(
                    405,
                    ApiException.INVALID_REQUEST,
                    null,
                    "method_not_supported",
                    "Not allowed to %s on %s; use %s.".formatted(request.method(), request.path(), method),
                    Map.of("Allow", method),
                    null);
        }
    }

    /** The model of a request. It may be omitted if there is only one. */
    private Served served(Fields fields, boolean required) {
        String name = fields.string("model");
        if (name == null) {
            if (models.size() > 1 && required) {
                throw ApiException.invalid(
                        "model",
                        "missing_required_parameter",
                        "Missing required parameter: 'model'; there are %s."
                                .formatted(String.join(", ", models.keySet())));
            }
            return models.values().iterator().next();
        }
        return served(name);
    }

    private Served served(String name) {
        Served served = models.get(name);
        if (served == null) {
            throw new ApiException(
                    404,
                    ApiException.INVALID_REQUEST,
                    "model",
                    "model_not_found",
                    "The model '%s' does not exist; there is %s.".formatted(name, String.join(", ", models.keySet())));
        }
        return served;
    }

    private ApiResponse listModels() {
        ObjectNode body = Json.object().put("object", "list");
        ArrayNode data = body.putArray("data");
        models.values().forEach(served -> data.add(describe(served)));
        return Answers.ok(body);
    }

    private static ObjectNode describe(Served served) {
        ObjectNode model = Json.object()
                .put("id", served.id())
                .put("object", "model")
                .put("created", served.created())
                .put("owned_by", "kawi");
        model.put("max_model_len", served.model().contextLength());
        ObjectNode modalities = model.putObject("architecture");
        ArrayNode input = modalities.putArray("input_modalities").add("text");
        if (served.model().seesImages()) {
            input.add("image");
        }
        modalities.putArray("output_modalities").add("text");
        model.putObject("meta")
                .put("n_vocab", served.model().vocabularySize())
                .put("n_ctx", served.model().contextLength())
                .put("n_params", served.model().parameters());
        return model;
    }
}
