package kawi.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Reads lines of UTF-8, terminated by LF, CR LF or the end of the input. */
final class LineInput {

    private final InputStream in;
    private int line;

    LineInput(InputStream in) {
        this.in = in;
    }

    /**
     * Reads the next line; returns null at the end of the input.
     *
     * @throws IllegalArgumentException if it is not UTF-8; the following lines can still be read
     */
    @Nullable String read() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int next = in.read();
        if (next < 0) {
            return null;
        }
        for (; next >= 0 && next != '\n'; next = in.read()) {
            bytes.write(next);
        }
        line++;
        String text = Terminal.decode(bytes.toByteArray(), "line %d of standard input".formatted(line));
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }
}
