package kawi.constraint;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import kawi.regex.Regex;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** An automaton over bytes accepts exactly the texts in which the pattern is found, in either spelling. */
class PatternLanguagePropertyTest {

    private static final List<String> ATOMS = List.of(
            "a",
            "b",
            "é",
            "[ab]",
            "^.{2,4}$",
            "[^a]{1,3}",
            "[^a]",
            "[^]",
            "\\w",
            "😀",
            "\"",
            "^",
            "$",
            "\\b",
            "\\B",
            "\n");
    private static final List<String> OPENINGS = List.of("(?=", "(?!", "(?<=", "(?<!", "(?:", "(");
    private static final List<String> LETTERS = List.of("a", "b", "é", "😀", "\"", "\n", "-");

    @Property(tries = 300)
    void acceptsWhatTheSearchFinds(@ForAll long seed) {
        var random = new Random(seed);
        String pattern = pattern(random, 5);
        Regex regex = Regex.parse(pattern, _ -> {});
        Automaton found = exact(PatternLanguage.found(pattern), false);
        Automaton spelled = exact(PatternLanguage.found(pattern), true);
        Automaton whole = Nfa.automaton(PatternLanguage.whole(pattern));
        Automaton matching = exact(PatternLanguage.matching(pattern), false);
        Regex anchored = Regex.parse("^(?:" + pattern + ")$", _ -> {});
        for (int i = 0; i < 15; i++) {
            String text = text(random);
            boolean expected = regex.isFoundIn(text, _ -> {});
            String message = pattern + " in " + text;
            assertEquals(expected, accepts(found, text), message);
            assertEquals(expected, accepts(spelled, JsonRules.spelled(text)), message);
            assertEquals(anchored.isFoundIn(text, _ -> {}), accepts(whole, text), message);
            assertEquals(anchored.isFoundIn(text, _ -> {}), accepts(matching, text), message);
        }
    }

    private static Automaton exact(List<PatternLanguage.Language> languages, boolean spelled) {
        return TextLanguage.of(languages, spelled).exact();
    }

    private static boolean accepts(Automaton automaton, String text) {
        return automaton.accepts(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String pattern(Random random, int depth) {
        return switch (depth == 0 ? 0 : random.nextInt(6)) {
            case 0, 1 -> one(random, ATOMS);
            case 2, 3 -> pattern(random, depth - 1) + pattern(random, depth - 1);
            case 4 -> "(?:" + pattern(random, depth - 1) + "|" + pattern(random, depth - 1) + ")";
            default -> {
                String opening = one(random, OPENINGS);
                boolean repeatable = opening.equals("(") || opening.equals("(?:");
                yield opening
                        + pattern(random, depth - 1)
                        + ")"
                        + (repeatable ? one(random, List.of("", "*", "{0,2}")) : "");
            }
        };
    }

    private static String text(Random random) {
        var text = new StringBuilder();
        for (int length = random.nextInt(7); length > 0; length--) {
            text.append(one(random, LETTERS));
        }
        return text.toString();
    }

    private static String one(Random random, List<String> of) {
        return of.get(random.nextInt(of.size()));
    }
}
