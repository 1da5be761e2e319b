package kawi.template;

import java.util.List;
import kawi.template.Expression.Call;
import kawi.template.Expression.FilterCall;
import kawi.tokenizer.OriginText;
import org.jspecify.annotations.Nullable;

/** A statement of a template, with the source offset at which its errors are reported. */
sealed interface Node {

    int at();

    record Text(int at, OriginText text) implements Node {}

    record Print(int at, Expression value) implements Node {}

    record If(int at, List<Branch> branches, List<Node> otherwise) implements Node {}

    record Branch(Expression test, List<Node> body) {}

    /**
     * A loop. {@code test} is the condition of {@code for … if …}, or null; a recursive loop can be called as a
     * function.
     */
    record For(
            int at,
            Target target,
            Expression items,
            @Nullable Expression test,
            Frames.Frame testFrame,
            boolean recursive,
            Block body,
            Block otherwise)
            implements Node {}

    record Set(int at, Target target, Expression value) implements Node {}

    record SetBlock(int at, Target target, @Nullable FilterCall filter, Block body) implements Node {}

    record MacroDefinition(int at, String name, MacroBody body) implements Node {}

    /** {@code call(parameters) callee(…)}; the body is passed as the macro {@code caller}. */
    record CallBlock(int at, Call call, MacroBody body) implements Node {}

    record FilterBlock(int at, FilterCall filter, Block body) implements Node {}

    record With(int at, List<Binding> bindings, Block body) implements Node {}

    record Binding(Target target, Expression value) {}

    /** A {@code generation} block, which is printed unchanged and has its own scope. */
    record Scoped(int at, Block body) implements Node {}

    record Break(int at) implements Node {}

    record Continue(int at) implements Node {}

    /** The statements of one frame. */
    record Block(Frames.Frame frame, List<Node> nodes) {}

    /**
     * The body of a macro or call block.
     *
     * @param usesCaller whether the body reads {@code caller}, which is then passed to it
     * @param usesVarargs whether the body reads {@code varargs}
     * @param usesKwargs whether the body reads {@code kwargs}
     */
    record MacroBody(
            List<Parameter> parameters, Block block, boolean usesCaller, boolean usesVarargs, boolean usesKwargs) {}

    record Parameter(String name, @Nullable Expression defaultValue) {}

    /** The target of an assignment. */
    sealed interface Target {

        record Variable(String name) implements Target {}

        record NamespaceAttribute(int at, String namespace, String attribute) implements Target {}

        record Tuple(int at, List<Target> targets) implements Target {}
    }
}
