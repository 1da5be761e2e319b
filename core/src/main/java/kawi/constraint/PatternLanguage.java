package kawi.constraint;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kawi.regex.CodePoints;
import kawi.regex.Node;
import kawi.regex.Regex;
import kawi.regex.RegexException;
import org.jspecify.annotations.Nullable;

/**
 * The texts that match a pattern, as an expression. A pattern with anchors only at its ends, or at those of its
 * alternatives, is translated node by node; every other one that depends on its surroundings is a {@link
 * Regex.Automaton} over characters.
 */
final class PatternLanguage {

    static final Expression ANY_TEXT = Expression.anyNumberOf(Expression.oneOf(CodePoints.ALL));

    private static final int MAX_FIXED = 10_000;

    /** More repetitions of a character are counted, if possible. */
    private static final int MAX_COPIES = 64;

    private final Budget budget = Budget.current();

    private PatternLanguage() {}

    /**
     * Texts with at least {@code min} and at most {@code max} characters, which {@code texts} does not count.
     *
     * @param max {@link Expression#UNBOUNDED} for any number
     */
    record Language(Expression texts, int min, int max) {}

    /** The texts that match {@code regex} as a whole. */
    static Expression whole(String regex) {
        return new PatternLanguage().expression(anchored(parse(regex)), regex);
    }

    /** The languages whose intersection is the texts that match {@code regex} as a whole. */
    static List<Language> matching(String regex) {
        return new PatternLanguage().languages(anchored(parse(regex)), regex);
    }

    /** The languages whose intersection is the texts that contain a match of {@code regex}. */
    static List<Language> found(String regex) {
        return new PatternLanguage().languages(parse(regex), regex);
    }

    private static Node parse(String regex) {
        try {
            return Regex.parse(regex, Budget.current()::spend).node();
        } catch (RegexException e) {
            throw new GrammarException(e.getMessage(), e);
        }
    }

    private static Node anchored(Node node) {
        List<Node> parts = new ArrayList<>();
        parts.add(new Node.Begin());
        parts.addAll(parts(node));
        parts.add(new Node.End());
        return new Node.Sequence(parts);
    }

    private static List<Node> parts(Node node) {
        return node instanceof Node.Sequence(List<Node> parts) ? parts : List.of(node);
    }

    /**
     * What is looked for at the start of a text is a language of its own, so that it is not multiplied with what
     * follows, and lengths can be counted.
     */
    private List<Language> languages(Node node, String regex) {
        List<Node> parts = parts(node);
        int first = 0;
        while (first < parts.size() && parts.get(first) instanceof Node.Begin) {
            first++;
        }
        List<Language> languages = new ArrayList<>();
        while (first > 0
                && first < parts.size()
                && parts.get(first) instanceof Node.Look(boolean ahead, boolean negative, Node body)
                && ahead) {
            Node part = negative ? parts.get(first) : body;
            languages.add(language(joined(List.of(new Node.Begin()), parts(part)), regex));
            first++;
        }
        Node rest = languages.isEmpty() ? node : joined(List.of(new Node.Begin()), parts.subList(first, parts.size()));
        languages.add(language(rest, regex));
        return languages;
    }

    private static Node joined(List<Node> first, List<Node> then) {
        List<Node> parts = new ArrayList<>(first);
        parts.addAll(then);
        return new Node.Sequence(parts);
    }

    /** The length of a text is counted if only one repetition of a character decides it. */
    private Language language(Node node, String regex) {
        List<Node> parts = parts(node);
        int last = parts.size() - 1;
        if (last >= 2 && parts.getFirst() instanceof Node.Begin && parts.getLast() instanceof Node.End) {
            int fixed = 0;
            int repeated = counted(parts);
            for (int i = 1; i < last && fixed >= 0; i++) {
                int length = i == repeated ? 0 : length(parts.get(i));
                fixed = length < 0 ? length : fixed + length;
            }
            if (repeated > 0
                    && fixed >= 0
                    && parts.get(repeated) instanceof Node.Repetition(Node body, int min, int max)) {
                List<Node> uncounted = new ArrayList<>(parts);
                uncounted.set(repeated, new Node.Repetition(body, 0, Node.UNBOUNDED));
                return new Language(
                        expression(new Node.Sequence(uncounted), regex),
                        min + fixed,
                        max == Node.UNBOUNDED ? Expression.UNBOUNDED : max + fixed);
            }
        }
        return new Language(expression(node, regex), 0, Expression.UNBOUNDED);
    }

    /** The repetition of a character whose number differs, or is the largest; 0 if there is none. */
    private int counted(List<Node> parts) {
        int best = 0;
        int most = 0;
        for (int i = 0; i < parts.size(); i++) {
            if (isCounted(parts.get(i)) && parts.get(i) instanceof Node.Repetition(Node _, int min, int max)) {
                int copies = min == max ? min : Node.UNBOUNDED;
                best = copies > most ? i : best;
                most = Math.max(most, copies);
            }
        }
        return best;
    }

