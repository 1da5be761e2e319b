package kawi.constraint;

import java.util.List;

/** A set of texts as an expression: what regular expressions, schemas and tools are translated to. */
sealed interface Expression {

    /** One text. */
    record Text(String text) implements Expression {}

    /** One character. */
    record OneOf(CodePoints set) implements Expression {}

    record Sequence(List<Expression> parts) implements Expression {}

    record Choice(List<Expression> options) implements Expression {}

    /** {@code max} {@link #UNBOUNDED} for any number. */
    record Repeat(Expression body, int min, int max) implements Expression {}

    /** What another rule of the grammar says; the only way to recursion. */
    record Call(int rule) implements Expression {}

    /** What an automaton without calls accepts: for what is easier said by states than by expressions. */
    record Recognised(Automaton automaton) implements Expression {}

    int UNBOUNDED = Integer.MAX_VALUE;

    /** What no text satisfies. */
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
