package kawi;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * How long a string (in Unicode characters) or how large a list, set, array or map may be, both ends included. Before
 * an array's type it is about the array. Equal elements of a set's JSON count each, although the set will hold one of
 * them; a key that a model repeats counts once.
 *
 * {@snippet :
 *    record Poem(@Size(min = 3, max = 3) List<@Size(max = 40) String> lines) {}
 * }
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.RECORD_COMPONENT, ElementType.PARAMETER, ElementType.TYPE_USE})
public @interface Size {
    /** The smallest size. */
    int min() default 0;

    /** The largest size. */
    int max() default Integer.MAX_VALUE;
}
