package kawi.template;

import java.util.function.Supplier;

/**
 * What a missing variable, attribute or element evaluates to: prints as nothing, is false, empty and equal to any other
 * undefined value; everything else done with it fails with its complaint, which is put into words only then.
 */
final class Undefined {

    private final Supplier<String> complaint;

    private Undefined(Supplier<String> complaint) {
        this.complaint = complaint;
    }

    static Undefined because(String complaint) {
        return new Undefined(() -> complaint);
    }

    static Undefined variable(String name) {
        return new Undefined(() -> "'" + name + "' is undefined");
    }

    /** {@code object.name} or {@code object["name"]} where there is no such thing. */
    static Undefined attribute(Object object, String name) {
        return new Undefined(() -> "'%s' has no attribute '%s'".formatted(Values.describeType(object), name));
    }

    static Undefined element(Object object, String key) {
        return new Undefined(() -> "%s has no element %s".formatted(Values.describeType(object), key));
    }

    /** An attribute that exists in Python but that the immutable sandbox does not hand out. */
    static Undefined unsafe(Object object, String name) {
        return new Undefined(
                () -> "access to attribute '%s' of '%s' object is unsafe".formatted(name, Values.typeName(object)));
    }

    String complaint() {
        return complaint.get();
    }

    EvaluationException failure() {
        return new EvaluationException(complaint());
    }
}
