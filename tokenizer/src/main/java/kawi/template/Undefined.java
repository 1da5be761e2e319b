package kawi.template;

import java.util.function.Supplier;

/**
 * The value of a missing variable, attribute or element. It is printed as the empty string, false, empty, and equal to
 * any other undefined value; all other operations fail with its message, which is formatted lazily.
 */
final class Undefined {

    private final Supplier<String> problem;

    private Undefined(Supplier<String> problem) {
        this.problem = problem;
    }

    static Undefined because(String problem) {
        return new Undefined(() -> problem);
    }

    static Undefined variable(String name) {
        return new Undefined(() -> "'" + name + "' is undefined");
    }

    /** The result of {@code object.name} or {@code object["name"]} if there is no such attribute or element. */
    static Undefined attribute(Object object, String name) {
        return new Undefined(() -> "'%s' has no attribute '%s'".formatted(Values.describeType(object), name));
    }

    static Undefined element(Object object, String key) {
        return new Undefined(() -> "%s has no element %s".formatted(Values.describeType(object), key));
    }

    /** An attribute that exists in Python but is not accessible in the immutable sandbox. */
    static Undefined unsafe(Object object, String name) {
        return new Undefined(
                () -> "access to attribute '%s' of '%s' object is unsafe".formatted(name, Values.typeName(object)));
    }

    String problem() {
        return problem.get();
    }

    EvaluationException failure() {
        return new EvaluationException(problem());
    }
}
