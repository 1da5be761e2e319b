package kawi.server.protocol;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The fields of a JSON object in a request. A field that is null counts as absent. Values of the wrong type are
 * rejected with the path of the field; {@link #rejectOthers} rejects what has not been read.
 */
final class Fields {

    private final ObjectNode object;
    private final String path;
    private final Set<String> known = new HashSet<>();

    Fields(ObjectNode object, String path) {
        this.object = object;
        this.path = path;
    }

    /** The path of a field. */
    String at(String name) {
        return Json.member(path, name);
    }

    /** The path of this object. */
    String path() {
        return path;
    }

    ObjectNode node() {
        return object;
    }

    boolean has(String name) {
        return get(name) != null;
    }

    @Nullable JsonNode get(String name) {
        known.add(name);
        JsonNode node = object.get(name);
        return node == null || node.isNull() ? null : node;
    }

    JsonNode required(String name) {
        JsonNode node = get(name);
        if (node == null) {
            throw ApiException.invalid(
                    at(name), "missing_required_parameter", "Missing required parameter: '%s'.".formatted(at(name)));
        }
        return node;
    }

    static ApiException wrongType(String path, String expected, JsonNode found) {
        return ApiException.invalid(
                path,
                "invalid_type",
                "Invalid type for '%s': expected %s, but got %s instead.".formatted(path, expected, Json.kind(found)));
    }

    static ApiException wrongValue(String path, String message) {
        return ApiException.invalid(path, "invalid_value", "Invalid value for '%s': %s.".formatted(path, message));
    }

    static String string(JsonNode node, String path) {
        if (!node.isString()) {
            throw wrongType(path, "a string", node);
        }
        return node.stringValue();
    }

    static Fields object(JsonNode node, String path) {
        if (!(node instanceof ObjectNode object)) {
            throw wrongType(path, "an object", node);
        }
        return new Fields(object, path);
    }

    static int integer(JsonNode node, String path, int min, int max) {
        boolean whole = node.isIntegralNumber()
                || (node.isNumber() && node.decimalValue().stripTrailingZeros().scale() <= 0);
        if (!whole) {
            throw wrongType(path, "an integer", node);
        }
        BigDecimal value = node.decimalValue();
        if (value.compareTo(BigDecimal.valueOf(min)) < 0 || value.compareTo(BigDecimal.valueOf(max)) > 0) {
            throw wrongValue(path, "it is %s, but must be between %d and %d".formatted(node, min, max));
        }
        return value.intValue();
    }

    @Nullable String string(String name) {
        JsonNode node = get(name);
        return node == null ? null : string(node, at(name));
    }

    String requiredString(String name) {
        return string(required(name), at(name));
    }

    /** One of several strings. */
    @Nullable String oneOf(String name, String... allowed) {
        String value = string(name);
        if (value != null && !List.of(allowed).contains(value)) {
            throw wrongValue(
                    at(name), "it is '%s', but must be one of %s".formatted(value, String.join(", ", allowed)));
        }
        return value;
    }

    @Nullable Boolean bool(String name) {
        JsonNode node = get(name);
        if (node != null && !node.isBoolean()) {
            throw wrongType(at(name), "a boolean", node);
        }
        return node == null ? null : node.booleanValue();
    }

    boolean isTrue(String name) {
        return Boolean.TRUE.equals(bool(name));
    }

    @Nullable Integer integer(String name, int min, int max) {
        JsonNode node = get(name);
        return node == null ? null : integer(node, at(name), min, max);
    }

    @Nullable Long longInteger(String name) {
        JsonNode node = get(name);
        if (node == null) {
            return null;
        }
        if (!node.isIntegralNumber()) {
            throw wrongType(at(name), "an integer", node);
        }
        if (!node.canConvertToLong()) {
            throw wrongValue(at(name), "it is %s, which exceeds 64 bits".formatted(node));
        }
        return node.longValue();
    }

    @Nullable Double number(String name, double min, double max) {
        JsonNode node = get(name);
        return node == null ? null : number(node, at(name), min, max);
    }

    static double number(JsonNode node, String path, double min, double max) {
        if (!node.isNumber()) {
            throw wrongType(path, "a number", node);
        }
        double value = node.decimalValue().doubleValue();
        if (!(value >= min && value <= max)) {
            throw wrongValue(path, "it is %s, but must be between %s and %s".formatted(node, plain(min), plain(max)));
        }
        return value;
    }

    private static String plain(double number) {
        return new BigDecimal(number).stripTrailingZeros().toPlainString();
    }

    @Nullable Fields object(String name) {
        JsonNode node = get(name);
        return node == null ? null : object(node, at(name));
    }

    /** The items of an array, or null if it is absent. */
    @Nullable List<JsonNode> array(String name) {
        JsonNode node = get(name);
        return node == null ? null : array(node, at(name));
    }

    static List<JsonNode> array(JsonNode node, String path) {
        if (!node.isArray()) {
            throw wrongType(path, "an array", node);
        }
        List<JsonNode> items = new ArrayList<>();
        node.forEach(items::add);
        return items;
    }

    List<JsonNode> requiredArray(String name) {
        return array(required(name), at(name));
    }

    /** Rejects a field that is known and cannot be honoured. */
    void reject(String name, String reason) {
        if (has(name)) {
            throw ApiException.unsupported(at(name), reason);
        }
    }

    /** As {@link #reject}, unless the value is one that asks for nothing. */
    void rejectUnless(String name, JsonNode harmless, String reason) {
        JsonNode node = get(name);
        if (node != null && !node.equals(harmless)) {
            throw ApiException.unsupported(at(name), reason);
        }
    }

    /** Accepts fields that do not change the answer. */
    void ignore(String... names) {
        known.addAll(List.of(names));
    }

    /** Rejects all fields that have not been read. */
    void rejectOthers() {
        for (Map.Entry<String, JsonNode> property : object.properties()) {
            if (!known.contains(property.getKey())) {
                throw ApiException.invalid(
                        at(property.getKey()),
                        "unknown_parameter",
                        "Unrecognized request argument supplied: %s".formatted(at(property.getKey())));
            }
        }
    }
}
