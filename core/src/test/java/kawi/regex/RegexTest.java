package kawi.regex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegexTest {

    private static boolean found(String pattern, String text) {
        return Regex.parse(pattern, _ -> {}).isFoundIn(text, _ -> {});
    }

    /** What other languages write, where it can mean only one thing. */
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = ';',
            value = {
                "\\Aab\\Z;ab;abc",
                "\\Aab\\z;ab;abc",
                "^(?P<year>[0-9]{4})\\Z;2024;20245",
                "a\\-b;a-b;ab",
                "\\@\\_\\ \\\";@_ \";a",
                "^{x}$;{x};x",
                "^{}$;{};x",
                "a]b};a]b};ab",
                "^{a{2}}$;{aa};{a}",
                "(?i)ab;xAb;a",
                "^[a-z]{2}{$;ab{;ab"
            })
    void foreignSpellings(String pattern, String found, String other) {
        assertTrue(found(pattern, found), pattern);
        assertFalse(found(pattern, other), pattern);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = ';',
            value = {
                "(a;column 1: this ( is not closed",
                "a);column 2: this ) closes nothing",
                "*a;column 1: this quantifier",
                "a**;column 3: a quantifier follows",
                "a{2,1};column 2: at least 2",
                "[a;column 1: this [ is not closed",
                "[z-a];column 2: a range",
                "[\\d-x];column 2: a range begins with a set",
                "\\q;column 1: \\q is not an escape",
                "[\\q];column 2: \\q is not an escape",
                "a\\;column 2: \\ at the end",
                "a{,3};column 2: expected {n}",
                "{2};column 1: this quantifier",
                "^*;column 1: a place",
                "(?=a)*;column 1: a place",
                "\\b+;column 1: a place",
                "\\c1;column 1: a letter",
                "\\01;column 1: \\0 must not",
                "\\x4;column 1: 2 hexadecimal",
                "\\u{110000};column 1: expected",
                "[]a];column 4: this ] closes nothing",
                "[^]];column 4: this ] closes nothing",
                "(?<n;column 1: the name"
            })
    void saysWhatIsWrong(String pattern, String message) {
        var e = assertThrows(RegexException.class, () -> found(pattern, ""));
        assertEquals(RegexException.class, e.getClass());
        assertTrue(e.getMessage().startsWith("pattern " + pattern + ", "), e.getMessage());
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = ';',
            value = {
                "(a)\\1;column 4: backreferences",
                "(?<n>a)\\k<n>;column 8: backreferences",
                "(?P<n>a)(?P=n);column 9: backreferences",
                "a*+b;column 3: possessive",
                "(?>a);column 1: of groups",
                "a(?i)b;column 2: of groups",
                "(?s).;column 1: of groups",
                "(?x: a);column 1: of groups",
                "a{99999};column 2: more than",
                "\\p{Greek};column 1: only general categories",
                "\\pL;column 1: only general categories",
                "\\p{scx=Greek};column 1: only general categories",
                "\\p{Script=greek};column 1: only general categories"
            })
    void saysWhatIsNotSupported(String pattern, String message) {
        var e = assertThrows(UnsupportedRegexException.class, () -> found(pattern, ""));
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    /** Backtracking needs time exponential in the length of these texts, or recursion as deep as they are long. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "^(a+)+$",
                "^(a|a)*$",
                "^(a|aa)+$",
                "^(a*)*$",
                "(a|b)*a(a|b){30}d",
                "^(?:a?){40}a{40}$",
                "^([ab]|b)*$",
                "^(?!(a+)+c)(a+)+$",
                "^(?:(?!aab)[ab])*$",
                "(?<=(a+)+)b$"
            })
    void timeIsProportionalToTheText(String pattern) {
        String text = "a".repeat(100_000) + "c";
        long[] steps = {0};
        Regex regex = Regex.parse(pattern, s -> steps[0] += s);
        assertFalse(regex.isFoundIn(text, s -> steps[0] += s));
        assertTrue(steps[0] < 3_000_000, steps[0] + " steps");
    }

    /** As in ECMAScript: the first iteration takes nothing, and the second one is still at the beginning. */
    @Test
    void anIterationThatTakesNothingMayBeFollowedByOneThatTakesMore() {
        assertTrue(found("(^(?:([^a]){2,}|(c)?)){2,}(?!\\wc)", "1c"));
        assertTrue(found("^(?:^b?){2}c", "bc"));
        assertFalse(found("^(?:^b){2}", "bb"));
    }

    @Test
    void overlapsCostTheirNumberForEachCharacter() {
        var text = new StringBuilder();
        new Random(1).ints(20_000, 'a', 'c').forEach(c -> text.append((char) c));
        long[] steps = {0};
        Regex regex = Regex.parse("(a|b)*a(a|b){30}d", _ -> {});
        assertFalse(regex.isFoundIn(text.toString(), s -> steps[0] += s));
        assertTrue(steps[0] < 20_000 * 31 * 40L, steps[0] + " steps");
    }

    @Test
    void theCallerLimitsAndInterruptsTheWork() {
        Regex regex = Regex.parse("(((a{1000}){1000}){1000})", _ -> {});
        assertThrows(UnsupportedRegexException.class, () -> regex.isFoundIn("a", _ -> {}));
        assertThrows(
                CancellationException.class,
                () -> Regex.parse("a", _ -> {}).isFoundIn("b".repeat(10), _ -> {
                    throw new CancellationException();
                }));
        long[] steps = {0};
        Regex empty = Regex.parse("(((){10000}){10000}){10000}", _ -> {});
        assertThrows(
                CancellationException.class,
                () -> empty.isFoundIn("b", s -> {
                    steps[0] += s;
                    if (steps[0] > 1_000_000) {
                        throw new CancellationException();
                    }
                }));
    }

    @Test
    void nestingIsLimited() {
        String deep = "(".repeat(5000) + "a" + ")".repeat(5000);
        assertTrue(assertThrows(UnsupportedRegexException.class, () -> found(deep, ""))
                .getMessage()
                .contains("nested"));
        String longest = "a".repeat((1 << 16) + 1);
        assertTrue(assertThrows(UnsupportedRegexException.class, () -> found(longest, ""))
                .getMessage()
                .contains("more than 65,536"));
    }
}
