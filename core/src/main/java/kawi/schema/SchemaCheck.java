package kawi.schema;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import kawi.json.JsonValue;

/**
 * Validates JSON against a schema and describes mistakes so that a small model can correct them. Only the keywords that
 * {@link SchemaWriter} uses, {@code oneOf} and {@code allOf} are checked; {@code format} is left to the reader of the
 * string. An optional property with the value null counts as absent.
 */
final class SchemaCheck {

    private static final int MAX_FAULTS = 5;

    private final JsonSchema schema;
    private final Budget budget;

    /** Pairs known to be valid: alternatives and references may repeat a comparison many times. */
    private final Set<Comparison> fitting = new HashSet<>();

    private record Comparison(JsonValue part, JsonValue value) {}

    /** A check of any number of values within {@code budget}. */
    SchemaCheck(JsonSchema schema, Budget budget) {
        this.schema = schema;
        this.budget = budget;
    }

    /**
     * The mistakes in {@code value}, most important first; empty if it is valid.
     *
     * @throws MismatchException if that exceeds the budget
     */
    static List<String> faults(JsonSchema schema, JsonValue value) {
        return new SchemaCheck(schema, new Budget()).check(schema.root(), value, "");
    }

    /** Whether {@code value} is valid against {@code part} of the schema. */
    boolean fits(JsonValue part, JsonValue value) {
        return check(part, value, "").isEmpty();
    }

    /** The mistakes in one sentence. */
    static String sentence(List<String> faults) {
        return faults.size() <= MAX_FAULTS
                ? String.join("; ", faults)
                : String.join("; ", faults.subList(0, MAX_FAULTS)) + "; and " + (faults.size() - MAX_FAULTS) + " more";
    }

    private List<String> check(JsonValue unresolved, JsonValue value, String where) {
        var part = schema.resolve(unresolved);
        if (part == null || !part.isObject() || fitting.contains(new Comparison(part, value))) {
            return List.of();
        }
        budget.enter();
        var faults = checkPart(part, value, where);
        budget.leave();
        if (faults.isEmpty()) {
            fitting.add(new Comparison(part, value));
        }
        return faults;
    }

    private List<String> checkPart(JsonValue part, JsonValue value, String where) {
        var faults = new ArrayList<String>();
        for (JsonValue all : part.path("allOf").values()) {
            faults.addAll(check(all, value, where));
        }
        budget.spend(part.path("enum").size());
        var alternatives = schema.alternatives(part);
        if (!alternatives.isEmpty()) {
            faults.addAll(alternatives(alternatives, value, where));
        }
        var types = JsonSchema.types(part);
        if ((!types.isEmpty() && types.stream().noneMatch(type -> is(value, type)))
                || (part.has("const") && !value.equals(part.path("const")))
                || (part.has("enum") && part.path("enum").valueStream().noneMatch(value::equals))
                || (value.isNumber() && !within(part, value.decimalValue()))) {
            faults.add(must(part, value, where));
        } else if (value.isString()) {
            checkString(part, value, where, faults);
        } else if (value.isArray()) {
            checkArray(part, value, where, faults);
        } else if (value.isObject()) {
            checkObject(part, value, where, faults);
        }
        return faults;
    }

    private List<String> alternatives(List<JsonValue> alternatives, JsonValue value, String where) {
        for (JsonValue alternative : alternatives) {
            budget.spend(1 + alternative.path("properties").size());
        }
        var meant = alternatives.stream()
                .filter(alternative -> !schema.excludes(alternative, value))
                .filter(alternative -> {
                    var types = JsonSchema.types(alternative);
                    return types.isEmpty() || types.stream().anyMatch(type -> is(value, type));
                })
                .toList();
        List<String> nearest = List.of();
        for (var alternative : meant) {
            var faults = check(alternative, value, where);
            if (faults.isEmpty()) {
                return faults;
            }
            if (nearest.isEmpty() || faults.size() < nearest.size()) {
                nearest = faults;
            }
        }
        if (!nearest.isEmpty()) {
            return nearest;
        }
        return value.isObject() && alternatives.stream().anyMatch(alternative -> schema.excludes(alternative, value))
                ? List.of(unknownKind(alternatives, value, where))
                : List.of("%s must be %s, but is %s"
                        .formatted(
                                Json.place(where),
                                alternatives.stream()
                                        .map(SchemaCheck::expected)
                                        .distinct()
                                        .collect(Collectors.joining(" or ")),
                                Json.excerpt(value)));
    }

    /** Reports an object that matches none of the kinds, each of which has a property with a constant value. */
    private static String unknownKind(List<JsonValue> alternatives, JsonValue value, String where) {
        var kinds = new ArrayList<String>();
        var property = "";
        for (var alternative : alternatives) {
            for (var candidate : alternative.path("properties").properties()) {
                var constant = candidate.getValue().get("const");
                if (constant != null) {
                    property = candidate.getKey();
                    kinds.add(constant.toString());
                }
            }
        }
        var found = value.get(property);
        return "%s must be %s, but %s"
                .formatted(
                        Json.step(where, property),
                        oneOf(kinds),
                        found == null ? "is missing" : "is " + Json.excerpt(found));
    }

