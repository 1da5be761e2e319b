package kawi.template;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import kawi.template.Expression.Attribute;
import kawi.template.Expression.Call;
import kawi.template.Expression.CallArguments;
import kawi.template.Expression.Captured;
import kawi.template.Expression.FilterCall;
import kawi.template.Expression.Item;
import kawi.template.Expression.Keyword;
import kawi.template.Expression.Literal;
import kawi.template.Expression.Slice;
import kawi.template.Expression.TestCall;
import kawi.template.Expression.TupleDisplay;
import kawi.template.Expression.Unary;
import kawi.template.Token.Kind;
import org.jspecify.annotations.Nullable;

/** Parses the suffixes of an expression: attributes, subscripts, slices and calls, followed by filters and tests. */
final class SuffixParser {

    private final TokenStream tokens;
    private final Frames frames;
    private final ExpressionParser expressions;
    /** The errors for filters and tests that do not exist. */
    private final List<TemplateException> unknown = new ArrayList<>();

    SuffixParser(TokenStream tokens, Frames frames, ExpressionParser expressions) {
        this.tokens = tokens;
        this.frames = frames;
        this.expressions = expressions;
    }

    Expression accesses(Expression value) {
        var result = value;
        while (true) {
            var token = tokens.current();
            if (token.isOperator(".")) {
                result = dotted(result);
            } else if (token.isOperator("[")) {
                result = subscript(result);
            } else if (token.isOperator("(")) {
                result = new Call(token.at(), result, arguments());
            } else {
                return result;
            }
        }
    }

    private Expression dotted(Expression target) {
        tokens.next();
        var name = tokens.next();
        return switch (name.kind()) {
            case NAME -> new Attribute(name.at(), target, name.text());
            case INTEGER -> new Item(name.at(), target, new Literal(name.at(), expressions.integer(name)));
            default -> throw tokens.error(name, "expected a name or a number after '.', found " + name.describe());
        };
    }

    private Expression subscript(Expression target) {
        var open = tokens.next();
        tokens.enter();
        List<Expression> keys = new ArrayList<>();
        Expression slice = null;
        while (!tokens.current().isOperator("]")) {
            if (!keys.isEmpty() || slice != null) {
                tokens.expectOperator(",");
            }
            if (slice != null) {
                throw tokens.error(open, "slices cannot be combined with other subscripts");
            }
            var start = tokens.current().isOperator(":") ? null : expressions.expression();
            if (tokens.current().isOperator(":") && keys.isEmpty()) {
                slice = slice(open, target, start);
            } else if (start == null || tokens.current().isOperator(":")) {
                throw tokens.error(open, "slices cannot be combined with other subscripts");
            } else {
                keys.add(start);
            }
        }
        tokens.next();
        tokens.leave();
        if (slice != null) {
            return slice;
        }
        var key = keys.size() == 1 ? keys.getFirst() : new TupleDisplay(open.at(), keys);
        return new Item(open.at(), target, key);
    }

    private Slice slice(Token open, Expression target, @Nullable Expression start) {
        tokens.expectOperator(":");
        var stop = slicePart();
        var step = tokens.skipOperator(":") ? slicePart() : null;
        return new Slice(open.at(), target, start, stop, step);
    }

    private @Nullable Expression slicePart() {
        var token = tokens.current();
        boolean absent = token.isOperator(":") || token.isOperator("]") || token.isOperator(",");
        return absent ? null : expressions.expression();
    }

    Expression filtersAndTests(Expression value) {
        var result = value;
        while (true) {
            var token = tokens.current();
            if (token.isOperator("|")) {
                tokens.next();
                result = filter(result);
            } else if (token.isName("is")) {
                result = test(result);
            } else if (token.isOperator("(")) {
                result = new Call(token.at(), result, arguments());
            } else {
                return result;
            }
        }
    }

    /** Parses the filters in the tag of a capturing block: {@code name(arguments) | name …}. */
    FilterCall blockFilters() {
        var call = filter(new Captured(tokens.current().at()));
        while (tokens.skipOperator("|")) {
            call = filter(call);
        }
        return call;
    }

