package kawi.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Lines of UTF-8, ended by LF or CR LF; the last one may end with the input. */
final class LineInput {

    private final InputStream in;
    private int line;

    LineInput(InputStream in) {
        this.in = in;
    }

    /**
     * The next line; null when there is none.
     *
     * @throws IllegalArgumentException if it is not UTF-8; the lines after it can be read
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
