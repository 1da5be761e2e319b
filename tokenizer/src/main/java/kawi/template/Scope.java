package kawi.template;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import kawi.tokenizer.OriginText;
import org.jspecify.annotations.Nullable;

/**
 * The variables of one {@link Frames.Frame} during rendering. Assignments set variables of this scope; lookups continue
 * in the outer scopes. A loop has a new scope for each iteration.
 */
final class Scope {

    private final @Nullable Scope outer;
    private final Map<String, Object> variables = new HashMap<>();
    /** Names that are not looked up in outer scopes, even if they have no value here. */
    private final Set<String> hidden;

    private OriginText captured = OriginText.EMPTY;

    private Scope(@Nullable Scope outer, Set<String> hidden) {
        this.outer = outer;
        this.hidden = hidden;
    }

    /** Returns an outermost scope with the caller's variables. */
    static Scope of(Map<String, Object> variables) {
        var scope = new Scope(null, Set.of());
        scope.variables.putAll(variables);
        return scope;
    }

    Scope inner(Frames.Frame frame) {
        return new Scope(this, frame.hidden());
    }

    /** Sets the output of the block of this scope, to which the filters of its tag are applied. */
    void capture(OriginText printed) {
        captured = printed;
    }

    OriginText captured() {
        return captured;
    }

    void set(String name, Object value) {
        variables.put(name, value);
    }

    /** The value of a variable, or {@code null} if it has none. */
    @Nullable Object get(String name) {
        for (var scope = this; scope != null; scope = scope.outer) {
            var value = scope.variables.get(name);
            if (value != null || scope.hidden.contains(name)) {
                return value;
            }
        }
        return null;
    }
}
