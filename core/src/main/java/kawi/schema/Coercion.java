package kawi.schema;

import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Brings what a model wrote into the types of a schema where that can mean one thing only. A tool call of Qwen3.5 has raw text between tags, and
 * the template shows {@code true} as {@code True}, so a number, a boolean or an object arrives as text:
 *
 * <pre>
 *    integer   "12", 12.0            12
 *    number    "1.5"                 1.5
 *    boolean   "true", "True"        true
 *    string    12, true              "12", "true"
 *    enum      "celsius"             "CELSIUS", if no other constant differs in case only
 *    object    "{\"a\": 1}"          {"a": 1}, likewise an array
 *    property  null                  left out, if it is not required and may not be null
 * </pre>
 *
 * Everything else stays as it is, for {@link SchemaCheck} to complain of.
 */
final class Coercion {

    /** Times that a value may be one of several alternatives, as in {@link SchemaCheck}. */
    private static final int MOST_CHOICES = 1_000;

    private static final int LONGEST_NUMBER = 400;

    private final JsonSchema schema;
    private final SchemaCheck check;
    private int choices;

    Coercion(JsonSchema schema) {
        this.schema = schema;
        check = new SchemaCheck(schema);
    }

    /** The value of raw text that stands for a value of {@code part}. */
    JsonNode ofText(JsonNode part, String text) {
        if (schema.allowsStringsOnly(part)) {
            return of(part, Json.string(text));
        }
        var parsed = Json.parseLeniently(text);
        var value = parsed == null ? null : of(part, parsed);
        if (value != null && check.fits(part, value)) {
            return value;
        }
        var string = of(part, Json.string(text));
        return value == null || check.fits(part, string) ? string : value;
    }

    /** The value as {@code part} has it. */
    JsonNode of(JsonNode part, JsonNode value) {
        var resolved = schema.resolve(part);
        if (resolved == null) {
            return value;
        }
        var possible = schema.alternatives(resolved).stream()
                .filter(alternative -> !schema.excludes(alternative, value))
                .toList();
        if (possible.size() > 1 && ++choices > MOST_CHOICES) {
            return value;
        }
        for (var alternative : possible) {
            var candidate = of(alternative, value);
            if (check.fits(alternative, candidate)) {
                return candidate;
            }
        }
        if (value.isObject()) {
            return object(resolved, value);
        } else if (value.isArray()) {
            var array = Json.array();
            value.values().forEach(element -> array.add(of(resolved.path("items"), element)));
            return array;
        }
        return scalar(resolved, value);
    }

    private JsonNode object(JsonNode part, JsonNode value) {
        var required =
                part.path("required").valueStream().map(JsonNode::asString).toList();
        var properties = part.path("properties");
        var object = Json.object();
        for (var property : value.properties()) {
            var name = property.getKey();
            var declared = properties.get(name);
            boolean leftOut = property.getValue().isNull()
                    && declared != null
                    && !required.contains(name)
                    && !schema.allows(declared, "null", 0);
            if (!leftOut) {
                object.set(
                        name, of(declared == null ? part.path("additionalProperties") : declared, property.getValue()));
            }
        }
        return object;
    }

    private JsonNode scalar(JsonNode part, JsonNode value) {
        for (var type : JsonSchema.types(part)) {
            var coerced = switch (type) {
                case "integer", "number" -> number(value, type.equals("integer"));
                case "boolean" -> bool(value);
                case "string" -> string(part, value);
                case "object", "array" -> container(part, value, type);
                default -> null;
            };
            if (coerced != null) {
                return coerced;
            }
        }
        return value;
    }

    private static @Nullable JsonNode number(JsonNode value, boolean integer) {
        BigDecimal number;
        if (value.isNumber()) {
            number = value.decimalValue();
        } else if (value.isString() && value.stringValue().length() <= LONGEST_NUMBER) {
            try {
                number = new BigDecimal(value.stringValue().strip());
            } catch (NumberFormatException _) {
                return null;
            }
        } else {
            return null;
        }
        if (integer && Json.isInteger(number) && number.precision() - number.scale() <= LONGEST_NUMBER) {
            return JsonNodeFactory.instance.numberNode(number.toBigIntegerExact());
        }
        return JsonNodeFactory.instance.numberNode(number);
    }

    private static @Nullable JsonNode bool(JsonNode value) {
        return switch (value.isString() ? value.stringValue().strip().toLowerCase(Locale.ROOT) : "") {
            case "true" -> JsonNodeFactory.instance.booleanNode(true);
            case "false" -> JsonNodeFactory.instance.booleanNode(false);
            default -> null;
        };
    }

    private static @Nullable JsonNode string(JsonNode part, JsonNode value) {
        if (value.isNumber() || value.isBoolean()) {
            return string(part, Json.string(Json.text(value)));
        }
        if (!value.isString()) {
            return null;
        }
        List<JsonNode> constants = part.path("enum").valueStream().toList();
        if (constants.contains(value)) {
            return value;
        }
        var text = value.stringValue().strip();
        var alike = constants.stream()
                .filter(constant ->
                        constant.isString() && constant.stringValue().equalsIgnoreCase(text))
                .toList();
        return alike.size() == 1 ? alike.getFirst() : value;
    }

    private @Nullable JsonNode container(JsonNode part, JsonNode value, String type) {
        if (!value.isString()) {
            return null;
        }
        var parsed = Json.parseLeniently(value.stringValue());
        boolean meant = parsed != null && (type.equals("object") ? parsed.isObject() : parsed.isArray());
        return meant && parsed != null ? of(part, parsed) : null;
    }
}
