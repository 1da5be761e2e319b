package kawi.schema;

import java.math.BigDecimal;
import java.util.List;
import kawi.json.JsonObject;
import kawi.json.JsonValue;

/** Numbers of JSON, and how values and places in them are named in sentences. */
final class Json {

    private static final int MAX_EXCERPT = 60;

    private Json() {}

    /** Adds a number, without a decimal point where it needs none. */
    static void number(JsonObject.Builder object, String key, BigDecimal number) {
        object.put(key, isInteger(number) ? number.setScale(0) : number);
    }

    /** Whether it has no fraction. */
    static boolean isInteger(BigDecimal number) {
        return number.signum() == 0
                || number.scale() <= 0
                || number.stripTrailingZeros().scale() <= 0;
    }

    /** The way to a property of the value at {@code where}; the root's own way is empty. */
    static String step(String where, String property) {
        return where.isEmpty() ? property : where + "." + property;
    }

    /** How a place is called in a sentence. */
    static String place(String where) {
        return where.isEmpty() ? "the value" : where;
    }

    /** JSON as it can be quoted in a sentence. */
    static String excerpt(JsonValue value) {
        var text = value.toString();
        return text.length() <= MAX_EXCERPT
                ? text
                : text.substring(0, text.offsetByCodePoints(0, MAX_EXCERPT - 10)) + "...";
    }

    /** What an exception says, or its class where it says nothing. */
    static String reason(Throwable exception) {
        var message = exception.getMessage();
        return message == null || message.isBlank() ? exception.getClass().getSimpleName() : message;
    }

    /** Names as they can be listed in a sentence. */
    static String list(List<String> names) {
        return names.isEmpty() ? "none" : String.join(", ", names);
    }
}
