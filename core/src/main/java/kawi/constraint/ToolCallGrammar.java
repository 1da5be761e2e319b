package kawi.constraint;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kawi.json.JsonValue;
import kawi.regex.CodePoints;
import org.jspecify.annotations.Nullable;

/**
 * Tool calls in the syntax of a dialect, with each parameter at most once, in schema order.
 *
 * <p>Where arguments are enclosed in tags, a parameter whose only type is {@code string} is written as plain text; any
 * other parameter is JSON. The text ends at the first occurrence of the end tag and so cannot contain it, which a
 * Knuth-Morris-Pratt automaton ensures.
 */
final class ToolCallGrammar {

    private static final Set<String> OF_OBJECTS = Set.of("type", "properties", "required", "additionalProperties");
    private static final Set<String> OF_STRINGS =
            Set.of("type", "enum", "const", "minLength", "maxLength", "pattern", "format");

    private final Rules rules = new Rules();
    private final JsonRules json = new JsonRules(rules);
    private final CallSyntax syntax;

    /** The rules of text parameters by schema; most parameters share one. */
    private final Map<JsonValue, Integer> textRules = new HashMap<>();

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
            var references = new SchemaReferences(document);
            Schema schema = references.resolved(new Schema(document, ""));
            if (schema.node().isObject() && schema.has("allOf")) {
                schema = new SchemaMerge(references).flattened(schema);
            }
            requireObject(schema);
            var compiler = new SchemaCompiler(rules, json, document);
            return switch (syntax.arguments()) {
                case CallSyntax.Tagged tags -> parameters(tags, schema, references, compiler);
                case CallSyntax.Json _ -> compiler.value(schema);
            };
        } catch (GrammarException e) {
            throw new GrammarException(what + ": " + e.getMessage(), e);
        }
    }

    private static void requireObject(Schema schema) {
        if (!schema.node().isObject()
                || !"object"
                        .equals(schema.has("type") ? schema.node().path("type").asString("") : "object")) {
            throw schema.wrong("the schema of an object");
        }
    }

    private Expression parameters(
            CallSyntax.Tagged tags, Schema schema, SchemaReferences references, SchemaCompiler compiler) {
        for (String keyword : schema.assertions()) {
            if (!OF_OBJECTS.contains(keyword)) {
                throw schema.refused("the keyword %s is not supported for the parameters of a tool"
                        .formatted(GrammarException.quote(keyword)));
            }
        }
        Set<String> required = new LinkedHashSet<>(schema.has("required") ? schema.strings("required") : List.of());
        List<Expression> written = new ArrayList<>();
        if (schema.has("properties")) {
            Schema properties = schema.at("properties");
            for (String name : properties.node().propertyNames()) {
                checkName("parameter", name, tags.canNameParameter(name));
                Expression parameter = Expression.sequence(
                        Expression.text(tags.beforeName() + name + tags.afterName()),
                        value(tags, properties.at(name), references, compiler));
                written.add(required.remove(name) ? parameter : Expression.optional(parameter));
            }
        }
        if (!required.isEmpty()) {
            throw schema.refused("%s is required, but not among the properties"
                    .formatted(GrammarException.quote(required.iterator().next())));
        }
        return new Expression.Sequence(written);
    }

    /** A value followed by the end tag of its parameter. */
    private Expression value(
            CallSyntax.Tagged tags, Schema schema, SchemaReferences references, SchemaCompiler compiler) {
        Schema resolved = references.resolved(schema);
        List<String> texts = texts(tags, resolved);
        if (texts != null) {
            return Expression.sequence(
                    new Expression.Choice(texts.stream().map(Expression::text).toList()),
                    Expression.text(tags.end() + tags.afterEnd()));
        }
        if (isText(resolved)) {
            Integer known = textRules.get(resolved.node());
            int rule = known == null ? rules.add(text(tags, resolved)) : known;
            textRules.put(resolved.node(), rule);
            return new Expression.Call(rule);
        }
        return Expression.sequence(compiler.value(schema), Expression.text(tags.end() + tags.afterEnd()));
    }

    /** The values of an enumeration of strings, or null. */
    private static @Nullable List<String> texts(CallSyntax.Tagged tags, Schema schema) {
        if (!schema.node().isObject() || !(schema.has("enum") || schema.has("const")) || !isTextOrUntyped(schema)) {
            return null;
        }
        List<JsonValue> values = SchemaDisjointness.literals(schema);
        if (!values.stream().allMatch(JsonValue::isString)) {
            return null;
        }
        List<String> texts = values.stream().map(JsonValue::stringValue).toList();
        for (String text : texts) {
            int length = tags.overlap().length() + text.length();
            if ((tags.overlap() + text + tags.end()).indexOf(tags.end()) < length) {
                throw schema.refused(
                        "the value %s contains the end of a parameter".formatted(GrammarException.quote(text)));
            }
        }
        return texts;
    }

    private static boolean isTextOrUntyped(Schema schema) {
        return !schema.has("type") || isText(schema);
    }

    private static boolean isText(Schema schema) {
        return schema.node().isObject()
                && schema.has("type")
                && schema.node().path("type").asString("").equals("string")
                && OF_STRINGS.containsAll(schema.assertions());
    }

    /** Text up to the first end tag of a parameter, followed by the rest. */
    private static Expression text(CallSyntax.Tagged tags, Schema schema) {
        boolean free = StringForms.isFree(schema) && !schema.has("minLength") && !schema.has("maxLength");
        Automaton contents = free
                ? Nfa.automaton(Expression.anyNumberOf(Expression.oneOf(CodePoints.ALL)))
                : StringForms.contents(schema, false);
        Automaton ended = Nfa.automaton(Expression.sequence(
                new Expression.Recognized(contents), Expression.text(tags.end() + tags.afterEnd())));
        Automaton texts = ended.intersect(firstEnd(tags));
        if (texts.isEmpty()) {
            throw schema.refused("every text that it allows contains the end of a parameter");
        }
        return new Expression.Recognized(texts);
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
