package kawi.template;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;
import java.util.Locale;

/**
 * {@code datetime.now().strftime(format)} in the C locale, with the GNU flags {@code -}, {@code _} and {@code 0} for
 * padding between the percent sign and the letter.
 */
final class Strftime {

    private Strftime() {}

    static String format(String format, LocalDateTime time, Budget budget) {
        var out = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            budget.allocate(32);
            char c = format.charAt(i);
            if (c != '%' || i + 1 == format.length()) {
                out.append(c);
                continue;
            }
            char letter = format.charAt(++i);
            char flag = 0;
            if ("-_0".indexOf(letter) >= 0 && i + 1 < format.length()) {
                flag = letter;
                letter = format.charAt(++i);
            }
            out.append(directive(letter, flag, time));
        }
        return out.toString();
    }

    private static String directive(char letter, char flag, LocalDateTime time) {
        int hour12 = (time.getHour() + 11) % 12 + 1;
        int weekday = time.getDayOfWeek().getValue();
        return switch (letter) {
            case 'Y' -> number(time.getYear(), 1, flag, '0');
            case 'C' -> number(time.getYear() / 100, 2, flag, '0');
            case 'y' -> number(time.getYear() % 100, 2, flag, '0');
            case 'm' -> number(time.getMonthValue(), 2, flag, '0');
            case 'd' -> number(time.getDayOfMonth(), 2, flag, '0');
            case 'e' -> number(time.getDayOfMonth(), 2, flag, ' ');
            case 'j' -> number(time.getDayOfYear(), 3, flag, '0');
            case 'H' -> number(time.getHour(), 2, flag, '0');
            case 'k' -> number(time.getHour(), 2, flag, ' ');
            case 'I' -> number(hour12, 2, flag, '0');
            case 'l' -> number(hour12, 2, flag, ' ');
            case 'M' -> number(time.getMinute(), 2, flag, '0');
            case 'S' -> number(time.getSecond(), 2, flag, '0');
            case 'f' -> number(time.get(ChronoField.MICRO_OF_SECOND), 6, flag, '0');
            case 'u' -> number(weekday, 1, flag, '0');
            case 'w' -> number(weekday % 7, 1, flag, '0');
            case 'U' -> number((time.getDayOfYear() + 6 - weekday % 7) / 7, 2, flag, '0');
            case 'W' -> number((time.getDayOfYear() + 6 - (weekday - 1)) / 7, 2, flag, '0');
            case 'V' -> number(time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR), 2, flag, '0');
            case 'G' -> number(time.get(IsoFields.WEEK_BASED_YEAR), 1, flag, '0');
            case 'a' -> named("EEE", time);
            case 'A' -> named("EEEE", time);
            case 'b', 'h' -> named("MMM", time);
            case 'B' -> named("MMMM", time);
            case 'p' -> time.getHour() < 12 ? "AM" : "PM";
            case 'P' -> time.getHour() < 12 ? "am" : "pm";
            case 'F' -> named("uuuu-MM-dd", time);
            case 'D', 'x' -> named("MM/dd/uu", time);
            case 'T', 'X' -> named("HH:mm:ss", time);
            case 'R' -> named("HH:mm", time);
            case 'r' -> named("hh:mm:ss ", time) + (time.getHour() < 12 ? "AM" : "PM");
            case 'c' ->
                named("EEE MMM ", time) + number(time.getDayOfMonth(), 2, flag, ' ') + named(" HH:mm:ss uuuu", time);
            case 'z', 'Z' -> "";
            case 'n' -> "\n";
            case 't' -> "\t";
            case '%' -> "%";
            default -> throw new EvaluationException("strftime_now: the directive '%" + letter + "' is not supported");
        };
    }

    private static String named(String pattern, LocalDateTime time) {
        return DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(time);
    }

    private static String number(int value, int width, char flag, char defaultPadding) {
        var padding = switch (flag) {
            case '-' -> "";
            case '_' -> " ";
            case '0' -> "0";
            default -> String.valueOf(defaultPadding);
        };
        var digits = Integer.toString(value);
        return padding.repeat(Math.max(width - digits.length(), 0)) + digits;
    }
}
