package kawi.constraint;

import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A {@link Case} in the making. */
final class PartialCase {

    final String type;

    /** The conditions so far, each with those that it follows from directly. */
    final Map<Condition, List<Condition>> parents = new LinkedHashMap<>();

    final Set<Constraint> constraints = new LinkedHashSet<>();
    final ArrayDeque<Condition> pending = new ArrayDeque<>();
    final ArrayDeque<List<Alternative>> choices = new ArrayDeque<>();

    /** Choices between negated conditions, which are easier when the others are made. */
    final ArrayDeque<List<Alternative>> negativeChoices = new ArrayDeque<>();

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
        copy.typed = typed;
        copy.meant = meant;
        return copy;
    }

    boolean isAncestor(Condition one, Condition of) {
        return one.equals(of)
                || parents.getOrDefault(of, List.of()).stream().anyMatch(parent -> isAncestor(one, parent));
    }

    void choose(List<Alternative> alternatives) {
        (alternatives.stream().allMatch(Alternative::isNegative) ? negativeChoices : choices).add(alternatives);
    }
}
