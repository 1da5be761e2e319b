package kawi.template;

import java.util.function.Predicate;
import kawi.tokenizer.OriginText;
import org.jspecify.annotations.Nullable;

/** All tests of Jinja2 by name. As in Jinja2, a dict is a sequence and a boolean is a number. */
final class Tests {

    private Tests() {}

    /**
     * Returns a test, or null. A template uses few of them, and each function of a table would be created at startup,
     * so there is no table.
     */
    static @Nullable Test find(String name) {
        return switch (name) {
            case "defined" -> property(name, value -> !(value instanceof Undefined));
            case "undefined" -> property(name, value -> value instanceof Undefined);
            case "none" -> property(name, value -> value == None.NONE);
            case "boolean" -> property(name, value -> value instanceof Boolean);
            case "true" -> property(name, Boolean.TRUE::equals);
            case "false" -> property(name, Boolean.FALSE::equals);
            case "integer" -> property(name, Values::isInteger);
            case "float" -> property(name, value -> value instanceof Double);
            case "number" -> property(name, Values::isNumber);
            case "string" -> property(name, Values::isString);
            case "mapping" -> property(name, value -> value instanceof Dict);
            case "iterable" -> property(name, Values::isIterable);
            case "sequence" ->
                property(
                        name,
                        value -> Values.isSized(value) && !(value instanceof DictView) && !(value instanceof Loop));
            case "callable" -> property(name, value -> value instanceof Callable || value instanceof Undefined);
            case "escaped" -> property(name, value -> value instanceof Markup);
            case "odd" -> (value, arguments, budget) -> hasRemainder(1, value, 2L, name, arguments, budget);
            case "even" -> (value, arguments, budget) -> hasRemainder(0, value, 2L, name, arguments, budget);
            case "divisibleby" -> Tests::isDivisible;
            case "lower" -> Tests::isLower;
            case "upper" -> Tests::isUpper;
            case "filter" ->
                property(
                        name, value -> value instanceof CharSequence filter && Filters.find(filter.toString()) != null);
            case "test" -> property(name, value -> value instanceof CharSequence test && find(test.toString()) != null);
            case "in" ->
                (value, arguments, budget) ->
                        Values.contains(arguments.bind(name, 1, "seq").get(0), value, budget);
            case "sameas" ->
                (value, arguments, budget) ->
                        same(value, arguments.bind(name, 1, "other").get(0), budget);
            case "==", "eq", "equalto" -> Tests::equal;
            case "!=", "ne" -> (value, arguments, budget) -> !equal(value, arguments, budget);
            case "<", "lt", "lessthan" -> order("<");
            case "<=", "le" -> order("<=");
            case ">", "gt", "greaterthan" -> order(">");
            case ">=", "ge" -> order(">=");
            default -> null;
        };
    }

    private static Test property(String name, Predicate<Object> property) {
        return (value, arguments, _) -> {
            arguments.bind(name, 0);
            return property.test(value);
        };
    }

    private static boolean isDivisible(Object value, Arguments arguments, Budget budget) {
        var divisor = arguments.bind("divisibleby", 1, "num").get(0);
        return hasRemainder(0, value, divisor, "divisibleby", Arguments.NONE, budget);
    }

    private static boolean isLower(Object value, Arguments arguments, Budget budget) {
        arguments.bind("lower", 0);
        var text = Display.text(value, budget).toString();
        budget.scan(text.length());
        return LetterCase.isLower(text);
    }

    private static boolean isUpper(Object value, Arguments arguments, Budget budget) {
        arguments.bind("upper", 0);
        var text = Display.text(value, budget).toString();
        budget.scan(text.length());
        return LetterCase.isUpper(text);
    }

    private static boolean equal(Object value, Arguments arguments, Budget budget) {
        return Comparison.equal(value, operand(arguments, "eq"), budget);
    }

    private static Test order(String operator) {
        return (value, arguments, budget) -> Comparison.ordered(value, operator, operand(arguments, operator), budget);
    }

    private static Object operand(Arguments arguments, String test) {
        return arguments.onlyPositional(test, 1, 1).getFirst();
    }

    private static boolean hasRemainder(
            long remainder, Object value, Object divisor, String test, Arguments arguments, Budget budget) {
        arguments.bind(test, 0);
        return Comparison.equal(Arithmetic.binary("%", value, divisor, budget), remainder, budget);
    }

    /**
     * Identity. Because Python shares constants, small integers and most short strings, equal numbers and strings are
     * treated as identical.
     */
    @SuppressWarnings("ReferenceEquality") // the test is for identity
    private static boolean same(Object left, Object right, Budget budget) {
        return switch (left) {
            case OriginText text -> {
                budget.scan(text.length());
                yield right instanceof OriginText other && text.toString().equals(other.toString());
            }
            case Boolean truth -> truth.equals(right);
            case Long number -> number.equals(right);
            case Double number -> number.equals(right);
            default -> left == right;
        };
    }
}
