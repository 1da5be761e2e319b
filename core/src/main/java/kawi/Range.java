package kawi;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Constrains a number to a range, including both ends.
 *
 * {@snippet :
 *    record Review(@Range(min = 1, max = 5) int stars, List<@Range(min = 0) Double> prices) {}
 * }
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.RECORD_COMPONENT, ElementType.PARAMETER, ElementType.TYPE_USE})
public @interface Range {
    /** The minimum; by default, that of the Java type. */
    double min() default Double.NEGATIVE_INFINITY;

    /** The maximum; by default, that of the Java type. */
    double max() default Double.POSITIVE_INFINITY;
}
