package kawi;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The name in JSON where it should not be the one in Java: of a record's component, a tool method's parameter, an enum constant, or a record
 * that is one of a sealed interface's kinds.
 *
 * {@snippet :
 *    enum Unit { @Name("°C") CELSIUS, @Name("°F") FAHRENHEIT }
 * }
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.RECORD_COMPONENT, ElementType.PARAMETER, ElementType.FIELD})
public @interface Name {
    /** The name in JSON. */
    String value();
}
