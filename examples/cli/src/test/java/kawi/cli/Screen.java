package kawi.cli;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jline.utils.WCWidth;

/**
 * What a terminal shows of the bytes that it gets: lines that wrap at the last column as those of xterm do, characters
 * of two columns that never stand in two lines, and the sequences that move the cursor and erase. Sequences that it
 * does not know fail.
 */
final class Screen extends OutputStream {

    /** The second column of a wide character. */
    private static final String SECOND = "";

    private final int width;
    private final List<String[]> rows = new ArrayList<>();
    private final StringBuilder sequence = new StringBuilder();
    private final byte[] encoded = new byte[4];
    private int encodedBytes;
    private int row;
    private int column;
    /** Whether the last column was filled, and the next character begins a line. */
    private boolean wrapPending;

    Screen(int width) {
        this.width = width;
        rows.add(blank());
    }

    private String[] blank() {
        String[] cells = new String[width];
        Arrays.fill(cells, " ");
        return cells;
    }

    @Override
    public synchronized void write(int b) {
        encoded[encodedBytes++] = (byte) b;
        int first = encoded[0] & 0xff;
        int length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
        if (encodedBytes == length) {
            add(new String(encoded, 0, length, StandardCharsets.UTF_8).codePointAt(0));
            encodedBytes = 0;
        }
    }

    Screen print(String text) {
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            write(b);
        }
        return this;
    }

    private void add(int c) {
        if (!sequence.isEmpty() || c == 033) {
            sequence.appendCodePoint(c);
            boolean control = sequence.length() > 1 && sequence.charAt(1) == '[';
            if (control ? sequence.length() > 2 && c >= '@' && c <= '~' : sequence.length() > 1) {
                obey(sequence.toString());
                sequence.setLength(0);
            }
            return;
        }
        switch (c) {
            case '\r' -> moveTo(row, 0);
            case '\n' -> moveTo(row + 1, 0);
            case '\b' -> moveTo(row, column - 1);
            case 7 -> {}
            default -> character(c);
        }
    }

    private void character(int c) {
        int columns = Math.max(0, WCWidth.wcwidth(c));
        if (columns == 0) {
            int at = wrapPending ? column : column - 1;
            while (at > 0 && rows.get(row)[at].equals(SECOND)) {
                at--;
            }
            rows.get(row)[Math.max(0, at)] += Character.toString(c);
            return;
        }
        if (wrapPending || column + columns > width) {
            moveTo(row + 1, 0);
        }
        put(column, Character.toString(c));
        if (columns == 2) {
            put(column + 1, " ");
            rows.get(row)[column + 1] = SECOND;
        }
        wrapPending = column + columns == width;
        column = wrapPending ? width - 1 : column + columns;
    }

    /** Overwrites a cell. The other half of a wide character that was there disappears. */
    private void put(int at, String content) {
        String[] cells = rows.get(row);
        if (cells[at].equals(SECOND) && at > 0) {
            cells[at - 1] = " ";
        }
        if (at + 1 < width && cells[at + 1].equals(SECOND)) {
            cells[at + 1] = " ";
        }
        cells[at] = content;
    }

    private void moveTo(int newRow, int newColumn) {
        row = Math.max(0, newRow);
        column = Math.clamp(newColumn, 0, width - 1);
        wrapPending = false;
        while (rows.size() <= row) {
            rows.add(blank());
        }
    }

    private void obey(String text) {
        if (text.length() == 2 || text.matches("\033\\[[?>=].*|\033\\[[0-9;]*[mtnq]")) {
            return; // modes, keypads, styles
        }
        char command = text.charAt(text.length() - 1);
        String[] numbers = text.substring(2, text.length() - 1).split(";", -1);
        int n = numbers[0].isEmpty() ? 1 : Integer.parseInt(numbers[0]);
        int mode = numbers[0].isEmpty() ? 0 : n;
        String[] cells = rows.get(row);
        switch (command) {
            case 'A' -> moveTo(row - n, column);
            case 'B' -> moveTo(row + n, column);
            case 'C' -> moveTo(row, column + n);
            case 'D' -> moveTo(row, column - n);
            case 'G' -> moveTo(row, n - 1);
            case 'K' -> erase(cells, mode == 0 ? column : 0, mode == 1 ? column + 1 : width);
            case 'J' -> {
                erase(cells, mode == 0 ? column : 0, width);
                for (int i = row + 1; i < rows.size(); i++) {
                    erase(rows.get(i), 0, width);
                }
            }
            case 'X' -> erase(cells, column, Math.min(width, column + n));
            case 'P' -> shift(cells, n);
            case '@' -> shift(cells, -n);
            default -> throw new AssertionError("the screen does not know " + text.replace("\033", "ESC "));
        }
    }

    private void erase(String[] cells, int from, int to) {
        for (int i = from; i < to; i++) {
            put(i, " ");
        }
        assert cells.length == width;
        wrapPending = false;
    }

    /** Removes cells at the cursor, or inserts them if the number is negative. */
    private void shift(String[] cells, int removed) {
        String[] copy = cells.clone();
        for (int i = column; i < width; i++) {
            int from = i + removed;
            cells[i] = from >= column && from < width ? copy[from] : " ";
        }
        for (int i = column; i < width; i++) { // halves of wide characters
            if (cells[i].equals(SECOND) && (i == 0 || WCWidth.wcwidth(cells[i - 1].codePointAt(0)) != 2)) {
                cells[i] = " ";
            }
        }
    }

    /** Returns the lines without blanks at their ends, and without empty lines at the end. */
    synchronized List<String> lines() {
        List<String> lines = rows.stream()
                .map(cells -> Arrays.stream(cells).collect(Collectors.joining()).stripTrailing())
                .collect(Collectors.toCollection(ArrayList::new));
        while (!lines.isEmpty() && lines.getLast().isEmpty()) {
            lines.removeLast();
        }
        return lines;
    }

    synchronized String text() {
        return String.join("\n", lines());
    }

    /** Returns where the next character appears. */
    synchronized String cursor() {
        return wrapPending ? "%d:0".formatted(row + 1) : "%d:%d".formatted(row, column);
    }
}
