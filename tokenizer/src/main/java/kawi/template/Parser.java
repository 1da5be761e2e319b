package kawi.template;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import kawi.template.Expression.Call;
import kawi.template.Node.Binding;
import kawi.template.Node.Block;
import kawi.template.Node.Branch;
import kawi.template.Node.MacroBody;
import kawi.template.Node.Parameter;
import kawi.template.Node.Target;
import kawi.template.Token.Kind;
import kawi.tokenizer.OriginText;
import org.jspecify.annotations.Nullable;

/**
 * Parses the statements of a template. A block is parsed up to one of its end tags, the name of which is the current
 * token after {@link #body}. Frames are opened and closed, and names are reported to {@link Frames}, in the order in
 * which Jinja processes them.
 */
final class Parser {

    private final TokenStream tokens;
    private final Frames frames = new Frames();
    private final ExpressionParser expressions;
    /** The number of enclosing loops that {@code break} and {@code continue} can exit. */
    private int loops;
    /** The number of all enclosing loops, including those outside of the current macro. */
    private int loopStatements;

    private Parser(Source source) {
        tokens = new TokenStream(source);
        expressions = new ExpressionParser(tokens, frames);
    }

    /** A parsed template, and the names that its expressions read. */
    record Result(Block body, Set<String> names) {}

    static Result parse(Source source) {
        var parser = new Parser(source);
        var frame = parser.frames.open();
        var nodes = parser.nodes(null);
        parser.expressions.suffixes().rejectUnknown();
        parser.frames.resolve();
        return new Result(new Block(frame, nodes), parser.frames.names());
    }

    /**
     * Parses statements up to one of {@code endTags}, or up to the end of the template if there are none.
     *
     * @param opening the tag that is closed by the end tag, for messages
     */
    private List<Node> nodes(@Nullable Token opening, String... endTags) {
        List<Node> nodes = new ArrayList<>();
        tokens.enter();
        while (true) {
            var token = tokens.next();
            switch (token.kind()) {
                case DATA -> nodes.add(new Node.Text(token.at(), OriginText.ofTemplate(token.text())));
                case VARIABLE_BEGIN -> {
                    nodes.add(new Node.Print(tokens.current().at(), expressions.tuple()));
                    tokens.expect(Kind.VARIABLE_END, "'}}'");
                }
                case BLOCK_BEGIN -> {
                    if (isAny(tokens.current(), endTags)) {
                        tokens.leave();
                        return nodes;
                    }
                    nodes.add(statement(opening, endTags));
                    tokens.expect(Kind.BLOCK_END, "'%}'");
                }
                default -> {
                    if (opening == null) {
                        tokens.leave();
                        return nodes;
                    }
                    throw tokens.error(
                            opening,
                            "'%s' is not closed by '%s'".formatted(opening.text(), endTags[endTags.length - 1]));
                }
            }
        }
    }

    private static boolean isAny(Token token, String... names) {
        return token.is(Kind.NAME) && List.of(names).contains(token.text());
    }

    /**
     * Parses the rest of a block's opening tag and its statements; the name of the end tag becomes the current token.
     */
    private List<Node> body(Token opening, String... endTags) {
        tokens.skipOperator(":");
        tokens.expect(Kind.BLOCK_END, "'%}'");
        return nodes(opening, endTags);
    }

    private List<Node> bodyToEnd(Token opening, String endTag) {
        var nodes = body(opening, endTag);
        tokens.next();
        return nodes;
    }

    private Node statement(@Nullable Token opening, String... endTags) {
        var tag = tokens.expect(Kind.NAME, "a tag name");
        return switch (tag.text()) {
            case "if" -> conditional(tag);
            case "for" -> loop(tag);
            case "set" -> assignment(tag);
            case "macro" -> macro(tag);
            case "call" -> callBlock(tag);
            case "filter" -> filterBlock(tag);
            case "with" -> with(tag);
            case "print" -> print(tag);
            case "generation" -> generation(tag);
            case "break", "continue" -> jump(tag);
            case "block", "extends", "include", "import", "from", "autoescape" ->
                throw tokens.error(tag, "the tag '" + tag.text() + "' is not supported in chat templates");
            default -> {
                var problem = "unknown tag '" + tag.text() + "'";
                if (opening != null && endTags.length > 0) {
                    problem += " (expected '%s' to close '%s')".formatted(endTags[endTags.length - 1], opening.text());
                }
                throw tokens.error(tag, problem);
            }
        };
    }

