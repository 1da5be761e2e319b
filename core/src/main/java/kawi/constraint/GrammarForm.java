package kawi.constraint;

import java.util.List;

/**
 * The form of an answer, as it was asked for: what a {@link Grammar} is compiled of, and the key that it is kept under.
 * Two forms are equal if they ask for the same; nothing is joined to a string, so that no two forms can look alike.
 */
public sealed interface GrammarForm {

    /** JSON that a JSON Schema allows. */
    record Schema(String text) implements GrammarForm {}

    /** Any JSON value. */
    record AnyJson() implements GrammarForm {}

    /** Text that a regular expression matches as a whole. */
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
     * @param several whether more than one call may be made
     */
    record ToolCalls(CallSyntax syntax, List<ToolSignature> tools, boolean several) implements GrammarForm {
        public ToolCalls {
            tools = List.copyOf(tools);
        }
    }

    /** About how many bytes of memory this takes. */
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
     * The grammar.
     *
     * @throws IllegalArgumentException if no grammar can be made of the form, or only one that is too large; the
     *     message says why
     * @throws java.util.concurrent.CancellationException if the thread is interrupted meanwhile
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
