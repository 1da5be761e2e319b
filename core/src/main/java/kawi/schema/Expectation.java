package kawi.schema;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * What the keywords of one schema say about the value as a whole: {@code type} (with OpenAPI's {@code nullable}),
 * {@code const}, {@code enum}, and the bounds of numbers, of which {@code exclusiveMinimum} may be a boolean as in
 * draft 4. A keyword whose value does not have the form that the standard describes says nothing.
 */
record Expectation(JsonValue part) {

    private static final int MAX_NAMED = 50;

    /** Whether the value is one of the values that these keywords allow. */
    boolean allows(JsonValue value) {
        var types = JsonSchema.types(part);
        return (types.isEmpty() || types.stream().anyMatch(type -> is(value, type)))
                && (!part.has("const") || value.equals(part.path("const")))
                && (!part.path("enum").isArray()
                        || part.path("enum").valueStream().anyMatch(value::equals))
                && (!value.isNumber() || within(value.decimalValue()));
    }

    static boolean is(JsonValue value, String type) {
        return switch (type) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isString();
            case "boolean" -> value.isBoolean();
            case "null" -> value.isNull();
            case "number" -> value.isNumber();
            case "integer" -> value.isNumber() && Json.isInteger(value.decimalValue());
            default -> true;
        };
    }

    // ---- numbers

    private boolean within(BigDecimal number) {
        var least = bound("minimum");
        var above = bound("exclusiveMinimum");
        var most = bound("maximum");
        var below = bound("exclusiveMaximum");
        var step = number("multipleOf");
        return (least == null || number.compareTo(least) >= 0)
                && (above == null || number.compareTo(above) > 0)
                && (most == null || number.compareTo(most) <= 0)
                && (below == null || number.compareTo(below) < 0)
                && (step == null || step.signum() <= 0 || isMultiple(number, step));
    }

    /** The value of a bound, where a boolean {@code exclusiveMinimum} makes {@code minimum} exclusive. */
    private @Nullable BigDecimal bound(String keyword) {
        boolean exclusive = keyword.startsWith("exclusive");
        var plain = exclusive ? keyword.substring(9).toLowerCase(Locale.ROOT) : keyword;
        var switching = part.path("exclusive" + (plain.equals("minimum") ? "Minimum" : "Maximum"));
        if (switching.isBoolean()) {
            return switching.booleanValue() == exclusive ? number(plain) : null;
        }
        return number(keyword);
    }

    private @Nullable BigDecimal number(String keyword) {
        var value = part.path(keyword);
        return value.isNumber() ? value.decimalValue() : null;
    }

    /** Exact, and in time that does not depend on exponents: 1e999999999 is not written out. */
    private static boolean isMultiple(BigDecimal number, BigDecimal step) {
        if (number.signum() == 0) {
            return true;
        }
        var digits = number.stripTrailingZeros();
        var divisor = step.stripTrailingZeros();
        long exponent = (long) divisor.scale() - digits.scale();
        if (exponent >= 0) {
            var modulus = divisor.unscaledValue();
            var power = BigInteger.TEN.modPow(BigInteger.valueOf(exponent), modulus);
            return digits.unscaledValue().multiply(power).mod(modulus).signum() == 0;
        }
        return false; // the number has a digit behind the last one of the step, as neither ends in zeros
    }

    // ---- sentences

    String mismatch(Spot spot) {
        return "%s must be %s, but is %s".formatted(spot.place(), this, spot.excerpt());
    }

    /** A description of the values that these keywords allow. */
    @Override
    public String toString() {
        if (part.has("const")) {
            return part.path("const").toString();
        } else if (part.path("enum").isArray()) {
            return oneOf(part.path("enum")
                    .valueStream()
                    .map(JsonValue::toString)
                    .limit(MAX_NAMED + 1L)
                    .toList());
        }
        var types = JsonSchema.impliedTypes(part);
        if (types.isEmpty()) {
            return isBounded() ? ofType("number") : "valid for " + Json.excerpt(part);
        }
        return types.stream().map(this::ofType).collect(Collectors.joining(" or "));
    }

    private boolean isBounded() {
        return part.has("minimum")
                || part.has("maximum")
                || part.has("exclusiveMinimum")
                || part.has("exclusiveMaximum")
                || part.has("multipleOf");
    }

    private String ofType(String type) {
        return switch (type) {
            case "integer" -> "an integer" + bounds();
            case "number" -> "a number" + bounds();
            case "boolean" -> "true or false";
            case "object" -> "an object";
            case "array" -> "an array";
            case "null" -> "null";
            case "string" ->
                part.path("format").isString() ? "a " + part.path("format").stringValue() + " string" : "a string";
            default -> type;
        };
    }

    static String oneOf(List<String> values) {
        if (values.size() > MAX_NAMED) {
            return "one of " + String.join(", ", values.subList(0, MAX_NAMED)) + ", ...";
        }
        return values.size() == 1 ? values.getFirst() : "one of " + String.join(", ", values);
    }

    private String bounds() {
        var words = new ArrayList<String>();
        var least = bound("minimum");
        var most = bound("maximum");
        if (least != null && most != null) {
            words.add("from %s to %s".formatted(part.path("minimum"), part.path("maximum")));
        } else {
            add(words, "of at least", least);
            add(words, "of at most", most);
        }
        add(words, "greater than", bound("exclusiveMinimum"));
        add(words, "less than", bound("exclusiveMaximum"));
        var step = number("multipleOf");
        if (step != null && step.compareTo(BigDecimal.ONE) != 0) {
            words.add("that is a multiple of " + part.path("multipleOf"));
        }
        return words.isEmpty() ? "" : " " + String.join(" and ", words);
    }

    private static void add(List<String> words, String says, @Nullable BigDecimal bound) {
        if (bound != null) {
            words.add(says + " " + bound);
        }
    }

    // ---- counts of characters, elements and properties

    /** Whether a count is outside of the bounds that two keywords set. */
    boolean isOutside(String least, String most, long count) {
        var min = number(least);
        var max = number(most);
        var number = BigDecimal.valueOf(count);
        return (min != null && number.compareTo(min) < 0) || (max != null && number.compareTo(max) > 0);
    }

    String bounds(String least, String most) {
        var from = number(least);
        var to = number(most);
        return from == null
                ? "at most " + part.path(most)
                : to == null ? "at least " + part.path(least) : part.path(least) + " to " + part.path(most);
    }
}
