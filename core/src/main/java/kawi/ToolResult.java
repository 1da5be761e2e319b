package kawi;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The result of a {@link ToolCall}.
 *
 * @param call the call
 * @param text the text that is given to the model
 * @param failure the exception thrown by the function of the tool, or null
 */
public record ToolResult(
        ToolCall call, String text, @Nullable Throwable failure) {

    public ToolResult {
        Objects.requireNonNull(call, "call");
        Objects.requireNonNull(text, "text");
    }

    /** Returns whether the function of the tool threw an exception. */
    public boolean failed() {
        return failure != null;
    }
}
