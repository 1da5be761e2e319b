package kawi.constraint;

/**
 * The syntax of tool calls in a dialect, as far as a grammar needs it: each call is
 *
 * <pre>
 *     begin beforeName NAME afterName ARGUMENTS afterArguments end
 * </pre>
 *
 * @param begin is the added token with this text if the vocabulary has it, because models of the dialect are trained to
 *     emit that token
 * @param beforeName arbitrary text, like the other parts
 * @param end like {@code begin}
 * @param separator the text between two calls
 */
public record CallSyntax(
        String begin,
        String beforeName,
        String afterName,
        Arguments arguments,
        String afterArguments,
        String end,
        String separator) {

    /** The syntax of arguments. */
    public sealed interface Arguments {

        /** Whether this syntax can express the tool name {@code name}. */
        boolean canNameTool(String name);

        /** Whether this syntax can express the parameter name {@code name}. */
        boolean canNameParameter(String name);

        /** The requirements for a name, for messages. */
        String rule();
    }

    /**
     * Each argument is enclosed in tags, {@code beforeName NAME afterName VALUE end afterEnd}, in the order of the
     * schema. A string is written literally, any other value as JSON. A string ends at the first {@code end} and so
     * cannot contain it; neither can JSON if {@code end} starts with a line break.
     */
    public record Tagged(String beforeName, String afterName, String end, String afterEnd) implements Arguments {

        @Override
        public boolean canNameTool(String name) {
            return canNameParameter(name);
        }

        @Override
        public boolean canNameParameter(String name) {
            return !name.isEmpty()
                    && name.chars().noneMatch(c -> c <= ' ' || c == '>' || c == '<')
                    && isWellFormed(name);
        }

        @Override
        public String rule() {
            return "names are written as they are, without spaces, < and >";
        }

        /** The longest text before a value that may contain the start of {@code end}. */
        String overlap() {
            int length = Math.min(afterName.length(), end.length() - 1);
            while (!afterName.endsWith(end.substring(0, length))) {
                length--;
            }
            return end.substring(0, length);
        }
    }

    /** All arguments are one JSON object. */
    public record Json() implements Arguments {

        /** Parameter names are JSON strings and are not restricted. */
        @Override
        public boolean canNameParameter(String name) {
            return true;
        }

        @Override
        public boolean canNameTool(String name) {
            return !name.isEmpty()
                    && name.chars().noneMatch(c -> c < ' ' || c == '"' || c == '\\')
                    && isWellFormed(name);
        }

        @Override
        public String rule() {
            return "names are written as they are, without quotes, backslashes and control characters";
        }
    }

    private static boolean isWellFormed(String name) {
        return name.codePoints().noneMatch(c -> Character.getType(c) == Character.SURROGATE);
    }
}
