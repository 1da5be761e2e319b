package kawi.cli;

import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import kawi.Description;
import kawi.Tool;

/** Tools that show what tools are, and can do no harm. */
final class DemoTools {

    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("EEEE, d MMMM yyyy, HH:mm:ss XXX", Locale.ENGLISH);

    private DemoTools() {}

    record Calculation(
            @Description("such as (1.1 + 2.2) * 3 or 2^10") String expression) {}

    static List<Tool> all() {
        return List.of(
                Tool.of(
                        "clock",
                        "The present date and time of day.",
                        () -> ZonedDateTime.now(ZoneId.systemDefault()).format(CLOCK)),
                Tool.of(
                        "calculator",
                        "Computes + - * / ^ and parentheses exactly.",
                        Calculation.class,
                        calculation -> Calculator.evaluate(calculation.expression())));
    }
}
