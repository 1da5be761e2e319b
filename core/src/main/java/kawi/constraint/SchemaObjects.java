package kawi.constraint;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Compiles the cases of JSON Schema that are objects; the package describes the form of the values. */
final class SchemaObjects {

    private static final int MAX_PROPERTIES = 500;

    private final SchemaCompiler compiler;
    private final SchemaNames names;
    private final Rules rules;
    private final JsonRules json;

    SchemaObjects(SchemaCompiler compiler, Rules rules, JsonRules json) {
        this.compiler = compiler;
        this.rules = rules;
        this.json = json;
        names = new SchemaNames(compiler);
    }

    /** The objects of a case. */
    Expression value(Case of) {
        List<Constraint.SomeMember> some = of.of(Constraint.SomeMember.class);
        if (some.isEmpty()) {
            return value(ObjectForm.of(of, compiler.index(), names), null);
        }
        // Either one of the members that are named is meant, or one of the others.
        List<Expression> values = new ArrayList<>();
        for (Case named : named(of, some.getFirst())) {
            values.add(compiler.value(named));
        }
        ObjectForm form = ObjectForm.of(of, compiler.index(), names);
        Expression other = other(form, some.getFirst());
        if (other != null) {
            if (some.size() > 1 || form.min() > 1 || form.max() < Expression.UNBOUNDED) {
                throw form.schema()
                        .refused("the opposite of patternProperties, propertyNames or additionalProperties,"
                                + " by not, if or an overlapping option of oneOf, is supported only once, and without counts,"
                                + " for objects whose properties are not all declared");
            }
            values.add(value(form, other));
        }
        values.removeIf(Expression::isNothing);
        return new Expression.Choice(values);
    }

    /** @param needed a member that is not named and must be there, or null */
    private Expression value(ObjectForm form, @Nullable Expression needed) {
        Map<String, Expression> values = new LinkedHashMap<>();
        for (var member : form.members().entrySet()) {
            String name = member.getKey();
            Expression value = form.isPossible(name, names) ? compiler.value(member.getValue()) : Expression.nothing();
            if (!value.isNothing()) {
                values.put(name, value);
            }
        }
        for (String name : form.required()) {
            if (!values.containsKey(name)) {
                return compiler.nothing(
                        form.schema(), "property %s is required and excluded".formatted(GrammarException.quote(name)));
            }
        }
        if (values.size() > MAX_PROPERTIES) {
            throw form.schema().refused("more than " + MAX_PROPERTIES + " properties are not supported");
        }
        if (form.min() > form.max()) {
            return compiler.nothing(
                    form.schema(), "minProperties %d is more than maxProperties %d".formatted(form.min(), form.max()));
        }
        @Nullable Expression undeclared = undeclared(form);
        int most = undeclared == null ? values.size() : Expression.UNBOUNDED;
        boolean counted = form.min() > Math.max(1, form.required().size()) || form.max() < most;
        if (counted && undeclared != null && values.isEmpty()) {
            return json.members(undeclared, form.min(), form.max());
        }
        if (counted) {
            Expression other = undeclared == null ? null : new Expression.Call(rules.add(undeclared));
            Expression members = new CountedMembers(form, values, other).all();
            return members.isNothing()
                    ? compiler.nothing(
                            form.schema(),
                            "no choice of its properties satisfies required, minProperties and maxProperties")
                    : members;
        }
        boolean oneNeeded = form.min() > 0 && form.required().isEmpty();
        if (oneNeeded && values.isEmpty() && undeclared == null) {
            return compiler.nothing(form.schema(), "minProperties 1 is more than the number of its properties");
        }
        return members(form, values, undeclared, needed, oneNeeded);
    }

    /** The forms of a case, of which at least one holds. */
    List<ObjectForm> forms(Case of) {
        List<Constraint.SomeMember> some = of.of(Constraint.SomeMember.class);
        return some.isEmpty()
                ? List.of(ObjectForm.of(of, compiler.index(), names))
                : named(of, some.getFirst()).stream()
                        .flatMap(each -> forms(each).stream())
                        .toList();
    }

