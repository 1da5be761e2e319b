package kawi.template;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The evaluated arguments of a call, filter or test, the value filtered or tested not among them. */
public record Arguments(List<Object> positional, Map<String, Object> named) {

    static final Arguments NONE = new Arguments(List.of(), Map.of());

    /**
     * Sorts the arguments into the parameters of a function, as Python does.
     *
     * @param function the name for messages
     * @param required how many of the parameters must be given
     * @param parameters all parameter names in order
     */
    Bound bind(String function, int required, String... parameters) {
        if (positional.size() > parameters.length) {
            throw new EvaluationException("%s takes at most %d argument(s), but %d are given"
                    .formatted(function, parameters.length, positional.size()));
        }
        var values = new @Nullable Object[parameters.length];
        for (int i = 0; i < positional.size(); i++) {
            values[i] = positional.get(i);
        }
        for (var entry : named.entrySet()) {
            int i = List.of(parameters).indexOf(entry.getKey());
            if (i < 0) {
                throw new EvaluationException("%s has no parameter '%s'".formatted(function, entry.getKey()));
            }
            if (values[i] != null) {
                throw new EvaluationException(
                        "%s got two values for parameter '%s'".formatted(function, entry.getKey()));
            }
            values[i] = entry.getValue();
        }
        for (int i = 0; i < required; i++) {
            if (values[i] == null) {
                throw new EvaluationException("%s needs a value for parameter '%s'".formatted(function, parameters[i]));
            }
        }
        return new Bound(function, values, parameters);
    }

    /** For functions that take no keyword. */
    List<Object> onlyPositional(String function, int fewest, int most) {
        if (!named.isEmpty()) {
            throw new EvaluationException(function + " takes no keyword arguments");
        }
        if (positional.size() < fewest || positional.size() > most) {
            throw new EvaluationException("%s takes %s, but %d are given"
                    .formatted(
                            function,
                            fewest == most ? fewest + " argument(s)" : fewest + " to " + most + " arguments",
                            positional.size()));
        }
        return positional;
    }

    /** Arguments sorted into parameters; one that was not given is {@code null}. */
    static final class Bound {

        private final String function;
        private final @Nullable Object[] values;
        private final String[] parameters;

        private Bound(String function, @Nullable Object[] values, String[] parameters) {
            this.function = function;
            this.values = values;
            this.parameters = parameters;
        }

        String function() {
            return function;
        }

        Object get(int parameter) {
            return get(parameter, None.NONE);
        }

        Object get(int parameter, Object otherwise) {
            var value = values[parameter];
            return value == null ? otherwise : value;
        }

        boolean truth(int parameter) {
            var value = values[parameter];
            return value != null && Values.truth(value);
        }

        /** An integer parameter; integers too large for a {@code long} are cut to its range. */
        long integer(int parameter, long otherwise) {
            var value = values[parameter];
            return value == null ? otherwise : Values.index(value, function + ": " + parameters[parameter]);
        }

        String string(int parameter, String otherwise) {
            var value = values[parameter];
            if (value == null) {
                return otherwise;
            }
            if (value instanceof CharSequence text) {
                return text.toString();
            }
            throw new EvaluationException("%s: %s must be a string, not %s"
                    .formatted(function, parameters[parameter], Values.typeName(value)));
        }
    }
}
