package kawi;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Constrains a string to match a regular expression as a whole.
 *
 * {@snippet :
 *    record Flight(@Matches("[A-Z]{2}[0-9]{1,4}") String number) {}
 * }
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.RECORD_COMPONENT, ElementType.PARAMETER, ElementType.TYPE_USE})
public @interface Matches {
    /** The regular expression, as ECMAScript defines it in Unicode mode; it has no backreferences. */
    String value();
}
