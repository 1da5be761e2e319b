package kawi.template;

import java.util.List;

/** A cursor over the tokens of a template, and the guard against nesting too deep for a recursive parser. */
final class TokenStream {

    /** Jinja2 itself gives up at about 70 brackets in brackets. */
    private static final int MAX_NESTING = 100;

    private final Source source;
    private final List<Token> tokens;
    private int position;
    private int nesting;

    TokenStream(Source source) {
        this.source = source;
        tokens = Lexer.tokens(source);
    }

    Token current() {
        return tokens.get(position);
    }

    /** The token behind the current one. */
    Token following() {
        return tokens.get(Math.min(position + 1, tokens.size() - 1));
    }

    /** The current token; moves on to the next one. */
    Token next() {
        var token = current();
        if (!token.is(Token.Kind.END)) {
            position++;
        }
        return token;
    }

    boolean skipName(String name) {
        boolean found = current().isName(name);
        if (found) {
            next();
        }
        return found;
    }

    boolean skipOperator(String operator) {
        boolean found = current().isOperator(operator);
        if (found) {
            next();
        }
        return found;
    }

    Token expect(Token.Kind kind, String expected) {
        if (!current().is(kind)) {
            throw unexpected(expected);
        }
        return next();
    }

    Token expectOperator(String operator) {
        if (!current().isOperator(operator)) {
            throw unexpected("'" + operator + "'");
        }
        return next();
    }

    void expectName(String name) {
        if (!current().isName(name)) {
            throw unexpected("'" + name + "'");
        }
        next();
    }

    TemplateException unexpected(String expected) {
        return error(current(), "expected " + expected + ", found " + current().describe());
    }

    TemplateException error(Token token, String problem) {
        return source.error(token.at(), problem);
    }

    TemplateException error(int at, String problem) {
        return source.error(at, problem);
    }

    /** Goes one level deeper into the grammar; every call is paired with {@link #leave}. */
    void enter() {
        if (++nesting > MAX_NESTING) {
            throw error(current(), "the template is nested more than " + MAX_NESTING + " levels deep");
        }
    }

    void leave() {
        nesting--;
    }
}
