package kawi.constraint;

import java.util.List;

/**
 * The requested form of an answer: the source of a {@link Grammar}, and its key in the cache. Two forms are equal if
 * their components are equal; components are not concatenated, so different forms cannot collide.
 */
public sealed interface GrammarForm {

    /** JSON that a JSON Schema allows. */
    record Schema(String text) implements GrammarForm {}

    /** Any JSON value. */
    record AnyJson() implements GrammarForm {}

    /** Text that matches a regular expression as a whole. */
    record Regex(String expression) implements GrammarForm {}

    /** One of several texts. */
    record Choice(List<String> texts) implements GrammarForm {
        public Choice {
            texts = List.copyOf(texts);
        }
    }

    /**
     * Calls of tools and nothing else.
     *
     * @param syntax how calls are written
     * @param several whether multiple calls are allowed
     */
    record ToolCalls(CallSyntax syntax, List<ToolSignature> tools, boolean several) implements GrammarForm {
        public ToolCalls {
            tools = List.copyOf(tools);
        }
    }

    /** The approximate number of bytes of memory. */
    default long bytes() {
        return switch (this) {
            case Schema(String text) -> bytes(text);
            case AnyJson() -> 0;
            case Regex(String expression) -> bytes(expression);
            case Choice(List<String> texts) ->
                texts.stream().mapToLong(GrammarForm::bytes).sum();
            case ToolCalls(CallSyntax _, List<ToolSignature> tools, boolean _) ->
                tools.stream()
                        .mapToLong(tool -> bytes(tool.name()) + bytes(tool.parameters()))
                        .sum();
        };
    }

    private static long bytes(String text) {
        return 56 + 2L * text.length();
    }

    /**
     * Compiles the grammar.
     *
     * @throws IllegalArgumentException if the form has no grammar, or only one that is too large; the message gives the
     *     reason
     * @throws java.util.concurrent.CancellationException if the thread is interrupted
     */
    default Grammar compile() {
        try {
            return switch (this) {
                case Schema(String text) -> Grammar.jsonSchema(text);
                case AnyJson() -> Grammar.json();
                case Regex(String expression) -> Grammar.regex(expression);
                case Choice(List<String> texts) -> Grammar.choice(texts);
                case ToolCalls(CallSyntax syntax, List<ToolSignature> tools, boolean several) ->
                    Grammar.toolCalls(syntax, tools, several);
            };
        } catch (GrammarException e) {
            throw new IllegalArgumentException(e.getMessage());
        }
    }
}
