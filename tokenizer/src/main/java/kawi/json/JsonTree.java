package kawi.json;

import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes trees of Java's own types, for {@link JsonValue#of}. */
final class JsonTree {

    private JsonTree() {}

    static JsonValue of(@Nullable Object value, int depth) {
        if (depth > JsonSyntax.MAX_DEPTH) {
            throw new IllegalArgumentException(
                    "nested more than %d deep, which JSON is limited to here".formatted(JsonSyntax.MAX_DEPTH));
        }
        return switch (value) {
            case null -> JsonNull.NULL;
            case JsonValue json -> json;
            case CharSequence text -> new JsonString(text.toString());
            case Boolean truth -> JsonBoolean.of(truth);
            case Number number -> number(number);
            case Enum<?> constant -> new JsonString(constant.name());
            case Map<?, ?> map -> {
                var object = JsonObject.builder();
                map.forEach((key, item) -> object.put(String.valueOf(key), of(item, depth + 1)));
                yield object.build();
            }
            case Iterable<?> items -> {
                List<JsonValue> elements = new ArrayList<>();
                items.forEach(item -> elements.add(of(item, depth + 1)));
                yield new JsonArray(elements);
            }
            case Object array
            when array.getClass().isArray() -> {
                List<JsonValue> elements = new ArrayList<>();
                for (int i = 0; i < Array.getLength(array); i++) {
                    elements.add(of(Array.get(array, i), depth + 1));
                }
                yield new JsonArray(elements);
            }
            default ->
                throw new IllegalArgumentException(
                        "a %s has no JSON form here".formatted(value.getClass().getName()));
        };
    }

    private static JsonValue number(Number number) {
        return switch (number) {
            case Byte _, Short _, Integer _, Long _ -> JsonNumber.of(number.longValue());
            case BigInteger integer -> JsonNumber.of(new BigDecimal(integer));
            case BigDecimal decimal -> JsonNumber.of(decimal);
            case Float single ->
                Float.isFinite(single)
                        ? new JsonNumber(new BigDecimal(single.toString()), single.toString())
                        : new JsonString(single.toString());
            case Double real ->
                Double.isFinite(real)
                        ? new JsonNumber(new BigDecimal(real.toString()), real.toString())
                        : new JsonString(real.toString());
            default ->
                throw new IllegalArgumentException(
                        "a %s has no JSON form here".formatted(number.getClass().getName()));
        };
    }
}