    private Node conditional(Token tag) {
        List<Branch> branches = new ArrayList<>();
        List<Node> otherwise = List.of();
        boolean more = true;
        frames.openCondition();
        var test = expressions.tuple(expressions::unconditional, false);
        while (more) {
            branches.add(new Branch(test, body(tag, "elif", "else", "endif")));
            switch (tokens.next().text()) {
                case "elif" -> test = expressions.tuple(expressions::unconditional, false);
                case "else" -> {
                    otherwise = bodyToEnd(tag, "endif");
                    more = false;
                }
                default -> more = false;
            }
        }
        frames.closeCondition();
        return new Node.If(tag.at(), branches, otherwise);
    }

    private Node loop(Token tag) {
        // The target belongs to frames that are opened after the iterable, so its names are not reported yet.
        loopStatements++;
        var target = target(false);
        tokens.expectName("in");
        var items = expressions.tuple(expressions::unconditional, false);
        var testFrame = frames.open();
        declare(target);
        var test = tokens.skipName("if") ? expressions.expression() : null;
        frames.close();
        boolean recursive = tokens.skipName("recursive");
        var frame = frames.open();
        frames.declare("loop");
        declare(target);
        loops++;
        var nodes = body(tag, "endfor", "else");
        loops--;
        frames.close();
        var elseFrame = frames.open();
        List<Node> otherwise = tokens.next().isName("else") ? bodyToEnd(tag, "endfor") : List.of();
        frames.close();
        loopStatements--;
        return new Node.For(
                tag.at(),
                target,
                items,
                test,
                testFrame,
                recursive,
                new Block(frame, nodes),
                new Block(elseFrame, otherwise));
    }

    private Node assignment(Token tag) {
        var target = target(true);
        if (tokens.skipOperator("=")) {
            var value = expressions.tuple();
            assign(target);
            return new Node.Set(tag.at(), target, value);
        }
        assign(target);
        var frame = frames.open();
        var filter = tokens.skipOperator("|") ? expressions.suffixes().blockFilters() : null;
        var nodes = bodyToEnd(tag, "endset");
        frames.close();
        return new Node.SetBlock(tag.at(), target, filter, new Block(frame, nodes));
    }

    private Node macro(Token tag) {
        var name = tokens.expect(Kind.NAME, "the name of the macro");
        requireAssignable(name);
        frames.assign(name.text());
        var frame = frames.open();
        var parameters = parameters();
        frames.close();
        return new Node.MacroDefinition(tag.at(), name.text(), macroBody(tag, "endmacro", frame, parameters));
    }

    private Node callBlock(Token tag) {
        var frame = frames.open();
        List<Parameter> parameters = tokens.current().isOperator("(") ? parameters() : List.of();
        frames.close();
        var callee = tokens.current();
        if (!(expressions.expression() instanceof Call call)) {
            throw tokens.error(callee, "expected a call of a macro after 'call'");
        }
        return new Node.CallBlock(tag.at(), call, macroBody(tag, "endcall", frame, parameters));
    }

    private Node generation(Token tag) {
        var frame = frames.open();
        frames.close();
        var body = macroBody(tag, "endgeneration", frame, List.of());
        return new Node.Scoped(tag.at(), body.block());
    }

    private MacroBody macroBody(Token tag, String endTag, Frames.Frame frame, List<Parameter> parameters) {
        frames.open(frame);
        var specials = frames.openMacro();
        int outerLoops = loops;
        loops = 0;
        var nodes = bodyToEnd(tag, endTag);
        loops = outerLoops;
        frames.closeMacro();
        frames.close();
        for (var parameter : parameters) {
            if (specials.reads("caller") && parameter.name().equals("caller") && parameter.defaultValue() == null) {
                throw tokens.error(tag, "the parameter 'caller' must have a default value");
            }
        }
        return new MacroBody(
                parameters,
                new Block(frame, nodes),
                specials.reads("caller"),
                specials.reads("varargs") && !names("varargs", parameters),
                specials.reads("kwargs") && !names("kwargs", parameters));
    }

    private static boolean names(String name, List<Parameter> parameters) {
        return parameters.stream().anyMatch(parameter -> parameter.name().equals(name));
    }

