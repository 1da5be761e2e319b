package kawi.constraint;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * What is known about the members of the objects of a {@link PartialCase}, as far as it can be seen without compiling
 * schemas: which are required, which are absent, and which constants they have.
 */
final class KnownMembers {

    private final Budget budget = Budget.current();
    private final SchemaIndex index;
    private final Set<String> required = new HashSet<>();
    private final Set<String> absent = new HashSet<>();
    private final Map<String, List<Condition>> values = new HashMap<>();
    private final List<Schema> exhaustive = new ArrayList<>();
    private final boolean closed;

    /** @param declared whether {@code of} has all of its declarations of properties */
    KnownMembers(SchemaIndex index, PartialCase of, boolean declared) {
        this.index = index;
        boolean declares = false;
        boolean open = false;
        if (of.type.equals("object")) {
            for (Constraint constraint : of.constraints) {
                budget.spend(2);
                if (constraint instanceof Constraint.Keyword keyword && keyword.holds()) {
                    declares |= keyword.name().equals("properties")
                            || keyword.name().equals("patternProperties");
                    open |= keyword.name().equals("additionalProperties")
                            || keyword.name().equals("patternProperties");
                    open |= keyword.name().equals("unevaluatedProperties");
                    // Constants have the members that they have, declared or not.
                    open |= keyword.name().equals("const") || keyword.name().equals("enum");
                    add(keyword);
                } else if (constraint instanceof Constraint.Member member) {
                    (member.present() ? required : absent).add(member.name());
                    values.computeIfAbsent(member.name(), _ -> new ArrayList<>(1))
                            .addAll(member.value());
                }
            }
        }
        closed = declared && declares && !open;
    }

    private void add(Constraint.Keyword keyword) {
        Schema schema = keyword.of().schema();
        switch (keyword.name()) {
            case "required" -> required.addAll(schema.strings("required"));
            case "properties" -> {
                Schema properties = schema.at("properties");
                for (String name : properties.members()) {
                    values.computeIfAbsent(name, _ -> new ArrayList<>(1))
                            .add(index.condition(properties.at(name), true));
                }
            }
            case "additionalProperties" -> {
                boolean none = index.condition(keyword.value(), true).isNothing();
                if (none && !schema.has("patternProperties")) {
                    exhaustive.add(schema);
                }
            }
            default -> {}
        }
    }

    /** A member that is required and cannot be there, or null. */
    @Nullable String contradiction() {
        for (String name : required) {
            budget.spend(2);
            if (absent.contains(name) || !isPossible(name, List.of())) {
                return name;
            }
        }
        return null;
    }

    /** Whether {@code more} does not contradict what is known. */
    boolean permit(List<Constraint> more) {
        for (Constraint constraint : more) {
            if (constraint instanceof Constraint.Member(String name, boolean present, List<Condition> value)) {
                boolean possible =
                        present ? !absent.contains(name) && isPossible(name, value) : !required.contains(name);
                if (!possible) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Whether every object of the case satisfies {@code constraint}. */
    boolean imply(Constraint constraint) {
        if (!(constraint instanceof Constraint.Member(String name, boolean present, List<Condition> value))) {
            return false;
        }
        if (!present) {
            return absent.contains(name) || !isPossible(name, List.of());
        }
        return required.contains(name) && isImplied(name, value);
    }

    /**
     * Whether {@code alternative} is nothing but the presence of a member that has constants, such as the tag of an
     * option.
     */
    boolean isTag(Alternative alternative) {
        return alternative.conditions().isEmpty()
                && alternative.constraints().size() == 1
                && alternative.constraints().getFirst()
                        instanceof Constraint.Member(String name, boolean present, List<Condition> value)
                && present
                && constants(values.getOrDefault(name, List.of())) != null
                && isImplied(name, value);
    }

    /** Whether a member of that name, if there is one, satisfies conditions. */
    private boolean isImplied(String name, List<Condition> value) {
        List<Condition> known = values.getOrDefault(name, List.of());
        List<JsonValue> constants = constants(known);
        return value.stream()
                .allMatch(condition -> condition.isAnything()
                        || known.contains(condition)
                        || (constants != null
                                && constants.stream()
                                        .allMatch(c -> Boolean.valueOf(condition.holds())
                                                .equals(isValid(c, condition.schema())))));
    }

    /** Whether there may be a member of that name whose value satisfies {@code more} as well. */
    private boolean isPossible(String name, List<Condition> more) {
        if (closed && !values.containsKey(name) && !required.contains(name)) {
            return false;
        }
        for (Schema schema : exhaustive) {
            if (!schema.node().path("properties").has(name)) {
                return false;
            }
        }
        List<Condition> all = new ArrayList<>(values.getOrDefault(name, List.of()));
        all.addAll(more);
        if (all.isEmpty()) {
            return true;
        }
        budget.spend(4L * all.size());
        if (Conditions.of(all).isContradiction()) {
            return false;
        }
        List<JsonValue> constants = constants(all);
        return constants == null || !constants.isEmpty();
    }

    /** The constants that may satisfy all conditions, or null if these do not limit them to constants. */
    private @Nullable List<JsonValue> constants(List<Condition> conditions) {
        List<JsonValue> constants = null;
        for (Condition condition : conditions) {
            Schema schema = condition.schema();
            for (String keyword : List.of("const", "enum")) {
                if (condition.holds() && schema.has(keyword)) {
                    List<JsonValue> literals = schema.literals(keyword);
                    constants = constants == null || literals.size() < constants.size() ? literals : constants;
                }
            }
        }
        if (constants == null) {
            return null;
        }
        budget.spend(4L * constants.size() * conditions.size());
        return constants.stream()
                .filter(value -> conditions.stream()
                        .allMatch(condition ->
                                !Boolean.valueOf(!condition.holds()).equals(isValid(value, condition.schema()))))
                .toList();
    }

    /** Whether a constant is valid against a schema, or null if other keywords decide. */
    private static @Nullable Boolean isValid(JsonValue value, Schema schema) {
        if (schema.node().isBoolean()) {
            return schema.node().booleanValue();
        }
        boolean simple = true;
        for (String keyword : schema.assertions()) {
            switch (keyword) {
                case "const", "enum" -> {
                    if (!schema.literals(keyword).contains(value)) {
                        return false;
                    }
                }
                case "type" -> {
                    String type = Schema.typeOf(value);
                    if (!schema.types().contains(type)
                            && !(type.equals("integer") && schema.types().contains("number"))) {
                        return false;
                    }
                }
                default -> simple = false;
            }
        }
        return simple ? true : null;
    }
}
