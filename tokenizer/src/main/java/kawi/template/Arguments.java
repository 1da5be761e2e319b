package kawi.template;

import java.util.List;
import java.util.Map;
import kawi.tokenizer.OriginText;
import org.jspecify.annotations.Nullable;

/** The evaluated arguments of a call, filter or test, without the value that is filtered or tested. */
record Arguments(List<Object> positional, Map<String, Object> named) {

    static final Arguments NONE = new Arguments(List.of(), Map.of());

    /**
     * Assigns the arguments to the parameters of a function, as Python does.
     *
     * @param function the name of the function for messages
     * @param required the number of parameters without a default value
     * @param parameters the names of all parameters in order
     */
    Bound bind(String function, int required, String... parameters) {
        if (positional.size() > parameters.length) {
            throw new EvaluationException(
                    "%s takes at most %s, not %d".formatted(function, count(parameters.length), positional.size()));
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
                throw new EvaluationException(
                        "%s requires a value for parameter '%s'".formatted(function, parameters[i]));
            }
        }
        return new Bound(function, values, parameters);
    }

    /** Returns the arguments of a function without keyword parameters. */
    List<Object> onlyPositional(String function, int min, int max) {
        if (!named.isEmpty()) {
            throw new EvaluationException(function + " takes no keyword arguments");
        }
        if (positional.size() < min || positional.size() > max) {
            throw new EvaluationException("%s takes %s, not %d"
                    .formatted(
                            function, min == max ? count(min) : min + " to " + max + " arguments", positional.size()));
        }
        return positional;
    }

    /** The number of arguments for messages: {@code 1 argument}, {@code 2 arguments}. */
    static String count(int arguments) {
        return arguments == 1 ? "1 argument" : arguments + " arguments";
    }

    /** The values of the parameters, {@code null} for a parameter without an argument. */
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

        Object get(int parameter, Object defaultValue) {
            var value = values[parameter];
            return value == null ? defaultValue : value;
        }

        boolean truth(int parameter) {
            var value = values[parameter];
            return value != null && Values.truth(value);
        }

        /** The value of an integer parameter, clamped to the range of {@code long}. */
        long integer(int parameter, long defaultValue) {
            var value = values[parameter];
            return value == null ? defaultValue : Values.index(value, function + ": " + parameters[parameter]);
        }

        String string(int parameter, String defaultValue) {
            var value = values[parameter];
            return value == null
                    ? defaultValue
                    : text(parameter, OriginText.EMPTY).toString();
        }

        OriginText text(int parameter, OriginText defaultValue) {
            var value = values[parameter];
            if (value == null) {
                return defaultValue;
            }
            if (value instanceof CharSequence text) {
                return Values.text(text);
            }
            throw new EvaluationException("%s: %s must be a string, not %s"
                    .formatted(function, parameters[parameter], Values.typeName(value)));
        }
    }
}
