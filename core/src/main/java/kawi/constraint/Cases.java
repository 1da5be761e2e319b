package kawi.constraint;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Divides the values of a type that satisfy conditions into cases, which have nothing but constraints: the disjunctive
 * normal form of {@code allOf}, {@code anyOf}, {@code oneOf}, {@code not}, {@code if} and references. An option of a
 * {@code oneOf} excludes the other options, unless {@link SchemaDisjointness} shows that they exclude each other.
 *
 * <p>There could be exponentially many cases, so contradictions are looked for as soon as possible: opposite conditions
 * of the same value, and required members with constants, as in discriminators. An alternative that follows from what
 * is known settles its choice. Cases overlap; together they are complete.
 */
final class Cases {

    private static final int MAX_CASES = 10_000;
    private static final int MAX_CHOICES = 400;

    private final Budget budget = Budget.current();
    private final SchemaIndex index;
    private final SchemaDisjointness disjointness;

    /** The first member that was required and excluded. */
    private @Nullable String contradiction;

    Cases(SchemaIndex index) {
        this.index = index;
        disjointness = new SchemaDisjointness(index.references());
    }

    /** The cases of {@code conditions} for values of {@code type}. */
    List<Case> of(Conditions conditions, String type) {
        var found = new ArrayList<Case>();
        var start = new PartialCase(type);
        boolean possible = !conditions.isContradiction();
        for (Condition condition : conditions.all()) {
            possible = possible && enter(start, null, condition);
        }
        if (possible) {
            divide(start, found, 0);
        }
        return found;
    }

    @Nullable String contradiction() {
        return contradiction;
    }

    /** The options of {@code schema} if it has no other keyword and no two of them overlap, or an empty list. */
    List<Condition> options(Schema schema) {
        List<String> keywords = keywords(schema);
        boolean any = keywords.equals(List.of("anyOf"));
        if (!any && !keywords.equals(List.of("oneOf"))) {
            return List.of();
        }
        List<Schema> options = schema.schemas(keywords.getFirst());
        return any || disjointness.overlaps(options).isEmpty()
                ? options.stream().map(option -> index.condition(option, true)).toList()
                : List.of();
    }

    private void divide(PartialCase partial, List<Case> found, int depth) {
        while (true) {
            while (!partial.pending.isEmpty()) {
                Condition next = partial.pending.poll();
                if (!(next.holds() ? isSatisfied(partial, next) : isViolated(partial, next))) {
                    return;
                }
            }
            boolean declared = partial.choices.isEmpty();
            List<Alternative> choice = declared ? partial.negativeChoices.poll() : partial.choices.poll();
            var members = new KnownMembers(index, partial, declared);
            String excluded = members.contradiction();
            if (excluded != null) {
                contradiction = contradiction == null ? excluded : contradiction;
                return;
            }
            if (choice == null) {
                add(partial, found);
                return;
            }
            List<Alternative> possible = new ArrayList<>();
            boolean settled = false;
            for (Alternative alternative : choice) {
                if (!settled && declared && isKnown(partial, members, alternative)) {
                    settled = true;
                    // A negation may still declare the name, so its absence becomes a constraint.
                    alternative.constraints().stream()
                            .filter(c -> c instanceof Constraint.Member member && !member.present())
                            .forEach(partial.constraints::add);
                }
                if (members.permit(alternative.constraints()) && isOfType(alternative, partial.type)) {
                    possible.add(alternative);
                }
            }
            if (settled) {
                continue;
            }
            // Options that tags tell apart have their tags: see the form of objects.
            if (declared && partial.exclusions.contains(choice.getFirst().parent())) {
                possible.stream().filter(members::isTag).findFirst().ifPresent(tag -> possible.retainAll(List.of(tag)));
            }
            if (possible.size() == 1) {
                if (!take(partial, possible.getFirst())) {
                    return;
                }
                continue;
            }
            if (depth == MAX_CHOICES) {
                throw tooMany(partial);
            }
            for (Alternative alternative : possible) {
                budget.spend(20 + partial.parents.size() + partial.constraints.size());
                PartialCase copy = partial.copy();
                if (take(copy, alternative)) {
                    divide(copy, found, depth + 1);
                }
            }
            return;
        }
    }

    private static GrammarException tooMany(PartialCase partial) {
        return partial.parents
                .keySet()
                .iterator()
                .next()
                .schema()
                .refused("too complex: the alternatives combine in too many ways");
    }

