package kawi.constraint;

import java.util.List;

/**
 * One of several possibilities: conditions and constraints that hold together.
 *
 * @param parent the condition that they follow from
 * @param exclusive whether the conditions that do not hold are those of other options
 */
record Alternative(Condition parent, List<Condition> conditions, List<Constraint> constraints, boolean exclusive) {

    Alternative(Condition parent, List<Condition> conditions, List<Constraint> constraints) {
        this(parent, conditions, constraints, false);
    }

    static Alternative of(Condition parent, Condition... conditions) {
        return new Alternative(parent, List.of(conditions), List.of());
    }

    static Alternative of(Condition parent, Constraint... constraints) {
        return new Alternative(parent, List.of(), List.of(constraints));
    }

    boolean isNegative() {
        return conditions.stream().noneMatch(Condition::holds);
    }
}
