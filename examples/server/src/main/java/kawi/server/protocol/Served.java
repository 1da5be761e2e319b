package kawi.server.protocol;

import java.time.Duration;
import kawi.Model;
import kawi.Tokenizer;

/**
 * A model under the name by which requests refer to it.
 *
 * @param id the name
 * @param created the time of {@code /v1/models}, in seconds since 1970
 * @param maxWait how long a request waits for its turn
 */
record Served(String id, Model model, long created, Duration maxWait) {

    Tokenizer tokenizer() {
        return model.tokenizer()
                .orElseThrow(() -> ApiException.invalid(
                        "model", "unsupported_model", "The model '%s' has no tokenizer.".formatted(id)));
    }
}
