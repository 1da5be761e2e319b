package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class MarkdownStreamPropertyTest {

    /** Some Markdown, and the text that is left of it without markup. */
    record Sample(String markdown, String plain) {

        Sample plus(Sample next) {
            return new Sample(markdown + next.markdown, plain + next.plain);
        }
    }

    private static String render(String text, List<Integer> lengths) {
        StringBuilder out = new StringBuilder();
        MarkdownStream stream = new MarkdownStream(out::append);
        int at = 0;
        for (int i = 0; at < text.length(); i++) {
            int end = Math.min(text.length(), at + lengths.get(i % lengths.size()));
            stream.add(text.substring(at, end));
            at = end;
        }
        stream.finish();
        return out.toString();
    }

    private static String plain(String rendered) {
        return rendered.replaceAll("\033\\[[0-9;]*m", "");
    }

    @Property(tries = 2000)
    void howTheTextIsCutCannotBeSeen(
            @ForAll("everything") String text,
            @ForAll @Size(min = 1, max = 6) List<@IntRange(min = 1, max = 30) Integer> cuts) {
        assertEquals(render(text, List.of(text.length() + 1)), render(text, cuts));
    }

    @Property(tries = 1000)
    void nothingButMarkupDisappears(@ForAll("markup") String text) {
        Assume.that(!text.contains("```") && !text.contains("~~~")); // after these comes the name of a language
        String marks = "[*_`~#\\\\+\\-\u2022 \n]";
        assertEquals(text.replaceAll(marks, ""), plain(render(text, List.of(3))).replaceAll(marks, ""));
    }

    @Property(tries = 1000)
    void theTextWithoutMarkupIsShown(
            @ForAll("documents") Sample document,
            @ForAll @Size(min = 1, max = 6) List<@IntRange(min = 1, max = 30) Integer> cuts) {
        assertEquals(document.plain(), plain(render(document.markdown(), cuts)));
    }

    @Provide
    Arbitrary<String> markup() {
        return Arbitraries.of(
                        "*",
                        "**",
                        "***",
                        "_",
                        "`",
                        "``",
                        "~",
                        "#",
                        "# ",
                        "## ",
                        "- ",
                        "* ",
                        "+",
                        "\\",
                        "\n",
                        " ",
                        "  ",
                        "a",
                        "word",
                        " two words ",
                        "é",
                        "語",
                        "\uD83E\uDD8A",
                        ".",
                        "x".repeat(150))
                .list()
                .ofMaxSize(40)
                .map(parts -> String.join("", parts));
    }

    @Provide
    Arbitrary<String> everything() {
        return Arbitraries.oneOf(markup(), Arbitraries.of("```", "```java\n", "~~~\n", "\n```\n", "\n  ~~~~ \n"))
                .list()
                .ofMaxSize(6)
                .map(parts -> String.join("", parts));
    }

    @Provide
    Arbitrary<Sample> documents() {
        Arbitrary<String> word =
                Arbitraries.strings().withCharRange('a', 'z').ofMinLength(1).ofMaxLength(8);
        Arbitrary<Sample> span = Combinators.combine(Arbitraries.of("", "*", "**", "***", "_", "__", "`", "``"), word)
                .as((mark, text) -> new Sample(mark + text + mark, text));
        Arbitrary<Sample> line = span.list()
                .ofMinSize(1)
                .ofMaxSize(8)
                .map(spans -> spans.stream()
                        .reduce((a, b) -> a.plus(new Sample(" ", " ")).plus(b))
                        .orElseThrow());
        Arbitrary<Sample> start = Arbitraries.of(
                new Sample("", ""),
                new Sample("# ", ""),
                new Sample("### ", ""),
                new Sample("- ", "\u2022 "),
                new Sample("  * ", "  \u2022 "),
                new Sample("12. ", "12. "));
        Arbitrary<Sample> block = Combinators.combine(start, line)
                .as((begin, rest) -> begin.plus(rest).plus(new Sample("\n", "\n")));
        Arbitrary<Sample> code = word.list()
                .ofMaxSize(4)
                .map(words -> String.join(" **\n", words) + "\n")
                .map(text -> new Sample("```java\n" + text + "```\n", text));
        return Arbitraries.frequencyOf(Tuple.of(4, block), Tuple.of(1, code))
                .list()
                .ofMaxSize(6)
                .map(blocks -> blocks.stream().reduce(new Sample("", ""), Sample::plus));
    }
}
