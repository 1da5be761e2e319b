package kawi.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** An expression of a template, with the source offset at which its errors are reported. */
sealed interface Expression {

    int at();

    record Literal(int at, Object value) implements Expression {}

    record Name(int at, String name) implements Expression {}

    record ListDisplay(int at, List<Expression> items) implements Expression {}

    record TupleDisplay(int at, List<Expression> items) implements Expression {}

    record DictDisplay(int at, List<Pair> pairs) implements Expression {}

    record Pair(Expression key, Expression value) {}

    /** {@code target.name} */
    record Attribute(int at, Expression target, String name) implements Expression {}

    /** {@code target[key]}, also {@code target.0} */
    record Item(int at, Expression target, Expression key) implements Expression {}

    /** {@code target[start:stop:step]} */
    record Slice(
            int at,
            Expression target,
            @Nullable Expression start,
            @Nullable Expression stop,
            @Nullable Expression step) implements Expression {}

    record Call(int at, Expression callee, CallArguments arguments) implements Expression {}

    /** {@code target | name(arguments)} */
    record FilterCall(int at, Expression target, String name, Filter filter, CallArguments arguments)
            implements Expression {}

    /**
     * The output of the enclosing {@code filter} or {@code set} block, which is the target of the first filter of its
     * tag.
     */
    record Captured(int at) implements Expression {}

    /** {@code target is name(arguments)} */
    record TestCall(int at, Expression target, String name, Test test, CallArguments arguments) implements Expression {}

    /** {@code not}, {@code +} or {@code -} */
    record Unary(int at, String operator, Expression operand) implements Expression {}

    /** {@code + - * / // % **} */
    record Binary(int at, String operator, Expression left, Expression right) implements Expression {}

    /** {@code and}, {@code or} */
    record Logical(int at, boolean and, Expression left, Expression right) implements Expression {}

    /** {@code first < second <= third …} */
    record Comparisons(int at, Expression first, List<Operand> operands) implements Expression {}

    /** An element of a chain of comparisons; the operator is {@code == != < <= > >= in} or {@code not in}. */
    record Operand(String operator, Expression value) {}

    /** {@code a ~ b ~ c} */
    record Concatenation(int at, List<Expression> parts) implements Expression {}

    /** {@code value if test else otherwise} */
    record Conditional(
            int at,
            Expression test,
            Expression value,
            @Nullable Expression otherwise) implements Expression {}

    /** The arguments of a call: {@code (a, b, key=c, *d, **e)}. */
    record CallArguments(
            List<Expression> positional,
            List<Keyword> keywords,
            @Nullable Expression spread,
            @Nullable Expression spreadKeywords) {

        static final CallArguments NONE = new CallArguments(List.of(), List.of(), null, null);

        boolean isEmpty() {
            return positional.isEmpty() && keywords.isEmpty() && spread == null && spreadKeywords == null;
        }
    }

    record Keyword(String name, Expression value) {}
}
