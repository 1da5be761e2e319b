package kawi.cli;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The image files that a line names. Terminals insert the path of a file that is dragged into them: in quotes, with a
 * backslash before each space, as a {@code file:} address, or as it is.
 *
 * @param text the line without these paths
 */
record DroppedImages(String text, List<Path> files) {

    /** Finds the existing image files in {@code line}. */
    static DroppedImages in(String line) {
        List<Path> files = new ArrayList<>();
        String whole = line.strip();
        if (MediaOptions.isImage(whole)) {
            return new DroppedImages("", List.of(Path.of(whole)));
        }
        StringBuilder text = new StringBuilder();
        int at = 0;
        while (at < line.length()) {
            if (Character.isWhitespace(line.charAt(at))) {
                text.append(line.charAt(at++));
                continue;
            }
            StringBuilder word = new StringBuilder();
            int end = word(line, at, word);
            String path = path(word.toString());
            if (MediaOptions.isImage(path)) {
                files.add(Path.of(path));
                while (end < line.length() && line.charAt(end) == ' ') {
                    end++;
                }
            } else {
                text.append(line, at, end);
            }
            at = end;
        }
        return files.isEmpty()
                ? new DroppedImages(line, files)
                : new DroppedImages(text.toString().strip(), files);
    }

    /** Appends the word at {@code from} without its quotes and escapes, and returns where it ends. */
    private static int word(String line, int from, StringBuilder word) {
        char quote = line.charAt(from);
        if (quote == '\'' || quote == '"') {
            int close = line.indexOf(quote, from + 1);
            if (close > 0) {
                word.append(line, from + 1, close);
                return close + 1;
            }
        }
        int at = from;
        while (at < line.length() && !Character.isWhitespace(line.charAt(at))) {
            if (line.charAt(at) == '\\' && at + 1 < line.length() && isEscaped(line.charAt(at + 1))) {
                at++;
            }
            word.append(line.charAt(at++));
        }
        return at;
    }

    /** Whether a backslash escapes this character, rather than separating the names of folders. */
    private static boolean isEscaped(char next) {
        return !Character.isLetterOrDigit(next) && next != '_' && next != '.';
    }

    private static String path(String word) {
        if (!word.startsWith("file:")) {
            return word;
        }
        try {
            return Path.of(URI.create(word)).toString();
        } catch (RuntimeException e) {
            return word; // not the address of a local file
        }
    }
}
