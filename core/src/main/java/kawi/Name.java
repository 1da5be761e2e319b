package kawi;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Sets the name in JSON if it differs from the name in Java: of a record component, a parameter of a tool method, an
 * enum constant, or a record that implements a sealed interface.
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
