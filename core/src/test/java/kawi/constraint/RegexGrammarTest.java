package kawi.constraint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegexGrammarTest {

    private static final List<String> TEXTS = List.of(
            "",
            "a",
            "b",
            "ab",
            "abc",
            "aab",
            "aabb",
            "0",
            "12",
            "123",
            "1234",
            "_x9",
            " ",
            "\t",
            "é",
            "É",
            "日本",
            "日",
            "🪁",
            "a🪁b",
            "\n",
            "A",
            "aB",
            "AB",
            "a-b",
            "a.b",
            "a]b",
            "^",
            "$",
            "(",
            "xyz",
            "2024-02-29",
            "foo@bar",
            "\u2003",
            "\u00A0");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "a*",
                "a+b?",
                "(a|b)*",
                "(?:ab|a)b*",
                "[a-c]{2,3}",
                "[^a-c]",
                "\\d+",
                "\\w*",
                "\\S",
                "\\D",
                "\\W",
                ".",
                ".*",
                "é|[É-Ó]",
                "日本?",
                "[🪁-🪃]",
                "a[^b]b",
                "(?i)ab*",
                "^a|b$",
                "^(?:a|b)+$",
                "(?<name>a)b",
                "a{2}b{2,}",
                "[\\w.-]+",
                "\\.|\\^|\\$|\\(",
                "\\u65e5\\u672c",
                "\\x61",
                "\\ud83e\\ude81",
                "\\p{L}+",
                "\\p{Lu}",
                "\\P{L}",
                "a??b+?",
                "[^\\s]+",
                "[^\\d\\w]",
                "[-a]+",
                "[a-]+",
                "()",
                "(|a)b",
                "a{0}",
                "[0-9]{4}-(0[1-9]|1[0-2])-\\d\\d",
                "a\\b.*",
                "(?=a).*(?<=b)",
                "(?!.*b)[\\w.]*",
                "(?:(?<!a)b|a)*",
                "(a|^)b(c|$)",
                ""
            })
    void agreesWithJava(String regex) {
        Grammar grammar = Grammar.regex(regex);
        Pattern pattern = Pattern.compile(regex);
        for (String text : TEXTS) {
            boolean wideSpace = text.equals("\u2003") || text.equals("\u00A0");
            boolean disputed = wideSpace && (regex.contains("\\S") || regex.contains("[^\\s"));
            if (!disputed) {
                assertEquals(
                        pattern.matcher(text).matches(), TestVocabulary.accepts(grammar, text), regex + " on " + text);
            }
        }
        var random = new Random(regex.hashCode());
        for (int i = 0; i < 20; i++) {
            String answer =
                    new String(RandomAnswer.of(grammar, TestVocabulary.SMALL, random, i), StandardCharsets.UTF_8);
            assertTrue(pattern.matcher(answer).matches(), regex + " on " + answer);
        }
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = ';',
            value = {
                "(a)\\1;column 4: backreferences",
                "a*+b;column 3: possessive",
                "(?>a);column 1: of groups",
                "(a;column 1: this ( is not closed",
                "a);column 2: this ) closes nothing",
                "a{2,1};column 2: at least 2",
                "[z-a];column 2: a range",
                "\\q;column 1: \\q is not an escape",
                "\\p{Greek};column 1: only general categories",
                "a\\bc;: no text matches it",
                "a(?=b);: no text matches it",
                "a^b;: no text matches it",
                "\\ud800;: no text matches it",
                "[];: no text matches it"
            })
    void saysWhatItRefuses(String regex, String message) {
        var e = assertThrows(GrammarException.class, () -> Grammar.regex(regex));
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "((a{1000}){1000}){1000}",
                "(a|b)*a(a|b){30}",
                "(.{1,9000}){1,9000}",
                "(a?){5000}a{5000}",
                "((\\p{L}*)*)*x{9999}"
            })
    void endsExplosionsWithASentence(String regex) {
        try {
            Grammar.regex(regex);
        } catch (GrammarException e) {
            assertTrue(e.getMessage().contains("too "), e.getMessage());
        }
    }

    @Test
    void boundsNesting() {
        String deep = "(".repeat(5000) + "a" + ")".repeat(5000);
        assertTrue(assertThrows(GrammarException.class, () -> Grammar.regex(deep))
                .getMessage()
                .contains("nested"));
    }

    @Test
    void refusesWhatNothingMatches() {
        assertThrows(GrammarException.class, () -> Grammar.regex("[^\\x{0}-\\x{10ffff}]"));
        assertThrows(GrammarException.class, () -> Grammar.regex("a[^\\d\\D]"));
        assertThrows(GrammarException.class, () -> Grammar.choice(List.of()));
    }

    @Test
    void choosesOne() {
        Grammar grammar = Grammar.choice(List.of("yes", "no", "yes and no", "<think>"));
        for (String choice : List.of("yes", "no", "yes and no", "<think>")) {
            assertTrue(TestVocabulary.accepts(grammar, choice));
            RandomAnswer.follow(
                    grammar,
                    TestVocabulary.SMALL,
                    TestVocabulary.SMALL.tokenizer().encode(choice),
                    choice);
        }
        assertEquals(false, TestVocabulary.accepts(grammar, "yes and"));
        int think = TestVocabulary.SMALL.tokenizer().id("<think>").orElseThrow();
        assertEquals(false, new Constrained(grammar, TestVocabulary.SMALL.trie()).allows(think));
    }
}
