package kawi.template;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import kawi.template.Expression.Binary;
import kawi.template.Expression.Comparisons;
import kawi.template.Expression.Concatenation;
import kawi.template.Expression.Conditional;
import kawi.template.Expression.DictDisplay;
import kawi.template.Expression.ListDisplay;
import kawi.template.Expression.Literal;
import kawi.template.Expression.Logical;
import kawi.template.Expression.Name;
import kawi.template.Expression.Operand;
import kawi.template.Expression.Pair;
import kawi.template.Expression.TupleDisplay;
import kawi.template.Expression.Unary;
import kawi.template.Token.Kind;
import kawi.tokenizer.OriginText;
import org.jspecify.annotations.Nullable;

/**
 * A recursive-descent parser of Jinja expressions. The grammar, in order of increasing precedence:
 *
 * <pre>
 *   conditional   or ('if' or ['else' conditional])*
 *   or            and ('or' and)*
 *   and           not ('and' not)*
 *   not           'not' not | comparison
 *   comparison    sum (('==' | '!=' | '&lt;' | '&lt;=' | '&gt;' | '&gt;=' | 'in' | 'not' 'in') sum)*
 *   sum           concatenation (('+' | '-') concatenation)*
 *   concatenation product ('~' product)*
 *   product       power (('*' | '/' | '//' | '%') power)*
 *   power         unary ('**' unary)*
 *   unary         (('+' | '-') unary-without-filters | primary) postfix* (filter | test | call)*
 * </pre>
 *
 * <p>Hence {@code -1 ** 2} is 1, {@code -x|abs} is the absolute value of {@code -x}, and {@code **} is
 * left-associative.
 */
final class ExpressionParser {

    /** The maximum length of an integer literal in Python. */
    private static final int MAX_DIGITS = 4300;

    private final TokenStream tokens;
    private final Frames frames;
    private final SuffixParser suffixes;

    ExpressionParser(TokenStream tokens, Frames frames) {
        this.tokens = tokens;
        this.frames = frames;
        suffixes = new SuffixParser(tokens, frames, this);
    }

    SuffixParser suffixes() {
        return suffixes;
    }

    Expression expression() {
        tokens.enter();
        int unknownBefore = suffixes.unknownCount();
        var value = disjunction();
        boolean conditional = false;
        while (tokens.current().isName("if")) {
            conditional = true;
            int at = tokens.next().at();
            var test = disjunction();
            var otherwise = tokens.skipName("else") ? expression() : null;
            value = new Conditional(at, test, value, otherwise);
        }
        if (conditional) {
            suffixes.discardUnknown(unknownBefore);
        }
        tokens.leave();
        return value;
    }

    /** An expression without inline {@code if}, as in {@code for} and {@code if} tags. */
    Expression unconditional() {
        tokens.enter();
        var value = disjunction();
        tokens.leave();
        return value;
    }

    /** One expression, or a tuple of several separated by commas. */
    Expression tuple() {
        return tuple(this::expression, false);
    }

    Expression tuple(Supplier<Expression> element, boolean parenthesized) {
        var first = tokens.current();
        List<Expression> items = new ArrayList<>();
        boolean comma = false;
        while (!endsTuple()) {
            items.add(element.get());
            if (!tokens.current().isOperator(",")) {
                break;
            }
            tokens.next();
            comma = true;
        }
        if (!comma && !items.isEmpty()) {
            return items.getFirst();
        }
        if (items.isEmpty() && !parenthesized) {
            throw tokens.unexpected("an expression");
        }
        return new TupleDisplay(first.at(), items);
    }

    private boolean endsTuple() {
        var token = tokens.current();
        return token.is(Kind.VARIABLE_END) || token.is(Kind.BLOCK_END) || token.isOperator(")");
    }

    private Expression disjunction() {
        var left = conjunction();
        while (tokens.current().isName("or")) {
            int at = tokens.next().at();
            left = new Logical(at, false, left, conjunction());
        }
        return left;
    }

    private Expression conjunction() {
        var left = negation();
        while (tokens.current().isName("and")) {
            int at = tokens.next().at();
            left = new Logical(at, true, left, negation());
        }
        return left;
    }

    private Expression negation() {
        if (!tokens.current().isName("not")) {
            return comparison();
        }
        int at = tokens.next().at();
        tokens.enter();
        var operand = negation();
        tokens.leave();
        return new Unary(at, "not", operand);
    }

    private Expression comparison() {
        var first = sum();
        int at = tokens.current().at();
        List<Operand> operands = new ArrayList<>();
        for (var operator = comparisonOperator(); operator != null; operator = comparisonOperator()) {
            operands.add(new Operand(operator, sum()));
        }
        return operands.isEmpty() ? first : new Comparisons(at, first, operands);
    }

