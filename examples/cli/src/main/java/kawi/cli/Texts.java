package kawi.cli;

/** Values as people like to read them. */
final class Texts {

    private static final int SHORT = 60;

    private Texts() {}

    /** The beginning of a text that may be long. */
    static String shortened(String text) {
        return text.length() <= SHORT ? text : text.substring(0, text.offsetByCodePoints(0, SHORT)) + "...";
    }

    /** A number of bytes: {@code 3.1 MiB}. */
    static String bytes(long bytes) {
        if (bytes < 1 << 10) {
            return bytes + " bytes";
        }
        String[] units = {"KiB", "MiB", "GiB", "TiB"};
        double value = bytes / 1024.0;
        int unit = 0;
        while (value >= 1024 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return "%.1f %s".formatted(value, units[unit]);
    }

    /** A count: {@code 752.4 million}. */
    static String count(long count) {
        if (count < 1_000_000) {
            return "%,d".formatted(count);
        }
        return count < 1_000_000_000 ? "%.1f million".formatted(count / 1e6) : "%.2f billion".formatted(count / 1e9);
    }
}
