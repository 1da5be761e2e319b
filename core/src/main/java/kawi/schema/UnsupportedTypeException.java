package kawi.schema;

/** A Java type that has no JSON form here; the message says which, where, and what to do. */
final class UnsupportedTypeException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    /** @param where the way from the root type, such as {@code Recipe.steps[].photo} */
    UnsupportedTypeException(String where, String type, String why) {
        super(where.equals(type) ? "%s: %s".formatted(type, why) : "%s is %s: %s".formatted(where, type, why));
    }
}
