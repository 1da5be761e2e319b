package kawi.constraint;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Tool calls as Qwen3.5's chat template writes them:
 *
 * <pre>
 *     &lt;tool_call>
 *     &lt;function=NAME>
 *     &lt;parameter=P>
 *     VALUE
 *     &lt;/parameter>
 *     &lt;/function>
 *     &lt;/tool_call>
 * </pre>
 *
 * with each parameter at most once, in the order of the schema, and a newline between calls. The outermost two tags are
 * the added tokens of that name where the vocabulary has them, because that is what the model was trained to write.
 *
 * <p>A parameter whose type is {@code string} and nothing else is text as it is; one of another type is JSON. The text
 * ends at the first newline with {@code </parameter>} after it and so cannot contain that, which is what an automaton
 * of Knuth, Morris and Pratt sees to.
 */
final class ToolCallGrammar {

    private static final String VALUE_END = "\n</parameter>";

    private static final Set<String> OF_OBJECTS = Set.of("type", "properties", "required", "additionalProperties");
    private static final Set<String> OF_STRINGS =
            Set.of("type", "enum", "const", "minLength", "maxLength", "pattern", "format");

    private final Rules rules = new Rules();
    private final JsonRules json = new JsonRules(rules);

    static Grammar compile(List<ToolSignature> tools, boolean several) {
        return new ToolCallGrammar().grammar(tools, several);
    }

    private Grammar grammar(List<ToolSignature> tools, boolean several) {
        if (tools.isEmpty()) {
            throw new GrammarException("there is no tool to call: the list of tools is empty");
        }
        Set<String> names = new HashSet<>();
        List<Expression> functions = new ArrayList<>();
        for (ToolSignature tool : tools) {
            checkName("tool", tool.name());
            if (!names.add(tool.name())) {
                throw new GrammarException("two tools are named " + GrammarException.quote(tool.name()));
            }
            functions.add(Expression.sequence(
                    Expression.text(tool.name() + ">\n"), new Expression.Call(rules.add(parameters(tool)))));
        }
        int opening = rules.declare();
        rules.defineMarker(opening, "<tool_call>");
        int closing = rules.declare();
        rules.defineMarker(closing, "</tool_call>");
        Expression call = Expression.sequence(
                new Expression.Call(opening),
                Expression.text("\n<function="),
                new Expression.Choice(functions),
                Expression.text("</function>\n"),
                new Expression.Call(closing));
        Expression all = several
                ? Expression.sequence(call, Expression.anyNumberOf(Expression.sequence(Expression.text("\n"), call)))
                : call;
        return rules.grammar(rules.add(all));
    }

    private static void checkName(String what, String name) {
        boolean writable = !name.isEmpty() && name.chars().noneMatch(c -> c <= ' ' || c == '>' || c == '<');
        if (!writable || name.codePoints().anyMatch(c -> Character.getType(c) == Character.SURROGATE)) {
            throw new GrammarException(
                    "a %s cannot be named \"%s\": names are written as they are, without spaces, < and >"
                            .formatted(what, GrammarException.quote(name)));
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
            return parameters(schema, references, new SchemaCompiler(rules, json, document));
        } catch (GrammarException e) {
            throw new GrammarException(what + ": " + e.getMessage(), e);
        }
    }

    private Expression parameters(Schema schema, SchemaReferences references, SchemaCompiler compiler) {
        if (!schema.node().isObject()
                || !"object"
                        .equals(schema.has("type") ? schema.node().path("type").asString("") : "object")) {
            throw schema.wrong("the schema of an object");
        }
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
                checkName("parameter", name);
                Expression parameter = Expression.sequence(
                        Expression.text("<parameter=" + name + ">\n"),
                        value(properties.at(name), references, compiler));
                written.add(required.remove(name) ? parameter : Expression.optional(parameter));
            }
        }
        if (!required.isEmpty()) {
            throw schema.refused("%s is required, but not among the properties"
                    .formatted(GrammarException.quote(required.iterator().next())));
        }
        return new Expression.Sequence(written);
    }

    /** A value and the end of its parameter. */
    private Expression value(Schema schema, SchemaReferences references, SchemaCompiler compiler) {
        Schema resolved = references.resolved(schema);
        List<String> texts = texts(resolved);
        if (texts != null) {
            return Expression.sequence(
                    new Expression.Choice(texts.stream().map(Expression::text).toList()),
                    Expression.text(VALUE_END + "\n"));
        }
        if (isText(resolved)) {
            return new Expression.Call(rules.add(text(resolved)));
        }
        return Expression.sequence(compiler.value(schema), Expression.text(VALUE_END + "\n"));
    }

    /** The values of an enumeration of strings, or null. */
    private static @Nullable List<String> texts(Schema schema) {
        if (!schema.node().isObject() || !(schema.has("enum") || schema.has("const")) || !isTextOrUntyped(schema)) {
            return null;
        }
        List<JsonValue> values = SchemaDisjointness.literals(schema);
        if (!values.stream().allMatch(JsonValue::isString)) {
            return null;
        }
        List<String> texts = values.stream().map(JsonValue::stringValue).toList();
        for (String text : texts) {
            if (("\n" + text).contains(VALUE_END)) {
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

    /** Text to the first {@link #VALUE_END}, and a newline. */
    private static Expression text(Schema schema) {
        boolean free = StringForms.isFree(schema) && !schema.has("minLength") && !schema.has("maxLength");
        Automaton contents = free
                ? Nfa.automaton(Expression.anyNumberOf(Expression.oneOf(CodePoints.ALL)))
                : StringForms.contents(schema, false);
        Automaton ended = Nfa.automaton(
                Expression.sequence(new Expression.Recognised(contents), Expression.text(VALUE_END + "\n")));
        Automaton texts = ended.intersect(firstEnd());
        if (texts.isEmpty()) {
            throw schema.refused("every text that it allows contains the end of a parameter");
        }
        return new Expression.Recognised(texts);
    }

    /**
     * Bytes up to the first {@link #VALUE_END} and the newline after it. The newline that begins a value counts, so that
     * no value begins with {@code </parameter>}: the end would then seem to be one line early.
     */
    private static Automaton firstEnd() {
        record Matched(int length, boolean sinceStart) {}
        byte[] end = VALUE_END.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        return Automaton.explore(
                new Matched(1, true),
                (at, b) -> {
                    if (at.length == end.length) {
                        return at.sinceStart || b != '\n' ? null : new Matched(end.length + 1, false);
                    }
                    if (at.length > end.length) {
                        return null;
                    }
                    // the only proper beginning that is also an ending is the newline itself
                    if (b == end[at.length]) {
                        return new Matched(at.length + 1, at.sinceStart);
                    }
                    return new Matched(b == '\n' ? 1 : 0, false);
                },
                at -> at.length > end.length);
    }
}