    private List<Parameter> parameters() {
        var open = tokens.expectOperator("(");
        List<Parameter> parameters = new ArrayList<>();
        var names = new HashSet<String>();
        boolean defaults = false;
        while (!tokens.skipOperator(")")) {
            if (!parameters.isEmpty()) {
                tokens.expectOperator(",");
            }
            var name = tokens.expect(Kind.NAME, "the name of a parameter");
            requireAssignable(name);
            if (!names.add(name.text())) {
                throw tokens.error(name, "duplicate parameter '" + name.text() + "'");
            }
            frames.declare(name.text());
            var defaultValue = tokens.skipOperator("=") ? expressions.expression() : null;
            if (defaults && defaultValue == null) {
                throw tokens.error(
                        open, "a parameter without a default value follows a parameter with a default value");
            }
            defaults |= defaultValue != null;
            parameters.add(new Parameter(name.text(), defaultValue));
        }
        return parameters;
    }

    private Node filterBlock(Token tag) {
        var frame = frames.open();
        var filter = expressions.suffixes().blockFilters();
        var nodes = bodyToEnd(tag, "endfilter");
        frames.close();
        return new Node.FilterBlock(tag.at(), filter, new Block(frame, nodes));
    }

    private Node with(Token tag) {
        List<Binding> bindings = new ArrayList<>();
        while (!tokens.current().is(Kind.BLOCK_END)) {
            if (!bindings.isEmpty()) {
                tokens.expectOperator(",");
            }
            var target = target(false);
            tokens.expectOperator("=");
            bindings.add(new Binding(target, expressions.expression()));
        }
        var frame = frames.open();
        bindings.forEach(binding -> declare(binding.target()));
        var nodes = bodyToEnd(tag, "endwith");
        frames.close();
        return new Node.With(tag.at(), bindings, new Block(frame, nodes));
    }

    private Node print(Token tag) {
        List<Expression> values = new ArrayList<>();
        while (!tokens.current().is(Kind.BLOCK_END)) {
            if (!values.isEmpty()) {
                tokens.expectOperator(",");
            }
            values.add(expressions.expression());
        }
        return new Node.Print(tag.at(), new Expression.Concatenation(tag.at(), values));
    }

    private Node jump(Token tag) {
        if (loops == 0) {
            throw tokens.error(tag, "'" + tag.text() + "' outside of a loop");
        }
        return tag.text().equals("break") ? new Node.Break(tag.at()) : new Node.Continue(tag.at());
    }

    /** One target, or a tuple of several separated by commas. */
    private Target target(boolean namespaces) {
        var first = tokens.current();
        List<Target> targets = new ArrayList<>();
        boolean comma = false;
        while (targets.isEmpty() || !endsTarget()) {
            targets.add(singleTarget(namespaces));
            if (!tokens.skipOperator(",")) {
                break;
            }
            comma = true;
        }
        return comma ? new Target.Tuple(first.at(), targets) : targets.getFirst();
    }

    private boolean endsTarget() {
        var token = tokens.current();
        return token.isName("in") || token.isOperator(")") || token.isOperator("=") || token.is(Kind.BLOCK_END);
    }

    private Target singleTarget(boolean namespaces) {
        var token = tokens.next();
        if (token.isOperator("(")) {
            tokens.enter();
            var inner = target(false);
            tokens.leave();
            tokens.expectOperator(")");
            return inner;
        }
        if (!token.is(Kind.NAME)) {
            throw tokens.error(token, "cannot assign to " + token.describe());
        }
        requireAssignable(token);
        if (loopStatements > 0 && token.text().equals("loop")) {
            throw tokens.error(token, "cannot assign to the special variable 'loop' in a loop");
        }
        if (namespaces && tokens.skipOperator(".")) {
            var attribute = tokens.expect(Kind.NAME, "the name of an attribute");
            return new Target.NamespaceAttribute(token.at(), token.text(), attribute.text());
        }
        return new Target.Variable(token.text());
    }

    private void requireAssignable(Token name) {
        switch (name.text()) {
            case "true", "false", "none", "True", "False", "None" ->
                throw tokens.error(name, "cannot assign to the constant " + name.describe());
            default -> {}
        }
    }

    private void assign(Target target) {
        switch (target) {
            case Target.Variable variable -> frames.assign(variable.name());
            case Target.NamespaceAttribute attribute -> frames.read(attribute.namespace());
            case Target.Tuple tuple -> tuple.targets().forEach(this::assign);
        }
    }

    private void declare(Target target) {
        switch (target) {
            case Target.Variable variable -> frames.declare(variable.name());
            case Target.NamespaceAttribute attribute -> frames.read(attribute.namespace());
            case Target.Tuple tuple -> tuple.targets().forEach(this::declare);
        }
    }
}