    private static boolean is(JsonValue value, String type) {
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

    private static boolean within(JsonValue part, BigDecimal number) {
        return !(part.path("minimum").isNumber()
                        && number.compareTo(part.path("minimum").decimalValue()) < 0)
                && !(part.path("maximum").isNumber()
                        && number.compareTo(part.path("maximum").decimalValue()) > 0)
                && !(part.path("exclusiveMinimum").isNumber()
                        && number.compareTo(part.path("exclusiveMinimum").decimalValue()) <= 0)
                && !(part.path("exclusiveMaximum").isNumber()
                        && number.compareTo(part.path("exclusiveMaximum").decimalValue()) >= 0);
    }

    private void checkString(JsonValue part, JsonValue value, String where, List<String> faults) {
        var text = value.stringValue();
        int length = text.codePointCount(0, text.length());
        if (outside(part, "minLength", "maxLength", length)) {
            faults.add("%s must have %s characters, but has %d"
                    .formatted(Json.place(where), bounds(part, "minLength", "maxLength"), length));
        }
        if (part.path("pattern").isString()) {
            var pattern = part.path("pattern").stringValue();
            if (!found(pattern, text)) {
                faults.add("%s must match the pattern %s, but is %s"
                        .formatted(Json.place(where), pattern, Json.excerpt(value)));
            }
        }
    }

    private boolean found(String pattern, String text) {
        budget.spend(pattern.length());
        try {
            return Patterns.compile(pattern).matcher(budget.counted(text)).find();
        } catch (StackOverflowError _) {
            return false; // java.util.regex recurses over the text; a text that is too long for it is invalid
        }
    }

    private void checkArray(JsonValue part, JsonValue value, String where, List<String> faults) {
        if (outside(part, "minItems", "maxItems", value.size())) {
            faults.add("%s must have %s elements, but has %d"
                    .formatted(Json.place(where), bounds(part, "minItems", "maxItems"), value.size()));
        }
        var items = part.path("items");
        if (items.isObject()) {
            int i = 0;
            for (var element : value.values()) {
                faults.addAll(check(items, element, "%s[%d]".formatted(where, i++)));
            }
        }
    }

    private void checkObject(JsonValue part, JsonValue value, String where, List<String> faults) {
        budget.spend(part.path("required").size() + value.size());
        var required = part.path("required")
                .valueStream()
                .map(JsonValue::asString)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        for (var name : required) {
            if (!value.has(name)) {
                faults.add("%s is missing".formatted(Json.step(where, name)));
            }
        }
        if (outside(part, "minProperties", "maxProperties", value.size())) {
            faults.add("%s must have %s entries, but has %d"
                    .formatted(Json.place(where), bounds(part, "minProperties", "maxProperties"), value.size()));
        }
        var properties = part.path("properties");
        var others = part.path("additionalProperties");
        for (var property : value.properties()) {
            var name = property.getKey();
            var there = Json.step(where, name);
            if (properties.has(name)) {
                if (!property.getValue().isNull() || required.contains(name)) {
                    faults.addAll(check(properties.path(name), property.getValue(), there));
                }
            } else if (others.isBoolean() && !others.booleanValue()) {
                faults.add("%s is not known; known are: %s"
                        .formatted(there, Json.list(List.copyOf(properties.propertyNames()))));
            } else {
                faults.addAll(check(others, property.getValue(), there));
            }
        }
    }

    private static String must(JsonValue part, JsonValue value, String where) {
        return "%s must be %s, but is %s".formatted(Json.place(where), expected(part), Json.excerpt(value));
    }

    /** A description of the values that a schema allows. */
    private static String expected(JsonValue part) {
        if (part.has("const")) {
            return part.path("const").toString();
        } else if (part.has("enum")) {
            return oneOf(
                    part.path("enum").valueStream().map(JsonValue::toString).toList());
        }
        var types = JsonSchema.types(part);
        return types.isEmpty()
                ? "something else"
                : types.stream().map(type -> expected(part, type)).collect(Collectors.joining(" or "));
    }

    private static String expected(JsonValue part, String type) {
        return switch (type) {
            case "integer" -> "an integer" + bounds(part);
            case "number" -> "a number" + bounds(part);
            case "boolean" -> "true or false";
            case "object" -> "an object";
            case "array" -> "an array";
            case "null" -> "null";
            case "string" ->
                part.path("format").isString() ? "a " + part.path("format").stringValue() + " string" : "a string";
            default -> type;
        };
    }

    private static String oneOf(List<String> values) {
        return values.size() == 1 ? values.getFirst() : "one of " + String.join(", ", values);
    }

    private static String bounds(JsonValue part) {
        var words = new ArrayList<String>();
        if (part.has("minimum") && part.has("maximum")) {
            return " from %s to %s".formatted(part.get("minimum"), part.get("maximum"));
        }
        bound(part, "minimum", "of at least", words);
        bound(part, "exclusiveMinimum", "greater than", words);
        bound(part, "maximum", "of at most", words);
        bound(part, "exclusiveMaximum", "less than", words);
        return words.isEmpty() ? "" : " " + String.join(" and ", words);
    }

    private static void bound(JsonValue part, String keyword, String says, List<String> words) {
        if (part.has(keyword)) {
            words.add(says + " " + part.get(keyword));
        }
    }

    private static boolean outside(JsonValue part, String least, String most, int size) {
        return (part.path(least).isNumber() && size < part.path(least).doubleValue())
                || (part.path(most).isNumber() && size > part.path(most).doubleValue());
    }

    private static String bounds(JsonValue part, String least, String most) {
        JsonValue from = part.get(least);
        JsonValue to = part.get(most);
        return from == null ? "at most " + to : to == null ? "at least " + from : from + " to " + to;
    }
}
