package kawi;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Describes a record, a record component, a parameter of a tool or an enum constant to the model. The description is
 * part of the JSON Schema of the type.
 *
 * {@snippet :
 *    record City(
 *            @Description("its English name") String name,
 *            @Description("ISO 3166 code") Optional<String> country) {}
 * }
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.RECORD_COMPONENT, ElementType.PARAMETER, ElementType.FIELD})
public @interface Description {
    /** The description: one sentence or a few words. */
    String value();
}
