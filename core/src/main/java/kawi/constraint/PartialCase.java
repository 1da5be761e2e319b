package kawi.constraint;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A {@link Case} in the making. */
final class PartialCase {

    final String type;

    private final Budget budget = Budget.current();

    /** The conditions so far, each with those that it follows from directly. */
    final Map<Condition, List<Condition>> parents = new LinkedHashMap<>();

    final Set<Constraint> constraints = new LinkedHashSet<>();
    final ArrayDeque<Condition> pending = new ArrayDeque<>();
    final ArrayDeque<List<Alternative>> choices = new ArrayDeque<>();

    /** Choices between negated conditions, which are easier when the others are made. */
    final ArrayDeque<List<Alternative>> negativeChoices = new ArrayDeque<>();

    /** The conditions by which the chosen option of a {@code oneOf} excludes the others. */
    final Set<Condition> exclusions = new HashSet<>();

    boolean typed;
    int meant;

    PartialCase(String type) {
        this.type = type;
    }

    PartialCase copy() {
        var copy = new PartialCase(type);
        copy.parents.putAll(parents);
        copy.constraints.addAll(constraints);
        copy.choices.addAll(choices);
        copy.negativeChoices.addAll(negativeChoices);
        copy.exclusions.addAll(exclusions);
        copy.typed = typed;
        copy.meant = meant;
        return copy;
    }

    /** Whether {@code of} follows from {@code one}, or is the same. */
    boolean isAncestor(Condition one, Condition of) {
        return leads(of, one, false);
    }

    /** Whether a condition holds because another one does, and not because something else does not hold. */
    boolean isPart(Condition one, Condition of) {
        return leads(one, of, true);
    }

    private boolean leads(Condition from, Condition to, boolean holding) {
        var seen = new HashSet<Condition>();
        var next = new ArrayDeque<Condition>();
        next.add(from);
        while (!next.isEmpty()) {
            Condition at = next.poll();
            if (at.equals(to)) {
                return true;
            }
            for (Condition parent : parents.getOrDefault(at, List.of())) {
                if ((parent.holds() || !holding) && seen.add(parent)) {
                    next.add(parent);
                }
            }
        }
        budget.spend(2L * seen.size());
        return false;
    }

    void choose(List<Alternative> alternatives) {
        (alternatives.stream().allMatch(Alternative::isNegative) ? negativeChoices : choices).add(alternatives);
    }
}
