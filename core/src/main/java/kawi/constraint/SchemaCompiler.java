package kawi.constraint;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kawi.json.JsonArray;
import kawi.json.JsonException;
import kawi.json.JsonObject;
import kawi.json.JsonString;
import kawi.json.JsonSyntax;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Compiles JSON Schema, draft 2020-12, to rules.
 *
 * <p>Every answer is valid against the schema, but not every valid value is a possible answer. Where the schema leaves
 * a choice without meaning, only one form is generated:
 * <ul>
 *   <li>properties are in schema order, each at most once;
 *   <li>an object that declares properties has no others, unless {@code additionalProperties} is given; one that
 *       declares none may have any. Undeclared keys may repeat: parsers take the last value. A repeated key counts each
 *       time for {@code minProperties} and {@code maxProperties}, because the keys written so far are not tracked;
 *   <li>a schema without {@code type} that has keywords for strings, numbers, arrays or objects has values of these
 *       types;
 *   <li>white space, numbers and strings are as in {@link JsonRules} and {@link Numbers}.
 * </ul>
 *
 * <p>The supported keywords are {@code type, enum, const, properties, required, additionalProperties, items,
 * prefixItems, minItems, maxItems, minProperties, maxProperties, minLength, maxLength, pattern, format, minimum,
 * maximum, exclusiveMinimum, exclusiveMaximum, multipleOf, anyOf, oneOf} (of mutually exclusive options), {@code allOf}
 * (of schemas that {@link SchemaMerge} can merge) and {@code $ref} inside the document; so are the schemas {@code true}
 * and {@code false}. Other keywords that restrict values are rejected by name. Annotations are ignored, and so are
 * formats that {@link StringForms} does not support, which the standard defines as annotations; nothing else is.
 */
final class SchemaCompiler {

    private static final int MAX_DOCUMENT = 1 << 20;
    private static final int MAX_DEPTH = 64;
    private static final int MAX_PREFIX_ITEMS = 500;

    private static final Set<String> SUPPORTED = Set.of(
            "type",
            "enum",
            "const",
            "properties",
            "required",
            "additionalProperties",
            "items",
            "prefixItems",
            "minItems",
            "maxItems",
            "uniqueItems",
            "minLength",
            "maxLength",
            "pattern",
            "format",
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "exclusiveMaximum",
            "multipleOf",
            "minProperties",
            "maxProperties");

