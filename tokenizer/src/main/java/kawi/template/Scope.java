package kawi.template;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The variables of one {@link Frames.Frame} while it is rendered: assignments go in here, look-ups walk outwards. A loop has a new
 * scope for every round.
 */
final class Scope {

    /** Stands for a variable that is local but has no value yet, and ends the walk outwards. */
    private enum Missing {
        MISSING
    }

    private final @Nullable Scope outer;
    private final Map<String, Object> variables = new HashMap<>();
    private Object captured = "";

    private Scope(@Nullable Scope outer) {
        this.outer = outer;
    }

    /** The outermost scope, with what the caller gave. */
    static Scope of(Map<String, Object> variables) {
        var scope = new Scope(null);
        scope.variables.putAll(variables);
        return scope;
    }

    Scope inner(Frames.Frame frame) {
        var scope = new Scope(this);
        for (var name : frame.hidden()) {
            scope.variables.put(name, Missing.MISSING);
        }
        return scope;
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
            if (value != null) {
                return value == Missing.MISSING ? null : value;
            }
        }
        return null;
    }
}
