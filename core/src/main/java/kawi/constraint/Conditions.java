package kawi.constraint;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * Conditions that all hold for one value. Of two conditions with the same id there is one; the order is that of the
 * schema and has no meaning.
 */
record Conditions(LinkedHashSet<Condition> all) {

    static Conditions of(Collection<Condition> all) {
        var kept = new LinkedHashSet<Condition>();
        for (Condition condition : all) {
            if (!condition.isAnything()) {
                kept.add(condition);
            }
        }
        return new Conditions(kept);
    }

    static Conditions of(Condition condition) {
        return of(List.of(condition));
    }

    Conditions and(Collection<Condition> more) {
        var both = new ArrayList<>(all);
        both.addAll(more);
        return of(both);
    }

    /** Whether every value satisfies them. */
    boolean isAnything() {
        return all.isEmpty();
    }

    /** Whether two of them are opposites, or one is satisfied by no value. */
    boolean isContradiction() {
        var seen = new HashSet<Integer>();
        for (Condition condition : all) {
            seen.add(condition.id());
            if (condition.isNothing() || seen.contains(condition.id() ^ 1)) {
                return true;
            }
        }
        return false;
    }
}
