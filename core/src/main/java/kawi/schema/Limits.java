package kawi.schema;

import java.lang.reflect.AnnotatedElement;
import kawi.Matches;
import kawi.Range;
import kawi.Size;
import org.jspecify.annotations.Nullable;

/** What annotations say about the values at one spot. */
record Limits(
        @Nullable Range range,
        @Nullable Size size,
        @Nullable Matches matches) {

    static final Limits NONE = new Limits(null, null, null);

    static Limits of(AnnotatedElement element) {
        return new Limits(
                element.getAnnotation(Range.class),
                element.getAnnotation(Size.class),
                element.getAnnotation(Matches.class));
    }

    /** These, and where one is missing that of {@code others}. */
    Limits or(Limits others) {
        return new Limits(
                range != null ? range : others.range,
                size != null ? size : others.size,
                matches != null ? matches : others.matches);
    }

    /** The name of a limit among these that a kind of value cannot have, or null. */
    @Nullable String beyond(boolean number, boolean sized, boolean text) {
        return range != null && !number
                ? "@Range is for numbers"
                : size != null && !sized
                        ? "@Size is for strings, lists, sets, arrays and maps"
                        : matches != null && !text ? "@Matches is for strings" : null;
    }
}
