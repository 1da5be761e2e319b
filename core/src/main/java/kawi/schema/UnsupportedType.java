package kawi.schema;

/** What is thrown for a Java type that has no JSON form here; the message says which, where, and what to do. */
final class UnsupportedType {

    private UnsupportedType() {}

    /**
     * The exception, of a type that users can name.
     *
     * @param where the way from the root type, such as {@code Recipe.steps[].photo}
     */
    static IllegalArgumentException refusal(String where, String type, String why) {
        return new IllegalArgumentException(
                where.equals(type) ? "%s: %s".formatted(type, why) : "%s is %s: %s".formatted(where, type, why));
    }
}
