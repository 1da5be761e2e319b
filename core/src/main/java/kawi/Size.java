package kawi;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Constrains the length of a string, in Unicode code points, or the size of a list, set, array or map, including both
 * ends. On the type of an array, it applies to the array. Equal elements of a set count separately in JSON, although
 * the set contains only one of them; a key that a model repeats counts once.
 *
 * {@snippet :
 *    record Poem(@Size(min = 3, max = 3) List<@Size(max = 40) String> lines) {}
 * }
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.RECORD_COMPONENT, ElementType.PARAMETER, ElementType.TYPE_USE})
public @interface Size {
    /** The minimum size. */
    int min() default 0;

    /** The maximum size. */
    int max() default Integer.MAX_VALUE;
}
