package kawi.spring.ai.autoconfigure;

import org.jspecify.annotations.Nullable;

/** The configured model cannot be loaded, or none is configured. */
final class ModelNotAvailableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final @Nullable String model;

    /** @param model the value of the property, or null if it is not set */
    ModelNotAvailableException(@Nullable String model, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.model = model;
    }

    @Nullable String model() {
        return model;
    }
}
