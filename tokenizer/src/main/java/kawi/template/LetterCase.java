package kawi.template;

import java.util.Locale;

/** Conversions to upper, lower and title case, and the character properties of Python strings. */
final class LetterCase {

    private LetterCase() {}

    static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = text.offsetByCodePoints(0, 1);
        return titleCase(text.substring(0, first)) + text.substring(first).toLowerCase(Locale.ROOT);
    }

    /** Converts one character to title case, which is its upper case unless it has a title-case mapping of its own. */
    private static String titleCase(String character) {
        int c = character.codePointAt(0);
        int titled = Character.toTitleCase(c);
        return titled != c || Character.isTitleCase(c)
                ? Character.toString(titled)
                : lowerCaseAllButFirst(character.toUpperCase(Locale.ROOT));
    }

    /**
     * If the upper case has several letters ("SS" for the sharp s), only the first one is in upper case in title case.
     */
    private static String lowerCaseAllButFirst(String upper) {
        int first = upper.offsetByCodePoints(0, 1);
        return upper.substring(0, first) + upper.substring(first).toLowerCase(Locale.ROOT);
    }

    static String title(String text) {
        var titled = new StringBuilder(text.length());
        boolean inWord = false;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            var character = Character.toString(c);
            titled.append(inWord ? character.toLowerCase(Locale.ROOT) : titleCase(character));
            inWord = isCased(c);
            i += Character.charCount(c);
        }
        return titled.toString();
    }

    static String swapCase(String text) {
        var swapped = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            var character = Character.toString(c);
            swapped.append(
                    Character.isUpperCase(c) || Character.isTitleCase(c)
                            ? character.toLowerCase(Locale.ROOT)
                            : character.toUpperCase(Locale.ROOT));
        });
        return swapped.toString();
    }

    private static boolean isCased(int c) {
        return Character.isLowerCase(c) || Character.isUpperCase(c) || Character.isTitleCase(c);
    }

    static boolean isLower(String text) {
        return text.codePoints().anyMatch(Character::isLowerCase)
                && text.codePoints().noneMatch(c -> Character.isUpperCase(c) || Character.isTitleCase(c));
    }

    static boolean isUpper(String text) {
        return text.codePoints().anyMatch(Character::isUpperCase)
                && text.codePoints().noneMatch(c -> Character.isLowerCase(c) || Character.isTitleCase(c));
    }

    static boolean isTitle(String text) {
        boolean inWord = false;
        boolean anyWord = false;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            boolean upper = Character.isUpperCase(c) || Character.isTitleCase(c);
            if (upper == inWord && isCased(c)) {
                return false;
            }
            inWord = isCased(c);
            anyWord |= inWord;
            i += Character.charCount(c);
        }
        return anyWord;
    }

    /** Whether {@code c} is a decimal digit, or a superscript, subscript or circled digit. */
    static boolean isDigit(int c) {
        return Character.isDigit(c)
                || c == 0xB2
                || c == 0xB3
                || c == 0xB9
                || c == 0x2070
                || (c >= 0x2074 && c <= 0x2079)
                || (c >= 0x2080 && c <= 0x2089)
                || (c >= 0x2460 && c <= 0x2468);
    }

    static boolean isNumeric(int c) {
        return switch (Character.getType(c)) {
            case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> true;
            default -> false;
        };
    }
}
