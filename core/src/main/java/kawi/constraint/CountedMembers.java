package kawi.constraint;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The members of an object that declares all of its properties and has {@code min} to {@code max} of them.
 *
 * <p>What may follow depends on the next property and on the number of members written so far, so there is one shared
 * expression for each such pair.
 */
final class CountedMembers {

    private record Place(int next, int written) {}

    private final Budget budget = Budget.current();
    private final Schema schema;
    private final List<Map.Entry<String, Expression>> properties;
    private final Set<String> required;
    private final int min;
    private final int max;
    private final Map<Place, Expression> rests = new HashMap<>();

    CountedMembers(Schema schema, Map<String, Expression> values, Set<String> required, int min, int max) {
        this.schema = schema;
        properties = List.copyOf(values.entrySet());
        this.required = required;
        this.min = min;
        this.max = max;
    }

    /** The object. */
    Expression all() {
        // From the last position to the first: each expression is built from those after it.
        for (int next = properties.size(); next >= 0; next--) {
            for (int written = 0; written <= Math.min(next, max); written++) {
                budget.spend(10);
                rests.put(new Place(next, written), rest(next, written));
            }
        }
        Expression members = known(0, 0);
        if (members.isNothing()) {
            throw schema.refused("no choice of its properties satisfies required, minProperties and maxProperties");
        }
        return Expression.sequence(Expression.text("{"), members, Expression.text("}"));
    }

    private Expression known(int next, int written) {
        Expression rest = rests.get(new Place(next, written));
        return rest == null ? Expression.nothing() : rest;
    }

    private Expression rest(int next, int written) {
        if (next == properties.size()) {
            return written >= min ? Expression.empty() : Expression.nothing();
        }
        var property = properties.get(next);
        Expression with = written == max ? Expression.nothing() : known(next + 1, written + 1);
        Expression without = required.contains(property.getKey()) ? Expression.nothing() : known(next + 1, written);
        if (with.isNothing()) {
            return without;
        }
        Expression member = Expression.sequence(
                written == 0 ? Expression.empty() : JsonRules.COMMA,
                JsonRules.name(schema, property.getKey()),
                JsonRules.COLON,
                property.getValue(),
                with);
        return without.isNothing() ? Expression.choice(member) : Expression.choice(member, without);
    }
}
