package kawi.regex;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The sets of {@code \p{...}}: general categories and scripts by all of their names, and the binary properties of
 * ECMA-262 that the JDK knows. The JDK has no data for {@code Script_Extensions}.
 */
final class UnicodeProperties {

    private static final int CATEGORIES = 31;

    /** For each name of a category, a bit for each of its values of {@link Character#getType}. */
    private static final Map<String, Integer> TYPES = types();

    private static final Map<String, IntPredicate> BINARY = Map.ofEntries(
            Map.entry("Any", _ -> true),
            Map.entry("ASCII", c -> c < 0x80),
            Map.entry("Assigned", Character::isDefined),
            Map.entry("Alphabetic", Character::isAlphabetic),
            Map.entry("Alpha", Character::isAlphabetic),
            Map.entry("Lowercase", Character::isLowerCase),
            Map.entry("Lower", Character::isLowerCase),
            Map.entry("Uppercase", Character::isUpperCase),
            Map.entry("Upper", Character::isUpperCase),
            Map.entry("White_Space", UnicodeProperties::isWhiteSpace),
            Map.entry("space", UnicodeProperties::isWhiteSpace),
            Map.entry("ASCII_Hex_Digit", c -> c < 0x80 && Character.digit(c, 16) >= 0),
            Map.entry("AHex", c -> c < 0x80 && Character.digit(c, 16) >= 0),
            Map.entry("Ideographic", Character::isIdeographic),
            Map.entry("Ideo", Character::isIdeographic),
            Map.entry("Noncharacter_Code_Point", UnicodeProperties::isNoncharacter),
            Map.entry("NChar", UnicodeProperties::isNoncharacter),
            Map.entry("Emoji", Character::isEmoji),
            Map.entry("Emoji_Presentation", Character::isEmojiPresentation),
            Map.entry("EPres", Character::isEmojiPresentation),
            Map.entry("Emoji_Modifier", Character::isEmojiModifier),
            Map.entry("EMod", Character::isEmojiModifier),
            Map.entry("Emoji_Modifier_Base", Character::isEmojiModifierBase),
            Map.entry("EBase", Character::isEmojiModifierBase),
            Map.entry("Emoji_Component", Character::isEmojiComponent),
            Map.entry("EComp", Character::isEmojiComponent),
            Map.entry("Extended_Pictographic", Character::isExtendedPictographic),
            Map.entry("ExtPict", Character::isExtendedPictographic));

    private static final Map<String, CodePoints> KNOWN = new ConcurrentHashMap<>();

    private UnicodeProperties() {}

    private static Map<String, Integer> types() {
        var types = new HashMap<String, Integer>();
        add(types, Character.UPPERCASE_LETTER, "Lu Uppercase_Letter LC Cased_Letter L Letter");
        add(types, Character.LOWERCASE_LETTER, "Ll Lowercase_Letter LC Cased_Letter L Letter");
        add(types, Character.TITLECASE_LETTER, "Lt Titlecase_Letter LC Cased_Letter L Letter");
        add(types, Character.MODIFIER_LETTER, "Lm Modifier_Letter L Letter");
        add(types, Character.OTHER_LETTER, "Lo Other_Letter L Letter");
        add(types, Character.NON_SPACING_MARK, "Mn Nonspacing_Mark M Mark Combining_Mark");
        add(types, Character.ENCLOSING_MARK, "Me Enclosing_Mark M Mark Combining_Mark");
        add(types, Character.COMBINING_SPACING_MARK, "Mc Spacing_Mark M Mark Combining_Mark");
        add(types, Character.DECIMAL_DIGIT_NUMBER, "Nd Decimal_Number digit N Number");
        add(types, Character.LETTER_NUMBER, "Nl Letter_Number N Number");
        add(types, Character.OTHER_NUMBER, "No Other_Number N Number");
        add(types, Character.DASH_PUNCTUATION, "Pd Dash_Punctuation P Punctuation punct");
        add(types, Character.START_PUNCTUATION, "Ps Open_Punctuation P Punctuation punct");
        add(types, Character.END_PUNCTUATION, "Pe Close_Punctuation P Punctuation punct");
        add(types, Character.CONNECTOR_PUNCTUATION, "Pc Connector_Punctuation P Punctuation punct");
        add(types, Character.OTHER_PUNCTUATION, "Po Other_Punctuation P Punctuation punct");
        add(types, Character.INITIAL_QUOTE_PUNCTUATION, "Pi Initial_Punctuation P Punctuation punct");
        add(types, Character.FINAL_QUOTE_PUNCTUATION, "Pf Final_Punctuation P Punctuation punct");
        add(types, Character.MATH_SYMBOL, "Sm Math_Symbol S Symbol");
        add(types, Character.CURRENCY_SYMBOL, "Sc Currency_Symbol S Symbol");
        add(types, Character.MODIFIER_SYMBOL, "Sk Modifier_Symbol S Symbol");
        add(types, Character.OTHER_SYMBOL, "So Other_Symbol S Symbol");
        add(types, Character.SPACE_SEPARATOR, "Zs Space_Separator Z Separator");
        add(types, Character.LINE_SEPARATOR, "Zl Line_Separator Z Separator");
        add(types, Character.PARAGRAPH_SEPARATOR, "Zp Paragraph_Separator Z Separator");
        add(types, Character.CONTROL, "Cc Control cntrl C Other");
        add(types, Character.FORMAT, "Cf Format C Other");
        add(types, Character.SURROGATE, "Cs Surrogate C Other");
        add(types, Character.PRIVATE_USE, "Co Private_Use C Other");
        add(types, Character.UNASSIGNED, "Cn Unassigned C Other");
        return types;
    }

    private static void add(Map<String, Integer> types, int type, String names) {
        if (type >= CATEGORIES) {
            throw new AssertionError("a general category needs a bit: " + type);
        }
        for (String name : names.split(" ", -1)) {
            types.merge(name, 1 << type, (a, b) -> a | b);
        }
    }

    /**
     * The characters of {@code \p{expression}}, such as {@code L}, {@code Script=Greek} or {@code Emoji}; null if it is
     * not known.
     */
    static @Nullable CodePoints named(String expression) {
        int equals = expression.indexOf('=');
        String value = expression.substring(equals + 1);
        IntPredicate members = switch (equals < 0 ? "" : expression.substring(0, equals)) {
            case "" -> equals < 0 && BINARY.containsKey(value) ? BINARY.get(value) : category(equals, value);
            case "General_Category", "gc" -> category(-1, value);
            case "Script", "sc" -> script(value);
            default -> null;
        };
        return members == null ? null : KNOWN.computeIfAbsent(expression, _ -> CodePoints.where(members));
    }

    private static @Nullable IntPredicate category(int equals, String name) {
        Integer types = equals < 0 ? TYPES.get(name) : null;
        return types == null ? null : c -> (types >> Character.getType(c) & 1) != 0;
    }

    private static @Nullable IntPredicate script(String name) {
        try {
            var script = Character.UnicodeScript.forName(name);
            // forName ignores case; the names of ECMA-262 are those of Unicode.
            boolean spelled = script.name().equals(name.toUpperCase(Locale.ROOT)) || name.length() == 4;
            return spelled && Character.isUpperCase(name.charAt(0))
                    ? c -> Character.UnicodeScript.of(c) == script
                    : null;
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    private static boolean isWhiteSpace(int c) {
        return Character.isSpaceChar(c) || (c >= '\t' && c <= '\r') || c == 0x85;
    }

    private static boolean isNoncharacter(int c) {
        return (c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF);
    }
}
