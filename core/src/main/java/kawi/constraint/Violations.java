package kawi.constraint;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import kawi.json.JsonValue;

/** The ways in which a value of a type can be invalid against a schema. */
final class Violations {

    private final Budget budget = Budget.current();
    private final SchemaIndex index;
    private final SchemaDisjointness disjointness;
    private final String type;
    private final Condition parent;
    private final List<Alternative> found = new ArrayList<>();
    private boolean certain;

    Violations(SchemaIndex index, SchemaDisjointness disjointness, String type, Condition parent) {
        this.index = index;
        this.disjointness = disjointness;
        this.type = type;
        this.parent = parent;
    }

    /** Whether every value of the type is invalid. */
    boolean isCertain() {
        return certain;
    }

    List<Alternative> found() {
        return found;
    }

    void add(Schema schema, String keyword) {
        switch (keyword) {
            case "type" -> {
                Set<String> types = schema.types();
                if (type.equals("number") && types.contains("integer") && !types.contains("number")) {
                    constraint(new Constraint.Keyword(parent, keyword));
                } else {
                    certain = !types.contains(type);
                }
            }
            case "const", "enum" -> literals(schema, keyword);
            case "$ref", "$dynamicRef" ->
                conditions(index.condition(index.references().target(schema, keyword), false));
            case "allOf" -> schema.schemas(keyword).forEach(part -> conditions(index.condition(part, false)));
            case "anyOf" -> conditions(all(schema.schemas(keyword)));
            case "oneOf" -> {
                List<Schema> options = schema.schemas(keyword);
                conditions(all(options));
                for (int[] pair : disjointness.overlaps(options)) {
                    conditions(
                            index.condition(options.get(pair[0]), true), index.condition(options.get(pair[1]), true));
                }
            }
            case "not" -> conditions(index.condition(schema.at(keyword), true));
            case "if" -> {
                if (schema.has("then")) {
                    conditions(index.condition(schema.at("if"), true), index.condition(schema.at("then"), false));
                }
                if (schema.has("else")) {
                    conditions(index.condition(schema.at("if"), false), index.condition(schema.at("else"), false));
                }
            }
            default -> {
                if (Keywords.OF_ANY_TYPE.contains(keyword)) {
                    throw schema.unsupported(keyword);
                }
                if (Keywords.restricts(keyword, type)) {
                    ofType(schema, keyword);
                }
            }
        }
    }

    private Condition[] all(List<Schema> options) {
        return options.stream().map(option -> index.condition(option, false)).toArray(Condition[]::new);
    }

    private void conditions(Condition... conditions) {
        found.add(Alternative.of(parent, conditions));
    }

    private void constraint(Constraint... constraints) {
        found.add(Alternative.of(parent, constraints));
    }

    private void literals(Schema schema, String keyword) {
        List<JsonValue> values = schema.literals(keyword).stream()
                .filter(value -> Schema.isOf(value, type))
                .toList();
        budget.spend(4L * values.size());
        if (values.isEmpty()) {
            certain = true;
        } else if (type.equals("object") || type.equals("array")) {
            conditions(values.stream()
                    .map(value -> index.exactly(value, schema.pointer(), false))
                    .toArray(Condition[]::new));
        } else {
            constraint(new Constraint.Keyword(parent, keyword));
        }
    }

    private void ofType(Schema schema, String keyword) {
        switch (keyword) {
            case "format" -> {} // may be an annotation, and then every value has it
            case "properties" -> {
                for (String name : schema.at(keyword).members()) {
                    constraint(Constraint.present(
                            name, index.condition(schema.at(keyword).at(name), false)));
                }
            }
            case "required" -> schema.strings(keyword).forEach(name -> constraint(Constraint.absent(name)));
            case "patternProperties" -> {
                for (String pattern : schema.at(keyword).members()) {
                    Schema value = schema.at(keyword).at(pattern);
                    constraint(new Constraint.SomeMember(
                            null, Schema.text(pattern, value.pointer()), null, index.condition(value, false)));
                }
            }
            case "additionalProperties" ->
                constraint(new Constraint.SomeMember(
                        parent.opposite(), null, null, index.condition(schema.at(keyword), false)));
            case "propertyNames" ->
                constraint(new Constraint.SomeMember(
                        null,
                        null,
                        index.condition(schema.at(keyword), false),
                        new Condition(Condition.ANYTHING, schema, true)));
            case "dependentRequired", "dependentSchemas", "dependencies" -> dependencies(schema.at(keyword));
            case "items", "prefixItems", "additionalItems" -> elements(schema, keyword);
            case "contains" -> {
                Condition contained = index.condition(schema.at(keyword), true);
                int min = schema.count("minContains", 1);
                int max = schema.count("maxContains", Expression.UNBOUNDED);
                if (min > 0) {
                    constraint(new Constraint.Elements(contained, 0, 0, min - 1));
                }
                if (max < Expression.UNBOUNDED) {
                    constraint(new Constraint.Elements(contained, 0, max + 1, Expression.UNBOUNDED));
                }
            }
            case "unevaluatedProperties", "unevaluatedItems" ->
                throw schema.refused(
                        "%s inside not, if or an overlapping option of oneOf is not supported".formatted(keyword));
            case "uniqueItems" -> {
                if (schema.isTrue(keyword)) {
                    throw schema.refused(
                            "uniqueItems inside not, if or an overlapping option of oneOf is not supported");
                }
            }
            default -> constraint(new Constraint.Keyword(parent, keyword));
        }
    }

    private void dependencies(Schema dependencies) {
        for (String name : dependencies.members()) {
            Schema needed = dependencies.at(name);
            if (needed.node().isArray()) {
                dependencies
                        .strings(name)
                        .forEach(other -> constraint(Constraint.present(name), Constraint.absent(other)));
            } else {
                found.add(new Alternative(
                        parent, List.of(index.condition(needed, false)), List.of(Constraint.present(name))));
            }
        }
    }

    private void elements(Schema schema, String keyword) {
        List<Schema> prefix = schema.prefix();
        if (keyword.equals("prefixItems") || schema.at(keyword).node().isArray()) {
            for (int i = 0; i < prefix.size(); i++) {
                constraint(new Constraint.Element(i, index.condition(prefix.get(i), false)));
            }
            return;
        }
        Schema rest = schema.rest();
        if (rest != null && rest.pointer().endsWith("/" + keyword)) {
            constraint(new Constraint.Elements(index.condition(rest, false), prefix.size(), 1, Expression.UNBOUNDED));
        }
    }
}
