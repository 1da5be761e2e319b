package kawi.constraint;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Tool calls in the syntax of a dialect, with each parameter at most once, in schema order.
 *
 * <p>Where arguments are enclosed in tags, a string is written as plain text, and a value of another type as JSON. The
 * text ends at the first occurrence of the end tag and so cannot contain it, which a Knuth-Morris-Pratt automaton
 * ensures.
 */
final class ToolCallGrammar {

    private static final Case ANY_STRING = new Case("string", List.of());

    private final Rules rules = new Rules();
    private final JsonRules json = new JsonRules(rules);
    private final CallSyntax syntax;

    /** The rules of text parameters by their form; most parameters share one. */
    private final Map<Object, Integer> textRules = new HashMap<>();

    private ToolCallGrammar(CallSyntax syntax) {
        this.syntax = syntax;
    }

    static Grammar compile(CallSyntax syntax, List<ToolSignature> tools, boolean several) {
        return new ToolCallGrammar(syntax).grammar(tools, several);
    }

    private Grammar grammar(List<ToolSignature> tools, boolean several) {
        if (tools.isEmpty()) {
            throw new GrammarException("there is no tool to call: the list of tools is empty");
        }
        Set<String> names = new HashSet<>();
        List<Expression> functions = new ArrayList<>();
        for (ToolSignature tool : tools) {
            checkName("tool", tool.name(), syntax.arguments().canNameTool(tool.name()));
            if (!names.add(tool.name())) {
                throw new GrammarException("two tools are named " + GrammarException.quote(tool.name()));
            }
            functions.add(Expression.sequence(
                    Expression.text(tool.name() + syntax.afterName()),
                    new Expression.Call(rules.add(parameters(tool)))));
        }
        int opening = rules.declare();
        rules.defineMarker(opening, syntax.begin());
        int closing = rules.declare();
        rules.defineMarker(closing, syntax.end());
        Expression call = Expression.sequence(
                new Expression.Call(opening),
                Expression.text(syntax.beforeName()),
                new Expression.Choice(functions),
                Expression.text(syntax.afterArguments()),
                new Expression.Call(closing));
        Expression all = several
                ? Expression.sequence(
                        call, Expression.anyNumberOf(Expression.sequence(Expression.text(syntax.separator()), call)))
                : call;
        return rules.grammar(rules.add(all));
    }

    private void checkName(String what, String name, boolean possible) {
        if (!possible) {
            throw new GrammarException("a %s cannot be named \"%s\": %s"
                    .formatted(
                            what,
                            GrammarException.quote(name),
                            syntax.arguments().rule()));
        }
    }

    private Expression parameters(ToolSignature tool) {
        String what = "parameters of tool " + tool.name();
        try {
            JsonValue document = SchemaCompiler.parse(tool.parameters(), "JSON Schema");
            var schema = new Schema(document, "");
            var compiler = new SchemaCompiler(rules, json, document);
            Conditions conditions = compiler.conditions(schema);
            List<Case> objects = compiler.cases(conditions, "object");
            if (objects.isEmpty()) {
                throw compiler.isContradictory()
                        ? compiler.contradiction(schema)
                        : schema.wrong("the schema of an object");
            }
            List<Expression> parameters = new ArrayList<>();
            for (Case of : objects) {
                switch (syntax.arguments()) {
                    case CallSyntax.Json _ -> parameters.add(compiler.value(of));
                    case CallSyntax.Tagged tags -> {
                        for (ObjectForm form : compiler.objects().forms(of)) {
                            parameters.add(parameters(tags, form, compiler));
                        }
                    }
                }
            }
            parameters.removeIf(Expression::isNothing);
            compiler.finish();
            if (parameters.isEmpty()) {
                throw compiler.contradiction(schema);
            }
            return new Expression.Choice(parameters);
        } catch (GrammarException e) {
            throw new GrammarException(what + ": " + e.getMessage(), e);
        }
    }

    /** The parameters in order, or nothing if one is required that has no value. */
    private Expression parameters(CallSyntax.Tagged tags, ObjectForm form, SchemaCompiler compiler) {
        int possible = form.members().size();
        if (form.min() > form.required().size() || form.max() < possible) {
            throw form.schema()
                    .refused("minProperties and maxProperties are not supported for the parameters of a tool");
        }
        List<Expression> written = new ArrayList<>();
        for (var member : form.members().entrySet()) {
            String name = member.getKey();
            checkName("parameter", name, tags.canNameParameter(name));
            Expression value = form.isPossible(name, compiler.objects().names())
                    ? value(tags, member.getValue(), compiler)
                    : Expression.nothing();
            boolean required = form.required().contains(name);
            if (!value.isNothing()) {
                Expression parameter =
                        Expression.sequence(Expression.text(tags.beforeName() + name + tags.afterName()), value);
                written.add(required ? parameter : Expression.optional(parameter));
            } else if (required) {
                return compiler.nothing(
                        form.schema(), "property %s is required and excluded".formatted(GrammarException.quote(name)));
            }
        }
        return form.members().keySet().containsAll(form.required())
                ? new Expression.Sequence(written)
                : Expression.nothing();
    }

