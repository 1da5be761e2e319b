package kawi.schema;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Map;
import kawi.Range;
import kawi.json.JsonObject;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * A number.
 *
 * @param type the wrapper class of the Java type
 * @param range the allowed values, or null for all values of the type
 */
record NumberShape(Class<?> type, @Nullable Range range) implements Shape {

    /** Numbers with more digits than this before the point are rejected, because computing with them is slow. */
    private static final int MAX_DIGITS = 1000;

    /**
     * The bounds of types that cannot hold every number that a model may write; for a {@code double}, the constraint
     * ensures that the number is finite.
     */
    private static final Map<Class<?>, Ends> ENDS = Map.of(
            Byte.class, Ends.of(Byte.MIN_VALUE, Byte.MAX_VALUE),
            Short.class, Ends.of(Short.MIN_VALUE, Short.MAX_VALUE),
            Integer.class, Ends.of(Integer.MIN_VALUE, Integer.MAX_VALUE),
            Long.class, Ends.of(Long.MIN_VALUE, Long.MAX_VALUE),
            Float.class, new Ends(new BigDecimal("-3.4028234e38"), new BigDecimal("3.4028234e38")));

    private record Ends(BigDecimal least, BigDecimal greatest) {
        static Ends of(long least, long greatest) {
            return new Ends(BigDecimal.valueOf(least), BigDecimal.valueOf(greatest));
        }
    }

    private boolean integer() {
        return type != Float.class && type != Double.class && type != BigDecimal.class;
    }

    @Override
    public JsonObject schema(SchemaWriter writer) {
        var schema = JsonObject.builder().put("type", integer() ? "integer" : "number");
        var ends = writer.exact() ? ENDS.get(type) : null;
        var least = ends == null ? null : ends.least;
        var most = ends == null ? null : ends.greatest;
        if (range != null && range.min() != Double.NEGATIVE_INFINITY) {
            var min = bound(range.min(), RoundingMode.CEILING);
            least = least == null ? min : least.max(min);
        }
        if (range != null && range.max() != Double.POSITIVE_INFINITY) {
            var max = bound(range.max(), RoundingMode.FLOOR);
            most = most == null ? max : most.min(max);
        }
        if (least != null) {
            Json.number(schema, "minimum", least);
        }
        if (most != null) {
            Json.number(schema, "maximum", most);
        }
        return schema.build();
    }

    private BigDecimal bound(double value, RoundingMode towardsInside) {
        var exact = BigDecimal.valueOf(value);
        return integer() ? exact.setScale(0, towardsInside) : exact;
    }

    /** Whether the range contains a number of this type. */
    boolean possible() {
        if (range == null) {
            return true;
        }
        if (!(range.min() <= range.max())) {
            return false;
        }
        if (Double.isInfinite(range.min()) || Double.isInfinite(range.max())) {
            return range.min() != Double.POSITIVE_INFINITY && range.max() != Double.NEGATIVE_INFINITY;
        }
        return bound(range.min(), RoundingMode.CEILING).compareTo(bound(range.max(), RoundingMode.FLOOR)) <= 0;
    }

    @Override
    public Object read(JsonValue value, String where) {
        var number = value.decimalValue();
        if ((long) number.precision() - number.scale() > MAX_DIGITS) {
            throw new MismatchException("%s has more than %d digits".formatted(Json.place(where), MAX_DIGITS));
        }
        if (type == Byte.class) {
            return number.byteValueExact();
        } else if (type == Short.class) {
            return number.shortValueExact();
        } else if (type == Integer.class) {
            return number.intValueExact();
        } else if (type == Long.class) {
            return number.longValueExact();
        } else if (type == BigInteger.class) {
            return number.toBigIntegerExact();
        } else if (type == Float.class) {
            return finite(number.floatValue(), where);
        } else if (type == Double.class) {
            return finite(number.doubleValue(), where);
        }
        return number;
    }

    private static <N extends Number> N finite(N number, String where) {
        if (Double.isInfinite(number.doubleValue())) {
            throw new MismatchException("%s is too large a number".formatted(Json.place(where)));
        }
        return number;
    }
}
