package kawi.schema;

import java.io.File;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.net.URL;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Calendar;
import java.util.Currency;
import java.util.Date;
import java.util.Locale;
import java.util.TimeZone;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Pattern;
import kawi.json.JsonString;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * The JDK types whose JSON form is a number, boolean or string. Dates and times are in ISO 8601 format, with seconds; a
 * {@code Path} is its URI, a {@code File} its absolute path, a {@code Locale} its language tag.
 */
final class ScalarText {

    private static final DateTimeFormatter MILLISECONDS = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSSX", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private ScalarText() {}

    /** The value as JSON, or null if its type is not supported. */
    static @Nullable JsonValue of(Object value) {
        return switch (value) {
            case Boolean truth -> JsonValue.of(truth);
            case AtomicBoolean truth -> JsonValue.of(truth.get());
            case Byte _, Short _, Integer _, Long _, Float _, Double _, BigInteger _, BigDecimal _ ->
                JsonValue.of(value);
            case AtomicInteger number -> JsonValue.of(number.get());
            case AtomicLong number -> JsonValue.of(number.get());
            case LongAdder number -> JsonValue.of(number.sum());
            case DoubleAdder number -> JsonValue.of(number.sum());
            case Year year -> JsonValue.of(year.getValue());
            default -> {
                String text = text(value);
                yield text == null ? null : new JsonString(text);
            }
        };
    }

    @SuppressWarnings("JavaUtilDate") // the user's type, not ours; java.sql.Date has no toInstant()
    private static @Nullable String text(Object value) {
        return switch (value) {
            case CharSequence text -> text.toString();
            case Character character -> character.toString();
            case LocalTime time -> DateTimeFormatter.ISO_LOCAL_TIME.format(time);
            case LocalDateTime time -> DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(time);
            case OffsetTime time -> DateTimeFormatter.ISO_OFFSET_TIME.format(time);
            case OffsetDateTime time -> DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(time);
            case ZonedDateTime time -> DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(time);
            case Date date -> MILLISECONDS.format(Instant.ofEpochMilli(date.getTime()));
            case Calendar calendar -> MILLISECONDS.format(calendar.toInstant());
            case Instant _, LocalDate _, YearMonth _, MonthDay _, Duration _, Period _, ZoneId _ -> value.toString();
            case UUID _, URI _, URL _, Currency _, Charset _, Pattern _ -> value.toString();
            case TimeZone zone -> zone.getID();
            case Locale locale -> locale.toLanguageTag();
            case Path path -> path.toUri().toString();
            case File file -> file.getAbsolutePath();
            case Class<?> type -> type.getName();
            default -> null;
        };
    }
}