    private static boolean isKnown(PartialCase partial, KnownMembers members, Alternative alternative) {
        return alternative.conditions().stream()
                        .allMatch(condition -> condition.isAnything() || partial.parents.containsKey(condition))
                && alternative.constraints().stream()
                        .allMatch(constraint -> partial.constraints.contains(constraint) || members.imply(constraint));
    }

    /** Whether no keyword of an alternative excludes a type at first sight. */
    private boolean isOfType(Alternative alternative, String type) {
        for (Condition condition : alternative.conditions()) {
            Schema schema = condition.schema();
            budget.spend(2);
            if (condition.isNothing()) {
                return false;
            }
            if (condition.holds()
                    && schema.has("const")
                    && !Schema.isOf(schema.node().path("const"), type)) {
                return index.references().standAlone() && schema.has("$ref");
            }
            if (condition.holds() && schema.node().path("type").isString()) {
                String only = schema.node().path("type").stringValue();
                boolean other = Keywords.bit(only) != 0 && Keywords.bit(only) != Keywords.bit(type);
                if (other && !schema.has("nullable") && !schema.has("$ref")) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean take(PartialCase partial, Alternative alternative) {
        for (Condition condition : alternative.conditions()) {
            if (!enter(partial, alternative.parent(), condition)) {
                return false;
            }
            if (alternative.exclusive() && !condition.holds()) {
                partial.exclusions.add(condition);
            }
        }
        partial.constraints.addAll(alternative.constraints());
        return true;
    }

    private void add(PartialCase partial, List<Case> found) {
        boolean meant = partial.typed || partial.meant == 0 || (partial.meant & Keywords.bit(partial.type)) != 0;
        if (!meant) {
            return;
        }
        if (found.size() == MAX_CASES) {
            throw tooMany(partial);
        }
        List<Constraint> constraints = new ArrayList<>();
        for (Constraint constraint : partial.constraints) {
            boolean unevaluated = constraint instanceof Constraint.Keyword keyword
                    && keyword.name().startsWith("unevaluated");
            constraints.add(unevaluated ? unevaluated(partial, (Constraint.Keyword) constraint) : constraint);
        }
        budget.spend(20 + constraints.size());
        found.add(new Case(partial.type, constraints));
    }

    private Constraint unevaluated(PartialCase partial, Constraint.Keyword keyword) {
        budget.spend(10L * partial.parents.size());
        List<Condition> by = partial.parents.keySet().stream()
                .filter(condition -> condition.holds() && partial.isPart(condition, keyword.of()))
                .toList();
        return new Constraint.Unevaluated(keyword.of(), keyword.name(), by);
    }

    /** Adds a condition, and returns whether it may hold together with the others. */
    private static boolean enter(PartialCase partial, @Nullable Condition parent, Condition condition) {
        if (condition.isAnything() || condition.isNothing()) {
            return condition.isAnything();
        }
        List<Condition> known = partial.parents.get(condition);
        if (known == null) {
            partial.parents.put(condition, parent == null ? List.of() : List.of(parent));
            partial.pending.add(condition);
        } else if (parent != null) {
            if (partial.isAncestor(condition, parent)) {
                throw condition.schema().refused("this refers to itself without consuming any text");
            }
            if (!known.contains(parent)) {
                var more = new ArrayList<>(known);
                more.add(parent);
                partial.parents.put(condition, List.copyOf(more));
            }
        }
        return !partial.parents.containsKey(condition.opposite());
    }

    /**
     * Replaces a condition that holds by what it consists of; returns false where no value of the type satisfies it.
     */
    private boolean isSatisfied(PartialCase partial, Condition condition) {
        Schema schema = condition.schema();
        budget.spend(20 + 2L * schema.node().size());
        partial.meant |= Keywords.meant(schema);
        for (String keyword : keywords(schema)) {
            if (!isSatisfied(partial, condition, schema, keyword)) {
                return false;
            }
        }
        return true;
    }

    /** The keywords that count: before draft 2019-09 a reference had no others beside it. */
    private List<String> keywords(Schema schema) {
        boolean alone = index.references().standAlone() && schema.has("$ref");
        return alone
                ? List.of("$ref")
                : schema.node().propertyNames().stream()
                        .filter(Keywords::restricts)
                        .toList();
    }

    private boolean isSatisfied(PartialCase partial, Condition condition, Schema schema, String keyword) {
        switch (keyword) {
            case "type" -> {
                partial.typed = true;
                Set<String> types = schema.types();
                if (partial.type.equals("number") && !types.contains("number")) {
                    partial.constraints.add(new Constraint.Keyword(condition, keyword));
                    return types.contains("integer");
                }
                return types.contains(partial.type);
            }
            case "const", "enum" -> {
                partial.typed = true;
                partial.constraints.add(new Constraint.Keyword(condition, keyword));
                return schema.literals(keyword).stream().anyMatch(value -> Schema.isOf(value, partial.type));
            }
            case "$ref", "$dynamicRef" -> {
                return enter(
                        partial, condition, index.condition(index.references().target(schema, keyword), true));
            }
            case "allOf" -> {
                return schema.schemas(keyword).stream()
                        .allMatch(part -> enter(partial, condition, index.condition(part, true)));
            }
            case "anyOf" ->
                partial.choose(schema.schemas(keyword).stream()
                        .map(option -> Alternative.of(condition, index.condition(option, true)))
                        .toList());
            case "oneOf" -> partial.choose(exclusive(condition, schema));
            case "not" -> {
                return enter(partial, condition, index.condition(schema.at(keyword), false));
            }
            case "if" -> {
                if (schema.has("then") || schema.has("else")) {
                    partial.choose(
                            List.of(branch(condition, schema, true, "then"), branch(condition, schema, false, "else")));
                }
            }
            case "dependentRequired", "dependentSchemas", "dependencies" -> {
                if (partial.type.equals("object")) {
                    dependencies(condition, schema.at(keyword)).forEach(partial::choose);
                }
            }
            default -> {
                if (Keywords.OF_ANY_TYPE.contains(keyword)) {
                    throw schema.unsupported(keyword);
                }
                if (Keywords.restricts(keyword, partial.type)) {
                    partial.constraints.add(new Constraint.Keyword(condition, keyword));
                }
            }
        }
        return true;
    }

    /** Each option with the negation of those that it may overlap. */
    private List<Alternative> exclusive(Condition parent, Schema schema) {
        List<Schema> options = schema.schemas("oneOf");
        List<List<Condition>> conditions = new ArrayList<>();
        options.forEach(option -> conditions.add(new ArrayList<>(List.of(index.condition(option, true)))));
        for (int[] pair : disjointness.overlaps(options)) {
            conditions.get(pair[0]).add(index.condition(options.get(pair[1]), false));
            conditions.get(pair[1]).add(index.condition(options.get(pair[0]), false));
        }
        return conditions.stream()
                .map(each -> new Alternative(parent, each, List.of(), true))
                .toList();
    }

    private Alternative branch(Condition parent, Schema schema, boolean condition, String then) {
        List<Condition> both = new ArrayList<>();
        both.add(index.condition(schema.at("if"), condition));
        if (schema.has(then)) {
            both.add(index.condition(schema.at(then), true));
        }
        return new Alternative(parent, both, List.of());
    }

    /** For each dependency: the member is absent, or what depends on it holds. */
    private List<List<Alternative>> dependencies(Condition parent, Schema dependencies) {
        List<List<Alternative>> choices = new ArrayList<>();
        for (String name : dependencies.members()) {
            budget.spend(20);
            Schema needed = dependencies.at(name);
            var absent = Alternative.of(parent, Constraint.absent(name));
            if (needed.node().isArray()) {
                List<Constraint> present = new ArrayList<>(List.of(Constraint.present(name)));
                dependencies.strings(name).forEach(other -> present.add(Constraint.present(other)));
                choices.add(List.of(absent, new Alternative(parent, List.of(), present)));
            } else {
                choices.add(List.of(
                        absent,
                        new Alternative(
                                parent, List.of(index.condition(needed, true)), List.of(Constraint.present(name)))));
            }
        }
        return choices;
    }

    /** Replaces a condition that does not hold by a choice: one of its keywords is not satisfied. */
    private boolean isViolated(PartialCase partial, Condition condition) {
        Schema schema = condition.schema();
        budget.spend(20 + 2L * schema.node().size());
        var violations = new Violations(index, disjointness, partial.type, condition);
        for (String keyword : keywords(schema)) {
            violations.add(schema, keyword);
            if (violations.isCertain()) {
                return true;
            }
        }
        if (violations.found().size() == 1) {
            return take(partial, violations.found().getFirst());
        }
        partial.choose(violations.found());
        return !violations.found().isEmpty();
    }
}
