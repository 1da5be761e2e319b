package kawi;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The least and the greatest value of a number, both included.
 *
 * {@snippet :
 *    record Review(@Range(min = 1, max = 5) int stars, List<@Range(min = 0) Double> prices) {}
 * }
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.RECORD_COMPONENT, ElementType.PARAMETER, ElementType.TYPE_USE})
public @interface Range {
    /** The least value; as the Java type allows unless given. */
    double min() default Double.NEGATIVE_INFINITY;

    /** The greatest value; as the Java type allows unless given. */
    double max() default Double.POSITIVE_INFINITY;
}
