package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MarkdownStreamTest {

    private static String rendered(String text) {
        StringBuilder out = new StringBuilder();
        MarkdownStream stream = new MarkdownStream(out::append);
        stream.add(text);
        stream.finish();
        return out.toString();
    }

    /** With names in place of escape sequences. */
    private static String named(String text) {
        return rendered(text)
                .replace("\033[0m", "</>")
                .replace("\033[0;1m", "<b>")
                .replace("\033[0;3m", "<i>")
                .replace("\033[0;1;3m", "<bi>")
                .replace("\033[0;1;4m", "<h1>")
                .replace("\033[0;36m", "<c>")
                .replace("\033[0;1;36m", "<bc>");
    }

    @Test
    void emphasisAndCode() {
        assertEquals("a <b>bold</> word", named("a **bold** word"));
        assertEquals("an <i>italic</> word, <i>too</>", named("an *italic* word, _too_"));
        assertEquals("<bi>both</>", named("***both***"));
        assertEquals("<b>bold <bi>and</><b> more</>".replace("</><b> more", "<b> more"), named("**bold *and* more**"));
        assertEquals("<i>it <bi>both</>", named("*it **both***"));
        assertEquals("run <c>a*b*c</> now", named("run `a*b*c` now"));
        assertEquals("<c>a ` b</>", named("``a ` b``"));
        assertEquals("<b>see <bc>x**y</>", named("**see `x**y`**"));
    }

    @Test
    void headingsAndLists() {
        assertEquals("<h1>Title</>\n<b>Part</>\ntext", named("# Title\n## Part\ntext"));
        assertEquals("• one\n  • two\n• three\n1. four", named("- one\n  * two\n+ three\n1. four"));
        assertEquals("• <b>Name</>: text", named("* **Name**: text"));
    }

    @Test
    void codeBlocks() {
        assertEquals(
                "see\n<c>int x = **y;</>\n\n<c># no heading</>\nend",
                named("see\n```java\nint x = **y;\n\n# no heading\n```\nend"));
        assertEquals("<c>``` inside</>\n", named("~~~~\n``` inside\n~~~~"));
        assertEquals("<c>never closed</>", named("```\nnever closed"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2 * 3 * 4",
                "2*3*4",
                "snake_case_name",
                "an unfinished **bold",
                "an unfinished `code",
                "#hashtag",
                "-5 degrees",
                "---",
                "***",
                "a ** b ** c",
                "** not bold **",
                "****",
                "####### seven",
                "``",
                "   ",
                "\n\n",
                "*",
                "C:\\path"
            })
    void whatIsNoMarkupStaysAsItIs(String text) {
        assertEquals(text, rendered(text));
    }

    @Test
    void escapesAreTakenAway() {
        assertEquals("*not italic*", rendered("\\*not italic\\*"));
    }

    @Test
    void ordinaryTextIsShownAtOnce() {
        StringBuilder out = new StringBuilder();
        MarkdownStream stream = new MarkdownStream(out::append);
        for (String piece : List.of("Once", " upon", " a", " time")) {
            stream.add(piece);
            assertTrue(out.toString().endsWith(piece), out.toString());
        }
        stream.add(" **a");
        assertEquals("Once upon a time ", out.toString());
        stream.add(" b** c");
        assertEquals("Once upon a time \033[0;1ma b\033[0m c", out.toString());
    }

    @Test
    void whatNeverEndsIsNotHeldBackForever() {
        StringBuilder out = new StringBuilder();
        MarkdownStream stream = new MarkdownStream(out::append);
        stream.add("*a " + "word ".repeat(200));
        assertTrue(out.length() > 500, out.toString());
    }

    @Test
    void manyOpenersTakeNoTime() {
        String openers = "*a **b _c ".repeat(3000);
        assertEquals(openers, rendered(openers));
        assertTrue(rendered("*a **b `c _d ``e".repeat(3000)).length() > 20_000);
    }
}
