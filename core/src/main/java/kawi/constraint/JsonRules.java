package kawi.constraint;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kawi.regex.CodePoints;

/**
 * The rules of JSON text: strings, arrays, members, and any value.
 *
 * <p>The only white space is an optional single space after a comma or a colon. Models write JSON on one line in this
 * form, and a model that may indent could emit white space until its budget is used up.
 *
 * <p>There are two spellings of strings. A free string allows every spelling of JSON: literal characters in UTF-8, and
 * all escapes, surrogates in pairs only. Where the content matters (patterns, enumerations, keys of objects) each
 * character has exactly one spelling ({@link #spelled}), so that a set of contents is a set of texts and can be
 * subtracted from another.
 */
final class JsonRules {

    static final Expression COMMA =
            Expression.sequence(Expression.text(","), Expression.optional(Expression.text(" ")));
    static final Expression COLON =
            Expression.sequence(Expression.text(":"), Expression.optional(Expression.text(" ")));

    private static final CodePoints CONTROLS = CodePoints.of(0, 0x1F);
    private static final CodePoints ESCAPED = CONTROLS.union(CodePoints.of("\"\\"));
    private static final Expression QUOTE = Expression.text("\"");

    /** Any character of a string in its unique spelling. */
    static final Expression ANY_SPELLED = spelled(Expression.oneOf(CodePoints.ALL));

    private static final Automaton FREE_STRING = freeString();

    private record Lengths(int min, int max) {}

    private final Rules rules;
    private final Map<Lengths, Integer> strings = new HashMap<>();
    private int anyValue = -1;

    JsonRules(Rules rules) {
        this.rules = rules;
    }

    private static Automaton freeString() {
        CodePoints hex = CodePoints.of("0123456789abcdefABCDEF");
        Expression anyHex = Expression.oneOf(hex);
        CodePoints notD = hex.minus(CodePoints.of("dD"));
        Expression d = Expression.oneOf(CodePoints.of("dD"));
        Expression low = Expression.oneOf(CodePoints.of("01234567"));
        Expression highSurrogate = Expression.oneOf(CodePoints.of("89abAB"));
        Expression lowSurrogate = Expression.oneOf(CodePoints.of("cdefCDEF"));
        Expression character = Expression.choice(
                Expression.oneOf(ESCAPED.complement()),
                Expression.sequence(Expression.text("\\"), Expression.oneOf(CodePoints.of("\"\\/bfnrt"))),
                Expression.sequence(Expression.text("\\u"), Expression.oneOf(notD), anyHex, anyHex, anyHex),
                Expression.sequence(Expression.text("\\u"), d, low, anyHex, anyHex),
                Expression.sequence(
                        Expression.sequence(Expression.text("\\u"), d, highSurrogate, anyHex, anyHex),
                        Expression.sequence(Expression.text("\\u"), d, lowSurrogate, anyHex, anyHex)));
        return Nfa.automaton(Expression.sequence(QUOTE, Expression.anyNumberOf(character), QUOTE));
    }

    /** A string of {@code min} to {@code max} characters, in any spelling. */
    Expression string(int min, int max) {
        return new Expression.Call(strings.computeIfAbsent(new Lengths(min, max), lengths -> {
            int rule = rules.declare();
            rules.define(rule, FREE_STRING, new Loop(min, max, '"', true));
            return rule;
        }));
    }

    /** {@code content}, which makes no calls, in quotes and in its unique spelling. */
    static Expression quoted(Expression content) {
        return Expression.sequence(QUOTE, content, QUOTE);
    }

    /** The spelling of {@code content}, character by character. */
    static Expression spelled(Expression content) {
        return switch (content) {
            case Expression.Text(String text) -> Expression.text(spelled(text));
            case Expression.OneOf(CodePoints set) -> {
                Expression raw = Expression.oneOf(set.minus(ESCAPED));
                CodePoints escaped = set.intersect(ESCAPED);
                if (escaped.isEmpty()) {
                    yield raw;
                }
                var options = new java.util.ArrayList<Expression>();
                options.add(raw);
                for (int c = 0; c <= '\\'; c++) {
                    if (escaped.contains(c)) {
                        options.add(Expression.text(spelled(Character.toString(c))));
                    }
                }
                yield new Expression.Choice(options);
            }
            case Expression.Sequence(List<Expression> parts) ->
                new Expression.Sequence(parts.stream().map(JsonRules::spelled).toList());
            case Expression.Choice(List<Expression> options) ->
                new Expression.Choice(options.stream().map(JsonRules::spelled).toList());
            case Expression.Repeat(Expression body, int min, int max) -> new Expression.Repeat(spelled(body), min, max);
            case Expression.Counted(Expression character, int min, int max) ->
                new Expression.Counted(spelled(character), min, max);
            case Expression.Graph(List<Map<Integer, Expression>> moves, List<Boolean> accepts) ->
                new Expression.Graph(moves.stream().map(JsonRules::spelled).toList(), accepts);
            case Expression.Call _, Expression.Recognized _ ->
                throw new IllegalArgumentException("only contents of strings have a spelling, not " + content);
        };
    }

