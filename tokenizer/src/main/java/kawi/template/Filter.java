package kawi.template;

/** {@code value | name(arguments)}. */
@FunctionalInterface
interface Filter {

    Object apply(Object value, Arguments arguments, Budget budget);
}
