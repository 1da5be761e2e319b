package kawi.gguf;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A metadata array.
 *
 * @param elementType the type of all elements
 * @param values the elements as in {@link Metadata#value}; nested arrays are {@code MetadataArray}s
 */
public record MetadataArray(MetadataType elementType, List<?> values) {

    private static final int SHOWN = 4;

    /** The first elements and the number of elements. */
    @Override
    public String toString() {
        String shown = values.stream().limit(SHOWN).map(String::valueOf).collect(Collectors.joining(", "));
        return values.size() <= SHOWN ? "[" + shown + "]" : "[%s, … %d in all]".formatted(shown, values.size());
    }
}