    SchemaNames names() {
        return names;
    }

    /** The member that a form does not name, or null if there is none. */
    private @Nullable Expression undeclared(ObjectForm form) {
        List<Expression> members = new ArrayList<>();
        for (SchemaNames.Kind kind : names.others(form)) {
            Expression value = compiler.value(kind.value());
            if (!value.isNothing()) {
                Expression name = kind.names() == null
                        ? json.string(0, Expression.UNBOUNDED)
                        : JsonRules.quoted(new Expression.Recognized(kind.names()));
                members.add(Expression.sequence(name, JsonRules.COLON, value));
            }
        }
        return members.isEmpty() ? null : members.size() == 1 ? members.getFirst() : new Expression.Choice(members);
    }

    /** The cases in which a member of a kind is one that is named. */
    private List<Case> named(Case of, Constraint.SomeMember some) {
        ObjectForm form = ObjectForm.of(of, compiler.index(), names);
        List<Case> cases = new ArrayList<>();
        for (String name : form.members().keySet()) {
            boolean meant = some.name() == null || names.satisfies(name, some.name());
            if (some.pattern() != null) {
                meant &= names.matches(some.pattern(), name);
            }
            if (some.besides() != null) {
                Schema besides = some.besides().schema();
                meant &= !besides.node().path("properties").has(name);
                for (String pattern : besides.node().path("patternProperties").propertyNames()) {
                    meant &= !names.matches(Schema.text(pattern, besides.pointer()), name);
                }
            }
            if (meant) {
                cases.add(of.with(List.of(some), List.of(Constraint.present(name, some.value()))));
            }
        }
        return cases;
    }

    /** A member of a kind that is not named, or null if there is none. */
    private @Nullable Expression other(ObjectForm form, Constraint.SomeMember some) {
        List<Expression> members = new ArrayList<>();
        for (SchemaNames.Kind kind : names.others(form)) {
            Automaton name = names.of(kind, some);
            Expression value = name.isEmpty()
                    ? Expression.nothing()
                    : compiler.value(kind.value().and(List.of(some.value())));
            if (!value.isNothing()) {
                members.add(
                        Expression.sequence(JsonRules.quoted(new Expression.Recognized(name)), JsonRules.COLON, value));
            }
        }
        return members.isEmpty() ? null : new Expression.Choice(members);
    }

    /**
     * The members in order. What may follow a member does not depend on the members before it, so {@code afterFirst} is
     * one shared expression for each property.
     */
    private static Expression members(
            ObjectForm form,
            Map<String, Expression> values,
            @Nullable Expression undeclared,
            @Nullable Expression needed,
            boolean oneNeeded) {
        Expression others = undeclared == null
                ? Expression.empty()
                : Expression.anyNumberOf(Expression.sequence(JsonRules.COMMA, undeclared));
        Expression afterFirst = Expression.choice(others);
        Expression first = undeclared == null
                ? (oneNeeded ? Expression.nothing() : Expression.empty())
                : Expression.sequence(undeclared, others);
        if (needed != null) {
            Expression later = Expression.sequence(others, JsonRules.COMMA, needed, others);
            afterFirst = Expression.choice(later);
            first = Expression.sequence(needed, others);
            first = undeclared == null ? first : Expression.choice(first, Expression.sequence(undeclared, later));
        } else if (undeclared != null && !oneNeeded) {
            first = Expression.optional(first);
        }
        for (var property : List.copyOf(values.entrySet()).reversed()) {
            String name = property.getKey();
            Expression member =
                    Expression.sequence(JsonRules.name(form.schema(), name), JsonRules.COLON, property.getValue());
            Expression begun = Expression.sequence(member, afterFirst);
            Expression continued = Expression.sequence(JsonRules.COMMA, member, afterFirst);
            boolean optional = !form.required().contains(name);
            first = optional ? Expression.choice(begun, first) : begun;
            afterFirst = optional ? Expression.choice(continued, afterFirst) : Expression.choice(continued);
        }
        return Expression.sequence(Expression.text("{"), first, Expression.text("}"));
    }
}
