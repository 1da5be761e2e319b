package kawi.reply;

/** Finds the first occurrence of a string in streamed text, with the Knuth-Morris-Pratt algorithm. */
final class Occurrence {

    private final String string;

    /**
     * {@code borders[n]}: the length of the longest proper prefix of the first n characters that is also their suffix.
     */
    private final int[] borders;

    private int matched;

    Occurrence(String string) {
        this.string = string;
        borders = new int[string.length() + 1];
        int border = 0;
        for (int n = 1; n < string.length(); n++) {
            border = extended(border, string.charAt(n));
            borders[n + 1] = border;
        }
    }

    private int extended(int length, char c) {
        int longest = length;
        while (longest > 0 && string.charAt(longest) != c) {
            longest = borders[longest];
        }
        return string.charAt(longest) == c ? longest + 1 : 0;
    }

    /** Accepts the next character of the text; must not be called once the string has been found. */
    void accept(char c) {
        matched = extended(matched, c);
    }

    /** Starts at the beginning of another text. */
    void restart() {
        matched = 0;
    }

    /** Whether the text ends with a prefix of the string. */
    boolean hasBegun() {
        return matched > 0;
    }

    /** Whether the string has been found. */
    boolean isComplete() {
        return matched == string.length();
    }
}
