package kawi.reply;

/** Finds the end of a JSON object in streamed text, without validating its contents. */
public final class JsonObjectScanner {

    private int depth;
    private boolean inString;
    private boolean escaped;

    /** Starts after the brace that opens an object. */
    public void begin() {
        depth = 1;
        inString = false;
        escaped = false;
    }

    /** Accepts the next character. Returns whether it closes the object. */
    public boolean accept(char c) {
        if (escaped) {
            escaped = false;
        } else if (inString) {
            escaped = c == '\\';
            inString = c != '"';
        } else {
            switch (c) {
                case '"' -> inString = true;
                case '{', '[' -> depth++;
                case '}', ']' -> depth--;
                default -> {}
            }
        }
        return depth == 0;
    }

    /** Whether the last character is inside a string. */
    public boolean inString() {
        return inString;
    }
}
