package kawi.constraint;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import kawi.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * What a case says about its objects.
 *
 * @param schema for messages
 * @param members the conditions of the members that may be named, in order; those of no value are included
 * @param required the names of the members that must be there
 * @param absent the names of those that must not
 * @param others what the parts say about other members
 * @param open whether there may be others although no part says something about them
 */
record ObjectForm(
        Schema schema,
        Map<String, Conditions> members,
        Set<String> required,
        Set<String> absent,
        List<Part> others,
        List<Condition> names,
        boolean open,
        int min,
        int max) {

    /** A pattern of names, and the condition of the values that have one. */
    record Pattern(Schema pattern, Condition value) {}

    /** What one schema says about members. */
    record Part(
            Map<String, Condition> declared,
            List<Pattern> patterns,
            @Nullable Condition additional) {

        /** The conditions for a member. */
        List<Condition> at(String name, SchemaNames names) {
            List<Condition> conditions = new ArrayList<>();
            boolean evaluated = declared.containsKey(name);
            if (evaluated) {
                conditions.add(Objects.requireNonNull(declared.get(name)));
            }
            for (Pattern pattern : patterns) {
                if (names.matches(pattern.pattern, name)) {
                    evaluated = true;
                    conditions.add(pattern.value);
                }
            }
            if (!evaluated && additional != null) {
                conditions.add(additional);
            }
            return conditions;
        }
    }

    /** Whether a member of that name may be there, whatever its value. */
    boolean isPossible(String name, SchemaNames language) {
        return !absent.contains(name) && names.stream().allMatch(condition -> language.satisfies(name, condition));
    }

    /** Collects the form of a case. */
    static ObjectForm of(Case of, SchemaIndex index, SchemaNames names) {
        return new Reader(index, names).read(of);
    }

    private static final class Reader {

        private final SchemaIndex index;
        private final SchemaNames names;
        private final Map<Condition, Part> byKeywords = new LinkedHashMap<>();
        private final List<Part> unevaluatedParts = new ArrayList<>();
        private final Set<String> declared = new LinkedHashSet<>();
        private final Set<String> required = new LinkedHashSet<>();
        private final Set<String> absent = new LinkedHashSet<>();
        private final Map<String, List<Condition>> present = new LinkedHashMap<>();
        private final List<Condition> nameConditions = new ArrayList<>();
        private Schema schema = new Schema(JsonObject.empty(), "");
        private boolean declares;
        private boolean additional;
        private int min;
        private int max = Expression.UNBOUNDED;

        Reader(SchemaIndex index, SchemaNames names) {
            this.index = index;
            this.names = names;
        }

        ObjectForm read(Case of) {
            for (Constraint constraint : of.constraints()) {
                switch (constraint) {
                    case Constraint.Keyword keyword -> read(keyword);
                    case Constraint.Unevaluated unevaluated -> {
                        additional = true;
                        unevaluatedParts.add(part(unevaluated));
                    }
                    case Constraint.Member(String name, boolean isPresent, List<Condition> value) -> {
                        if (isPresent) {
                            present.computeIfAbsent(name, _ -> new ArrayList<>())
                                    .addAll(value);
                        } else {
                            absent.add(name);
                        }
                    }
                    default -> {}
                }
            }
            List<Part> parts = new ArrayList<>(byKeywords.values());
            parts.addAll(unevaluatedParts);
            boolean open = additional || !declares;
            var possible = new LinkedHashSet<>(declared);
            possible.addAll(required);
            // What only a negated schema mentions is no declaration: see the form of objects.
            if (open) {
                possible.addAll(present.keySet());
            }
            Map<String, Conditions> members = new LinkedHashMap<>();
            for (String name : possible) {
                List<Condition> conditions = new ArrayList<>(present.getOrDefault(name, List.of()));
                parts.forEach(part -> conditions.addAll(part.at(name, names)));
                members.put(name, Conditions.of(conditions));
            }
            required.addAll(present.keySet());
            return new ObjectForm(schema, members, required, absent, parts, nameConditions, open, min, max);
        }

        private void read(Constraint.Keyword keyword) {
            schema = keyword.of().schema();
            switch (keyword.name()) {
                case "properties", "patternProperties", "additionalProperties" -> {
                    declares |= !keyword.name().equals("additionalProperties");
                    additional |= keyword.name().equals("additionalProperties");
                    byKeywords.computeIfAbsent(keyword.of(), condition -> part(condition.schema()));
                    if (keyword.name().equals("properties")) {
                        declared.addAll(keyword.value().members());
                    }
                }
                case "required" -> required.addAll(schema.strings("required"));
                case "propertyNames" -> nameConditions.add(index.condition(keyword.value(), true));
                case "minProperties", "maxProperties" -> {
                    int count = schema.count(keyword.name(), 0);
                    if (keyword.name().equals("minProperties") == keyword.holds()) {
                        min = Math.max(min, keyword.holds() || count == Expression.UNBOUNDED ? count : count + 1);
                    } else {
                        max = Math.min(max, keyword.holds() ? count : count - 1);
                    }
                }
                default -> {}
            }
        }

        private Part part(Schema schema) {
            return new Part(
                    declared(schema, null),
                    patterns(schema, null),
                    schema.has("additionalProperties")
                            ? index.condition(schema.at("additionalProperties"), true)
                            : null);
        }

        private Map<String, Condition> declared(Schema schema, @Nullable Condition instead) {
            Map<String, Condition> conditions = new HashMap<>();
            if (schema.has("properties")) {
                Schema properties = schema.at("properties");
                for (String name : properties.members()) {
                    conditions.put(name, instead == null ? index.condition(properties.at(name), true) : instead);
                }
            }
            return conditions;
        }

        private List<Pattern> patterns(Schema schema, @Nullable Condition instead) {
            List<Pattern> patterns = new ArrayList<>();
            if (schema.has("patternProperties")) {
                Schema properties = schema.at("patternProperties");
                for (String pattern : properties.members()) {
                    Schema value = properties.at(pattern);
                    patterns.add(new Pattern(
                            Schema.text(pattern, value.pointer()),
                            instead == null ? index.condition(value, true) : instead));
                }
            }
            return patterns;
        }

        /** The members that the schemas beside and inside {@code unevaluatedProperties} say nothing about. */
        private Part part(Constraint.Unevaluated unevaluated) {
            Schema of = unevaluated.of().schema();
            var anything = new Condition(Condition.ANYTHING, of, true);
            Map<String, Condition> evaluated = new HashMap<>();
            List<Pattern> patterns = new ArrayList<>();
            for (Condition condition : unevaluated.by()) {
                Schema other = condition.schema();
                if (other.has("additionalProperties")
                        || (other.has("unevaluatedProperties") && !condition.equals(unevaluated.of()))) {
                    return new Part(Map.of(), List.of(), null);
                }
                evaluated.putAll(declared(other, anything));
                patterns.addAll(patterns(other, anything));
            }
            return new Part(evaluated, patterns, index.condition(of.at("unevaluatedProperties"), true));
        }
    }
}
