package kawi.constraint;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import kawi.json.JsonArray;
import kawi.json.JsonBoolean;
import kawi.json.JsonException;
import kawi.json.JsonNull;
import kawi.json.JsonObject;
import kawi.json.JsonString;
import kawi.json.JsonSyntax;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Compiles JSON Schema, drafts 2020-12 and 7, to rules; the documentation of the package describes which part of it is
 * supported, and the form of the values.
 *
 * <p>A schema is a {@link Condition}. {@link Cases} divides the values of each type that satisfy some conditions into
 * cases without combinations of schemas, and there is a class for each type that compiles a case. Equal cases share a
 * rule, which may call itself: recursion always leads through an object or array.
 */
final class SchemaCompiler {

    private static final int MAX_DOCUMENT = 1 << 20;
    /** From this depth on, objects and arrays are compiled later. */
    private static final int MAX_DEPTH = 64;

    /** The maximum number of integers that are taken as constants. */
    private static final int MAX_CONSTANTS = 500;

    private static final int MAX_OPTIONS_DEPTH = 2 * MAX_DEPTH;

    private final Rules rules;
    private final JsonRules json;
    private final SchemaIndex index;
    private final Cases cases;
    private final SchemaStrings strings;
    private final SchemaNumbers numbers;
    private final SchemaArrays arrays;
    private final SchemaObjects objects;
    private final Budget budget = Budget.current();

    private final Map<Set<Condition>, Expression> compiled = new HashMap<>();
    private final Map<Case, Expression> compiledCases = new HashMap<>();

    /** The schemas that the current value is an option of, up to the object or array that it is part of. */
    private Set<Condition> optionsOf = new HashSet<>();

    /** Why the first case that has no value has none. */
    private @Nullable GrammarException contradiction;

    private int depth;

    private record Pending(Case of, int rule) {}

    /** Cases whose rules are declared and not yet defined. */
    private final ArrayDeque<Pending> pending = new ArrayDeque<>();

    /** Whether it must be known at once whether a case has values. */
    private boolean isImmediate;

    SchemaCompiler(Rules rules, JsonRules json, JsonValue document) {
        this.rules = rules;
        this.json = json;
        index = new SchemaIndex(new SchemaReferences(document));
        cases = new Cases(index);
        strings = new SchemaStrings(this, rules, json);
        numbers = new SchemaNumbers(this, rules);
        arrays = new SchemaArrays(this, rules, json);
        objects = new SchemaObjects(this, rules, json);
    }

