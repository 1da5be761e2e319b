package kawi.cli;

import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import kawi.Description;
import kawi.Tool;

/** Harmless tools for demonstration. */
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
                        "The current date and time.",
                        () -> ZonedDateTime.now(ZoneId.systemDefault()).format(CLOCK)),
                Tool.of(
                        "calculator",
                        "Computes + - * / ^ and parentheses exactly.",
                        Calculation.class,
                        calculation -> Calculator.evaluate(calculation.expression())));
    }
}
