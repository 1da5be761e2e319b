package kawi.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kawi.template.Expression.Attribute;
import kawi.template.Expression.Binary;
import kawi.template.Expression.Call;
import kawi.template.Expression.CallArguments;
import kawi.template.Expression.Captured;
import kawi.template.Expression.Comparisons;
import kawi.template.Expression.Concatenation;
import kawi.template.Expression.Conditional;
import kawi.template.Expression.DictDisplay;
import kawi.template.Expression.FilterCall;
import kawi.template.Expression.Item;
import kawi.template.Expression.ListDisplay;
import kawi.template.Expression.Literal;
import kawi.template.Expression.Logical;
import kawi.template.Expression.Name;
import kawi.template.Expression.Slice;
import kawi.template.Expression.TestCall;
import kawi.template.Expression.TupleDisplay;
import kawi.template.Expression.Unary;
import kawi.tokenizer.OriginText;
import org.jspecify.annotations.Nullable;

/** Evaluates expressions. Errors are reported at the position of the innermost expression that failed. */
final class Evaluator {

    private final Source source;
    private final Budget budget;

    Evaluator(Source source, Budget budget) {
        this.source = source;
        this.budget = budget;
    }

    Object evaluate(Expression expression, Scope scope) {
        try {
            budget.enter();
            budget.step();
            var value = valueOf(expression, scope);
            budget.leave();
            return value;
        } catch (EvaluationException e) {
            throw source.error(expression.at(), e);
        }
    }

    private Object valueOf(Expression expression, Scope scope) {
        return switch (expression) {
            case Literal literal -> literal.value();
            case Name name -> {
                var value = scope.get(name.name());
                yield value == null ? Undefined.variable(name.name()) : value;
            }
            case Attribute attribute -> Lookup.attribute(evaluate(attribute.target(), scope), attribute.name(), budget);
            case Item item -> Lookup.item(evaluate(item.target(), scope), evaluate(item.key(), scope), budget);
            case Slice slice -> slice(slice, scope);
            case Call call -> call(call, scope, Map.of());
            case FilterCall call -> filter(call, scope);
            case Captured _ -> scope.captured();
            case TestCall call -> {
                var tested = evaluate(call.target(), scope);
                yield call.test().passes(tested, arguments(call.arguments(), scope, Map.of()), budget);
            }
            case Logical logical -> {
                var left = evaluate(logical.left(), scope);
                yield Values.truth(left) == logical.and() ? evaluate(logical.right(), scope) : left;
            }
            case Comparisons comparisons -> compare(comparisons, scope);
            case Unary unary -> unary(unary.operator(), evaluate(unary.operand(), scope));
            case Binary binary ->
                Arithmetic.binary(
                        binary.operator(), evaluate(binary.left(), scope), evaluate(binary.right(), scope), budget);
            case Concatenation concatenation -> concatenate(concatenation, scope);
            case Conditional conditional -> choose(conditional, scope);
            case ListDisplay list -> new Sequence.ListValue(all(list.items(), scope));
            case TupleDisplay tuple -> new Sequence.Tuple(all(tuple.items(), scope));
            case DictDisplay display -> dict(display, scope);
        };
    }

    private Object slice(Slice slice, Scope scope) {
        var target = evaluate(slice.target(), scope);
        return Lookup.slice(
                target,
                optional(slice.start(), scope),
                optional(slice.stop(), scope),
                optional(slice.step(), scope),
                budget);
    }

    private Object optional(@Nullable Expression expression, Scope scope) {
        return expression == null ? None.NONE : evaluate(expression, scope);
    }

    /** @param extra keyword arguments in addition to those in the call */
    Object call(Call call, Scope scope, Map<String, Object> extra) {
        var callee = evaluate(call.callee(), scope);
        var arguments = arguments(call.arguments(), scope, extra);
        return switch (callee) {
            case Callable callable -> callable.call(arguments);
            case Undefined undefined -> throw undefined.failure();
            default -> throw new EvaluationException("'%s' object is not callable".formatted(Values.typeName(callee)));
        };
    }

    private Object filter(FilterCall call, Scope scope) {
        var target = evaluate(call.target(), scope);
        return call.filter().apply(target, arguments(call.arguments(), scope, Map.of()), budget);
    }

    private Arguments arguments(CallArguments written, Scope scope, Map<String, Object> extra) {
        if (written.isEmpty() && extra.isEmpty()) {
            return Arguments.NONE;
        }
        var positional = all(written.positional(), scope);
        Map<String, Object> named = new LinkedHashMap<>();
        for (var keyword : written.keywords()) {
            named.put(keyword.name(), evaluate(keyword.value(), scope));
        }
        extra.forEach((name, value) -> putOnce(named, name, value));
        if (written.spread() != null) {
            positional.addAll(Values.list(evaluate(written.spread(), scope), budget));
        }
        if (written.spreadKeywords() != null) {
            if (!(evaluate(written.spreadKeywords(), scope) instanceof Dict dict)) {
                throw new EvaluationException("the value after ** must be a dict");
            }
            budget.allocate((long) Budget.OBJECT * dict.size());
            for (var entry : dict.entries()) {
                if (!(entry.key() instanceof CharSequence name)) {
                    throw new EvaluationException("the keys of the dict after ** must be strings");
                }
                putOnce(named, name.toString(), entry.value());
            }
        }
        return new Arguments(positional, named);
    }

    private static void putOnce(Map<String, Object> named, String name, Object value) {
        if (named.put(name, value) != null) {
            throw new EvaluationException("duplicate argument '" + name + "'");
        }
    }

    private Object compare(Comparisons comparisons, Scope scope) {
        var left = evaluate(comparisons.first(), scope);
        for (var operand : comparisons.operands()) {
            var right = evaluate(operand.value(), scope);
            boolean holds = switch (operand.operator()) {
                case "==" -> Comparison.equal(left, right, budget);
                case "!=" -> !Comparison.equal(left, right, budget);
                case "in" -> Values.contains(right, left, budget);
                case "not in" -> !Values.contains(right, left, budget);
                default -> Comparison.ordered(left, operand.operator(), right, budget);
            };
            if (!holds) {
                return false;
            }
            left = right;
        }
        return true;
    }

    private static Object unary(String operator, Object operand) {
        return switch (operator) {
            case "not" -> !Values.truth(operand);
            case "-" -> Arithmetic.negate(operand);
            default -> Arithmetic.plus(operand);
        };
    }

    private OriginText concatenate(Concatenation concatenation, Scope scope) {
        var joined = new OriginText.Builder();
        for (var part : concatenation.parts()) {
            var text = Display.text(evaluate(part, scope), budget);
            budget.allocate(2L * text.length());
            joined.append(text);
        }
        return joined.build();
    }

    private Object choose(Conditional conditional, Scope scope) {
        if (Values.truth(evaluate(conditional.test(), scope))) {
            return evaluate(conditional.value(), scope);
        }
        return conditional.otherwise() == null
                ? Undefined.because("the inline if-expression was false and has no else")
                : evaluate(conditional.otherwise(), scope);
    }

    private List<Object> all(List<Expression> expressions, Scope scope) {
        budget.allocate(Budget.OBJECT + expressions.size());
        List<Object> values = new ArrayList<>(expressions.size());
        for (var expression : expressions) {
            values.add(evaluate(expression, scope));
        }
        return values;
    }

    private Dict dict(DictDisplay display, Scope scope) {
        var dict = new Dict();
        for (var pair : display.pairs()) {
            var key = evaluate(pair.key(), scope);
            dict.put(key, evaluate(pair.value(), scope), budget);
        }
        return dict;
    }
}
