package kawi.regex;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Patterns that mean the same in {@code java.util.regex} find the same, and so does their automaton.
 *
 * <p>Java ends a loop with an iteration that matches nothing, even before the least number of iterations, so that in
 * {@code (?:^b?){2}} the second one never takes what the first one left. For Java, the least number is therefore
 * written out.
 */
class RegexPropertyTest {

    private static final List<String> ATOMS =
            List.of("a", "b", "c", "[ab]", "[^a]", "[\\s\\S]", "\\d", "\\w", "\\D", "1", "-", "😀", "[😀-😂]", "\\Z");
    private static final List<String> QUANTIFIERS = List.of("*", "+", "?", "{2}", "{0,3}", "{2,}", "*?", "??");
    private static final int MAX_DEPTH = 5;

    private static final List<String> LOOKS = List.of("(?=", "(?!");
    private static final List<String> LETTERS = List.of("a", "b", "c", "1", "-", "😀", "\n");

    @Property(tries = 1500)
    void agreesWithJava(@ForAll long seed) {
        var random = new Random(seed);
        Spelled spelled = pattern(random, MAX_DEPTH);
        String pattern = spelled.pattern().replace("\\Z", "$");
        Regex regex = Regex.parse(pattern, _ -> {});
        Regex.Automaton automaton = regex.automaton(_ -> {});
        // $ of Java also matches before a final line break
        Pattern java = Pattern.compile(spelled.java().replace("\\Z", "\\z"));
        for (int i = 0; i < 12; i++) {
            String text = text(random);
            boolean expected = java.matcher(text).find();
            assertEquals(expected, regex.isFoundIn(text, _ -> {}), pattern + " in " + text);
            assertEquals(expected, accepts(automaton, text), pattern + " as automaton in " + text);
        }
    }

    private static boolean accepts(Regex.Automaton automaton, String text) {
        int state = 0;
        for (int c : text.codePoints().toArray()) {
            state = automaton.moves().get(state).entrySet().stream()
                    .filter(move -> move.getValue().contains(c))
                    .findFirst()
                    .orElseThrow()
                    .getKey();
        }
        return automaton.accepts().get(state);
    }

    /** A pattern, and the same one for Java. */
    private record Spelled(String pattern, String java) {

        static Spelled same(String pattern) {
            return new Spelled(pattern, pattern);
        }

        Spelled then(Spelled next) {
            return new Spelled(pattern + next.pattern, java + next.java);
        }

        Spelled repeated(String quantifier) {
            String group = "(" + java + ")";
            return new Spelled(
                    "(" + pattern + ")" + quantifier,
                    switch (quantifier) {
                        case "{2}" -> group + group;
                        case "{2,}" -> group + group + group + "*";
                        default -> group + quantifier;
                    });
        }
    }

    private static Spelled between(String opening, Spelled pattern, String closing) {
        return Spelled.same(opening).then(pattern).then(Spelled.same(closing));
    }

    private static Spelled pattern(Random random, int depth) {
        return switch (depth == 0 ? 0 : random.nextInt(8)) {
            case 0, 1 -> Spelled.same(one(random, ATOMS));
            case 2, 3 -> pattern(random, depth - 1).then(pattern(random, depth - 1));
            case 4 ->
                between(
                        "(?:",
                        pattern(random, depth - 1).then(Spelled.same("|")).then(pattern(random, depth - 1)),
                        ")");
            case 5 -> between(one(random, LOOKS), pattern(random, depth - 1), ")");
            case 6 -> between("^", pattern(random, depth - 1), "");
            default -> pattern(random, depth - 1).repeated(one(random, QUANTIFIERS));
        };
    }

    private static String text(Random random) {
        var text = new StringBuilder();
        for (int length = random.nextInt(8); length > 0; length--) {
            text.append(one(random, LETTERS));
        }
        return text.toString();
    }

    private static String one(Random random, List<String> of) {
        return of.get(random.nextInt(of.size()));
    }
}
