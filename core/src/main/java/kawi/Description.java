package kawi;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Tells the model what a record, a component of it, a parameter of a tool or an enum constant means. It stands in the JSON Schema that is made
 * of the type.
 *
 * {@snippet :
 *    record City(@Description("its English name") String name, @Description("ISO 3166 code") Optional<String> country) {}
 * }
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.RECORD_COMPONENT, ElementType.PARAMETER, ElementType.FIELD})
public @interface Description {
    /** The description, one sentence or a few words. */
    String value();
}
