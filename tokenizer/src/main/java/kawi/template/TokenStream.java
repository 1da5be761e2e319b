package kawi.template;

import java.util.List;

/** A cursor over the tokens of a template, which also limits the nesting depth for the recursive parser. */
final class TokenStream {

    /** The limit of Jinja2 is about 70 nested brackets. */
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

    /** The token after the current one. */
    Token following() {
        return tokens.get(Math.min(position + 1, tokens.size() - 1));
    }

    /** Returns the current token and moves to the next one. */
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

    /** Enters a level of nesting; each call must be paired with a call of {@link #leave}. */
    void enter() {
        if (++nesting > MAX_NESTING) {
            throw error(current(), "nesting exceeds " + MAX_NESTING + " levels");
        }
    }

    void leave() {
        nesting--;
    }
}
