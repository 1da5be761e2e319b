package kawi.template;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import kawi.template.Expression.FilterCall;
import kawi.template.Node.Block;
import kawi.template.Node.Target;
import kawi.tokenizer.OriginText;
import org.jspecify.annotations.Nullable;

/** Executes the statements of a template for one rendering. */
final class Renderer {

    private enum Flow {
        NORMAL,
        BREAK,
        CONTINUE
    }

    private final Source source;
    private final Budget budget;
    private final Evaluator evaluator;

    Renderer(Source source, Budget budget) {
        this.source = source;
        this.budget = budget;
        evaluator = new Evaluator(source, budget);
    }

    /** Returns the output of {@code block} with the variables of {@code scope}. */
    OriginText render(Block block, Scope scope) {
        var output = new Output(budget);
        execute(block.nodes(), scope, output);
        return output.text();
    }

    private Flow execute(List<Node> nodes, Scope scope, Output output) {
        for (var node : nodes) {
            var flow = execute(node, scope, output);
            if (flow != Flow.NORMAL) {
                return flow;
            }
        }
        return Flow.NORMAL;
    }

    private Flow execute(Node node, Scope scope, Output output) {
        try {
            budget.enter();
            budget.step();
            var flow = run(node, scope, output);
            budget.leave();
            return flow;
        } catch (EvaluationException e) {
            throw source.error(node.at(), e);
        }
    }

    private Flow run(Node node, Scope scope, Output output) {
        switch (node) {
            case Node.Text text -> output.append(text.text());
            case Node.Print print -> output.append(Display.text(evaluator.evaluate(print.value(), scope), budget));
            case Node.If choice -> {
                return choose(choice, scope, output);
            }
            case Node.For loop -> {
                return loop(loop, scope, output);
            }
            case Node.Set set -> assign(set.target(), evaluator.evaluate(set.value(), scope), scope);
            case Node.SetBlock set -> {
                return capture(set.body(), set.filter(), scope, captured -> assign(set.target(), captured, scope));
            }
            case Node.FilterBlock block -> {
                return capture(
                        block.body(), block.filter(), scope, captured -> output.append(Display.text(captured, budget)));
            }
            case Node.MacroDefinition macro ->
                scope.set(macro.name(), new Macro(macro.name(), macro.body(), scope, this, budget));
            case Node.CallBlock block -> {
                var caller = new Macro("caller", block.body(), scope, this, budget);
                var result = evaluator.call(block.call(), scope, Map.of("caller", caller));
                output.append(Display.text(result, budget));
            }
            case Node.With with -> {
                return bindAndExecute(with, scope, output);
            }
            case Node.Scoped block ->
                output.append(render(block.body(), scope.inner(block.body().frame())));
            case Node.Break _ -> {
                return Flow.BREAK;
            }
            case Node.Continue _ -> {
                return Flow.CONTINUE;
            }
        }
        return Flow.NORMAL;
    }

    private Flow choose(Node.If choice, Scope scope, Output output) {
        for (var branch : choice.branches()) {
            if (Values.truth(evaluator.evaluate(branch.test(), scope))) {
                return execute(branch.body(), scope, output);
            }
        }
        return execute(choice.otherwise(), scope, output);
    }

    private Flow loop(Node.For loop, Scope scope, Output output) {
        return iterate(loop, evaluator.evaluate(loop.items(), scope), 0, scope, output);
    }

    /** @param depth the number of loops that called this one */
    private Flow iterate(Node.For loop, Object items, int depth, Scope scope, Output output) {
        Callable recursion = !loop.recursive()
                ? null
                : arguments -> {
                    var printed = new Output(budget);
                    iterate(loop, arguments.bind("loop", 1, "iterable").get(0), depth + 1, scope, printed);
                    return printed.text();
                };
        var iterator = Values.iterate(items, budget);
        int length = loop.test() == null && Values.isSized(items) ? (int) Values.length(items, budget) : -1;
        var state = new Loop(
                loop.test() == null ? iterator : Generator.over(filtered(loop, loop.test(), iterator, scope), budget),
                length,
                depth,
                recursion,
                budget);
        // As in Jinja2, the else block is executed unless an iteration was completed, that is, also if each iteration
        // ended with break or continue.
        boolean completed = false;
        for (var item = state.advance(); item != null; item = state.advance()) {
            var inner = scope.inner(loop.body().frame());
            inner.set("loop", state);
            assign(loop.target(), item, inner);
            var flow = execute(loop.body().nodes(), inner, output);
            completed |= flow == Flow.NORMAL;
            if (flow == Flow.BREAK) {
                break;
            }
        }
        return completed
                ? Flow.NORMAL
                : execute(loop.otherwise().nodes(), scope.inner(loop.otherwise().frame()), output);
    }

    /** The items that satisfy the condition of {@code for … if …}, which is evaluated when an item is fetched. */
    private Iterator<Object> filtered(Node.For loop, Expression test, Iterator<Object> items, Scope scope) {
        return new Generator(
                () -> {
                    while (items.hasNext()) {
                        var item = items.next();
                        var inner = scope.inner(loop.testFrame());
                        assign(loop.target(), item, inner);
                        if (Values.truth(evaluator.evaluate(test, inner))) {
                            return item;
                        }
                    }
                    return null;
                },
                budget);
    }

    private interface Receiver {
        void accept(Object captured);
    }

    private Flow capture(Block body, @Nullable FilterCall filter, Scope scope, Receiver receiver) {
        var inner = scope.inner(body.frame());
        var printed = new Output(budget);
        var flow = execute(body.nodes(), inner, printed);
        // After break or continue, the output of the block is discarded.
        if (flow == Flow.NORMAL) {
            inner.capture(printed.text());
            receiver.accept(filter == null ? inner.captured() : evaluator.evaluate(filter, inner));
        }
        return flow;
    }

    private Flow bindAndExecute(Node.With with, Scope scope, Output output) {
        var inner = scope.inner(with.body().frame());
        for (var binding : with.bindings()) {
            assign(binding.target(), evaluator.evaluate(binding.value(), scope), inner);
        }
        return execute(with.body().nodes(), inner, output);
    }

    private void assign(Target target, Object value, Scope scope) {
        switch (target) {
            case Target.Variable variable -> scope.set(variable.name(), value);
            case Target.NamespaceAttribute attribute -> {
                if (!(scope.get(attribute.namespace()) instanceof Namespace namespace)) {
                    throw new EvaluationException("cannot assign to an attribute of '%s', which is not a namespace"
                            .formatted(attribute.namespace()));
                }
                budget.allocate(Budget.OBJECT);
                namespace.attributes.put(attribute.attribute(), value);
            }
            case Target.Tuple tuple -> {
                var values = Values.list(value, budget);
                int required = tuple.targets().size();
                if (values.size() != required) {
                    throw new EvaluationException("%d values are required to assign to %d targets, but there are %d"
                            .formatted(required, required, values.size()));
                }
                for (int i = 0; i < required; i++) {
                    assign(tuple.targets().get(i), values.get(i), scope);
                }
            }
        }
    }

    /** Evaluates the default value of a macro's parameter. */
    Object evaluate(Expression expression, Scope scope) {
        return evaluator.evaluate(expression, scope);
    }
}
