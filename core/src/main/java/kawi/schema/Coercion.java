package kawi.schema;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import kawi.json.JsonArray;
import kawi.json.JsonBoolean;
import kawi.json.JsonException;
import kawi.json.JsonNumber;
import kawi.json.JsonObject;
import kawi.json.JsonString;
import kawi.json.JsonSyntax;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Converts values from a model to the types of a schema where the conversion is unambiguous. A tool call of Qwen3.5 has
 * raw text between tags, and the template shows {@code true} as {@code True}, so a number, a boolean or an object
 * arrives as text:
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
 * All other values are unchanged; {@link SchemaCheck} reports them.
 */
final class Coercion {

    private static final int MAX_NUMBER_LENGTH = 400;

    private final JsonSchema schema;
    private final Budget budget = new Budget();
    private final SchemaCheck check;

    Coercion(JsonSchema schema) {
        this.schema = schema;
        check = new SchemaCheck(schema, budget);
    }

    /** The value that raw text represents, for the schema {@code part}. */
    JsonValue ofText(JsonValue part, String text) {
        if (schema.allowsStringsOnly(part)) {
            return of(part, new JsonString(text));
        }
        var parsed = parsed(text);
        var value = parsed == null ? null : of(part, parsed);
        if (value != null && check.fits(part, value)) {
            return value;
        }
        var string = of(part, new JsonString(text));
        return value == null || check.fits(part, string) ? string : value;
    }

    /**
     * The value converted to the type of {@code part}.
     *
     * @throws MismatchException if that exceeds the budget
     */
    JsonValue of(JsonValue part, JsonValue value) {
        var resolved = schema.resolve(part);
        if (resolved == null) {
            return value;
        }
        budget.enter();
        var coerced = coerced(resolved, value);
        budget.leave();
        return coerced;
    }

    private JsonValue coerced(JsonValue resolved, JsonValue value) {
        var possible = schema.alternatives(resolved).stream()
                .filter(alternative -> !schema.excludes(alternative, value))
                .toList();
        for (var alternative : possible) {
            var candidate = of(alternative, value);
            if (check.fits(alternative, candidate)) {
                return candidate;
            }
        }
        if (value.isObject()) {
            return object(resolved, value);
        } else if (value.isArray()) {
            var elements = new ArrayList<JsonValue>(value.size());
            for (JsonValue element : value.values()) {
                elements.add(of(resolved.path("items"), element));
            }
            return new JsonArray(elements);
        }
        return scalar(resolved, value);
    }

    private JsonValue object(JsonValue part, JsonValue value) {
        budget.spend(part.path("required").size());
        var required =
                part.path("required").valueStream().map(JsonValue::asString).collect(Collectors.toSet());
        var properties = part.path("properties");
        var object = JsonObject.builder();
        for (var property : value.properties()) {
            var name = property.getKey();
            var declared = properties.get(name);
            boolean leftOut = property.getValue().isNull()
                    && declared != null
                    && !required.contains(name)
                    && !schema.allows(declared, "null");
            if (!leftOut) {
                object.put(
                        name, of(declared == null ? part.path("additionalProperties") : declared, property.getValue()));
            }
        }
        return object.build();
    }

    private JsonValue scalar(JsonValue part, JsonValue value) {
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

    private static @Nullable JsonValue number(JsonValue value, boolean integer) {
        BigDecimal number;
        if (value.isNumber()) {
            number = value.decimalValue();
        } else if (value.isString() && value.stringValue().length() <= MAX_NUMBER_LENGTH) {
            try {
                number = new BigDecimal(value.stringValue().strip());
            } catch (NumberFormatException _) {
                return null;
            }
        } else {
            return null;
        }
        if (integer && Json.isInteger(number) && number.precision() - number.scale() <= MAX_NUMBER_LENGTH) {
            return JsonNumber.of(number.setScale(0));
        }
        return JsonNumber.of(number);
    }

    private static @Nullable JsonValue bool(JsonValue value) {
        return switch (value.isString() ? value.stringValue().strip().toLowerCase(Locale.ROOT) : "") {
            case "true" -> JsonBoolean.TRUE;
            case "false" -> JsonBoolean.FALSE;
            default -> null;
        };
    }

    private @Nullable JsonValue string(JsonValue part, JsonValue value) {
        if (value.isNumber() || value.isBoolean()) {
            return string(part, new JsonString(value.toString()));
        }
        if (!value.isString()) {
            return null;
        }
        budget.spend(part.path("enum").size());
        List<JsonValue> constants = part.path("enum").valueStream().toList();
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

    /** The JSON value of the text, or null if the text is not JSON. */
    private static @Nullable JsonValue parsed(String text) {
        try {
            return JsonSyntax.LENIENT.parse(text);
        } catch (JsonException _) {
            return null;
        }
    }

    private @Nullable JsonValue container(JsonValue part, JsonValue value, String type) {
        if (!value.isString()) {
            return null;
        }
        var parsed = parsed(value.stringValue());
        boolean meant = parsed != null && (type.equals("object") ? parsed.isObject() : parsed.isArray());
        return meant && parsed != null ? of(part, parsed) : null;
    }
}