    private @Nullable String comparisonOperator() {
        var token = tokens.current();
        if (token.is(Kind.OPERATOR)) {
            return switch (token.text()) {
                case "==", "!=", "<", "<=", ">", ">=" -> tokens.next().text();
                default -> null;
            };
        }
        if (tokens.skipName("in")) {
            return "in";
        }
        if (token.isName("not") && tokens.following().isName("in")) {
            tokens.next();
            tokens.next();
            return "not in";
        }
        return null;
    }

    private Expression sum() {
        return leftAssociative(this::concatenation, operator -> operator.equals("+") || operator.equals("-"));
    }

    private Expression concatenation() {
        int at = tokens.current().at();
        var first = product();
        if (!tokens.current().isOperator("~")) {
            return first;
        }
        List<Expression> parts = new ArrayList<>(List.of(first));
        while (tokens.skipOperator("~")) {
            parts.add(product());
        }
        return new Concatenation(at, parts);
    }

    private Expression product() {
        return leftAssociative(this::power, operator -> switch (operator) {
            case "*", "/", "//", "%" -> true;
            default -> false;
        });
    }

    private Expression power() {
        return leftAssociative(() -> unary(true), operator -> operator.equals("**"));
    }

    private Expression leftAssociative(Supplier<Expression> operand, Predicate<String> operators) {
        var left = operand.get();
        while (tokens.current().is(Kind.OPERATOR)
                && operators.test(tokens.current().text())) {
            var operator = tokens.next();
            left = new Binary(operator.at(), operator.text(), left, operand.get());
        }
        return left;
    }

    private Expression unary(boolean withFilters) {
        var token = tokens.current();
        Expression value;
        if (token.isOperator("-") || token.isOperator("+")) {
            tokens.next();
            tokens.enter();
            value = new Unary(token.at(), token.text(), unary(false));
            tokens.leave();
        } else {
            value = primary();
        }
        value = suffixes.accesses(value);
        return withFilters ? suffixes.filtersAndTests(value) : value;
    }

    /** A name, a literal or a bracketed expression. */
    Expression primary() {
        var token = tokens.next();
        return switch (token.kind()) {
            case NAME -> nameOrConstant(token);
            case STRING -> new Literal(token.at(), OriginText.ofTemplate(adjacentStrings(token)));
            case INTEGER -> new Literal(token.at(), integer(token));
            case FLOAT -> new Literal(token.at(), Double.parseDouble(token.text()));
            case OPERATOR -> bracketed(token);
            default -> throw tokens.error(token, "expected an expression, found " + token.describe());
        };
    }

    private Expression nameOrConstant(Token token) {
        return switch (token.text()) {
            case "true", "True" -> new Literal(token.at(), true);
            case "false", "False" -> new Literal(token.at(), false);
            case "none", "None" -> new Literal(token.at(), None.NONE);
            default -> {
                frames.read(token.text());
                yield new Name(token.at(), token.text());
            }
        };
    }

    private String adjacentStrings(Token first) {
        var joined = new StringBuilder(first.text());
        while (tokens.current().is(Kind.STRING)) {
            joined.append(tokens.next().text());
        }
        return joined.toString();
    }

    Object integer(Token token) {
        var digits = token.text().replace("_", "");
        if (digits.length() > MAX_DIGITS) {
            throw tokens.error(token, "the integer has more than " + MAX_DIGITS + " digits");
        }
        int radix = digits.length() < 2
                ? 10
                : switch (Character.toLowerCase(digits.charAt(1))) {
                    case 'x' -> 16;
                    case 'o' -> 8;
                    case 'b' -> 2;
                    default -> 10;
                };
        return Arithmetic.normalized(new BigInteger(radix == 10 ? digits : digits.substring(2), radix));
    }

    private Expression bracketed(Token open) {
        tokens.enter();
        Expression value = switch (open.text()) {
            case "(" -> {
                var inner = tuple(this::expression, true);
                tokens.expectOperator(")");
                yield inner;
            }
            case "[" -> new ListDisplay(open.at(), listItems());
            case "{" -> new DictDisplay(open.at(), dictPairs());
            default -> throw tokens.error(open, "expected an expression, found " + open.describe());
        };
        tokens.leave();
        return value;
    }

    private List<Expression> listItems() {
        List<Expression> items = new ArrayList<>();
        while (!tokens.skipOperator("]")) {
            if (!items.isEmpty()) {
                tokens.expectOperator(",");
                if (tokens.skipOperator("]")) {
                    break;
                }
            }
            items.add(expression());
        }
        return items;
    }

    private List<Pair> dictPairs() {
        List<Pair> pairs = new ArrayList<>();
        while (!tokens.skipOperator("}")) {
            if (!pairs.isEmpty()) {
                tokens.expectOperator(",");
                if (tokens.skipOperator("}")) {
                    break;
                }
            }
            var key = expression();
            tokens.expectOperator(":");
            pairs.add(new Pair(key, expression()));
        }
        return pairs;
    }
}
