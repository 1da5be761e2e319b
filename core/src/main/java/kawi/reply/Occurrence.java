package kawi.reply;

/** Follows a text to the first place where a certain string stands in it, by the method of Knuth, Morris and Pratt. */
final class Occurrence {

    private final String sought;

    /** {@code borders[n]}: the longest proper beginning of the string that its first n characters also end with. */
    private final int[] borders;

    private int matched;

    Occurrence(String sought) {
        this.sought = sought;
        borders = new int[sought.length() + 1];
        int border = 0;
        for (int n = 1; n < sought.length(); n++) {
            border = extended(border, sought.charAt(n));
            borders[n + 1] = border;
        }
    }

    private int extended(int length, char c) {
        int longest = length;
        while (longest > 0 && sought.charAt(longest) != c) {
            longest = borders[longest];
        }
        return sought.charAt(longest) == c ? longest + 1 : 0;
    }

    /** Takes the next character of the text; none may follow once the string is complete. */
    void accept(char c) {
        matched = extended(matched, c);
    }

    /** Whether the text ends with a part of the string, from its beginning. */
    boolean hasBegun() {
        return matched > 0;
    }

    /** Whether the text ends with the string. */
    boolean isComplete() {
        return matched == sought.length();
    }
}
