package kawi.constraint;

import java.nio.charset.StandardCharsets;
import java.util.List;
import kawi.regex.CodePoints;
import org.jspecify.annotations.Nullable;

/**
 * A set of texts: those of an expression that have a certain number of characters. As long as languages are only
 * intersected, the number is not part of their automaton, and a grammar counts it beside it. Repetitions inside of a
 * pattern are counted too, where nothing else restricts the texts and {@link CountedRepetitions} can tell them from
 * what is around them.
 */
final class TextLanguage {

    private final Lengths lengths;

    /** What the texts are, if no operation has been applied. */
    private final @Nullable Expression texts;

    /** The texts, whatever their length; made from {@link #texts} when it is needed. */
    private @Nullable Automaton automaton;

    private TextLanguage(@Nullable Expression texts, @Nullable Automaton automaton, Lengths lengths) {
        this.texts = texts;
        this.automaton = automaton;
        this.lengths = lengths;
    }

    TextLanguage(Automaton automaton, Lengths lengths) {
        this(null, automaton, lengths);
    }

    /** The intersection of {@code languages}, in JSON spelling if {@code spelled}, as plain text otherwise. */
    static TextLanguage of(List<PatternLanguage.Language> languages, boolean spelled) {
        return languages.stream()
                .map(language -> new TextLanguage(
                        spelled ? JsonRules.spelled(language.texts()) : language.texts(),
                        null,
                        new Lengths(language.min(), language.max(), spelled)))
                .reduce(TextLanguage::intersect)
                .orElseGet(() -> any(spelled));
    }

    /** All texts. */
    static TextLanguage any(boolean spelled) {
        return of(List.of(new PatternLanguage.Language(PatternLanguage.ANY_TEXT, 0, Expression.UNBOUNDED)), spelled);
    }

    /** Whether {@code text}, in the spelling of this language, is one of the texts. */
    boolean contains(String text) {
        return lengths.contain(text.codePointCount(0, text.length()))
                && automaton().accepts(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The texts, whatever their length. */
    Automaton automaton() {
        Automaton known = automaton;
        if (known == null) {
            if (texts == null) {
                throw new IllegalStateException("neither an expression nor an automaton");
            }
            known = Nfa.automaton(texts);
            automaton = known;
        }
        return known;
    }

    Lengths lengths() {
        return lengths;
    }

    /** The texts with at least {@code min} and at most {@code max} characters. */
    TextLanguage within(int min, int max) {
        Lengths bounds = new Lengths(min, max, lengths.escapes());
        return bounds.areFree() ? this : new TextLanguage(automaton(), lengths.intersect(bounds));
    }

    TextLanguage intersect(TextLanguage other) {
        return new TextLanguage(automaton().intersect(other.automaton()), lengths.intersect(other.lengths));
    }

    /** The texts that {@code other} does not accept. */
    TextLanguage minus(Automaton other) {
        return new TextLanguage(automaton().minus(other), lengths);
    }

    boolean isEmpty() {
        return lengths.min() > lengths.max()
                || automaton().isEmpty()
                || (!lengths.areFree() && LengthCosts.excludeAll(automaton(), lengths));
    }

    /** A rule for these texts between two others, or null if there are none. */
    @Nullable Integer rule(Rules rules, String before, String after) {
        Integer counted = counted(rules, before, after, Automaton.DEAD);
        if (counted != null || isEmpty()) {
            return counted;
        }
        Automaton all = Nfa.automaton(Expression.sequence(
                Expression.text(before), new Expression.Recognized(automaton()), Expression.text(after)));
        return rules.add(
                all, lengths.plus(before.codePointCount(0, before.length()) + after.codePointCount(0, after.length())));
    }

    /**
     * The same with repetitions as calls of rules that count, or null if there are none or that is not possible.
     *
     * @param notFirst a byte with which the rule must not begin, or {@link Automaton#DEAD}
     */
    @Nullable Integer counted(Rules rules, String before, String after, int notFirst) {
        return texts == null || !lengths.areFree()
                ? null
                : new CountedRepetitions(rules).rule(Expression.text(before), texts, Expression.text(after), notFirst);
    }

    /** Whether no text contains {@code character}. */
    boolean excludes(char character) {
        return texts != null && excludes(texts, character);
    }

    private static boolean excludes(Expression expression, char character) {
        return switch (expression) {
            case Expression.Text(String text) -> text.indexOf(character) < 0;
            case Expression.OneOf(CodePoints set) -> !set.contains(character);
            case Expression.Sequence(List<Expression> parts) -> parts.stream().allMatch(p -> excludes(p, character));
            case Expression.Choice(List<Expression> options) ->
                options.stream().allMatch(option -> excludes(option, character));
            case Expression.Repeat(Expression body, int _, int _) -> excludes(body, character);
            case Expression.Counted(Expression body, int _, int _) -> excludes(body, character);
            case Expression.Graph _, Expression.Call _, Expression.Recognized _ -> false;
        };
    }

    /**
     * A state of the automaton with the number of characters before it, and what is missing from the current character.
     */
    private record Counted(int state, int characters, int missing) {}

    /** One automaton for these texts, with a copy of each state for each number of characters. */
    Automaton exact() {
        return lengths.areFree()
                ? automaton()
                : Automaton.explore(
                        new Counted(0, 0, 0),
                        (at, b) -> counted(at, automaton().next(at.state, b), b),
                        at -> at.missing == 0
                                && at.characters >= lengths.min()
                                && automaton().accepts(at.state));
    }

    private @Nullable Counted counted(Counted at, int to, int b) {
        int characters = at.characters + (at.missing == 0 ? 1 : 0);
        return to < 0 || characters > lengths.max()
                ? null
                : new Counted(to, lengths.normalized(characters), lengths.missingAfter(at.missing, b));
    }
}
