package kawi.cli;

import java.util.Iterator;
import java.util.List;

/** The values of an option, for completion. */
abstract class Candidates implements Iterable<String> {

    private final List<String> values;

    Candidates(List<String> values) {
        this.values = values;
    }

    @Override
    public Iterator<String> iterator() {
        return values.iterator();
    }
}
