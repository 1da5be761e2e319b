package kawi.json;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An immutable JSON value. Two values are equal if they mean the same: objects whatever the order of their properties,
 * numbers by value, so that 1 equals 1.0. {@code toString} gives the value's JSON text on one line.
 *
 * <p>{@link #path} makes it possible to look into a tree of unknown form without asking at each step: where there is
 * nothing it gives {@link JsonMissing}, which has no properties and no elements either.
 */
public sealed interface JsonValue
        permits JsonObject, JsonArray, JsonString, JsonNumber, JsonBoolean, JsonNull, JsonMissing {

    default boolean isObject() {
        return this instanceof JsonObject;
    }

    default boolean isArray() {
        return this instanceof JsonArray;
    }

    default boolean isString() {
        return this instanceof JsonString;
    }

    default boolean isNumber() {
        return this instanceof JsonNumber;
    }

    default boolean isBoolean() {
        return this instanceof JsonBoolean;
    }

    default boolean isNull() {
        return this instanceof JsonNull;
    }

    /** Whether {@link #path} found nothing. */
    default boolean isMissing() {
        return this instanceof JsonMissing;
    }

    /** The property of an object, or null if this has none of that name or is no object. */
    default @Nullable JsonValue get(String name) {
        return null;
    }

    /** The element of an array, or null if there is none or this is no array. */
    default @Nullable JsonValue get(int index) {
        return null;
    }

    /** The property of an object, or {@link JsonMissing}. */
    default JsonValue path(String name) {
        JsonValue value = get(name);
        return value == null ? JsonMissing.MISSING : value;
    }

    /** The element of an array, or {@link JsonMissing}. */
    default JsonValue path(int index) {
        JsonValue value = get(index);
        return value == null ? JsonMissing.MISSING : value;
    }

    /** Whether this is an object with a property of that name. */
    default boolean has(String name) {
        return get(name) != null;
    }

    /** Whether this is an object with a property of that name that is not null. */
    default boolean hasNonNull(String name) {
        JsonValue value = get(name);
        return value != null && !value.isNull();
    }

    /** The properties of an object in order; none for other values. */
    default Set<Map.Entry<String, JsonValue>> properties() {
        return Set.of();
    }

    /** The names of the properties of an object in order; none for other values. */
    default Set<String> propertyNames() {
        return Set.of();
    }

    /** The elements of an array, or the values of an object's properties; none for other values. */
    default Collection<JsonValue> values() {
        return List.of();
    }

    default Stream<JsonValue> valueStream() {
        return values().stream();
    }

    /** How many elements or properties there are. */
    default int size() {
        return values().size();
    }

    default boolean isEmpty() {
        return size() == 0;
    }

    /**
     * The value that a JSON pointer (RFC 6901) leads to, or {@link JsonMissing}.
     *
     * @param pointer empty for this value itself; otherwise begins with a slash
     */
    default JsonValue at(String pointer) {
        if (pointer.isEmpty()) {
            return this;
        }
        JsonValue at = pointer.startsWith("/") ? this : JsonMissing.MISSING;
        for (String step : pointer.substring(1).split("/", -1)) {
            String key = step.replace("~1", "/").replace("~0", "~");
            JsonValue next =
                    at.isArray() && key.matches("0|[1-9][0-9]{0,8}") ? at.get(Integer.parseInt(key)) : at.get(key);
            if (next == null) {
                return JsonMissing.MISSING;
            }
            at = next;
        }
        return at;
    }

    /** The text of a string, a number or a boolean, and {@code otherwise} for other values. */
    default String asString(String otherwise) {
        return switch (this) {
            case JsonString string -> string.value();
            case JsonNumber number -> number.text();
            case JsonBoolean truth -> truth.toString();
            default -> otherwise;
        };
    }

    /** The text of a string, a number or a boolean, and the empty string for other values. */
    default String asString() {
        return asString("");
    }

    /**
     * The text of a string.
     *
     * @throws IllegalStateException if this is no string
     */
    default String stringValue() {
        throw JsonException.isNo("string", this);
    }

    /**
     * The value of a boolean.
     *
     * @throws IllegalStateException if this is no boolean
     */
    default boolean booleanValue() {
        throw JsonException.isNo("boolean", this);
    }

    /**
     * The exact value of a number.
     *
     * @throws IllegalStateException if this is no number
     */
    default BigDecimal decimalValue() {
        throw JsonException.isNo("number", this);
    }

    /** Whether this is a number written without point and exponent. */
    default boolean isIntegralNumber() {
        return false;
    }

    default boolean canConvertToInt() {
        return isIntegralNumber() && integerValue().bitLength() < Integer.SIZE;
    }

    default boolean canConvertToLong() {
        return isIntegralNumber() && integerValue().bitLength() < Long.SIZE;
    }

    /**
     * The value of a number as an {@code int}.
     *
     * @throws ArithmeticException if it has a fraction or does not fit
     */
    default int intValue() {
        return decimalValue().intValueExact();
    }

    /**
     * The value of a number as a {@code long}.
     *
     * @throws ArithmeticException if it has a fraction or does not fit
     */
    default long longValue() {
        return decimalValue().longValueExact();
    }

    default double doubleValue() {
        return decimalValue().doubleValue();
    }

    private BigInteger integerValue() {
        return decimalValue().toBigInteger();
    }

    /** The JSON text in UTF-8, in which half a surrogate pair is escaped. */
    default byte[] toUtf8() {
        return JsonWriter.utf8(this);
    }

    /**
     * This value in Java's own types: an unmodifiable {@code Map} or {@code List}, {@code String}, {@code Boolean},
     * {@code null}, and for numbers {@code Long}, {@code BigInteger} where that is too small, and {@code Double}.
     */
    default @Nullable Object toJava() {
        return switch (this) {
            case JsonObject object -> {
                var map = new LinkedHashMap<String, @Nullable Object>();
                object.properties()
                        .forEach(property ->
                                map.put(property.getKey(), property.getValue().toJava()));
                yield Collections.unmodifiableMap(map);
            }
            case JsonArray array -> {
                var list = new ArrayList<@Nullable Object>(array.size());
                array.values().forEach(element -> list.add(element.toJava()));
                yield Collections.unmodifiableList(list);
            }
            case JsonString string -> string.value();
            case JsonBoolean truth -> truth.booleanValue();
            case JsonNumber number ->
                canConvertToLong()
                        ? (Object) number.value().longValueExact()
                        : isIntegralNumber() ? number.value().toBigIntegerExact() : (Object) number.doubleValue();
            case JsonNull _, JsonMissing _ -> null;
        };
    }

    /**
     * The value of Java's own types: maps with strings as keys, iterables, arrays, strings, booleans, numbers, enums by
     * name, null, and {@code JsonValue}s as they are. A {@code double} that is not finite becomes a string.
     *
     * @throws IllegalArgumentException if it is or contains something else
     */
    static JsonValue of(@Nullable Object value) {
        return JsonTree.of(value, 0);
    }
}
