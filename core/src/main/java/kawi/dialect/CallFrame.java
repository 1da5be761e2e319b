package kawi.dialect;

/** What models put around calls: fences of code, and tags of other formats. */
final class CallFrame {

    private CallFrame() {}

    /** A text after a call without the fence that closes a block of code around the call. */
    static String textAfter(String part) {
        String stripped = part.stripLeading();
        int fences = stripped.split("```", -1).length - 1;
        boolean closing = fences % 2 == 1
                && stripped.startsWith("```")
                && stripped.lines().findFirst().orElse("").strip().equals("```");
        return closing ? stripped.substring(3) : part;
    }

    /** The length of a text before a call without the tags of other formats that enclose the call. */
    static int lengthBefore(String part) {
        int length = part.length();
        while (true) {
            String stripped = part.substring(0, length).stripTrailing();
            String line = stripped.substring(stripped.lastIndexOf('\n') + 1).strip();
            if (!QwenDialect.FRAMES.contains(line) && !line.matches("```[a-z_]*")) {
                return length;
            }
            length = stripped.length() - line.length();
        }
    }
}
