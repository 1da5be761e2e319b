package kawi.template;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import kawi.tokenizer.OriginText;
import org.jspecify.annotations.Nullable;

/** All tests of Jinja2 by name. As in Jinja2, a dict is a sequence and a boolean is a number. */
final class Tests {

    private static final Map<String, Test> ALL = all();

    private Tests() {}

    static @Nullable Test find(String name) {
        return ALL.get(name);
    }

    private static Map<String, Test> all() {
        Map<String, Test> tests = new HashMap<>();
        property(tests, "defined", value -> !(value instanceof Undefined));
        property(tests, "undefined", value -> value instanceof Undefined);
        property(tests, "none", value -> value == None.NONE);
        property(tests, "boolean", value -> value instanceof Boolean);
        property(tests, "true", Boolean.TRUE::equals);
        property(tests, "false", Boolean.FALSE::equals);
        property(tests, "integer", Values::isInteger);
        property(tests, "float", value -> value instanceof Double);
        property(tests, "number", Values::isNumber);
        property(tests, "string", Values::isString);
        property(tests, "mapping", value -> value instanceof Dict);
        property(tests, "iterable", Values::isIterable);
        property(
                tests,
                "sequence",
                value -> Values.isSized(value) && !(value instanceof DictView) && !(value instanceof Loop));
        property(tests, "callable", value -> value instanceof Callable || value instanceof Undefined);
        property(tests, "escaped", value -> value instanceof Markup);

        tests.put("odd", (value, arguments, budget) -> hasRemainder(1, value, 2L, "odd", arguments, budget));
        tests.put("even", (value, arguments, budget) -> hasRemainder(0, value, 2L, "even", arguments, budget));
        tests.put("divisibleby", (value, arguments, budget) -> {
            var divisor = arguments.bind("divisibleby", 1, "num").get(0);
            return hasRemainder(0, value, divisor, "divisibleby", Arguments.NONE, budget);
        });
        tests.put("lower", (value, arguments, budget) -> {
            arguments.bind("lower", 0);
            var text = Display.text(value, budget).toString();
            budget.scan(text.length());
            return LetterCase.isLower(text);
        });
        tests.put("upper", (value, arguments, budget) -> {
            arguments.bind("upper", 0);
            var text = Display.text(value, budget).toString();
            budget.scan(text.length());
            return LetterCase.isUpper(text);
        });
        tests.put("filter", (value, arguments, budget) -> {
            arguments.bind("filter", 0);
            return value instanceof CharSequence name && Filters.find(name.toString()) != null;
        });
        tests.put("test", (value, arguments, budget) -> {
            arguments.bind("test", 0);
            return value instanceof CharSequence name && find(name.toString()) != null;
        });
        tests.put(
                "in",
                (value, arguments, budget) ->
                        Values.contains(arguments.bind("in", 1, "seq").get(0), value, budget));
        tests.put(
                "sameas",
                (value, arguments, budget) ->
                        same(value, arguments.bind("sameas", 1, "other").get(0), budget));

        Test equal = (value, arguments, budget) -> Comparison.equal(value, operand(arguments, "eq"), budget);
        put(tests, equal, "==", "eq", "equalto");
        put(tests, (value, arguments, budget) -> !equal.passes(value, arguments, budget), "!=", "ne");
        put(tests, order("<"), "<", "lt", "lessthan");
        put(tests, order("<="), "<=", "le");
        put(tests, order(">"), ">", "gt", "greaterthan");
        put(tests, order(">="), ">=", "ge");
        return Map.copyOf(tests);
    }

    private static void property(Map<String, Test> tests, String name, Predicate<Object> property) {
        tests.put(name, (value, arguments, _) -> {
            arguments.bind(name, 0);
            return property.test(value);
        });
    }

    private static void put(Map<String, Test> tests, Test test, String... names) {
        for (var name : names) {
            tests.put(name, test);
        }
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
