package kawi.schema;

import java.lang.reflect.AnnotatedElement;
import kawi.Matches;
import kawi.Range;
import kawi.Size;
import org.jspecify.annotations.Nullable;

/** The limits that annotations set on values. */
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

    /** These limits, completed by those of {@code others}. */
    Limits or(Limits others) {
        return new Limits(
                range != null ? range : others.range,
                size != null ? size : others.size,
                matches != null ? matches : others.matches);
    }

    /** The name of a limit that does not apply to a kind of value, or null. */
    @Nullable String beyond(boolean number, boolean sized, boolean text) {
        return range != null && !number
                ? "@Range is for numbers"
                : size != null && !sized
                        ? "@Size is for strings, lists, sets, arrays and maps"
                        : matches != null && !text ? "@Matches is for strings" : null;
    }
}
