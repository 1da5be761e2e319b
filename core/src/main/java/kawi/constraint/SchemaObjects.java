package kawi.constraint;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Compiles the keywords of JSON Schema for objects; {@link SchemaCompiler} describes the form of the values. */
final class SchemaObjects {

    private static final int MAX_PROPERTIES = 500;

    private final SchemaCompiler compiler;
    private final Rules rules;
    private final JsonRules json;

    SchemaObjects(SchemaCompiler compiler, Rules rules, JsonRules json) {
        this.compiler = compiler;
        this.rules = rules;
        this.json = json;
    }

    /** The values of {@code schema} that are objects. */
    Expression object(Schema schema) {
        Map<String, Schema> declared = properties(schema);
        Set<String> required = new LinkedHashSet<>(schema.has("required") ? schema.strings("required") : List.of());
        Schema additional = schema.has("additionalProperties") ? schema.at("additionalProperties") : null;
        Expression other = additional == null ? new Expression.Call(json.anyValue()) : compiler.value(additional);
        boolean open = additional == null ? !schema.has("properties") : !other.isNothing();

        Map<String, Expression> values = new LinkedHashMap<>();
        for (var property : declared.entrySet()) {
            values.put(property.getKey(), compiler.value(property.getValue()));
        }
        for (String name : required) {
            if (values.computeIfAbsent(name, _ -> other).isNothing()) {
                throw schema.refused("property %s is required and excluded".formatted(GrammarException.quote(name)));
            }
        }
        values.values().removeIf(Expression::isNothing);
        if (values.size() > MAX_PROPERTIES) {
            throw schema.refused("more than " + MAX_PROPERTIES + " properties are not supported");
        }
        int atLeast = schema.count("minProperties", 0);
        int atMost = schema.count("maxProperties", Expression.UNBOUNDED);
        if (atLeast > atMost) {
            throw schema.refused("minProperties %d is more than maxProperties %d".formatted(atLeast, atMost));
        }
        boolean counted =
                atLeast > Math.max(1, required.size()) || atMost < (open ? Expression.UNBOUNDED : values.size());
        if (counted && open && !values.isEmpty()) {
            throw schema.refused(
                    "minProperties above what is required (or 1), and maxProperties, are supported only for objects"
                            + " whose properties are all declared, or none");
        }
        if (counted && open) {
            Expression name = otherName(schema, declared.keySet(), values.keySet());
            return json.map(name, other, atLeast, atMost);
        }
        if (counted) {
            return new Expression.Call(rules.add(new CountedMembers(schema, values, required, atLeast, atMost).all()));
        }
        Expression undeclared = open
                ? Expression.sequence(otherName(schema, declared.keySet(), values.keySet()), JsonRules.COLON, other)
                : null;
        boolean oneNeeded = atLeast > 0 && required.isEmpty();
        return new Expression.Call(rules.add(members(schema, values, required, undeclared, oneNeeded)));
    }

    private static Map<String, Schema> properties(Schema schema) {
        Map<String, Schema> declared = new LinkedHashMap<>();
        if (schema.has("properties")) {
            Schema properties = schema.at("properties");
            if (!properties.node().isObject()) {
                throw properties.wrong("an object of schemas");
            }
            properties.node().propertyNames().forEach(name -> declared.put(name, properties.at(name)));
        }
        return declared;
    }

    /** The name of an undeclared member, including the quotes. */
    private Expression otherName(Schema schema, Set<String> declared, Set<String> more) {
        var names = new LinkedHashSet<>(declared);
        names.addAll(more);
        if (names.isEmpty()) {
            return json.string(0, Expression.UNBOUNDED);
        }
        try {
            Automaton excluded = Nfa.automaton(new Expression.Choice(names.stream()
                    .map(n -> Expression.text(JsonRules.spelled(n)))
                    .toList()));
            Automaton any = Nfa.automaton(Expression.anyNumberOf(JsonRules.ANY_SPELLED));
            return JsonRules.quoted(new Expression.Recognized(any.minus(excluded)));
        } catch (GrammarException e) {
            throw schema.refused("the names of the properties are " + e.getMessage());
        }
    }

    /**
     * The members in order. What may follow a member does not depend on the members before it, so {@code afterFirst} is
     * one shared expression for each property.
     */
    private static Expression members(
            Schema schema,
            Map<String, Expression> values,
            Set<String> required,
            @Nullable Expression undeclared,
            boolean oneNeeded) {
        Expression others = undeclared == null
                ? Expression.empty()
                : Expression.anyNumberOf(Expression.sequence(JsonRules.COMMA, undeclared));
        Expression afterFirst = Expression.choice(others);
        Expression first = undeclared == null
                ? (oneNeeded ? Expression.nothing() : Expression.empty())
                : Expression.sequence(undeclared, others);
        if (undeclared != null && !oneNeeded) {
            first = Expression.optional(first);
        }
        for (var property : List.copyOf(values.entrySet()).reversed()) {
            String name = property.getKey();
            Expression member = Expression.sequence(JsonRules.name(schema, name), JsonRules.COLON, property.getValue());
            Expression begun = Expression.sequence(member, afterFirst);
            Expression continued = Expression.sequence(JsonRules.COMMA, member, afterFirst);
            boolean optional = !required.contains(name);
            first = optional ? Expression.choice(begun, first) : begun;
            afterFirst = optional ? Expression.choice(continued, afterFirst) : Expression.choice(continued);
        }
        return Expression.sequence(Expression.text("{"), first, Expression.text("}"));
    }
}