    private static Map<Integer, Expression> spelled(Map<Integer, Expression> moves) {
        var spelled = new LinkedHashMap<Integer, Expression>();
        moves.forEach((to, characters) -> spelled.put(to, spelled(characters)));
        return spelled;
    }

    /** The name of a property of {@code schema}, including the quotes. */
    static Expression name(Schema schema, String name) {
        if (name.codePoints().anyMatch(c -> Character.getType(c) == Character.SURROGATE)) {
            throw schema.refused("an unpaired surrogate is not text and cannot be encoded");
        }
        return Expression.text("\"" + spelled(name) + "\"");
    }

    static String spelled(String text) {
        var spelled = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> spelled.append('\\').append(c);
                case '\b' -> spelled.append("\\b");
                case '\t' -> spelled.append("\\t");
                case '\n' -> spelled.append("\\n");
                case '\f' -> spelled.append("\\f");
                case '\r' -> spelled.append("\\r");
                default -> {
                    if (c < 0x20) {
                        spelled.append("\\u%04x".formatted((int) c));
                    } else {
                        spelled.append(c);
                    }
                }
            }
        }
        return spelled.toString();
    }

    /** {@code [item, item]} with {@code min} to {@code max} items. */
    Expression array(Expression item, int min, int max) {
        return list('[', item, ']', min, max);
    }

    /**
     * An object with {@code min} to {@code max} members. They are counted as they are written, even if names repeat.
     */
    Expression members(Expression member, int min, int max) {
        return list('{', member, '}', min, max);
    }

    private Expression list(char open, Expression item, char close, int min, int max) {
        int itemRule = item instanceof Expression.Call(int rule) ? rule : rules.add(item);
        // The states are constructed directly because counting refers to them: see Loop.
        var builder = new Automaton.Builder();
        int start = builder.addState(false);
        int opened = builder.addState(false);
        int afterItem = builder.addState(false);
        int afterComma = builder.addState(false);
        int afterSpace = builder.addState(false);
        int closed = builder.addState(true);
        builder.addBytes(start, open, open, opened);
        builder.addBytes(opened, close, close, closed);
        if (max > 0) {
            builder.addCall(opened, itemRule, afterItem);
            builder.addBytes(afterItem, close, close, closed);
            builder.addBytes(afterItem, ',', ',', afterComma);
            builder.addBytes(afterComma, ' ', ' ', afterSpace);
            builder.addCall(afterComma, itemRule, afterItem);
            builder.addCall(afterSpace, itemRule, afterItem);
        }
        int array = rules.declare();
        rules.define(array, builder.build(), new Loop(min, max, close, false));
        return new Expression.Call(array);
    }

    /** An object with any number of members; {@code name} includes the quotes. */
    static Expression map(Expression name, Expression value, int min) {
        Expression member = Expression.sequence(name, COLON, value);
        Expression members = Expression.sequence(member, Expression.anyNumberOf(Expression.sequence(COMMA, member)));
        return Expression.sequence(
                Expression.text("{"), min == 0 ? Expression.optional(members) : members, Expression.text("}"));
    }

    /** The rule of any JSON value. */
    int anyValue() {
        if (anyValue < 0) {
            anyValue = rules.declare();
            Expression self = new Expression.Call(anyValue);
            Expression object = new Expression.Call(rules.add(map(string(0, Expression.UNBOUNDED), self, 0)));
            Expression number = new Expression.Call(rules.add(Numbers.any()));
            rules.define(
                    anyValue,
                    Expression.choice(
                            object,
                            array(self, 0, Expression.UNBOUNDED),
                            string(0, Expression.UNBOUNDED),
                            number,
                            Expression.text("true"),
                            Expression.text("false"),
                            Expression.text("null")));
        }
        return anyValue;
    }
}
