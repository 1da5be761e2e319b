package kawi.constraint;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The members of an object that has {@code min} to {@code max} of them: its properties in order, and then others.
 *
 * <p>What may follow depends on the next property and on the number of members written so far, so there is one shared
 * expression for each such pair.
 */
final class CountedMembers {

    private record Place(int next, int written) {}

    private static final int MAX_OTHERS = 1000;

    private final Budget budget = Budget.current();
    private final Schema schema;
    private final List<Map.Entry<String, Expression>> properties;
    private final Set<String> required;
    private final @Nullable Expression other;
    private final int min;
    private final int max;
    private final Map<Place, Expression> rests = new HashMap<>();

    /** @param other a member that is not among {@code values}, or null if there is none */
    CountedMembers(ObjectForm form, Map<String, Expression> values, @Nullable Expression other) {
        schema = form.schema();
        properties = List.copyOf(values.entrySet());
        required = form.required();
        this.other = other;
        min = form.min();
        max = form.max();
        if (other != null && Math.max(min, max == Expression.UNBOUNDED ? 0 : max) > MAX_OTHERS) {
            throw schema.refused("minProperties and maxProperties above %,d beside other properties are not supported"
                    .formatted(MAX_OTHERS));
        }
    }

    /** The object, or nothing if no choice of members has the right number. */
    Expression all() {
        // From the last position to the first: each expression is built from those after it.
        for (int next = properties.size(); next >= 0; next--) {
            for (int written = 0; written <= Math.min(next, max); written++) {
                budget.spend(10);
                rests.put(new Place(next, written), rest(next, written));
            }
        }
        Expression members = known(0, 0);
        return members.isNothing() ? members : Expression.sequence(Expression.text("{"), members, Expression.text("}"));
    }

    private Expression known(int next, int written) {
        Expression rest = rests.get(new Place(next, written));
        return rest == null ? Expression.nothing() : rest;
    }

    private Expression rest(int next, int written) {
        if (next == properties.size()) {
            return other == null
                    ? (written >= min ? Expression.empty() : Expression.nothing())
                    : others(other, written);
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

    /** The members after the last property. */
    private Expression others(Expression member, int written) {
        int least = Math.max(0, min - written);
        int most = max == Expression.UNBOUNDED ? max : max - written;
        Expression further = Expression.sequence(JsonRules.COMMA, member);
        if (written > 0) {
            return new Expression.Repeat(further, least, most);
        }
        if (most == 0) {
            return Expression.empty();
        }
        Expression some = Expression.sequence(
                member,
                new Expression.Repeat(further, Math.max(0, least - 1), most == Expression.UNBOUNDED ? most : most - 1));
        return least == 0 ? Expression.optional(some) : some;
    }
}
