package kawi.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kawi.template.Node.MacroBody;
import kawi.template.Node.Parameter;
import kawi.tokenizer.OriginText;
import org.jspecify.annotations.Nullable;

/**
 * A macro, or the body of a call block as passed to the called macro. It has access to the variables of the scope in
 * which it was defined; the result of a call is its output.
 */
final class Macro implements Callable {

    private final String name;
    private final MacroBody body;
    private final Scope definedIn;
    private final Renderer renderer;
    private final Budget budget;

    Macro(String name, MacroBody body, Scope definedIn, Renderer renderer, Budget budget) {
        this.name = name;
        this.body = body;
        this.definedIn = definedIn;
        this.renderer = renderer;
        this.budget = budget;
    }

    String name() {
        return name;
    }

    @Nullable Object attribute(String attribute) {
        return switch (attribute) {
            case "name" -> OriginText.ofTemplate(name);
            case "arguments" ->
                new Sequence.Tuple(body.parameters().stream()
                        .<Object>map(parameter -> OriginText.ofTemplate(parameter.name()))
                        .toList());
            case "caller" -> body.usesCaller();
            case "catch_kwargs" -> body.usesKwargs();
            case "catch_varargs" -> body.usesVarargs();
            default -> null;
        };
    }

    @Override
    public Object call(Arguments arguments) {
        budget.allocate((long) Budget.OBJECT * body.parameters().size());
        var scope = definedIn.inner(body.block().frame());
        var positional = arguments.positional();
        Map<String, Object> named = new LinkedHashMap<>(arguments.named());
        List<Parameter> withoutValue = new ArrayList<>();
        var parameters = body.parameters();
        boolean callerGiven = false;
        for (int i = 0; i < parameters.size(); i++) {
            var parameter = parameters.get(i);
            var value = i < positional.size() ? positional.get(i) : named.remove(parameter.name());
            callerGiven |= parameter.name().equals("caller");
            if (value == null) {
                withoutValue.add(parameter);
            } else {
                scope.set(parameter.name(), value);
            }
        }
        if (body.usesCaller() && !callerGiven) {
            var caller = named.remove("caller");
            scope.set(
                    "caller", caller == null || caller == None.NONE ? Undefined.because("No caller defined") : caller);
        }
        setExtras(positional, named, scope);
        for (var parameter : withoutValue) {
            scope.set(parameter.name(), defaultValue(parameter, scope));
        }
        return renderer.render(body.block(), scope);
    }

    private void setExtras(List<Object> positional, Map<String, Object> named, Scope scope) {
        int taken = Math.min(positional.size(), body.parameters().size());
        var extra = positional.subList(taken, positional.size());
        if (body.usesVarargs()) {
            scope.set("varargs", new Sequence.Tuple(List.copyOf(extra)));
        } else if (!extra.isEmpty()) {
            throw new EvaluationException("the macro '%s' takes at most %s, not %d"
                    .formatted(name, Arguments.count(taken), positional.size()));
        }
        if (body.usesKwargs()) {
            var kwargs = new Dict();
            named.forEach((key, value) -> kwargs.put(OriginText.ofTemplate(key), value, budget));
            scope.set("kwargs", kwargs);
        } else if (!named.isEmpty()) {
            throw new EvaluationException("the macro '%s' has no parameter '%s'"
                    .formatted(name, named.keySet().iterator().next()));
        }
    }

    private Object defaultValue(Parameter parameter, Scope scope) {
        return parameter.defaultValue() == null
                ? Undefined.because("parameter '" + parameter.name() + "' was not provided")
                : renderer.evaluate(parameter.defaultValue(), scope);
    }
}
