package kawi.json;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * A JSON number: its exact value, and how it is written. 1.50 stays 1.50, and yet equals 1.5.
 *
 * @param text JSON's spelling of {@code value}
 */
public record JsonNumber(BigDecimal value, String text) implements JsonValue {

    public static JsonNumber of(BigDecimal value) {
        return new JsonNumber(value, value.toString());
    }

    public static JsonNumber of(long value) {
        return of(BigDecimal.valueOf(value));
    }

    @Override
    public BigDecimal decimalValue() {
        return value;
    }

    @Override
    public boolean isIntegralNumber() {
        return value.scale() == 0;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof JsonNumber number && value.compareTo(number.value) == 0;
    }

    @Override
    public int hashCode() {
        return Double.hashCode(value.signum() == 0 ? 0 : value.doubleValue());
    }

    @Override
    public String toString() {
        return text;
    }
}
