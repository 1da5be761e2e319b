package kawi.constraint;

import org.jspecify.annotations.Nullable;

/**
 * That a value is valid against a schema, or that it is not.
 *
 * @param id the same for equal conditions of one compilation; that of the opposite differs in the last bit
 * @param holds whether the value is valid against {@code schema}
 */
record Condition(int id, Schema schema, boolean holds) {

    /** The condition that every value satisfies; there is also its opposite. */
    static final int ANYTHING = 0;

    boolean isAnything() {
        return id == ANYTHING;
    }

    boolean isNothing() {
        return id == (ANYTHING ^ 1);
    }

    Condition opposite() {
        return new Condition(id ^ 1, schema, !holds);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Condition condition && id == condition.id;
    }

    @Override
    public int hashCode() {
        return Integer.hashCode(id);
    }
}
