package kawi.schema;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import kawi.json.JsonObject;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * A value that is a string in JSON.
 *
 * @param kind the Java type
 * @param limits size and pattern; for strings only
 */
record TextShape(Kind kind, Limits limits) implements Shape {

    /**
     * A Java type that is a string in JSON.
     *
     * @param keyword the schema keyword that restricts the strings, or null for any string
     * @param says the value of that keyword
     * @param reader creates the value; it throws a {@code RuntimeException} if it cannot
     */
    record Kind(@Nullable String keyword, String says, Function<String, Object> reader) {}

    private static final String IN_URI =
            "[A-Za-z0-9._~!$&'()*+,;=:@/?-]*(%[0-9A-Fa-f]{2}[A-Za-z0-9._~!$&'()*+,;=:@/?-]*)*";

    /**
     * An absolute URI of RFC 3986: scheme, authority or path, query, fragment; {@link URI} accepts every such string.
     */
    private static final String ABSOLUTE_URI = "^[a-z][a-z0-9+.-]*:/{0,3}[A-Za-z0-9]" + IN_URI + "(#" + IN_URI + ")?$";

    /** A UTF-16 code unit that is not a surrogate. */
    private static final String CHARACTER = "^[\\u0000-\\ud7ff\\ue000-\\uffff]$";

    static final Map<Class<?>, Kind> KINDS = Map.ofEntries(
            Map.entry(String.class, new Kind(null, "", text -> text)),
            Map.entry(CharSequence.class, new Kind(null, "", text -> text)),
            Map.entry(Character.class, new Kind("pattern", CHARACTER, text -> text.charAt(0))),
            Map.entry(LocalDate.class, new Kind("format", "date", LocalDate::parse)),
            Map.entry(LocalTime.class, new Kind("format", "time", TextShape::localTime)),
            Map.entry(LocalDateTime.class, new Kind("format", "date-time", TextShape::localDateTime)),
            Map.entry(OffsetDateTime.class, new Kind("format", "date-time", OffsetDateTime::parse)),
            Map.entry(ZonedDateTime.class, new Kind("format", "date-time", ZonedDateTime::parse)),
            Map.entry(
                    Instant.class,
                    new Kind(
                            "format",
                            "date-time",
                            text -> OffsetDateTime.parse(text).toInstant())),
            Map.entry(Duration.class, new Kind("format", "duration", Duration::parse)),
            Map.entry(UUID.class, new Kind("format", "uuid", UUID::fromString)),
            Map.entry(URI.class, new Kind("pattern", ABSOLUTE_URI, URI::create)));

    /** JSON Schema's {@code time} has an offset from UTC, which the type cannot represent; the local time is kept. */
    private static LocalTime localTime(String text) {
        return LocalTime.from(DateTimeFormatter.ISO_TIME.parse(text));
    }

    private static LocalDateTime localDateTime(String text) {
        return LocalDateTime.from(DateTimeFormatter.ISO_DATE_TIME.parse(text));
    }

    @Override
    public JsonObject schema(SchemaWriter writer) {
        var schema = JsonObject.builder().put("type", "string");
        if (kind.keyword != null) {
            schema.put(kind.keyword, kind.says);
        }
        var size = limits.size();
        if (size != null && size.min() > 0) {
            schema.put("minLength", size.min());
        }
        if (size != null && size.max() < Integer.MAX_VALUE) {
            schema.put("maxLength", size.max());
        }
        var matches = limits.matches();
        if (matches != null) {
            schema.put("pattern", whole(matches.value()));
        }
        return schema.build();
    }

    /** JSON Schema searches a string for its pattern; this anchors the pattern at both ends. */
    private static String whole(String regex) {
        boolean anchored = regex.startsWith("^") && regex.endsWith("$") && !regex.endsWith("\\$");
        return regex.contains("|") ? "^(" + regex + ")$" : anchored ? regex : "^" + regex + "$";
    }

    @Override
    public Object read(JsonValue value, String where) {
        var text = value.stringValue();
        try {
            return kind.reader.apply(text);
        } catch (RuntimeException e) {
            throw new MismatchException(
                    "%s must be a valid %s, but is %s"
                            .formatted(
                                    Json.place(where),
                                    "format".equals(kind.keyword) ? kind.says : "text of its type",
                                    Json.excerpt(value)),
                    e);
        }
    }
}
