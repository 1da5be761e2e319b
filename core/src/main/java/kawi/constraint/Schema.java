package kawi.constraint;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
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

    /** A string of the document that is no value but a name in it. */
    static Schema text(String text, String pointer) {
        return new Schema(new JsonString(text), pointer);
    }

    /** The keywords that restrict values. */
    List<String> assertions() {
        return node.propertyNames().stream().filter(Keywords::restricts).toList();
    }

    /** The declared types, of {@link Keywords#TYPES} and {@code integer}; {@code nullable} of OpenAPI 3.0 adds null. */
    Set<String> types() {
        Schema type = at("type");
        List<String> names = type.node.isString() ? List.of(type.node.stringValue()) : strings("type");
        for (String name : names) {
            if (Keywords.bit(name) == 0) {
                throw type.wrong("one of " + Keywords.TYPES + " or integer");
            }
        }
        if (names.isEmpty()) {
            throw type.wrong("at least one type");
        }
        var types = new LinkedHashSet<>(names);
        if (node.path("nullable").equals(JsonBoolean.TRUE)) {
            types.add("null");
        }
        return types;
    }

    /** The values that {@code const} or {@code enum} allows. */
    List<JsonValue> literals(String keyword) {
        Schema values = at(keyword);
        if (keyword.equals("const")) {
            return List.of(values.node);
        }
        if (!values.node.isArray() || values.node.isEmpty()) {
            throw values.wrong("an array of values, not empty");
        }
        return List.copyOf(values.node.values());
    }

    /** The names of the members of this object of schemas. */
    Set<String> members() {
        if (!node.isObject()) {
            throw wrong("an object of schemas");
        }
        return node.propertyNames();
    }

    /** The schemas of the first elements: {@code prefixItems}, or an array under {@code items} before draft 2020-12. */
    List<Schema> prefix() {
        if (has("prefixItems")) {
            return schemas("prefixItems");
        }
        Schema items = at("items");
        List<Schema> prefix = new ArrayList<>();
        for (int i = 0; items.node.isArray() && i < items.node.size(); i++) {
            prefix.add(items.at(i));
        }
        return prefix;
    }

    /** The schema of the elements behind {@link #prefix}, or null. */
    @Nullable Schema rest() {
        String keyword = node.path("items").isArray() ? "additionalItems" : "items";
        return has(keyword) ? at(keyword) : null;
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

    GrammarException unsupported(String keyword) {
        return refused("the keyword " + GrammarException.quote(keyword) + " is not supported");
    }

    /** The location, for messages. */
    String where() {
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

    /** Whether {@code value} is of {@code type}, one of {@link Keywords#TYPES}. */
    static boolean isOf(JsonValue value, String type) {
        return Keywords.bit(typeOf(value)) == Keywords.bit(type);
    }
}
