package kawi.schema;

import java.math.BigDecimal;
import java.util.List;
import kawi.json.JsonObject;
import kawi.json.JsonValue;

/** JSON numbers, and the names of values and locations in messages. */
final class Json {

    private static final int MAX_EXCERPT = 60;

    private Json() {}

    /** Appends a number, without a decimal point if it is an integer. */
    static void number(JsonObject.Builder object, String key, BigDecimal number) {
        object.put(key, isInteger(number) ? number.setScale(0) : number);
    }

    /** Whether the number is an integer. */
    static boolean isInteger(BigDecimal number) {
        return number.signum() == 0
                || number.scale() <= 0
                || number.stripTrailingZeros().scale() <= 0;
    }

    /** The path of a property of the value at {@code where}; the path of the root is empty. */
    static String step(String where, String property) {
        return where.isEmpty() ? property : where + "." + property;
    }

    /** The name of a location in a message. */
    static String place(String where) {
        return where.isEmpty() ? "the value" : where;
    }

    /** JSON as quoted in a message. */
    static String excerpt(JsonValue value) {
        var text = value.toString();
        return text.length() <= MAX_EXCERPT
                ? text
                : text.substring(0, text.offsetByCodePoints(0, MAX_EXCERPT - 10)) + "...";
    }

    /** The message of an exception, or its class if it has none. */
    static String reason(Throwable exception) {
        var message = exception.getMessage();
        return message == null || message.isBlank() ? exception.getClass().getSimpleName() : message;
    }

    /** Names as a list in a message. */
    static String list(List<String> names) {
        return names.isEmpty() ? "none" : String.join(", ", names);
    }
}
