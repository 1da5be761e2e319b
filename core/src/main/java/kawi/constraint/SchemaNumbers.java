package kawi.constraint;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import kawi.json.JsonBoolean;
import kawi.json.JsonNumber;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/** Compiles the cases of JSON Schema that are numbers. */
final class SchemaNumbers {

    private final SchemaCompiler compiler;
    private final Rules rules;

    SchemaNumbers(SchemaCompiler compiler, Rules rules) {
        this.compiler = compiler;
        this.rules = rules;
    }

    /** The numbers of a case. */
    Expression value(Case of) {
        List<Constraint.Keyword> keywords = of.keywords().toList();
        List<Constraint.Keyword> literals = of.keywords("const", "enum").stream()
                .filter(Constraint.Keyword::holds)
                .toList();
        if (!literals.isEmpty()) {
            var texts = new LinkedHashSet<String>();
            for (JsonValue value : literals.getFirst()
                    .of()
                    .schema()
                    .literals(literals.getFirst().name())) {
                if (value.isNumber() && keywords.stream().allMatch(k -> satisfies(value, k))) {
                    texts.add(value.toString());
                }
            }
            return SchemaCompiler.texts(texts);
        }
        try {
            Automaton automaton = automaton(keywords);
            if (automaton.isEmpty()) {
                return compiler.nothing(
                        keywords.getFirst().of().schema(),
                        "no number satisfies all of minimum, maximum and multipleOf");
            }
            return new Expression.Call(rules.add(new Expression.Recognized(automaton)));
        } catch (GrammarException e) {
            throw e.getMessage().startsWith("JSON Schema") || keywords.isEmpty()
                    ? e
                    : keywords.getFirst().of().schema().refused(e.getMessage());
        }
    }

    /** The integers of a case if it has bounds that allow no more than {@code most}, or null. */
    static @Nullable List<JsonValue> integers(Case of, int most) {
        BigDecimal low = null;
        BigDecimal high = null;
        boolean integer = false;
        for (Constraint.Keyword keyword : (Iterable<Constraint.Keyword>) of.keywords()::iterator) {
            integer |= keyword.name().equals("type") && keyword.holds();
            boolean bounds = Keywords.OF_TYPE.getOrDefault("number", Set.of()).contains(keyword.name())
                    && !keyword.name().equals("multipleOf");
            Numbers.Bound bound = bounds ? bound(keyword) : null;
            if (bound != null && isLower(keyword)) {
                low = low == null ? bound.value() : low.max(bound.value());
            } else if (bound != null) {
                high = high == null ? bound.value() : high.min(bound.value());
            }
        }
        if (!integer || low == null || high == null || high.subtract(low).compareTo(BigDecimal.valueOf(most)) >= 0) {
            return null;
        }
        List<JsonValue> values = new ArrayList<>();
        BigInteger first = low.setScale(0, RoundingMode.CEILING).toBigIntegerExact();
        BigInteger last = high.setScale(0, RoundingMode.FLOOR).toBigIntegerExact();
        for (BigInteger value = first; value.compareTo(last) <= 0; value = value.add(BigInteger.ONE)) {
            values.add(JsonNumber.of(new BigDecimal(value)));
        }
        return values;
    }

    private static boolean isExclusive(Schema schema, String keyword) {
        return schema.node().path(keyword).equals(JsonBoolean.TRUE);
    }

    /** A bound, or null if the keyword only says how another one is to be read, as before draft 6. */
    private static Numbers.@Nullable Bound bound(Constraint.Keyword keyword) {
        Schema schema = keyword.of().schema();
        if (keyword.value().node().isBoolean()) {
            return null;
        }
        boolean inclusive = switch (keyword.name()) {
            case "minimum" -> !isExclusive(schema, "exclusiveMinimum");
            case "maximum" -> !isExclusive(schema, "exclusiveMaximum");
            default -> false;
        };
        return new Numbers.Bound(keyword.value().number(), inclusive == keyword.holds());
    }

