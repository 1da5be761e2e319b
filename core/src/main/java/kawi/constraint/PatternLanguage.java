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

    private final Budget budget = Budget.current();

    private PatternLanguage() {}

    /** The texts that match {@code regex} as a whole. */
    static Expression whole(String regex) {
        return language(regex, false);
    }

    /** The texts that contain a match of {@code regex}, as JSON Schema's {@code pattern} requires. */
    static Expression found(String regex) {
        return language(regex, true);
    }

    /** @param open whether any text may be on each side of a match that has no anchor there */
    private static Expression language(String regex, boolean open) {
        try {
            Regex parsed = Regex.parse(regex, Budget.current()::spend);
            Expression simple =
                    new PatternLanguage().wrapped(parsed.node(), open ? ANY_TEXT : Expression.empty(), true, true);
            if (simple != null) {
                return simple;
            }
            Node whole =
                    open ? parsed.node() : new Node.Sequence(List.of(new Node.Begin(), parsed.node(), new Node.End()));
            return graph(Regex.of(whole).automaton(Budget.current()::spend));
        } catch (RegexException e) {
            throw new GrammarException(e.getMessage(), e);
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
     * Adds {@code around} on each side that has no anchor, in each alternative separately; null if there are anchors
     * elsewhere.
     */
    private @Nullable Expression wrapped(Node node, Expression around, boolean before, boolean after) {
        budget.spend(4);
        if (node instanceof Node.Choice(List<Node> options)) {
            List<Expression> all = new ArrayList<>();
            for (Node option : options) {
                Expression wrapped = wrapped(option, around, before, after);
                if (wrapped == null) {
                    return null;
                }
                all.add(wrapped);
            }
            return new Expression.Choice(all);
        }
        List<Node> parts = node instanceof Node.Sequence(List<Node> sequence) ? sequence : List.of(node);
        int first = 0;
        int last = parts.size();
        while (first < last && parts.get(first) instanceof Node.Begin) {
            first++;
        }
        while (last > first && parts.get(last - 1) instanceof Node.End) {
            last--;
        }
        if ((first > 0 && !before) || (last < parts.size() && !after)) {
            return null;
        }
        boolean open = before && first == 0;
        boolean openAfter = after && last == parts.size();
        List<Node> inner = parts.subList(first, last);
        if (inner.size() == 1
                && node instanceof Node.Sequence
                && inner.getFirst().looksAround()) {
            return wrapped(inner.getFirst(), around, open, openAfter);
        }
        if (inner.stream().anyMatch(Node::looksAround)) {
            return null;
        }
        List<Expression> all = new ArrayList<>();
        all.add(open ? around : Expression.empty());
        inner.forEach(part -> all.add(expression(part)));
        all.add(openAfter ? around : Expression.empty());
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
            case Node.Repetition(Node body, int min, int max) -> new Expression.Repeat(expression(body), min, max);
            case Node.Begin _, Node.End _, Node.Look _ ->
                throw new IllegalArgumentException("this depends on its surroundings: " + node);
        };
    }
}
