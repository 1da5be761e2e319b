package kawi.cli;

/** Formats values for output. */
final class Texts {

    private static final int MAX_LENGTH = 60;

    private Texts() {}

    /** Returns the beginning of a text that may be long. */
    static String shortened(String text) {
        return text.codePointCount(0, text.length()) <= MAX_LENGTH
                ? text
                : text.substring(0, text.offsetByCodePoints(0, MAX_LENGTH)) + "...";
    }

    /** Returns the text with control characters, except line breaks and tabs, replaced by visible symbols. */
    static String printable(String text) {
        if (text.chars().noneMatch(c -> Character.isISOControl(c) && c != '\n' && c != '\t')) {
            return text;
        }
        StringBuilder printable = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean control = Character.isISOControl(c) && c != '\n' && c != '\t';
            printable.append(!control ? c : c < ' ' ? (char) ('\u2400' + c) : c == '\177' ? '\u2421' : '\uFFFD');
        }
        return printable.toString();
    }

    /** Formats a count: {@code 752.4 million}. */
    static String count(long count) {
        if (count < 1_000_000) {
            return "%,d".formatted(count);
        }
        return count < 1_000_000_000 ? "%.1f million".formatted(count / 1e6) : "%.2f billion".formatted(count / 1e9);
    }
}
