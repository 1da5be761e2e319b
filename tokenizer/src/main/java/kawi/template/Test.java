package kawi.template;

/** A test: {@code value is name(arguments)}. */
@FunctionalInterface
interface Test {

    boolean passes(Object value, Arguments arguments, Budget budget);
}
