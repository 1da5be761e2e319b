package kawi.constraint;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.stream.Stream;

/**
 * The values of one type that satisfy constraints: one of the cases into which {@link Cases} divides conditions.
 *
 * @param constraints without duplicates; the order is that of the schema, and two cases are equal in any order
 */
record Case(String type, LinkedHashSet<Constraint> constraints) {

    Case(String type, Collection<Constraint> constraints) {
        this(type, new LinkedHashSet<>(constraints));
    }

    /** The constraints by keywords with one of {@code names}, satisfied or not. */
    List<Constraint.Keyword> keywords(String... names) {
        List<String> wanted = List.of(names);
        return keywords().filter(keyword -> wanted.contains(keyword.name())).toList();
    }

    Stream<Constraint.Keyword> keywords() {
        return of(Constraint.Keyword.class).stream();
    }

    <C extends Constraint> List<C> of(Class<C> kind) {
        return constraints.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /** This case without some constraints and with others. */
    Case with(Collection<? extends Constraint> removed, Collection<? extends Constraint> added) {
        var changed = new LinkedHashSet<>(constraints);
        changed.removeAll(removed);
        changed.addAll(added);
        return new Case(type, changed);
    }
}
