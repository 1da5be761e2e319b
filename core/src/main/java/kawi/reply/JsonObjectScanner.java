package kawi.reply;

/** Finds the end of a JSON object while it is written, without looking at what is in it. */
public final class JsonObjectScanner {

    private int depth;
    private boolean inString;
    private boolean escaped;

    /** Begins after the brace that opens an object. */
    public void begin() {
        depth = 1;
        inString = false;
        escaped = false;
    }

    /** Takes the next character; whether it is the one that closes the object. */
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

    /** Whether the last character belongs to a string that has not ended. */
    public boolean inString() {
        return inString;
    }
}
