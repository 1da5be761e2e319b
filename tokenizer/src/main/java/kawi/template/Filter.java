package kawi.template;

/** A filter: {@code value | name(arguments)}. */
@FunctionalInterface
interface Filter {

    Object apply(Object value, Arguments arguments, Budget budget);
}
