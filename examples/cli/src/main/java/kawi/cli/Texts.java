package kawi.cli;

/** Values as people like to read them. */
final class Texts {

    private static final int SHORT = 60;

    private Texts() {}

    /** The beginning of a text that may be long. */
    static String shortened(String text) {
        return text.length() <= SHORT ? text : text.substring(0, text.offsetByCodePoints(0, SHORT)) + "...";
    }

    /** A count: {@code 752.4 million}. */
    static String count(long count) {
        if (count < 1_000_000) {
            return "%,d".formatted(count);
        }
        return count < 1_000_000_000 ? "%.1f million".formatted(count / 1e6) : "%.2f billion".formatted(count / 1e9);
    }
}
