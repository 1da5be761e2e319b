package kawi;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What came of a {@link ToolCall}.
 *
 * @param call the call
 * @param text what the model is given
 * @param failure the exception that the tool's function threw, or null
 */
public record ToolResult(
        ToolCall call, String text, @Nullable Throwable failure) {

    public ToolResult {
        Objects.requireNonNull(call, "call");
        Objects.requireNonNull(text, "text");
    }

    /** Whether the tool's function threw an exception. */
    public boolean failed() {
        return failure != null;
    }
}
