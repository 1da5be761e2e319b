package kawi.constraint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import kawi.regex.Regex;
import kawi.tokenizer.GgufStrings;
import kawi.tokenizer.Tokenizer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Lengths that are counted beside an automaton, compared with all texts over a few letters: a token is allowed exactly
 * if one of the texts that the check accepts goes on with it.
 */
class LengthsPropertyTest {

    /** With all but the last letter of a closing tag, since a value may contain the beginning of one. */
    private static final List<String> LETTERS = List.of("a", "b", "é", "\n", "\"", "<", "/", "p");

    private static final int LONGEST = 4;

    /** The bytes of texts over these letters; a token with others may be allowed too. */
    private static final String OF_LETTERS = latin(String.join("", LETTERS));

    private static final List<String> PATTERNS = List.of(
            "",
            "^(?:ab)*$",
            "^a*b?$",
            "a",
            "^(?:aé|b)*$",
            "b.*a",
            "^(?!.*aa)",
            "^[ab\"]+$",
            "^(?:aab)*b$",
            "^.{1,3}$",
            "^[^b]{2,4}$",
            "^a.{0,2}$",
            "^(?=.{2,3}$)a*b*$",
            "\\n",
            "^(?:[ab]{1,2}<)*$",
            "^a{2,}$",
            "^(?:\\n|<)*a?$",
            "^é?[ab]{0,65}$",
            "^é*[ab]{2,65}\"?$",
            "^(?:<[^<]{1,66})*$",
            "^(?:a{2,70}b?)*$",
            "^<?[^<b]{65,}$");

    private static final List<String> TOKENS = List.of(
            "ab",
            "aab",
            "ba",
            "bb",
            "aa",
            "aaaa",
            "\"a",
            "a\"",
            "\\\"",
            "\\n",
            "a\\",
            "n\\n",
            "\nb",
            "a\n",
            "\n</",
            "</p>",
            "\n</p>\n",
            "a\n</p>\n",
            "aé",
            "é\"",
            "éé",
            "<\"",
            "<<",
            "ab\n<",
            "\">",
            "\",");

    private static final List<String> TEXTS = texts();

    private static List<String> texts() {
        List<String> texts = new ArrayList<>(List.of(""));
        for (int from = 0, length = 0; length < LONGEST; length++) {
            int to = texts.size();
            for (; from < to; from++) {
                for (String letter : LETTERS) {
                    texts.add(texts.get(from) + letter);
                }
            }
        }
        return texts;
    }

    /** The single bytes and some of {@link #TOKENS}. */
    private static TestVocabulary vocabulary(Random random) {
        List<String> tokens = new ArrayList<>();
        for (int b = 0; b < 256; b++) {
            tokens.add(TestVocabulary.letter(b));
        }
        for (String token : TOKENS) {
            if (random.nextInt(3) > 0) {
                var spelled = new StringBuilder();
                for (byte b : token.getBytes(StandardCharsets.UTF_8)) {
                    spelled.append(TestVocabulary.letter(b & 0xFF));
                }
                tokens.add(spelled.toString());
            }
        }
        int[] types = new int[tokens.size()];
        Arrays.fill(types, 1);
        return TestVocabulary.of(Tokenizer.fromGguf(
                "random", "gpt2", "qwen35", GgufStrings.of(tokens), types, GgufStrings.of(List.of())));
    }

    @Property(tries = 150)
    void strings(@ForAll long seed) {
        var random = new Random(seed);
        int max = random.nextInt(LONGEST + 1);
        int min = random.nextInt(max + 1);
        String pattern = PATTERNS.get(random.nextInt(PATTERNS.size()));
        String schema = "{\"type\":\"string\",\"minLength\":%d,\"maxLength\":%d,\"pattern\":%s}"
                .formatted(min, max, "\"" + JsonRules.spelled(pattern) + "\"");
        Regex regex = Regex.parse(pattern, _ -> {});
        List<String> valid = TEXTS.stream()
                .filter(text -> {
                    int length = text.codePointCount(0, text.length());
                    return length >= min && length <= max && regex.isFoundIn(text, _ -> {});
                })
                .toList();
        compare(
                schema,
                () -> Grammar.jsonSchema(schema),
                valid.stream()
                        .map(text -> "\"" + JsonRules.spelled(text) + "\"")
                        .toList(),
                random);
        var syntax = new CallSyntax("C", ">", "", new CallSyntax.Tagged("", ">", "\n</p>", "\n"), ";", "E", "");
        var tool = new ToolSignature("t", "{\"properties\":{\"x\":%s},\"required\":[\"x\"]}".formatted(schema));
        compare(
                schema + " of a tool",
                () -> Grammar.toolCalls(syntax, List.of(tool), false),
                valid.stream()
                        .filter(text -> !text.contains("\n</p>"))
                        .map(text -> "C>tx>" + text + "\n</p>\n;E")
                        .toList(),
                random);
    }

    private interface Compilation {
        Grammar grammar();
    }

    private static void compare(String what, Compilation compilation, List<String> answers, Random random) {
        boolean possible = !answers.isEmpty();
        Grammar grammar;
        try {
            grammar = compilation.grammar();
        } catch (GrammarException e) {
            assertTrue(!possible, what + ": " + e.getMessage());
            return;
        }
        TestVocabulary vocabulary = vocabulary(random);
        Set<String> whole = new HashSet<>();
        Set<String> prefixes = new HashSet<>();
        for (String answer : answers) {
            String bytes = latin(answer);
            whole.add(bytes);
            for (int length = 0; length <= bytes.length(); length++) {
                prefixes.add(bytes.substring(0, length));
            }
        }
        for (int i = 0; i < 6 && possible; i++) {
            String answer = answers.get(random.nextInt(answers.size()));
            follow(what, grammar, vocabulary, latin(answer), whole, prefixes);
        }
    }

    /**
     * Compares the masks before each byte of {@code bytes}, one of the {@code whole} answers, and after it with the
     * {@code prefixes} of all of them.
     */
    private static void follow(
            String what,
            Grammar grammar,
            TestVocabulary vocabulary,
            String bytes,
            Set<String> whole,
            Set<String> prefixes) {
        var at = new Constrained(grammar, vocabulary.trie());
        float[] logits = new float[vocabulary.tokenizer().vocabularySize()];
        for (int i = 0; i <= bytes.length(); i++) {
            String before = bytes.substring(0, i);
            assertEquals(whole.contains(before), at.mayEnd(), what + " may end after " + before);
            Arrays.fill(logits, 1);
            at.mask(logits, 1 << 20);
            for (int token = 0; token < logits.length; token++) {
                String text = new String(vocabulary.tokenizer().bytes(token), StandardCharsets.ISO_8859_1);
                boolean expected = prefixes.contains(before + text);
                boolean ofLetters = text.chars().allMatch(c -> OF_LETTERS.indexOf(c) >= 0);
                if (expected || (ofLetters && !before.endsWith("\\"))) {
                    assertEquals(expected, logits[token] == 1, "%s: token %s after %s".formatted(what, text, before));
                }
            }
            if (i < bytes.length()) {
                at.accept(bytes.charAt(i));
            }
        }
    }

    private static String latin(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }
}
