package kawi.constraint;

/**
 * How a dialect writes calls of tools, as far as a grammar has to know: each call is
 *
 * <pre>
 *     begin beforeName NAME afterName ARGUMENTS afterArguments end
 * </pre>
 *
 * @param begin is the added token of that text where the vocabulary has it, because that is what a model of the dialect
 *     was trained to write
 * @param beforeName any text, as are the other parts
 * @param end as {@code begin}
 * @param separator between one call and the next
 */
public record CallSyntax(
        String begin,
        String beforeName,
        String afterName,
        Arguments arguments,
        String afterArguments,
        String end,
        String separator) {

    /** How arguments are written. */
    public sealed interface Arguments {

        /** Whether a tool can have this name. */
        boolean canNameTool(String name);

        /** Whether a parameter can have this name. */
        boolean canNameParameter(String name);

        /** What a name must be, for messages. */
        String rule();
    }

    /**
     * Each argument stands between tags, {@code beforeName NAME afterName VALUE end afterEnd}, in the order of the
     * schema: a string as it is, anything else as JSON. A string ends at the first {@code end} and so cannot contain
     * that; JSON cannot either if {@code end} begins with the end of a line.
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

        /** The longest text that a value stands behind and that may be the beginning of its end. */
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

        /** Names of parameters are JSON strings, which can be anything. */
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
