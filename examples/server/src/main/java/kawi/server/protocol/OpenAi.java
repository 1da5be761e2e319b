package kawi.server.protocol;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import kawi.Model;

/**
 * Answers requests in the OpenAI protocol with models.
 *
 * <p>The models remain the caller's and are not closed.
 */
public final class OpenAi implements Api {

    private final Map<String, Model> models;

    /**
     * Creates an API.
     *
     * @param models the models by the names under which they are offered, in the order of {@code /v1/models}
     * @throws IllegalArgumentException if there are none
     */
    public OpenAi(Map<String, Model> models) {
        if (models.isEmpty()) {
            throw new IllegalArgumentException("there are no models; at least one is required");
        }
        this.models = new LinkedHashMap<>(models);
    }

    @Override
    public ApiResponse handle(ApiRequest request) {
        return new ApiResponse.Complete(
                404,
                Map.of(),
                "application/json",
                "{\"models\":%d}".formatted(models.size()).getBytes(StandardCharsets.UTF_8));
    }
}
