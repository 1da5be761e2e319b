package kawi.constraint;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import kawi.json.JsonObject;
import kawi.json.JsonString;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Compiles the cases of JSON Schema that are strings: {@link StringForms} has the automaton of each keyword, and this
 * class combines them by intersection and difference.
 */
final class SchemaStrings {

    private final SchemaCompiler compiler;
    private final Rules rules;
    private final JsonRules json;

    SchemaStrings(SchemaCompiler compiler, Rules rules, JsonRules json) {
        this.compiler = compiler;
        this.rules = rules;
        this.json = json;
    }

    /** The strings of a case in quotes, in the spelling of JSON. */
    Expression value(Case of) {
        Set<String> constants = constants(of);
        if (constants != null) {
            Schema schema = literals(of, true).getFirst().of().schema();
            var texts = new LinkedHashSet<String>();
            for (String constant : constants) {
                texts.add(SchemaCompiler.literal(schema, new JsonString(constant)));
            }
            return SchemaCompiler.texts(texts);
        }
        Form form = form(of);
        Schema first = form.first();
        int min = first.count("minLength", 0);
        int max = first.count("maxLength", Expression.UNBOUNDED);
        if (min > max) {
            return compiler.nothing(first, "minLength %d is more than maxLength %d".formatted(min, max));
        }
        if (form.isSimple() && StringForms.isFree(first)) {
            return json.string(min, max);
        }
        Integer rule = form.contents(true).rule(rules, "\"", "\"");
        return rule == null
                ? compiler.nothing(first, "no string can satisfy pattern, format and lengths together")
                : new Expression.Call(rule);
    }

    private static List<Constraint.Keyword> literals(Case of, boolean hold) {
        return of.keywords("const", "enum").stream()
                .filter(keyword -> keyword.holds() == hold)
                .toList();
    }

    /** The strings of {@code const} and {@code enum} that satisfy all constraints, or null if there are neither. */
    static @Nullable Set<String> constants(Case of) {
        List<Constraint.Keyword> literals = literals(of, true);
        if (literals.isEmpty()) {
            return null;
        }
        Case others = of.with(of.keywords("const", "enum"), List.of());
        TextLanguage allowed =
                others.constraints().isEmpty() ? null : form(others).contents(false);
        var constants = new LinkedHashSet<String>();
        for (JsonValue value :
                literals.getFirst().of().schema().literals(literals.getFirst().name())) {
            if (value.isString()
                    && of.keywords("const", "enum").stream().allMatch(k -> SchemaCompiler.satisfies(value, k))
                    && (allowed == null || allowed.contains(value.stringValue()))) {
                constants.add(value.stringValue());
            }
        }
        return constants;
    }

    /**
     * The keywords of a case.
     *
     * @param first a schema that has at most one pattern and one format, and the lengths
     * @param further schemas with a pattern or format each
     * @param excluded schemas with a pattern each that must not match
     * @param without strings that are excluded
     */
    record Form(Schema first, List<Schema> further, List<Schema> excluded, Set<String> without) {

        /** Whether {@link #first} is all. */
        boolean isSimple() {
            return further.isEmpty() && excluded.isEmpty() && without.isEmpty();
        }

        /** The same for forms with the same meaning in different documents. */
        Object key() {
            return List.of(first.node(), nodes(further), nodes(excluded), without);
        }

        private static List<JsonValue> nodes(List<Schema> schemas) {
            return schemas.stream().map(Schema::node).toList();
        }

        /** Whether every string is allowed. */
        boolean isFree() {
            return isSimple() && StringForms.isFree(first) && !first.has("minLength") && !first.has("maxLength");
        }

        /** The contents of the strings, in JSON spelling if {@code spelled}, as plain text otherwise. */
        TextLanguage contents(boolean spelled) {
            TextLanguage contents = StringForms.contents(first, spelled);
            for (Schema schema : further) {
                contents = contents.intersect(StringForms.contents(schema, spelled));
            }
            for (Schema schema : excluded) {
                contents = contents.minus(StringForms.contents(schema, spelled).exact());
            }
            if (!without.isEmpty()) {
                contents = contents.minus(texts(without, spelled));
            }
            return contents;
        }
    }

    /** The automaton of some texts. */
    static Automaton texts(Set<String> texts, boolean spelled) {
        return Nfa.automaton(new Expression.Choice(texts.stream()
                .map(text -> Expression.text(spelled ? JsonRules.spelled(text) : text))
                .toList()));
    }

    /** The keywords of a case without constants. */
    static Form form(Case of) {
        int min = 0;
        int max = Expression.UNBOUNDED;
        String pointer = "";
        List<Schema> patterns = new ArrayList<>();
        List<Schema> excluded = new ArrayList<>();
        List<Schema> formats = new ArrayList<>();
        var without = new LinkedHashSet<String>();
        for (Constraint.Keyword keyword : (Iterable<Constraint.Keyword>) of.keywords()::iterator) {
            Schema schema = keyword.of().schema();
            pointer = schema.pointer();
            switch (keyword.name()) {
                case "minLength", "maxLength" -> {
                    int count = schema.count(keyword.name(), 0);
                    if (keyword.name().equals("minLength") == keyword.holds()) {
                        min = Math.max(min, keyword.holds() || count == Expression.UNBOUNDED ? count : count + 1);
                    } else {
                        max = Math.min(max, keyword.holds() ? count : count - 1);
                    }
                }
                case "pattern" -> (keyword.holds() ? patterns : excluded).add(only(schema, "pattern"));
                case "format" -> formats.add(only(schema, "format"));
                default -> {
                    if (!keyword.holds()) {
                        schema.literals(keyword.name()).stream()
                                .filter(JsonValue::isString)
                                .forEach(value -> without.add(value.stringValue()));
                    }
                }
            }
        }
        JsonObject.Builder first = JsonObject.builder();
        List<Schema> further = new ArrayList<>();
        for (List<Schema> schemas : List.of(patterns, formats)) {
            if (!schemas.isEmpty()) {
                first.putAll((JsonObject) schemas.getFirst().node());
                pointer = schemas.getFirst().pointer();
                further.addAll(schemas.subList(1, schemas.size()));
            }
        }
        if (max < 0) { // the negation of minLength 0
            min = 1;
            max = 0;
        }
        if (min > 0) {
            first.put("minLength", min);
        }
        if (max < Expression.UNBOUNDED) {
            first.put("maxLength", max);
        }
        further.removeIf(StringForms::isFree);
        return new Form(new Schema(first.build(), pointer), further, excluded, without);
    }

    private static Schema only(Schema schema, String keyword) {
        return new Schema(
                JsonObject.builder().put(keyword, schema.node().path(keyword)).build(), schema.pointer());
    }

    /** The contents of the strings that satisfy {@code conditions}, in JSON spelling, or null if all do. */
    @Nullable Automaton language(Conditions conditions) {
        List<Expression> languages = new ArrayList<>();
        for (Case of : compiler.cases(conditions, "string")) {
            Set<String> constants = constants(of);
            Form form = form(of);
            if (constants == null && form.isFree()) {
                return null;
            }
            languages.add(new Expression.Recognized(
                    constants == null ? form.contents(true).exact() : texts(constants, true)));
        }
        return languages.size() == 1 && languages.getFirst() instanceof Expression.Recognized(Automaton only)
                ? only
                : Nfa.automaton(new Expression.Choice(languages));
    }
}
