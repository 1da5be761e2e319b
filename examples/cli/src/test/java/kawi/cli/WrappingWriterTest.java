package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WrappingWriterTest {

    private static Terminal terminal(OutputStream out, String type, int width, StandardStream... terminals) {
        return new Terminal(
                new ByteArrayInputStream(new byte[0]), out, out, Set.of(terminals), Map.of("TERM", type), () -> width);
    }

    /** Returns what the screen shows of a text that arrives in pieces. */
    private static Screen shown(String text, int width, Random pieces) {
        Screen screen = new Screen(width);
        Terminal terminal = terminal(screen, "xterm", width, StandardStream.OUT);
        for (int at = 0; at < text.length(); ) {
            int end = Math.min(text.length(), at + 1 + pieces.nextInt(4));
            terminal.prose().print(text.substring(at, end));
            terminal.prose().flush();
            at = end;
        }
        return screen;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "the quick brown fox   | the quick/brown fox",
                "aaaa bbbb cc d        | aaaa bbbb/cc d",
                "aaaaaaaaaaaaaa bb     | aaaaaaaaaaa/aaa bb",
                "語語語語語語語          | 語語語語語/語語",
                "ab語語語語語            | ab語語語語/語",
                "語語語語語。語          | 語語語語/語。語",
                "a 😀😀😀😀😀            | a 😀😀😀😀/😀",
                "one 語two three        | one 語two/three",
            })
    void linesBreakBetweenWords(String text, String lines) {
        // 11 columns, of which the last one stays free
        assertEquals(
                List.of(lines.split("/", -1)), shown(text, 11, new Random(1)).lines());
    }

    @Test
    void noWordIsCutAtAnyWidth() {
        String[] words = {
            "fox", "kite", "a", "wandering", "語", "日本語、", "😀", "(see", "story)", "naïve", "\033[1mbold\033[0m"
        };
        for (int width = 20; width <= 80; width++) {
            Random random = new Random(width);
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 120; i++) {
                text.append(words[random.nextInt(words.length)]).append(random.nextInt(15) == 0 ? "\n" : " ");
            }
            List<String> lines = shown(text.toString(), width, random).lines();
            String plain = text.toString().replaceAll("\033\\[\\dm", "");
            List<String> expected = new ArrayList<>();
            for (String line : plain.split("\n", -1)) {
                expected.addAll(greedily(line, width - 1));
            }
            assertEquals(String.join("\n", expected).stripTrailing(), String.join("\n", lines), "width " + width);
        }
    }

    /**
     * Breaks a line before each word that does not fit; words of wide characters can be broken anywhere but before 、.
     */
    private static List<String> greedily(String line, int columns) {
        List<String> lines = new ArrayList<>();
        StringBuilder current = new StringBuilder();
        String spaced = line.replaceAll("(?<=[語日本😀])(?=[語日本😀])", "\0");
        for (String word : spaced.split("(?<=[ \0])", -1)) {
            String bare = word.replaceAll("[ \0]", "");
            if (Columns.of(current + bare) > columns) {
                lines.add(current.toString().stripTrailing());
                current.setLength(0);
            }
            current.append(bare);
            if (word.endsWith(" ") && Columns.of(current.toString()) < columns) {
                current.append(' ');
            }
        }
        lines.add(current.toString().stripTrailing());
        return lines;
    }

    @Test
    void addressesCanBeCopied() {
        String address = "https://example.com/" + "x".repeat(50);
        assertEquals(
                List.of(
                        "see",
                        address.substring(0, 30),
                        address.substring(30, 60),
                        address.substring(60) + " for more"),
                shown("see " + address + " for more", 30, new Random(3)).lines());
        StringBuilder raw = new StringBuilder();
        OutputStream out = new OutputStream() {
            @Override
            public void write(int b) {
                raw.append((char) b);
            }
        };
        Terminal terminal = terminal(out, "xterm", 30, StandardStream.OUT);
        terminal.prose().println("see " + address);
        assertTrue(raw.toString().contains("x".repeat(50)), "the address itself is not broken");
    }

    @Test
    void codeIsNotBroken() {
        String code = "```\nint answer = computeTheAnswer(42); // long\n```\nand words that are wrapped";
        StringBuilder raw = new StringBuilder();
        OutputStream out = new OutputStream() {
            @Override
            public void write(int b) {
                raw.append((char) b);
            }
        };
        Terminal terminal = terminal(out, "xterm", 20, StandardStream.OUT);
        terminal.prose().print(code);
        terminal.prose().flush();
        assertTrue(raw.toString().startsWith("```\nint answer = computeTheAnswer(42); // long\n```\n"), raw.toString());
    }

    @Test
    void onlyTerminalsWrap() {
        String text = "the quick brown fox jumps over the lazy dog";
        StringBuilder raw = new StringBuilder();
        OutputStream out = new OutputStream() {
            @Override
            public void write(int b) {
                raw.append((char) b);
            }
        };
        for (Terminal terminal : List.of(
                terminal(out, "xterm", 20),
                terminal(out, "xterm", 20, StandardStream.ERR),
                terminal(out, "dumb", 20, StandardStream.OUT))) {
            raw.setLength(0);
            terminal.prose().print(text);
            terminal.prose().flush();
            assertEquals(text, raw.toString());
        }
        raw.setLength(0);
        Terminal terminal = terminal(out, "xterm", 20, StandardStream.values());
        terminal.out().print("[\"a result\", \"that programs read\"]");
        terminal.out().flush();
        assertEquals("[\"a result\", \"that programs read\"]", raw.toString());
        raw.setLength(0);
        terminal.err().print(text);
        terminal.err().flush();
        assertTrue(raw.toString().contains("\n"), "messages are wrapped");
    }
}