    /**
     * A value followed by the end tag of its parameter. Where strings are allowed, raw text is one: no quotes are
     * written, and a text that is JSON of another type that is allowed is of that type.
     */
    private Expression value(CallSyntax.Tagged tags, Conditions conditions, SchemaCompiler compiler) {
        Expression end = Expression.text(tags.end() + tags.afterEnd());
        List<Expression> values = new ArrayList<>();
        for (Case of : conditions.isAnything() ? List.of(ANY_STRING) : compiler.cases(conditions, "string")) {
            Set<String> texts = SchemaStrings.constants(of);
            if (texts != null) {
                checkEnds(tags, texts, of);
                values.add(Expression.sequence(
                        new Expression.Choice(
                                texts.stream().map(Expression::text).toList()),
                        end));
                continue;
            }
            SchemaStrings.Form form = SchemaStrings.form(of);
            Integer rule = textRules.get(form.key());
            if (rule == null) {
                rule = text(tags, form);
                if (rule == null) {
                    compiler.nothing(form.first(), "no string can satisfy pattern, format and lengths together");
                    continue;
                }
                textRules.put(form.key(), rule);
            }
            Expression text = new Expression.Call(rule);
            if (form.isFree()) {
                return text;
            }
            values.add(text);
        }
        for (String type : Keywords.TYPES) {
            for (Case of : type.equals("string") ? List.<Case>of() : compiler.cases(conditions, type)) {
                Expression value = compiler.value(of);
                if (!value.isNothing()) {
                    values.add(Expression.sequence(value, end));
                }
            }
        }
        return values.size() == 1 ? values.getFirst() : new Expression.Choice(values);
    }

    private static void checkEnds(CallSyntax.Tagged tags, Set<String> texts, Case of) {
        for (String text : texts) {
            int length = tags.overlap().length() + text.length();
            if ((tags.overlap() + text + tags.end()).indexOf(tags.end()) < length) {
                Schema schema = of.keywords("const", "enum").getFirst().of().schema();
                throw schema.refused(
                        "the value %s contains the end of a parameter".formatted(GrammarException.quote(text)));
            }
        }
    }

    /** The rule for text up to the first end tag of a parameter, followed by the rest; null if there is no text. */
    private @Nullable Integer text(CallSyntax.Tagged tags, SchemaStrings.Form form) {
        TextLanguage contents = form.contents(false);
        String end = tags.end() + tags.afterEnd();
        if (contents.excludes(end.charAt(0))) {
            String overlap = tags.overlap();
            Integer counted =
                    contents.counted(rules, "", end, overlap.isEmpty() ? Automaton.DEAD : end.charAt(overlap.length()));
            if (counted != null) {
                return counted;
            }
        }
        Automaton ended = Nfa.automaton(
                Expression.sequence(new Expression.Recognized(contents.automaton()), Expression.text(end)));
        var texts = new TextLanguage(
                ended.intersect(firstEnd(tags)), contents.lengths().plus(end.codePointCount(0, end.length())));
        Integer rule = texts.rule(rules, "", "");
        if (rule == null && !contents.isEmpty()) {
            throw form.first().refused("every text that it allows contains the end of a parameter");
        }
        return rule;
    }

    /**
     * Bytes up to the first end tag of a parameter, followed by the rest. The text before a value counts if it may be a
     * prefix of the end tag: a parser would read a value that completes it as an empty value.
     */
    private static Automaton firstEnd(CallSyntax.Tagged tags) {
        // length: of the longest suffix of the bytes so far that is a prefix of the end tag; borrowed: how much of that
        // precedes the value
        record Matched(int length, int borrowed) {}
        byte[] end = tags.end().getBytes(StandardCharsets.UTF_8);
        byte[] all = (tags.end() + tags.afterEnd()).getBytes(StandardCharsets.UTF_8);
        int[] borders = borders(end);
        int overlap = tags.overlap().getBytes(StandardCharsets.UTF_8).length;
        return Automaton.explore(
                new Matched(overlap, overlap),
                (at, b) -> {
                    if (at.length >= end.length) {
                        boolean goesOn = at.length < all.length && (byte) b == all[at.length];
                        return goesOn ? new Matched(at.length + 1, 0) : null;
                    }
                    int length = at.length;
                    while (length > 0 && (byte) b != end[length]) {
                        length = borders[length];
                    }
                    int borrowed = Math.max(0, at.borrowed - (at.length - length));
                    length = (byte) b == end[length] ? length + 1 : 0;
                    return length == end.length && borrowed > 0 ? null : new Matched(length, borrowed);
                },
                at -> at.length == all.length);
    }

    /** The prefix function: for each length, the longest proper prefix that is also a suffix. */
    private static int[] borders(byte[] bytes) {
        int[] borders = new int[bytes.length + 1];
        int border = 0;
        for (int n = 1; n < bytes.length; n++) {
            while (border > 0 && bytes[border] != bytes[n]) {
                border = borders[border];
            }
            border = bytes[border] == bytes[n] ? border + 1 : 0;
            borders[n + 1] = border;
        }
        return borders;
    }
}
