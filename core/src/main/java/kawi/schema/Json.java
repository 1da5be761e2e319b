package kawi.schema;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/** JSON text, trees and plain Java values, and how places in them are called. */
final class Json {

    /** Numbers keep their digits: 1.50 stays 1.50. */
    private static final JsonMapper STRICT = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS, DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    /** What small models write where they mean JSON, as far as it can mean one thing only. */
    private static final JsonMapper LENIENT = STRICT.rebuild()
            .enable(
                    JsonReadFeature.ALLOW_SINGLE_QUOTES,
                    JsonReadFeature.ALLOW_TRAILING_COMMA,
                    JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
            .build();

    private static final int LONGEST_EXCERPT = 60;

    private Json() {}

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    static ArrayNode array() {
        return JsonNodeFactory.instance.arrayNode();
    }

    static JsonNode string(String text) {
        return JsonNodeFactory.instance.stringNode(text);
    }

    static JsonNode nothing() {
        return JsonNodeFactory.instance.nullNode();
    }

    static JsonNode missing() {
        return MissingNode.getInstance();
    }

    /** @throws MismatchException if it is not JSON; the message says why */
    static JsonNode parse(String text) {
        return parse(STRICT, text);
    }

    /** The JSON that was meant, or null if the text is none. */
    static @Nullable JsonNode parseLeniently(String text) {
        try {
            return parse(LENIENT, text);
        } catch (MismatchException _) {
            return null;
        }
    }

    private static JsonNode parse(JsonMapper mapper, String text) {
        try {
            var node = mapper.readTree(text);
            if (node.isMissingNode()) {
                throw new MismatchException("there is nothing");
            }
            return node;
        } catch (JacksonException e) {
            throw new MismatchException(e.getOriginalMessage(), e);
        } catch (NumberFormatException e) {
            throw new MismatchException("a number in it has too large an exponent", e); // Jackson lets it through
        }
    }

    static String text(JsonNode node) {
        return STRICT.writeValueAsString(node);
    }

    /** Any value's tree in the way of Jackson. */
    static JsonNode tree(Object value) {
        return STRICT.valueToTree(value);
    }

    /**
     * The tree in Java's own types: {@code Map}, {@code List}, {@code String}, {@code Boolean}, {@code null}, and for numbers {@code Long},
     * {@code BigInteger} where that is too small, and {@code Double}.
     */
    static @Nullable Object plain(JsonNode node) {
        if (node.isObject()) {
            var map = new LinkedHashMap<String, @Nullable Object>();
            node.properties().forEach(property -> map.put(property.getKey(), plain(property.getValue())));
            return Collections.unmodifiableMap(map);
        }
        if (node.isArray()) {
            var list = new ArrayList<@Nullable Object>(node.size());
            node.values().forEach(element -> list.add(plain(element)));
            return Collections.unmodifiableList(list);
        }
        if (node.isIntegralNumber()) {
            return node.canConvertToLong() ? (Object) node.longValue() : node.bigIntegerValue();
        }
        if (node.isNumber()) {
            return node.decimalValue().doubleValue();
        }
        return node.isString() ? node.stringValue() : node.isBoolean() ? (Object) node.booleanValue() : null;
    }

    /** Sets a number without a decimal point where it needs none. */
    static void number(ObjectNode node, String key, BigDecimal number) {
        if (isInteger(number)) {
            BigInteger integer = number.toBigIntegerExact();
            if (integer.bitLength() < Long.SIZE) {
                node.put(key, integer.longValue());
            } else {
                node.put(key, integer);
            }
        } else {
            node.put(key, number);
        }
    }

    /** Whether they are the same value; 1 and 1.0 are. */
    static boolean same(JsonNode one, JsonNode other) {
        return (one.isNumber() && other.isNumber())
                ? one.decimalValue().compareTo(other.decimalValue()) == 0
                : one.equals(other);
    }

    /** Whether it has no fraction. */
    static boolean isInteger(BigDecimal number) {
        return number.signum() == 0
                || number.scale() <= 0
                || number.stripTrailingZeros().scale() <= 0;
    }

    /** The way to a property of the value at {@code where}; the root's own way is empty. */
    static String step(String where, String property) {
        return where.isEmpty() ? property : where + "." + property;
    }

    /** How a place is called in a sentence. */
    static String place(String where) {
        return where.isEmpty() ? "the value" : where;
    }

    /** JSON as it can be quoted in a sentence. */
    static String excerpt(JsonNode node) {
        var text = text(node);
        return text.length() <= LONGEST_EXCERPT
                ? text
                : text.substring(0, text.offsetByCodePoints(0, LONGEST_EXCERPT - 10)) + "...";
    }

    /** What an exception says, or its class where it says nothing. */
    static String reason(Throwable exception) {
        var message = exception.getMessage();
        return message == null || message.isBlank() ? exception.getClass().getSimpleName() : message;
    }

    /** Names as they can be listed in a sentence. */
    static String list(List<String> names) {
        return names.isEmpty() ? "none" : String.join(", ", names);
    }
}
