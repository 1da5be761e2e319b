package kawi.constraint;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A restriction of the values of one type that cannot be reduced to others. */
sealed interface Constraint {

    /** That a keyword of a schema is satisfied, or that it is not. */
    record Keyword(Condition of, String name) implements Constraint {

        boolean holds() {
            return of.holds();
        }

        Schema value() {
            return of.schema().at(name);
        }
    }

    /**
     * That {@code unevaluatedProperties} or {@code unevaluatedItems} of a schema is satisfied.
     *
     * @param by the schemas that hold for the same value because this one does
     */
    record Unevaluated(Condition of, String name, List<Condition> by) implements Constraint {}

    /** That an object has a member that satisfies conditions, or that it has no member of that name. */
    record Member(String name, boolean present, List<Condition> value) implements Constraint {}

    /**
     * That an object has at least one member of a kind.
     *
     * @param besides the schema that does not declare the name, or null
     * @param pattern the pattern of the name, a schema that is a string, or null
     * @param name the condition for the name, or null
     * @param value the condition for the value
     */
    record SomeMember(
            @Nullable Condition besides,
            @Nullable Schema pattern,
            @Nullable Condition name,
            Condition value) implements Constraint {}

    /** That an array has an element at an index, which satisfies a condition. */
    record Element(int index, Condition value) implements Constraint {}

    /** That from {@code min} to {@code max} of the elements from an index on satisfy a condition. */
    record Elements(Condition value, int from, int min, int max) implements Constraint {}

    static Constraint absent(String name) {
        return new Member(name, false, List.of());
    }

    static Constraint present(String name, Condition... value) {
        return new Member(name, true, List.of(value));
    }
}
