package kawi.schema;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import kawi.json.JsonArray;
import kawi.json.JsonBoolean;
import kawi.json.JsonException;
import kawi.json.JsonNull;
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
 *    string    12, 1e5, true         "12", "1e5", "true"
 *    enum      "celsius"             "CELSIUS", if no other constant differs in case only
 *    object    "{\"a\": 1}"          {"a": 1}, likewise an array; also as Python writes it
 *    null      "null", "None"        null
 *    property  null                  left out, if it is not required and may not be null
 * </pre>
 *
 * A value that is valid is unchanged, except that an integer is written as one. All other values are unchanged, too;
 * {@link SchemaCheck} reports them.
 */
final class Coercion {

    private static final int MAX_NUMBER_LENGTH = 400;

    private final JsonSchema schema;
    private final Budget budget = new Budget();
    private final SchemaCheck check;
    private final Map<Task, JsonValue> done = new HashMap<>();

    /** A part of the schema and a value, both by identity, as equal numbers may be written differently. */
    private record Task(JsonValue part, JsonValue value) {

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Task(JsonValue otherPart, JsonValue otherValue)
                    && Json.same(part, otherPart)
                    && Json.same(value, otherValue);
        }

        @Override
        public int hashCode() {
            return 31 * System.identityHashCode(part) + System.identityHashCode(value);
        }
    }

    Coercion(JsonSchema schema) {
        this.schema = schema;
        check = new SchemaCheck(schema, budget);
    }

    // ---- raw text

    /**
     * The value that raw text represents, for the schema {@code part}. A text that the schema allows as a string is
     * that string, as it stands, unless it is JSON of another type that the schema allows. Of the literals of Python,
     * only those that could not be a string as well come before it: {@code None} is a string, where the schema allows
     * strings and null, and {@code null} is not.
     */
    JsonValue ofText(JsonValue part, String text) {
        var string = new JsonString(text);
        var parsed = parsed(text);
        boolean asText = check.fits(part, string);
        if (parsed != null && !parsed.isString()) {
            var value = of(part, parsed);
            boolean sameType = value.getClass() == parsed.getClass();
            if (sameType && check.fits(part, value) && (!asText || isPlain(text.strip(), value))) {
                return value;
            }
        }
        if (asText) {
            return string;
        }
        var converted = of(part, string);
        if (check.fits(part, converted) || parsed == null) {
            return converted;
        }
        var value = of(part, parsed);
        return value.isString() && !check.fits(part, value) ? converted : value;
    }

    /** Whether a text that may also be a string is written as values of this type are. */
    private static boolean isPlain(String text, JsonValue value) {
        return switch (value) {
            case JsonNull _ -> text.equals("null");
            case JsonObject _ -> !text.startsWith("{{");
            case JsonArray _ -> text.startsWith("[");
            case JsonNumber number -> number.text().equals(text); // neither 1e5 nor 1.0 for an integer
            default -> true;
        };
    }

    /** The JSON value of the text, or null if the text is not JSON. */
    private @Nullable JsonValue parsed(String text) {
        budget.spend(1 + text.length() / 8);
        try {
            return JsonSyntax.LENIENT.parse(text);
        } catch (JsonException _) {
            return null;
        }
    }

    /** Whether the value is valid for a part of the schema. */
    boolean fits(JsonValue part, JsonValue value) {
        return check.fits(part, value);
    }

    // ---- JSON

    /**
     * The value converted to the type of the whole schema.
     *
     * @throws MismatchException if that exceeds the budget
     */
    JsonValue of(JsonValue value) {
        boolean asItIs = schema.index().isDynamic() && check.fits(schema.root(), value);
        return asItIs ? value : of(schema.root(), value);
    }

    /**
     * The value converted to the type of a part of the schema.
     *
     * @throws MismatchException if that exceeds the budget
     */
    JsonValue of(JsonValue unresolved, JsonValue value) {
        var part = unresolved;
        for (var alias = schema.index().alias(part);
                alias != null;
                alias = schema.index().alias(part)) {
            budget.spend(1);
            part = alias;
        }
        if (!part.isObject()) {
            return value;
        }
        var task = new Task(part, value);
        var known = done.get(task);
        if (known != null) {
            return known;
        }
        budget.enter();
        var target = schema.index().target(part);
        var coerced = target == null ? value : of(target, value);
        if (!schema.index().ignoresSiblings(part)) {
            coerced = combined(part, coerced);
            coerced = switch (coerced) {
                case JsonObject object -> object(part, object);
                case JsonArray array -> array(part, array);
                default -> scalar(part, coerced);
            };
        }
        budget.leave();
        done.put(task, coerced);
        return coerced;
    }

    private JsonValue combined(JsonValue part, JsonValue value) {
        var coerced = value;
        for (var inner : part.path("allOf").values()) {
            coerced = of(inner, coerced);
        }
        if (part.path("anyOf").isArray()) {
            coerced = alternative(List.copyOf(part.path("anyOf").values()), false, coerced);
        }
        if (part.path("oneOf").isArray()) {
            coerced = alternative(List.copyOf(part.path("oneOf").values()), true, coerced);
        }
        if (SchemaKeywords.isSchema(part.path("if"))) {
            coerced = of(part.path(check.fits(part.path("if"), coerced) ? "then" : "else"), coerced);
        }
        return coerced;
    }

    /** The value for the alternative that it is valid for, or else for the first one that it can be converted to. */
    private JsonValue alternative(List<JsonValue> alternatives, boolean exactlyOne, JsonValue value) {
        if (isOneOf(alternatives, exactlyOne, value)) {
            for (var alternative : alternatives) {
                if (check.fits(alternative, value)) {
                    return of(alternative, value);
                }
            }
        }
        for (var alternative : alternatives) {
            if (!schema.excludes(schema.resolve(alternative), value)) {
                var candidate = of(alternative, value);
                if (check.fits(alternative, candidate) && isOneOf(alternatives, exactlyOne, candidate)) {
                    return candidate;
                }
            }
        }
        return value;
    }

    private boolean isOneOf(List<JsonValue> alternatives, boolean exactlyOne, JsonValue value) {
        int valid = 0;
        for (var alternative : alternatives) {
            valid += check.fits(alternative, value) ? 1 : 0;
        }
        return exactlyOne ? valid == 1 : valid > 0;
    }

    private JsonValue object(JsonValue part, JsonObject value) {
        budget.spend(part.path("required").size());
        var required =
                part.path("required").valueStream().map(JsonValue::asString).collect(Collectors.toSet());
        var object = JsonObject.builder();
        boolean changed = false;
        for (var property : value.properties()) {
            var name = property.getKey();
            var declared = part.path("properties").path(name);
            boolean leftOut = property.getValue().isNull()
                    && SchemaKeywords.isSchema(declared)
                    && !required.contains(name)
                    && !check.fits(declared, JsonNull.NULL);
            if (!leftOut) {
                var coerced = property(part, name, property.getValue());
                object.put(name, coerced);
                changed |= !Json.same(coerced, property.getValue());
            }
            changed |= leftOut;
        }
        return changed ? object.build() : value;
    }

    private JsonValue property(JsonValue part, String name, JsonValue value) {
        var declared = part.path("properties").path(name);
        boolean known = SchemaKeywords.isSchema(declared);
        var coerced = of(declared, value);
        var patterns = part.path("patternProperties").properties();
        budget.spend(patterns.size());
        for (var pattern : patterns) {
            var found = check.found(pattern.getKey(), name);
            known |= !Boolean.FALSE.equals(found);
            coerced = Boolean.TRUE.equals(found) ? of(pattern.getValue(), coerced) : coerced;
        }
        return known ? coerced : of(part.path("additionalProperties"), coerced);
    }

    private JsonValue array(JsonValue part, JsonArray value) {
        var schemas = ContainerCheck.ElementSchemas.of(part);
        var elements = new ArrayList<JsonValue>(value.size());
        boolean changed = false;
        for (var element : value.values()) {
            var coerced = of(schemas.at(elements.size()), element);
            elements.add(coerced);
            changed |= !Json.same(coerced, element);
        }
        return changed ? new JsonArray(elements) : value;
    }

    // ---- scalars

    private JsonValue scalar(JsonValue part, JsonValue value) {
        var types = JsonSchema.types(part);
        if (new Expectation(part).allows(value)) {
            boolean integer = types.contains("integer") && !types.contains("number");
            return integer && value instanceof JsonNumber number ? asInteger(number) : value;
        }
        var constants = constants(part);
        if (!constants.isEmpty()) {
            return constant(constants, value);
        }
        for (var type : types) {
            var coerced = switch (type) {
                case "integer", "number" -> number(value, type.equals("integer"));
                case "boolean" -> bool(value);
                case "string" -> string(value);
                case "object", "array" -> container(part, value, type);
                case "null" -> nothing(value);
                default -> null;
            };
            if (coerced != null) {
                return coerced;
            }
        }
        return value;
    }

    private List<JsonValue> constants(JsonValue part) {
        if (part.has("const")) {
            return List.of(part.path("const"));
        }
        budget.spend(part.path("enum").size());
        return part.path("enum").isArray() ? List.copyOf(part.path("enum").values()) : List.of();
    }

    /** The only constant that the value can mean, or the value. */
    private JsonValue constant(List<JsonValue> constants, JsonValue value) {
        if (!value.isString()) {
            var string = new JsonString(value.asString());
            return constants.contains(string) ? string : value;
        }
        var text = value.stringValue().strip();
        var parsed = parsed(text);
        if (parsed != null && constants.contains(parsed)) {
            return constants.get(constants.indexOf(parsed));
        }
        var alike = constants.stream()
                .filter(constant ->
                        constant.isString() && constant.stringValue().equalsIgnoreCase(text))
                .toList();
        return alike.size() == 1 ? alike.getFirst() : value;
    }

    private @Nullable JsonValue number(JsonValue value, boolean integer) {
        JsonNumber number;
        if (value instanceof JsonNumber given) {
            number = given;
        } else if (value.isString() && value.stringValue().length() <= MAX_NUMBER_LENGTH) {
            var text = value.stringValue().strip();
            try {
                number = parsed(text) instanceof JsonNumber spelled ? spelled : JsonNumber.of(new BigDecimal(text));
            } catch (NumberFormatException _) {
                return null;
            }
        } else {
            return null;
        }
        return integer ? asInteger(number) : number;
    }

    /** The number without a point and an exponent, if it is an integer of no excessive length. */
    private static JsonNumber asInteger(JsonNumber number) {
        var exact = number.value();
        boolean written = exact.scale() == 0;
        boolean isLong = (long) exact.precision() - exact.scale() > MAX_NUMBER_LENGTH;
        return written || isLong || !Json.isInteger(exact) ? number : JsonNumber.of(exact.setScale(0));
    }

    private static @Nullable JsonValue bool(JsonValue value) {
        return switch (value.isString() ? value.stringValue().strip().toLowerCase(Locale.ROOT) : "") {
            case "true" -> JsonBoolean.TRUE;
            case "false" -> JsonBoolean.FALSE;
            default -> null;
        };
    }

    private static @Nullable JsonValue string(JsonValue value) {
        return value.isNumber() || value.isBoolean() ? new JsonString(value.asString()) : null;
    }

    private static @Nullable JsonValue nothing(JsonValue value) {
        var text = value.isString() ? value.stringValue().strip() : "";
        return text.equals("null") || text.equals("None") ? JsonNull.NULL : null;
    }

    private @Nullable JsonValue container(JsonValue part, JsonValue value, String type) {
        var parsed = value.isString() ? parsed(value.stringValue()) : null;
        boolean meant = parsed != null && (type.equals("object") ? parsed.isObject() : parsed.isArray());
        return meant && parsed != null ? of(part, parsed) : null;
    }
}
