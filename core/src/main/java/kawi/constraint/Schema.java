package kawi.constraint;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import kawi.json.JsonArray;
import kawi.json.JsonBoolean;
import kawi.json.JsonMissing;
import kawi.json.JsonNull;
import kawi.json.JsonNumber;
import kawi.json.JsonObject;
import kawi.json.JsonString;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * A schema inside a JSON Schema document, with its location for messages.
 *
 * @param pointer JSON pointer of {@code node} in the document
 */
record Schema(JsonValue node, String pointer) {

    /** Keywords that do not restrict the valid values. */
    static final Set<String> ANNOTATIONS = Set.of(
            "title",
            "description",
            "default",
            "examples",
            "deprecated",
            "readOnly",
            "writeOnly",
            "$schema",
            "$id",
            "$comment",
            "$defs",
            "definitions",
            "contentMediaType",
            "contentEncoding");

    Schema at(String key) {
        Budget.current().spend(2 + (pointer.length() + key.length()) / 8);
        return new Schema(node.path(key), pointer + "/" + key.replace("~", "~0").replace("/", "~1"));
    }

    Schema at(int index) {
        Budget.current().spend(2 + pointer.length() / 8);
        return new Schema(node.path(index), pointer + "/" + index);
    }

    boolean has(String key) {
        return node.has(key);
    }

    /** The keywords that restrict values. */
    List<String> assertions() {
        return node.propertyNames().stream()
                .filter(k -> !ANNOTATIONS.contains(k) && !k.startsWith("x-"))
                .toList();
    }

    /** The schemas of an array under {@code key}. */
    List<Schema> schemas(String key) {
        Schema list = at(key);
        if (!list.node.isArray() || list.node.isEmpty()) {
            throw list.wrong("an array of schemas, not empty");
        }
        List<Schema> schemas = new ArrayList<>();
        for (int i = 0; i < list.node.size(); i++) {
            schemas.add(list.at(i));
        }
        return schemas;
    }

    List<String> strings(String key) {
        Schema list = at(key);
        List<String> strings = new ArrayList<>();
        for (JsonValue child : list.node.values()) {
            if (!child.isString()) {
                throw list.wrong("an array of strings");
            }
            strings.add(child.stringValue());
        }
        if (!list.node.isArray()) {
            throw list.wrong("an array of strings");
        }
        return strings;
    }

    /** A count under {@code key}; values beyond the range of an int are clamped. */
    int count(String key, int otherwise) {
        if (!has(key)) {
            return otherwise;
        }
        BigDecimal value = at(key).number();
        if (value.signum() < 0 || value.stripTrailingZeros().scale() > 0) {
            throw at(key).wrong("a non-negative integer");
        }
        return value.compareTo(BigDecimal.valueOf(Expression.UNBOUNDED)) >= 0 ? Expression.UNBOUNDED : value.intValue();
    }

    BigDecimal number() {
        if (!node.isNumber()) {
            throw wrong("a number");
        }
        return node.decimalValue();
    }

    @Nullable String string(String key) {
        if (!has(key)) {
            return null;
        }
        if (!at(key).node.isString()) {
            throw at(key).wrong("a string");
        }
        return at(key).node.stringValue();
    }

    boolean isTrue(String key) {
        if (has(key) && !at(key).node.isBoolean()) {
            throw at(key).wrong("true or false");
        }
        return has(key) && at(key).node.booleanValue();
    }

    GrammarException wrong(String expected) {
        return new GrammarException("JSON Schema, %s: expected %s, found %s"
                .formatted(where(), expected, GrammarException.quote(node.toString())));
    }

    GrammarException refused(String why) {
        return new GrammarException("JSON Schema, %s: %s".formatted(where(), why));
    }

    private String where() {
        return pointer.isEmpty() ? "at the root" : "at " + GrammarException.quote(pointer);
    }

    /** The JSON Schema type of a value; numbers without a fraction are integers. */
    static String typeOf(JsonValue value) {
        return switch (value) {
            case JsonObject _ -> "object";
            case JsonArray _ -> "array";
            case JsonString _ -> "string";
            case JsonNumber number -> number.value().stripTrailingZeros().scale() <= 0 ? "integer" : "number";
            case JsonBoolean _ -> "boolean";
            case JsonNull _, JsonMissing _ -> "null";
        };
    }

    /** Whether a value of {@code valueType} is of a declared type. */
    static boolean isOfType(String valueType, String declared) {
        return valueType.equals(declared) || (valueType.equals("integer") && declared.equals("number"));
    }
}