    static Grammar compile(String text) {
        JsonValue document = parse(text, "JSON Schema");
        var rules = new Rules();
        try {
            var compiler = new SchemaCompiler(rules, new JsonRules(rules), document);
            return rules.grammar(rules.add(compiler.root(new Schema(document, ""))));
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

    /** The values that are valid against the schema of a document, of which there is at least one. */
    Expression root(Schema schema) {
        Expression value = value(conditions(schema));
        if (value.isNothing() && !schema.node().isBoolean()) {
            throw contradiction(schema);
        }
        finish();
        return value;
    }

    /** That a value is valid against {@code schema}. */
    Conditions conditions(Schema schema) {
        return Conditions.of(index.condition(schema, true));
    }

    /** Whether contradictions were found. */
    boolean isContradictory() {
        return contradiction != null || cases.contradiction() != null;
    }

    /** Why {@code schema} has no values. */
    GrammarException contradiction(Schema schema) {
        if (contradiction == null && cases.contradiction() != null) {
            return schema.refused(
                    "property %s is required and excluded".formatted(GrammarException.quote(cases.contradiction())));
        }
        return contradiction != null
                ? contradiction
                : schema.refused("no value is valid: its parts, such as type, enum and const, exclude each other");
    }

    SchemaIndex index() {
        return index;
    }

    SchemaStrings strings() {
        return strings;
    }

    SchemaObjects objects() {
        return objects;
    }

    List<Case> cases(Conditions conditions, String type) {
        return cases.of(conditions, type);
    }

    /** No values, because of a contradiction in {@code schema}. */
    Expression nothing(Schema schema, String why) {
        contradiction = contradiction == null ? schema.refused(why) : contradiction;
        return Expression.nothing();
    }

    /** The values that satisfy {@code conditions}. */
    Expression value(Conditions conditions) {
        if (conditions.isAnything()) {
            return new Expression.Call(json.anyValue());
        }
        if (conditions.isContradiction()) {
            return Expression.nothing();
        }
        budget.spend(20 + 4L * conditions.all().size());
        Expression value = compiled.get(conditions.all());
        if (value != null) {
            return value;
        }
        if (++depth > MAX_OPTIONS_DEPTH) {
            throw conditions
                    .all()
                    .getFirst()
                    .schema()
                    .refused("schemas are nested more than " + MAX_OPTIONS_DEPTH + " deep");
        }
        List<Expression> values = values(conditions);
        value = values.size() == 1 ? values.getFirst() : new Expression.Choice(values);
        compiled.put(conditions.all(), value);
        depth--;
        return value;
    }

    private List<Expression> values(Conditions conditions) {
        var values = new LinkedHashSet<Expression>();
        Condition first = conditions.all().getFirst();
        List<Condition> options =
                conditions.all().size() == 1 && first.holds() ? cases.options(first.schema()) : List.of();
        if (options.isEmpty()) {
            for (String type : Keywords.TYPES) {
                cases(conditions, type).forEach(one -> values.add(value(one)));
            }
        } else {
            if (!optionsOf.add(first)) {
                throw first.schema().refused("this refers to itself without consuming any text");
            }
            options.forEach(option -> values.add(value(Conditions.of(option))));
            optionsOf.remove(first);
        }
        return values.stream().filter(value -> !value.isNothing()).toList();
    }

    /** The values of a case. */
    Expression value(Case of) {
        budget.spend(20 + 4L * of.constraints().size());
        Expression known = compiledCases.get(of);
        if (known != null) {
            return known;
        }
        boolean nested = of.type().equals("object") || of.type().equals("array");
        if (!nested || of.keywords().anyMatch(k -> k.holds() && isLiteral(k.name()))) {
            Expression value = unnested(of);
            compiledCases.put(of, value);
            return value;
        }
        int rule = rules.declare();
        compiledCases.put(of, new Expression.Call(rule));
        if (depth >= MAX_DEPTH && !isImmediate) {
            pending.add(new Pending(of, rule));
            return new Expression.Call(rule);
        }
        define(of, rule);
        return compiledCases.getOrDefault(of, Expression.nothing());
    }

    private void define(Case of, int rule) {
        Set<Condition> outer = optionsOf;
        optionsOf = new HashSet<>();
        Expression value = of.type().equals("object") ? objects.value(of) : arrays.value(of);
        optionsOf = outer;
        if (value instanceof Expression.Call || value.isNothing()) {
            compiledCases.put(of, value);
        }
        rules.define(rule, value);
    }

    /** Defines all rules that are declared; the last step of a compilation. */
    void finish() {
        depth = 0;
        while (!pending.isEmpty()) {
            Pending next = pending.poll();
            define(next.of, next.rule);
        }
    }

    private static boolean isLiteral(String keyword) {
        return keyword.equals("const") || keyword.equals("enum");
    }

    private Expression unnested(Case of) {
        return switch (of.type()) {
            case "null" ->
                of.keywords().allMatch(Constraint.Keyword::holds) ? Expression.text("null") : Expression.nothing();
            case "boolean" -> booleans(of);
            case "number" -> numbers.value(of);
            case "string" -> strings.value(of);
            default -> nestedLiterals(of);
        };
    }

    private static Expression booleans(Case of) {
        List<Expression> values = new ArrayList<>();
        for (JsonBoolean value : List.of(JsonBoolean.TRUE, JsonBoolean.FALSE)) {
            if (of.keywords().allMatch(k -> satisfies(value, k))) {
                values.add(Expression.text(value.toString()));
            }
        }
        return new Expression.Choice(values);
    }

    /** Whether a value satisfies the constraint of {@code const} or {@code enum}. */
    static boolean satisfies(JsonValue value, Constraint.Keyword literals) {
        List<JsonValue> values = literals.of().schema().literals(literals.name());
        Budget.current().spend(4L + values.size());
        return values.contains(value) == literals.holds();
    }

    /** The arrays or objects that {@code const} and {@code enum} allow and that satisfy the other constraints. */
    private Expression nestedLiterals(Case of) {
        List<Constraint.Keyword> literals = of.keywords("const", "enum").stream()
                .filter(Constraint.Keyword::holds)
                .toList();
        Case others = of.with(literals, List.of());
        var texts = new LinkedHashSet<String>();
        Schema schema = literals.getFirst().of().schema();
        for (JsonValue value : schema.literals(literals.getFirst().name())) {
            if (Schema.isOf(value, of.type())
                    && literals.stream().allMatch(k -> satisfies(value, k))
                    && (others.constraints().isEmpty() || isValid(value, others, schema))) {
                texts.add(literal(schema, value));
            }
        }
        return texts(texts);
    }

    private boolean isValid(JsonValue value, Case others, Schema schema) {
        Condition exactly = index.exactly(value, schema.pointer(), true);
        List<Constraint> keywords = exactly.schema().assertions().stream()
                .filter(keyword -> !keyword.equals("type"))
                .<Constraint>map(keyword -> new Constraint.Keyword(exactly, keyword))
                .toList();
        return hasValues(() -> value(others.with(List.of(), keywords)));
    }

    private boolean hasValues(Supplier<Expression> values) {
        boolean outer = isImmediate;
        isImmediate = true;
        boolean some = !values.get().isNothing();
        isImmediate = outer;
        return some;
    }

    static Expression texts(Set<String> texts) {
        return texts.size() == 1
                ? Expression.text(texts.iterator().next())
                : new Expression.Choice(texts.stream().map(Expression::text).toList());
    }

    /** The text of a value, without white space. */
    static String literal(Schema schema, JsonValue value) {
        var text = new StringBuilder();
        write(value, text);
        if (text.codePoints().anyMatch(c -> Character.getType(c) == Character.SURROGATE)) {
            throw schema.refused("an unpaired surrogate is not text and cannot be encoded");
        }
        Budget.current().spend(10 + text.length());
        return text.toString();
    }

    private static void write(JsonValue value, StringBuilder text) {
        switch (value) {
            case JsonObject object -> {
                text.append('{');
                String separator = "";
                for (var member : object.properties()) {
                    text.append(separator)
                            .append('"')
                            .append(JsonRules.spelled(member.getKey()))
                            .append("\":");
                    write(member.getValue(), text);
                    separator = ",";
                }
                text.append('}');
            }
            case JsonArray array -> {
                text.append('[');
                String separator = "";
                for (JsonValue element : array.values()) {
                    text.append(separator);
                    write(element, text);
                    separator = ",";
                }
                text.append(']');
            }
            case JsonString(String string) ->
                text.append('"').append(JsonRules.spelled(string)).append('"');
            default -> text.append(value);
        }
    }

    /** The values that satisfy {@code conditions} if these allow only constants, or null. */
    @Nullable List<JsonValue> constants(Conditions conditions, Schema schema) {
        var constants = new LinkedHashSet<JsonValue>();
        for (String type : Keywords.TYPES) {
            for (Case one : cases(conditions, type)) {
                List<JsonValue> values = constants(one);
                if (values == null && !value(one).isNothing()) {
                    return null;
                }
                for (JsonValue value : values == null ? List.<JsonValue>of() : values) {
                    if (Schema.isOf(value, type) && isValid(value, conditions, schema)) {
                        constants.add(value);
                    }
                }
            }
        }
        return List.copyOf(constants);
    }

    private static @Nullable List<JsonValue> constants(Case one) {
        for (Constraint.Keyword keyword : one.keywords("const", "enum")) {
            if (keyword.holds()) {
                return keyword.of().schema().literals(keyword.name());
            }
        }
        return switch (one.type()) {
            case "boolean" -> List.of(JsonBoolean.TRUE, JsonBoolean.FALSE);
            case "null" -> List.of(JsonNull.NULL);
            case "number" -> SchemaNumbers.integers(one, MAX_CONSTANTS);
            default -> null;
        };
    }

    private boolean isValid(JsonValue value, Conditions conditions, Schema schema) {
        var constant = new Schema(JsonObject.builder().put("const", value).build(), schema.pointer());
        return hasValues(() -> value(conditions.and(List.of(index.condition(constant, true)))));
    }
}
