package kawi.template;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The variables of one {@link Frames.Frame} while it is rendered: assignments go in here, look-ups walk outwards. A
 * loop has a new scope for every round.
 */
final class Scope {

    private final @Nullable Scope outer;
    private final Map<String, Object> variables = new HashMap<>();
    /** Names that end the walk outwards here, even while they have no value. */
    private final Set<String> hidden;

    private Object captured = "";

    private Scope(@Nullable Scope outer, Set<String> hidden) {
        this.outer = outer;
        this.hidden = hidden;
    }

    /** The outermost scope, with what the caller gave. */
    static Scope of(Map<String, Object> variables) {
        var scope = new Scope(null, Set.of());
        scope.variables.putAll(variables);
        return scope;
    }

    Scope inner(Frames.Frame frame) {
        return new Scope(this, frame.hidden());
    }

    /** Keeps what the block of this scope has printed, for the filters in its head. */
    void capture(String printed) {
        captured = printed;
    }

    Object captured() {
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
