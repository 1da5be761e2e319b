package kawi.schema;

import java.math.BigDecimal;
import java.util.List;
import kawi.json.JsonArray;
import kawi.json.JsonObject;
import kawi.json.JsonString;
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

    /** Whether the two are the same object; equal values may be written differently or stand in different places. */
    @SuppressWarnings("ReferenceEquality") // as the name says
    static boolean same(Object one, Object other) {
        return one == other;
    }

    /** The path of a property of the value at {@code where}; the path of the root is empty. */
    static String step(String where, String property) {
        return where.isEmpty() ? property : where + "." + property;
    }

    /** The name of a location in a message. */
    static String place(String where) {
        return where.isEmpty() ? "the value" : where;
    }

    /** JSON as quoted in a message; no more of a long value is written than is shown. */
    static String excerpt(JsonValue value) {
        var text = new StringBuilder();
        append(text, value);
        return text.length() <= MAX_EXCERPT
                ? text.toString()
                : text.substring(0, text.offsetByCodePoints(0, MAX_EXCERPT - 10)) + "...";
    }

    private static void append(StringBuilder text, JsonValue value) {
        switch (value) {
            case JsonObject object -> {
                text.append('{');
                for (var property : object.properties()) {
                    if (text.length() > MAX_EXCERPT) {
                        return;
                    }
                    append(
                            text.append(text.charAt(text.length() - 1) == '{' ? "" : ","),
                            new JsonString(property.getKey()));
                    append(text.append(':'), property.getValue());
                }
                text.append('}');
            }
            case JsonArray array -> {
                text.append('[');
                for (var element : array.values()) {
                    if (text.length() > MAX_EXCERPT) {
                        return;
                    }
                    append(text.append(text.charAt(text.length() - 1) == '[' ? "" : ","), element);
                }
                text.append(']');
            }
            case JsonString(String string) -> {
                boolean isLong = string.length() > 2 * MAX_EXCERPT;
                text.append(new JsonString(isLong ? string.substring(0, 2 * MAX_EXCERPT) : string));
            }
            default -> text.append(value);
        }
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