    private static boolean isCounted(Node node) {
        return node instanceof Node.Repetition(Node body, int min, int max)
                && body instanceof Node.Characters
                && (min > 1 || (max > 1 && max < Node.UNBOUNDED));
    }

    /** The number of characters of all texts of {@code node}, or -1 if they differ or have very many. */
    private int length(Node node) {
        budget.spend(2);
        return switch (node) {
            case Node.Characters _ -> 1;
            case Node.Sequence(List<Node> parts) -> {
                int sum = 0;
                for (Node part : parts) {
                    int length = length(part);
                    if (length < 0) {
                        yield -1;
                    }
                    sum += length;
                }
                yield sum <= MAX_FIXED ? sum : -1;
            }
            case Node.Choice(List<Node> options) -> {
                int[] lengths =
                        options.stream().mapToInt(this::length).distinct().toArray();
                yield lengths.length == 1 ? lengths[0] : -1;
            }
            case Node.Repetition(Node body, int min, int max) -> {
                int length = length(body);
                long all = (long) length * min;
                yield length == 0 ? 0 : length > 0 && min == max && all <= MAX_FIXED ? (int) all : -1;
            }
            case Node.Begin _, Node.End _, Node.Look _ -> 0;
        };
    }

    private Expression expression(Node node, String regex) {
        Expression simple = wrapped(node, true, true);
        if (simple != null) {
            return simple;
        }
        try {
            return graph(Regex.of(node).automaton(Budget.current()::spend));
        } catch (RegexException e) {
            throw new GrammarException("pattern %s is %s".formatted(GrammarException.quote(regex), e.getMessage()), e);
        }
    }

    private static Expression graph(Regex.Automaton automaton) {
        List<Map<Integer, Expression>> moves = new ArrayList<>();
        for (Map<Integer, CodePoints> from : automaton.moves()) {
            var expressions = new LinkedHashMap<Integer, Expression>();
            from.forEach((to, characters) -> expressions.put(to, Expression.oneOf(characters)));
            moves.add(expressions);
        }
        return new Expression.Graph(moves, automaton.accepts());
    }

    /**
     * Adds any text on each side that has no anchor, in each alternative separately; null if there are anchors
     * elsewhere.
     *
     * @param before whether there may be text before
     * @param after whether there may be text after
     */
    private @Nullable Expression wrapped(Node node, boolean before, boolean after) {
        budget.spend(4);
        if (node instanceof Node.Choice(List<Node> options)) {
            List<Expression> all = new ArrayList<>();
            for (Node option : options) {
                Expression wrapped = wrapped(option, before, after);
                if (wrapped == null) {
                    return null;
                }
                all.add(wrapped);
            }
            return new Expression.Choice(all);
        }
        List<Node> parts = parts(node);
        int first = 0;
        int last = parts.size();
        while (first < last && parts.get(first) instanceof Node.Begin) {
            first++;
        }
        while (last > first && parts.get(last - 1) instanceof Node.End) {
            last--;
        }
        boolean open = before && first == 0;
        boolean openAfter = after && last == parts.size();
        List<Node> inner = parts.subList(first, last);
        if (inner.size() == 1
                && node instanceof Node.Sequence
                && inner.getFirst().looksAround()) {
            return wrapped(inner.getFirst(), open, openAfter);
        }
        if (inner.stream().anyMatch(Node::looksAround)) {
            return null;
        }
        List<Expression> all = new ArrayList<>();
        all.add(open ? ANY_TEXT : Expression.empty());
        for (int i = 0; i < inner.size(); i++) {
            // Next to any text, further repetitions of a part change nothing.
            boolean free = (i == 0 && open) || (i == inner.size() - 1 && openAfter);
            all.add(
                    free && inner.get(i) instanceof Node.Repetition(Node body, int min, int _)
                            ? expression(new Node.Repetition(body, min, min))
                            : expression(inner.get(i)));
        }
        all.add(openAfter ? ANY_TEXT : Expression.empty());
        return new Expression.Sequence(all);
    }

    private Expression expression(Node node) {
        budget.spend(2);
        return switch (node) {
            case Node.Characters(CodePoints set) -> Expression.oneOf(set);
            case Node.Sequence(List<Node> parts) ->
                new Expression.Sequence(parts.stream().map(this::expression).toList());
            case Node.Choice(List<Node> options) ->
                new Expression.Choice(options.stream().map(this::expression).toList());
            case Node.Repetition(Node body, int min, int max) -> {
                int counted = max == Node.UNBOUNDED ? min : max;
                yield body instanceof Node.Characters(CodePoints set) && !set.isEmpty() && counted > MAX_COPIES
                        ? new Expression.Counted(expression(body), min, max)
                        : new Expression.Repeat(expression(body), min, max);
            }
            case Node.Begin _, Node.End _, Node.Look _ ->
                throw new IllegalArgumentException("this depends on its surroundings: " + node);
        };
    }
}