    /** Whether the keyword is a lower bound, or the negation of an upper one. */
    private static boolean isLower(Constraint.Keyword keyword) {
        return (keyword.name().equals("minimum") || keyword.name().equals("exclusiveMinimum")) == keyword.holds();
    }

    private static BigDecimal multipleOf(Constraint.Keyword keyword) {
        BigDecimal multipleOf = keyword.value().number();
        if (multipleOf.signum() <= 0) {
            throw keyword.value().wrong("a number greater than 0");
        }
        return multipleOf;
    }

    private static boolean satisfies(JsonValue value, Constraint.Keyword keyword) {
        return switch (keyword.name()) {
            case "const", "enum" -> SchemaCompiler.satisfies(value, keyword);
            case "type" -> Schema.typeOf(value).equals("integer") == keyword.holds();
            case "multipleOf" -> isMultiple(value.decimalValue(), multipleOf(keyword)) == keyword.holds();
            default -> {
                Numbers.Bound bound = bound(keyword);
                if (bound == null) {
                    yield keyword.holds();
                }
                int order = value.decimalValue().compareTo(bound.value());
                yield order == 0 ? bound.inclusive() : (order > 0) == isLower(keyword);
            }
        };
    }

    private static boolean isMultiple(BigDecimal number, BigDecimal divisor) {
        // A bound limits the number of digits, and so the work.
        BigDecimal limited = new Numbers.Bound(number, true).value();
        return limited.remainder(new Numbers.Bound(divisor, true).value()).signum() == 0;
    }

    private static Automaton automaton(List<Constraint.Keyword> keywords) {
        boolean integer = false;
        boolean fraction = false;
        Numbers.Bound low = null;
        Numbers.Bound high = null;
        List<Numbers.Multiple> multiples = new ArrayList<>();
        List<BigDecimal> excluded = new ArrayList<>();
        for (Constraint.Keyword keyword : keywords) {
            switch (keyword.name()) {
                case "type" -> {
                    integer |= keyword.holds();
                    fraction |= !keyword.holds();
                }
                case "const", "enum" -> {
                    for (JsonValue value : keyword.of().schema().literals(keyword.name())) {
                        if (value.isNumber()) {
                            excluded.add(value.decimalValue());
                        }
                    }
                }
                case "multipleOf" -> multiples.add(new Numbers.Multiple(multipleOf(keyword), keyword.holds()));
                default -> {
                    Numbers.Bound bound = bound(keyword);
                    if (bound == null && !keyword.holds()) {
                        return Nfa.automaton(Expression.nothing());
                    }
                    if (bound != null && isLower(keyword)) {
                        low = stricter(low, bound, 1);
                    } else if (bound != null) {
                        high = stricter(high, bound, -1);
                    }
                }
            }
        }
        if (!integer && low == null && high == null && multiples.isEmpty() && excluded.isEmpty() && !fraction) {
            return Nfa.automaton(Numbers.any());
        }
        if (integer && fraction) {
            return Nfa.automaton(Expression.nothing());
        }
        Automaton automaton = Numbers.between(integer, low, high, multiples.isEmpty() ? null : multiples.getFirst());
        for (Numbers.Multiple multiple : multiples.subList(Math.min(1, multiples.size()), multiples.size())) {
            automaton = automaton.intersect(Numbers.between(integer, low, high, multiple));
        }
        for (BigDecimal value : excluded) {
            var bound = new Numbers.Bound(value, true);
            automaton = automaton.minus(Numbers.between(false, bound, bound, null));
        }
        return fraction ? automaton.minus(Numbers.integersWithFraction()) : automaton;
    }

    /** The stricter of two bounds; {@code side} is 1 for lower bounds, -1 for upper ones. */
    private static Numbers.Bound stricter(Numbers.@Nullable Bound one, Numbers.Bound other, int side) {
        if (one == null) {
            return other;
        }
        int order = one.value().compareTo(other.value()) * side;
        return order == 0 ? (one.inclusive() ? other : one) : order > 0 ? one : other;
    }
}
