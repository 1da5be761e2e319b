package kawi.schema;

/**
 * Creates exceptions for Java types that have no JSON form; the message names the type, the location, and the remedy.
 */
final class UnsupportedType {

    private UnsupportedType() {}

    /**
     * The exception; its type is public.
     *
     * @param where the path from the root type, such as {@code Recipe.steps[].photo}
     */
    static IllegalArgumentException refusal(String where, String type, String why) {
        return new IllegalArgumentException(
                where.equals(type) ? "%s: %s".formatted(type, why) : "%s is %s: %s".formatted(where, type, why));
    }
}
