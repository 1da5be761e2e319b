package kawi.constraint;

import java.util.List;
import java.util.Map;
import kawi.regex.CodePoints;

/** A set of texts, the common representation of regular expressions, schemas and tools. */
sealed interface Expression {

    /** One text. */
    record Text(String text) implements Expression {}

    /** One character. */
    record OneOf(CodePoints set) implements Expression {}

    record Sequence(List<Expression> parts) implements Expression {}

    record Choice(List<Expression> options) implements Expression {}

    /**
     * Repetitions of an expression.
     *
     * @param max {@link #UNBOUNDED} for any number
     */
    record Repeat(Expression body, int min, int max) implements Expression {}

    /**
     * Many repetitions of a character, which may be counted; see {@link CountedRepetitions}.
     *
     * @param max {@link #UNBOUNDED} for any number
     */
    record Counted(Expression character, int min, int max) implements Expression {}

    /** The texts of another rule of the grammar; the only form of recursion. */
    record Call(int rule) implements Expression {}

    /**
     * A deterministic automaton over expressions. State 0 is the initial state; a state may be followed by each of its
     * targets after the expression for it.
     */
    record Graph(List<Map<Integer, Expression>> moves, List<Boolean> accepts) implements Expression {}

    /** The texts that an automaton without calls accepts, for sets that are easier to define by states. */
    record Recognized(Automaton automaton) implements Expression {}

    int UNBOUNDED = Integer.MAX_VALUE;

    /** The empty set. */
    static Expression nothing() {
        return choice();
    }

    /** The empty text. */
    static Expression empty() {
        return sequence();
    }

    /** Whether this is {@link #nothing}. */
    default boolean isNothing() {
        return this instanceof Choice(List<Expression> options) && options.isEmpty();
    }

    static Expression text(String text) {
        return new Text(text);
    }

    static Expression oneOf(CodePoints set) {
        return new OneOf(set);
    }

    static Expression sequence(Expression... parts) {
        return new Sequence(List.of(parts));
    }

    static Expression choice(Expression... options) {
        return new Choice(List.of(options));
    }

    static Expression optional(Expression body) {
        return new Repeat(body, 0, 1);
    }

    static Expression anyNumberOf(Expression body) {
        return new Repeat(body, 0, UNBOUNDED);
    }
}
