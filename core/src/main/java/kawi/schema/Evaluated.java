package kawi.schema;

import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;

/**
 * The properties and elements of one value that schemas have been applied to; {@code unevaluatedProperties} and
 * {@code unevaluatedItems} are for the others.
 */
final class Evaluated {

    private final Set<String> names = new HashSet<>();
    private final BitSet elements = new BitSet();

    void name(String name) {
        names.add(name);
    }

    void element(int index) {
        elements.set(index);
    }

    boolean has(String name) {
        return names.contains(name);
    }

    boolean has(int index) {
        return elements.get(index);
    }

    void addAll(Evaluated others) {
        names.addAll(others.names);
        elements.or(others.elements);
    }
}
