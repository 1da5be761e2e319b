package kawi.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.math.BigDecimal;
import java.net.URI;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Currency;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import kawi.Name;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class ResultTextTest {

    record Forecast(
            @Name("place") String city,
            List<Double> degrees,
            @Nullable String note) {}

    @Test
    void stringsAreTheTextAndOthersAreJson() {
        assertEquals("as \"it\" is", ResultText.of("as \"it\" is"));
        assertEquals("null", ResultText.of(null));
        assertEquals(
                "{\"place\":\"Rome\",\"degrees\":[20.5,1.0E-5],\"note\":null}",
                ResultText.of(new Forecast("Rome", List.of(20.5, 1e-5), null)));
        assertEquals("[1,2]", ResultText.of(new int[] {1, 2}));
        assertEquals("[\"a\",null,[\"x\"]]", ResultText.of(Arrays.asList('a', Optional.empty(), new String[] {"x"})));
        assertEquals("{\"MONDAY\":3}", ResultText.of(Map.of(DayOfWeek.MONDAY, OptionalInt.of(3))));
        assertEquals(
                "[\"NaN\",1.50,7]", ResultText.of(List.of(Double.NaN, new BigDecimal("1.50"), new AtomicInteger(7))));
    }

    /** The types of the JDK are written as Jackson's data binding writes them. */
    @Test
    @SuppressWarnings("JavaUtilDate")
    void scalarsAreWrittenAsJacksonWritesThem() {
        List<Object> values = List.of(
                Instant.EPOCH,
                LocalDate.EPOCH,
                LocalTime.of(9, 0),
                LocalDateTime.of(2020, 1, 1, 1, 0),
                OffsetDateTime.parse("2024-01-02T03:04:05+07:00"),
                ZonedDateTime.parse("2024-01-02T03:04:05+01:00[Europe/Rome]"),
                Duration.ofMinutes(90),
                Period.ofDays(3),
                Year.of(2020),
                YearMonth.of(2020, 1),
                new Date(0),
                UUID.fromString("123e4567-e89b-12d3-a456-426614174000"),
                URI.create("http://example.org/a"),
                Currency.getInstance("EUR"),
                Locale.GERMANY,
                java.nio.file.Path.of("a"),
                new java.io.File("a"),
                String.class,
                1.5f,
                (byte) 3,
                true);
        JsonMapper jackson = JsonMapper.builder().build();
        for (Object value : values) {
            assertEquals(jackson.writeValueAsString(List.of(value)), ResultText.of(List.of(value)));
        }
    }

    public static class Account {
        public final int number = 7;
        public static final int COUNT = 1;

        public String getOwnerName() {
            return "A";
        }

        public boolean isOpen() {
            return true;
        }

        public List<Account> getURLs() {
            return List.of();
        }

        public String name() {
            return "not a property";
        }

        public String getting() {
            return "not one either";
        }
    }

    @Test
    void otherObjectsAreTheirPublicProperties() {
        assertEquals("{\"URLs\":[],\"number\":7,\"open\":true,\"ownerName\":\"A\"}", ResultText.of(new Account()));
        assertEquals(JsonMapper.builder().build().writeValueAsString(new Account()), ResultText.of(new Account()));
    }

    public static class Failing {
        public String getAnswer() {
            throw new IllegalStateException("no answer");
        }
    }

    @Test
    void whatHasNoJsonFormIsRefusedInASentence() {
        for (Object value : List.of(
                new Object(),
                new ByteArrayInputStream(new byte[0]),
                Thread.currentThread(),
                new IllegalStateException("e"),
                List.of(1).iterator(),
                (Runnable) () -> {},
                JsonMapper.builder().build().readTree("{\"a\":1}"))) {
            String refusal = refusal(value);
            assertTrue(refusal.startsWith("the result of a tool is a "), refusal);
            assertTrue(refusal.endsWith("return a record, a map, a list, a string or JSON text"), refusal);
        }
        assertEquals("the result of a tool is a stream; collect it into a list", refusal(Stream.of(1)));
        assertEquals("Failing.getAnswer() failed", refusal(new Failing()));
        List<Object> endless = new ArrayList<>();
        endless.add(endless);
        assertEquals("the result of a tool is nested more than 200 deep, or contains itself", refusal(endless));
    }

    private static String refusal(Object value) {
        return String.valueOf(assertThrows(IllegalArgumentException.class, () -> ResultText.of(value))
                .getMessage());
    }
}