    private FilterCall filter(Expression target) {
        var token = tokens.current();
        var name = dottedName("the name of a filter");
        var found = Filters.find(name);
        var filter = found != null ? found : unknownFilter(token, Filters.problem(name));
        var arguments = tokens.current().isOperator("(") ? arguments() : CallArguments.NONE;
        return new FilterCall(token.at(), target, name, filter, arguments);
    }

    private Filter unknownFilter(Token token, String problem) {
        reportUnknown(token, problem);
        return (_, _, _) -> {
            throw new EvaluationException(problem);
        };
    }

    private Test unknownTest(Token token, String problem) {
        reportUnknown(token, problem);
        return (_, _, _) -> {
            throw new EvaluationException(problem);
        };
    }

    private void reportUnknown(Token token, String problem) {
        if (!frames.isConditional()) {
            unknown.add(tokens.error(token, problem));
        }
    }

    int unknownCount() {
        return unknown.size();
    }

    /** Discards the errors after the first {@code count}, which belong to an inline {@code if}. */
    void discardUnknown(int count) {
        unknown.subList(count, unknown.size()).clear();
    }

    /**
     * Throws an exception if the template uses a filter or test that does not exist. As in Jinja2, an unknown filter or
     * test in an {@code if} block or an inline {@code if} is an error only when it is evaluated; published templates
     * depend on this.
     */
    void rejectUnknown() {
        if (!unknown.isEmpty()) {
            throw unknown.getFirst();
        }
    }

    private String dottedName(String what) {
        var name = new StringBuilder(tokens.expect(Kind.NAME, what).text());
        while (tokens.skipOperator(".")) {
            name.append('.').append(tokens.expect(Kind.NAME, what).text());
        }
        return name.toString();
    }

    private Expression test(Expression target) {
        int at = tokens.next().at();
        boolean negated = tokens.skipName("not");
        var token = tokens.current();
        var name = dottedName("the name of a test");
        var found = Tests.find(name);
        var test = found != null ? found : unknownTest(token, "unknown test '" + name + "'");
        var call = new TestCall(token.at(), target, name, test, testArguments());
        return negated ? new Unary(at, "not", call) : call;
    }

    /** Arguments in parentheses, or a single operand without parentheses: {@code is divisibleby 3}. */
    private CallArguments testArguments() {
        var token = tokens.current();
        if (token.isOperator("(")) {
            return arguments();
        }
        boolean operand = switch (token.kind()) {
            case NAME -> !token.isName("else") && !token.isName("or") && !token.isName("and");
            case STRING, INTEGER, FLOAT -> true;
            case OPERATOR -> token.text().equals("[") || token.text().equals("{");
            default -> false;
        };
        if (!operand) {
            return CallArguments.NONE;
        }
        if (token.isName("is")) {
            throw tokens.error(token, "tests cannot be chained with 'is'");
        }
        tokens.enter();
        var argument = accesses(expressions.primary());
        tokens.leave();
        return new CallArguments(List.of(argument), List.of(), null, null);
    }

    private CallArguments arguments() {
        tokens.expectOperator("(");
        tokens.enter();
        List<Expression> positional = new ArrayList<>();
        List<Keyword> keywords = new ArrayList<>();
        var names = new HashSet<String>();
        Expression spread = null;
        Expression spreadKeywords = null;
        boolean first = true;
        while (!tokens.current().isOperator(")")) {
            if (!first) {
                tokens.expectOperator(",");
                if (tokens.current().isOperator(")")) {
                    break;
                }
            }
            first = false;
            var token = tokens.current();
            boolean ordered;
            if (tokens.skipOperator("*")) {
                ordered = spread == null && spreadKeywords == null;
                spread = expressions.expression();
            } else if (tokens.skipOperator("**")) {
                ordered = spreadKeywords == null;
                spreadKeywords = expressions.expression();
            } else if (token.is(Kind.NAME) && tokens.following().isOperator("=")) {
                tokens.next();
                tokens.next();
                ordered = spreadKeywords == null && names.add(token.text());
                keywords.add(new Keyword(token.text(), expressions.expression()));
            } else {
                ordered = spread == null && spreadKeywords == null && keywords.isEmpty();
                positional.add(expressions.expression());
            }
            if (!ordered) {
                throw tokens.error(token, "duplicate argument or arguments out of order");
            }
        }
        tokens.expectOperator(")");
        tokens.leave();
        return new CallArguments(positional, keywords, spread, spreadKeywords);
    }
}
