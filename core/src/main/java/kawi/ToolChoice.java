package kawi;

import java.util.Objects;

/** Whether a model may, must or must not call tools. */
public sealed interface ToolChoice {

    /** The model decides. */
    record Auto() implements ToolChoice {}

    /** The model calls none. */
    record None() implements ToolChoice {}

    /** The model calls at least one before it answers. */
    record Required() implements ToolChoice {}

    /**
     * The model calls a certain one before it answers.
     *
     * @param tool its name
     */
    record Named(String tool) implements ToolChoice {
        public Named {
            Objects.requireNonNull(tool, "tool");
        }
    }

    /** The model decides. */
    static ToolChoice auto() {
        return new Auto();
    }

    /** The model calls none. */
    static ToolChoice none() {
        return new None();
    }

    /** The model calls at least one before it answers. */
    static ToolChoice required() {
        return new Required();
    }

    /** The model calls the tool of that name before it answers. */
    static ToolChoice named(String tool) {
        return new Named(tool);
    }
}