    private static final Map<String, Set<String>> OF_TYPE = Map.of(
            "object", Set.of("properties", "required", "additionalProperties", "minProperties", "maxProperties"),
            "array", Set.of("items", "prefixItems", "minItems", "maxItems", "uniqueItems"),
            "string", Set.of("minLength", "maxLength", "pattern", "format"),
            "number", Set.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"));

    private static final List<String> TYPES =
            List.of("object", "array", "string", "number", "integer", "boolean", "null");

    private final Rules rules;
    private final JsonRules json;
    private final SchemaReferences references;
    private final SchemaMerge merge;
    private final SchemaObjects objects;
    private final Budget budget = Budget.current();

    /** The rules of the targets of references, by pointer. */
    private final Map<String, Integer> referenced = new HashMap<>();

    /** The rules of schemas that {@link SchemaMerge} has merged, which may be recursive like references. */
    private final Map<JsonValue, Integer> merged = new HashMap<>();

    /** The schemas compiled so far: equal schemas have the same meaning everywhere. */
    private final Map<JsonValue, Expression> compiled = new HashMap<>();

    private int depth;

    SchemaCompiler(Rules rules, JsonRules json, JsonValue document) {
        this.rules = rules;
        this.json = json;
        this.references = new SchemaReferences(document);
        this.merge = new SchemaMerge(references);
        this.objects = new SchemaObjects(this, rules, json);
    }

    static Grammar compile(String text) {
        JsonValue document = parse(text, "JSON Schema");
        var rules = new Rules();
        var compiler = new SchemaCompiler(rules, new JsonRules(rules), document);
        int start = rules.declare();
        compiler.referenced.put("", start);
        try {
            rules.define(start, compiler.value(new Schema(document, "")));
            return rules.grammar(start);
        } catch (GrammarException e) {
            throw e.getMessage().startsWith("JSON Schema")
                    ? e
                    : new GrammarException("JSON Schema: " + e.getMessage(), e);
        }
    }

    /** @param what the name of the document in messages */
    static JsonValue parse(String text, String what) {
        if (text.length() > MAX_DOCUMENT) {
            throw new GrammarException("%s: %,d characters are too many, at most %,d are supported"
                    .formatted(what, text.length(), MAX_DOCUMENT));
        }
        try {
            return JsonSyntax.STRICT.parse(text);
        } catch (JsonException e) {
            throw new GrammarException("%s: this is not valid JSON: %s".formatted(what, e.getMessage()), e);
        }
    }

    /** The values that are valid against {@code schema}. */
    Expression value(Schema schema) {
        if (++depth > MAX_DEPTH) {
            throw schema.refused("schemas are nested more than " + MAX_DEPTH + " deep");
        }
        budget.spend(20 + schema.node().size());
        Expression value = compiled.get(schema.node());
        if (value == null) {
            value = combined(schema);
            compiled.put(schema.node(), value);
        }
        depth--;
        return value;
    }

    private Expression combined(Schema schema) {
        JsonValue node = schema.node();
        if (node.isBoolean()) {
            return node.booleanValue() ? new Expression.Call(json.anyValue()) : Expression.nothing();
        }
        if (!node.isObject()) {
            throw schema.wrong("a schema");
        }
        List<String> assertions = schema.assertions();
        if (schema.has("$ref") && assertions.size() == 1) {
            return reference(schema);
        }
        if (schema.has("allOf") || (schema.has("$ref") && assertions.size() > 1)) {
            return merged(schema);
        }
        for (String options : List.of("anyOf", "oneOf")) {
            if (schema.has(options)) {
                return options(schema, options);
            }
        }
        for (String keyword : assertions) {
            if (!SUPPORTED.contains(keyword)) {
                throw schema.refused("the keyword " + GrammarException.quote(keyword) + " is not supported");
            }
        }
        if (schema.has("const") || schema.has("enum")) {
            return literals(schema);
        }
        List<Expression> options = new ArrayList<>();
        for (String type : types(schema)) {
            options.add(ofType(schema, type));
        }
        return options.size() == 1 ? options.getFirst() : new Expression.Choice(options);
    }

    private Expression reference(Schema schema) {
        Schema target = references.target(schema);
        Integer known = referenced.get(target.pointer());
        if (known != null) {
            return new Expression.Call(known);
        }
        int rule = rules.declare();
        referenced.put(target.pointer(), rule);
        rules.define(rule, value(target));
        return new Expression.Call(rule);
    }

    private Expression merged(Schema schema) {
        Integer known = merged.get(schema.node());
        if (known != null) {
            return new Expression.Call(known);
        }
        int rule = rules.declare();
        merged.put(schema.node(), rule);
        rules.define(rule, value(merge.flattened(schema)));
        return new Expression.Call(rule);
    }

    /** The options, each merged with the keywords beside them. */
    private Expression options(Schema schema, String keyword) {
        List<Schema> options = schema.schemas(keyword);
        if (keyword.equals("oneOf")) {
            new SchemaDisjointness(references).check(schema, options);
        }
        boolean alone = schema.assertions().size() == 1;
        List<Expression> values = new ArrayList<>();
        for (Schema option : options) {
            values.add(value(alone ? option : merge.beside(schema, keyword, option)));
        }
        return new Expression.Choice(values);
    }

    private List<String> types(Schema schema) {
        if (!schema.has("type")) {
            List<String> meant = OF_TYPE.keySet().stream()
                    .filter(type ->
                            OF_TYPE.getOrDefault(type, Set.of()).stream().anyMatch(schema::has))
                    .sorted()
                    .toList();
            return meant.isEmpty() ? List.of("any") : meant;
        }
        Schema type = schema.at("type");
        List<String> types = type.node().isString() ? List.of(type.node().stringValue()) : schema.strings("type");
        for (String name : types) {
            if (!TYPES.contains(name)) {
                throw type.wrong("one of " + TYPES);
            }
        }
        if (types.isEmpty()) {
            throw type.wrong("at least one type");
        }
        var distinct = new LinkedHashSet<>(types);
        if (distinct.contains("number")) {
            distinct.remove("integer");
        }
        return List.copyOf(distinct);
    }

    private Expression ofType(Schema schema, String type) {
        return switch (type) {
            case "any" -> new Expression.Call(json.anyValue());
            case "null" -> Expression.text("null");
            case "boolean" -> Expression.choice(Expression.text("true"), Expression.text("false"));
            case "integer", "number" -> number(schema, type.equals("integer"));
            case "string" -> string(schema);
            case "array" -> array(schema);
            default -> objects.object(schema);
        };
    }

    private Expression literals(Schema schema) {
        for (String keyword : schema.assertions()) {
            if (!Set.of("type", "enum", "const").contains(keyword)) {
                throw schema.refused(
                        "%s beside enum or const is not supported; leave out what it excludes".formatted(keyword));
            }
        }
        List<String> types = schema.has("type") ? types(schema) : List.of();
        var values = new LinkedHashSet<String>();
        for (JsonValue value : SchemaDisjointness.literals(schema)) {
            if (types.isEmpty() || types.stream().anyMatch(t -> Schema.isOfType(Schema.typeOf(value), t))) {
                String text = literal(schema, value);
                budget.spend(10 + text.length());
                values.add(text);
            }
        }
        if (values.isEmpty()) {
            throw schema.refused("type, enum and const exclude each other");
        }
        return values.size() == 1
                ? Expression.text(values.iterator().next())
                : new Expression.Choice(values.stream().map(Expression::text).toList());
    }

    /** The text of a value, without white space. */
    private static String literal(Schema schema, JsonValue value) {
        var text = new StringBuilder();
        switch (value) {
            case JsonObject _ -> {
                text.append('{');
                value.properties()
                        .forEach(p -> text.append(text.length() > 1 ? "," : "")
                                .append('"')
                                .append(JsonRules.spelled(p.getKey()))
                                .append("\":")
                                .append(literal(schema, p.getValue())));
                text.append('}');
            }
            case JsonArray _ -> {
                text.append('[');
                value.values()
                        .forEach(v -> text.append(text.length() > 1 ? "," : "").append(literal(schema, v)));
                text.append(']');
            }
            case JsonString(String string) ->
                text.append('"').append(JsonRules.spelled(string)).append('"');
            default -> text.append(value);
        }
        if (text.codePoints().anyMatch(c -> Character.getType(c) == Character.SURROGATE)) {
            throw schema.refused("an unpaired surrogate is not text and cannot be encoded");
        }
        return text.toString();
    }

    private Expression number(Schema schema, boolean integer) {
        Numbers.Bound low = bound(schema, "minimum", "exclusiveMinimum", 1);
        Numbers.Bound high = bound(schema, "maximum", "exclusiveMaximum", -1);
        BigDecimal multipleOf =
                schema.has("multipleOf") ? schema.at("multipleOf").number() : null;
        if (multipleOf != null && multipleOf.signum() <= 0) {
            throw schema.at("multipleOf").wrong("a number greater than 0");
        }
        try {
            boolean any = !integer && low == null && high == null && multipleOf == null;
            Automaton automaton = Nfa.automaton(any ? Numbers.any() : Numbers.between(integer, low, high, multipleOf));
            if (automaton.isEmpty()) {
                throw schema.refused("no number satisfies all of minimum, maximum and multipleOf");
            }
            return new Expression.Call(rules.add(new Expression.Recognized(automaton)));
        } catch (GrammarException e) {
            throw e.getMessage().startsWith("JSON Schema") ? e : schema.refused(e.getMessage());
        }
    }

    /** The stricter of two bounds; {@code side} is 1 for lower bounds, -1 for upper ones. */
    private static Numbers.@Nullable Bound bound(Schema schema, String inclusive, String exclusive, int side) {
        if (!schema.has(inclusive) && !schema.has(exclusive)) {
            return null;
        }
        try {
            var with = schema.has(inclusive)
                    ? new Numbers.Bound(schema.at(inclusive).number(), true)
                    : null;
            var without = schema.has(exclusive)
                    ? new Numbers.Bound(schema.at(exclusive).number(), false)
                    : null;
            if (with == null || without == null) {
                return with == null ? without : with;
            }
            return with.value().compareTo(without.value()) * side > 0 ? with : without;
        } catch (GrammarException e) {
            throw e.getMessage().startsWith("JSON Schema") ? e : schema.refused(e.getMessage());
        }
    }

    private Expression string(Schema schema) {
        int min = schema.count("minLength", 0);
        int max = schema.count("maxLength", Expression.UNBOUNDED);
        if (min > max) {
            throw schema.refused("minLength %d is more than maxLength %d".formatted(min, max));
        }
        if (StringForms.isFree(schema)) {
            return json.string(min, max);
        }
        Expression contents = new Expression.Recognized(StringForms.contents(schema, true));
        return new Expression.Call(rules.add(JsonRules.quoted(contents)));
    }

    private Expression array(Schema schema) {
        int min = schema.count("minItems", 0);
        int max = schema.count("maxItems", Expression.UNBOUNDED);
        if (min > max) {
            throw schema.refused("minItems %d is more than maxItems %d".formatted(min, max));
        }
        if (schema.isTrue("uniqueItems") && max > 1) {
            throw schema.refused("uniqueItems is not supported, because it requires tracking the items written so far");
        }
        Expression item = schema.has("items") ? value(schema.at("items")) : new Expression.Call(json.anyValue());
        if (!schema.has("prefixItems")) {
            if (item.isNothing() && min > 0) {
                throw schema.refused("items: false leaves no value for minItems " + min);
            }
            return json.array(item, min, item.isNothing() ? 0 : max);
        }
        return tuple(schema, item, min, max);
    }

    private Expression tuple(Schema schema, Expression item, int min, int max) {
        List<Expression> items = new ArrayList<>();
        if (schema.at("prefixItems").node().size() > MAX_PREFIX_ITEMS) {
            throw schema.refused("more than " + MAX_PREFIX_ITEMS + " prefixItems are not supported");
        }
        for (Schema prefix : schema.schemas("prefixItems")) {
            items.add(value(prefix));
        }
        int written = Math.max(items.size(), max == Expression.UNBOUNDED ? min : max);
        if (written > items.size() + 1000) {
            throw schema.refused("more than 1000 items after prefixItems are counted only without prefixItems");
        }
        Expression rest = max == Expression.UNBOUNDED
                ? Expression.anyNumberOf(Expression.sequence(JsonRules.COMMA, item))
                : Expression.empty();
        for (int i = Math.min(written, max) - 1; i >= 0; i--) {
            Expression here = i < items.size() ? items.get(i) : item;
            Expression from = Expression.sequence(i == 0 ? Expression.empty() : JsonRules.COMMA, here, rest);
            rest = i < min ? from : Expression.optional(from);
        }
        return new Expression.Call(rules.add(Expression.sequence(Expression.text("["), rest, Expression.text("]"))));
    }
}
