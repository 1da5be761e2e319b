package kawi.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** That accepted expressions match what Oniguruma matches is tested by {@link LibraryCorpusTest}. */
class OnigurumaSyntaxTest {

    private static final String[] PARTS = {
        "a",
        "s",
        "S",
        "\u4E2D",
        " ",
        ".",
        "\\s",
        "\\W",
        "\\w",
        "\\p{L}",
        "\\P{Han}",
        "\\p{^N}",
        "\\n",
        "\\x41",
        "\\x{e9}",
        "\\u00e9",
        "^",
        "$",
        "\\A",
        "\\z",
        "\\",
        "(",
        ")",
        "(?:",
        "(?i:",
        "(?=",
        "(?!",
        "(?<=",
        "(?<!",
        "(?>",
        "(?<n>",
        "[",
        "[^",
        "]",
        "[a-z]",
        "[^\\s\\w]",
        "[z-a]",
        "-",
        "&&",
        "|",
        "?",
        "*",
        "+",
        "{2}",
        "{1,3}",
        "{,2}",
        "{3,",
        "}",
        "{",
        "++"
    };

    @Example
    void translatesWhatDiffers() throws OnigurumaSyntax.UnsupportedException {
        assertEquals("(?:\\x{27}[sS\u017F]|\\x{27}[tT])", OnigurumaSyntax.translate("(?i:'s|'t)"));
        assertEquals("[kK\u212AaAbB]", OnigurumaSyntax.translate("(?i:[ka-b])").replaceAll("^\\(\\?:|\\)$", ""));
        assertEquals("\\s+(?=\\n|\\z)", OnigurumaSyntax.translate("\\s+$"));
        assertEquals("[^\\n]", OnigurumaSyntax.translate("."));
        assertEquals("\\p{IsHan}{0,2}a", OnigurumaSyntax.translate("\\p{Han}{,2}a"));
        assertEquals("[^\\x{28}\\s\\x{7C}\\x{2E}\\x{2C}]+", OnigurumaSyntax.translate("[^(\\s|[.,]]+"));
        assertEquals("[[a-z]&&[[^aeiou]]&&[\\p{L}]]", OnigurumaSyntax.translate("[a-z&&[^aeiou]&&\\p{L}]"));
        assertEquals("[\\x{2D}a\\x{2D}]", OnigurumaSyntax.translate("[-a-]"));
    }

    @Example
    void rejectsByName() {
        for (String[] pair : new String[][] {
            {"", "it matches the empty string"},
            {"a*|b", "it matches the empty string"},
            {"a?(?=b)", "it matches the empty string"},
            {"a|", "it matches the empty string"},
            {"(?:ab)+", "it has a repeated group before or at offset 7"},
            {"(?:a|b){2}", "a repeated group"},
            {"(?:a?)?b", "a repeated group"},
            {"a**", "a quantifier after a quantifier"},
            {"a{2}+", "a quantifier after a quantifier"},
            {"a{2}?", "a quantifier after a quantifier"},
            {"*a", "a quantifier without an expression before it"},
            {"a{x}", "a brace that is not a quantifier"},
            {"a{3,2}", "the quantifier {3,2}"},
            {"a{2000}", "the quantifier {2000}"},
            {"(a", "an unmatched parenthesis"},
            {"a)", "an unmatched parenthesis"},
            {"[a", "an unmatched bracket"},
            {"[]a]", "an empty class"},
            {"[a&&]", "an empty class"},
            {"[[:alpha:]]", "a POSIX bracket"},
            {"[b-a]", "a range that is not from one character to a higher one"},
            {"[a-\\d]", "a range that is not from one character to a higher one"},
            {"[a-[b]]", "a hyphen before a nested class"},
            {"[^a-c&&b]", "a negated class with an intersection"},
            {"(?i:ss)", "letters in (?i:) that a single character folds to"},
            {"(?i:\u00E9)", "characters beyond ASCII in (?i:)"},
            {"(?i:[^a])", "a negated class in (?i:)"},
            {"(?i:\\p{L})", "the escape \\p in (?i:)"},
            {"(?i)a", "a group that begins with (?i"},
            {"(?<name>a)", "a group that begins with (?<"},
            {"(?<=a+)b", "a quantifier in a lookbehind"},
            {"\\bword\\b", "the escape \\b"},
            {"\\1a", "the escape \\1"},
            {"\\h", "the escape \\h"},
            {"\\p{Alpha}", "the property \"Alpha\""},
            {"\\p{Greek}", "the property \"Greek\""},
            {"\\pL", "the escape \\p without a name in braces"},
            {"\\xE9", "the escape \\x"},
            {"\\uD800", "the escape \\u of D800"},
            {"a\\", "a backslash at the end"},
            {"(?:".repeat(40) + "a" + ")".repeat(40), "more than 32 nested groups"},
            {"[".repeat(40) + "a" + "]".repeat(40), "more than 8 nested classes"},
            {"a".repeat(9000), "it has more than 8192 characters"},
        }) {
            var e = assertThrows(
                    OnigurumaSyntax.UnsupportedException.class, () -> OnigurumaSyntax.translate(pair[0]), pair[0]);
            assertTrue(String.valueOf(e.getMessage()).contains(pair[1]), e.getMessage());
        }
    }

    /** Any combination is rejected or is an expression for {@link Pattern} that does not match the empty string. */
    @Property(tries = 3000)
    void acceptedExpressionsCompile(@ForAll long seed) {
        var random = new Random(seed);
        var source = new StringBuilder();
        for (int n = random.nextInt(12); n >= 0; n--) {
            source.append(PARTS[random.nextInt(PARTS.length)]);
        }
        String translated;
        try {
            translated = OnigurumaSyntax.translate(source.toString());
        } catch (OnigurumaSyntax.UnsupportedException e) {
            return;
        }
        var pattern = Pattern.compile(translated, Pattern.UNICODE_CHARACTER_CLASS);
        for (String text : List.of("", "aas S\n", "\u4E2D\u00E9 A-&&", "  \n\na")) {
            var matcher = pattern.matcher(text);
            while (matcher.find()) {
                assertTrue(matcher.end() > matcher.start(), source + " matches the empty string");
            }
        }
    }
}
