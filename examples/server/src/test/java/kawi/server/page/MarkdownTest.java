package kawi.server.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Text of a model on the page: Markdown is shown as such, and nothing in it can act. */
class MarkdownTest {

    @SuppressWarnings("NullAway.Init")
    private static Chromium browser;

    @SuppressWarnings("NullAway.Init")
    private static ChatStub server;

    @SuppressWarnings("NullAway.Init")
    private static BrowserTab tab;

    /** Elements and attributes that may come from Markdown. */
    private static final String HARMLESS = """
            ((root) => {
              const elements = new Set(['p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'blockquote', 'ul', 'ol', 'li',
                'div', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'figure', 'figcaption', 'span', 'button', 'pre',
                'code', 'em', 'strong', 'del', 'br', 'a']);
              const attributes = { a: ['href', 'target', 'rel'], ol: ['start'], th: ['scope'], div: ['class'],
                button: ['type'], pre: ['tabindex'] };
              const wrong = [];
              for (const node of root.querySelectorAll('*')) {
                if (!elements.has(node.localName)
                    || node.getAttributeNames().some((name) => !attributes[node.localName]?.includes(name))
                    || (node.href && !/^(https?|mailto):/.test(node.href))
                    || (node.localName === 'a' && node.rel !== 'noopener noreferrer')) {
                  wrong.push(node.outerHTML);
                }
              }
              return wrong;
            })""";

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        Optional<Path> program = Chromium.find();
        Assumptions.assumeTrue(program.isPresent(), Chromium.ABSENT);
        browser = Chromium.start(program.orElseThrow());
        server = new ChatStub();
        tab = browser.tab();
        tab.open(server.address());
        tab.awaitText("#model", "stub-1");
        tab.evaluate("""
                import('./markdown.js').then(({ MarkdownView }) => {
                  window.render = (...texts) => {
                    const root = document.createElement('div');
                    document.getElementById('conversation').replaceChildren(root);
                    const view = new MarkdownView(root);
                    texts.forEach((text) => view.show(text));
                    return root;
                  };
                })""");
    }

    @AfterAll
    static void stop() throws IOException {
        if (browser != null) {
            tab.close();
            browser.close();
            server.close();
        }
    }

    private static String html(String text) {
        return tab.evaluate("render(%s).innerHTML".formatted(JsonMapper.shared().writeValueAsString(text)))
                .asString()
                .replace(" target=\"_blank\" rel=\"noopener noreferrer\"", "");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            maxCharsPerColumn = 1000,
            value = {
                "*a* **b** ***c*** # <p><em>a</em> <strong>b</strong> <strong><em>c</em></strong></p>",
                "~~d~~ ~e~ # <p><del>d</del> ~e~</p>",
                "_a_ __b__ snake_case_name # <p><em>a</em> <strong>b</strong> snake_case_name</p>",
                "2 * 3 * 4 and a*b # <p>2 * 3 * 4 and a*b</p>",
                "**never closed # <p>**never closed</p>",
                "`a*b*` ``c`d`` `e # <p><code>a*b*</code> <code>c`d</code> `e</p>",
                "\\*a\\* \\[b] # <p>*a* [b]</p>",
                "a\\nb  \\nc # <p>a<br>b<br>c</p>",
                "[a *b*](https://x.org/a_(b)?c) # <p><a href=\"https://x.org/a_(b)?c\">a <em>b</em></a></p>",
                "see https://x.org/a. <https://y.org> # <p>see <a href=\"https://x.org/a\">https://x.org/a</a>. "
                        + "<a href=\"https://y.org/\">https://y.org</a></p>",
                "![fox](https://x.org/f.png) # <p><a href=\"https://x.org/f.png\">image: fox</a></p>",
                "- a\\n- b\\n  1. c\\n  2. d\\n- e # <ul><li>a</li><li>b<ol><li>c</li><li>d</li></ol></li>"
                        + "<li>e</li></ul>",
                "3. a\\n\\n4. b # <ol start=\"3\"><li>a</li><li>b</li></ol>",
                "- a\\n\\n  b\\n\\nc # <ul><li>a<p>b</p></li></ul><p>c</p>",
                "> a\\n> > b # <blockquote><p>a</p><blockquote><p>b</p></blockquote></blockquote>",
                "a\\n\\n---\\n***\\nb # <p>a</p><hr><hr><p>b</p>",
                "|a|b|\\n|--|:-:|\\n|1|*2*|\\n|3| # <div class=\"table\"><table><thead><tr><th scope=\"col\">a</th><th "
                        + "scope=\"col\">b</th></tr></thead><tbody><tr><td>1</td><td><em>2</em></td></tr><tr><td>3</td>"
                        + "<td></td></tr></tbody></table></div>",
                "a | b # <p>a | b</p>",
            })
    void isShownAs(String markdown, String html) {
        assertEquals(html, html(markdown.replace("\\n", "\n")));
    }

    @Test
    void headingsAndCodeBlocks() {
        assertEquals(
                "<figure><figcaption><span>java</span><button type=\"button\">Copy</button></figcaption>"
                        + "<pre tabindex=\"0\"><code>int i;\n\n  i++;</code></pre></figure>",
                html("```java\nint i;\n\n  i++;\n```"));
        assertEquals("<h1>a</h1><h3>b <em>c</em></h3><p>#d</p>", html("# a\n### b *c*\n#d"));
        assertEquals(
                "<figure><figcaption><span>text</span><button type=\"button\">Copy</button></figcaption>"
                        + "<pre tabindex=\"0\"><code># a\n\n``` b</code></pre></figure><p>c</p>",
                html("````\n# a\n\n``` b\n````\nc"));
        assertTrue(html("~~~\nunfinished").endsWith("<code>unfinished</code></pre></figure>"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<script>window.acted = 1</script>",
                "<img src=x onerror=\"window.acted = 1\">",
                "<svg/onload=window.acted=1>",
                "[a](javascript:window.acted=1)",
                "[a](JaVaScRiPt:window.acted=1)",
                "[a](\u0001javascript:window.acted=1)",
                "[a](java\tscript:window.acted=1)",
                "[a](<javascript:window.acted=1>)",
                "[a](data:text/html,<script>window.acted=1</script>)",
                "[a](vbscript:x)",
                "[a](file:///etc/passwd)",
                "[a](blob:https://x.org/1)",
                "[a](//x.org)",
                "![a](javascript:window.acted=1)",
                "<javascript:window.acted=1>",
                "<https://x.org/\"onmouseover=\"window.acted=1>",
                "[a](https://x.org/\"onmouseover=\"window.acted=1)",
                "```<img src=x onerror=window.acted=1>\n</code></pre><script>window.acted=1</script>\n```",
                "`</code><script>window.acted=1</script>`",
                "# <iframe srcdoc='<script>parent.acted=1</script>'>",
                "|<script>window.acted=1</script>|b|\n|-|-|\n|<img src=x onerror=window.acted=1>|c|",
                "- <style>*{display:none}</style>\n> <form action=https://x.org><button>go</button></form>",
                "<base href=https://x.org/><meta http-equiv=refresh content=0;url=https://x.org>",
                "&lt;script&gt;window.acted=1&lt;/script&gt; &#106;avascript:x",
                "<a href=\"javascript:window.acted=1\" id=message name=settings>x</a>",
                "{{constructor.constructor('window.acted=1')()}} ${window.acted=1}"
            })
    void nothingActs(String text) {
        String quoted = JsonMapper.shared().writeValueAsString(text);
        assertEquals(
                "[]", tab.evaluate("%s(render(%s))".formatted(HARMLESS, quoted)).toString());
        tab.evaluate("document.querySelectorAll('#conversation a').forEach((link) => { link.target = ''; })");
        assertTrue(tab.evaluate("typeof window.acted === 'undefined'").asBoolean());
        assertTrue(
                tab.evaluate("location.href").asString().equals(server.address().toString()));
        assertTrue(
                tab.requests().stream()
                        .allMatch(request -> request.startsWith(server.address().toString())),
                tab.requests().toString());
        if (text.contains("script>") && !text.contains("](") && !text.startsWith("|")) {
            assertTrue(tab.text("#conversation").contains("script>") || text.startsWith("&"), "it is shown as it is");
        }
        assertEquals(List.of(), tab.complaints());
    }

    /** Random texts of what Markdown and HTML are made of, whole and as they grow. */
    @Test
    void randomTextIsHarmlessAndShownTheSameHoweverItArrives() {
        List<String> parts = List.of(
                "<",
                ">",
                "\"",
                "'",
                "&",
                "`",
                "```",
                "~~~",
                "*",
                "**",
                "_",
                "~~",
                "[",
                "](",
                ")",
                "!",
                "|",
                "\n",
                "\n\n",
                "- ",
                "1. ",
                "> ",
                "# ",
                "    ",
                " ",
                "\\",
                "javascript:",
                "https://x.org",
                "<img src=x onerror=y>",
                "<script>",
                "</script>",
                "word",
                "\u00e9",
                "\uD83E\uDD8A",
                "|-|-|",
                "---",
                "\t",
                "\r");
        SplittableRandom random = new SplittableRandom(5);
        List<String> texts = new ArrayList<>();
        for (int round = 0; round < 200; round++) {
            StringBuilder text = new StringBuilder();
            int length = 1 + random.nextInt(60);
            for (int i = 0; i < length; i++) {
                text.append(parts.get(random.nextInt(parts.size())));
            }
            texts.add(text.toString());
        }
        JsonNode wrong = tab.evaluate("""
                %s.filter((whole) => {
                  const pieces = [];
                  for (let end = 1; end <= whole.length; end += 3) {
                    pieces.push(whole.slice(0, end));
                  }
                  const grown = render(...pieces, whole);
                  return %s(grown).length || grown.innerHTML !== render(whole).innerHTML;
                })""".formatted(JsonMapper.shared().writeValueAsString(texts), HARMLESS));
        assertEquals("[]", wrong.toString());
        assertEquals(List.of(), tab.complaints());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*",
                "**a ",
                "_a_",
                "`",
                "`` ",
                "[",
                "[](",
                "![a](",
                "> ",
                "- ",
                "<",
                "|",
                "\n",
                "a\n\n",
                "~~~\n",
                "1. a\n",
                "https://",
                "\\",
                "# ",
                "[a](b",
                "- a\n ",
                "* * "
            })
    void longTextOfOneKindIsShown(String part) {
        JsonNode length = tab.evaluate("render(%s.repeat(3000)).textContent.length"
                .formatted(JsonMapper.shared().writeValueAsString(part)));
        assertTrue(length.intValue() >= 0);
    }

    @Test
    void whatIsAboveTheEndKeepsItsNodes() {
        assertEquals("[true,true,false]", tab.evaluate("""
                                import('./markdown.js').then(({ MarkdownView }) => {
                                  const root = document.createElement('div');
                                  const view = new MarkdownView(root);
                                  view.show('# a\\n\\n- b\\n- c\\n\\nThe en');
                                  const before = [...root.children];
                                  view.show('# a\\n\\n- b\\n- c\\n\\nThe end');
                                  return [...root.children].map((node, i) => node === before[i]);
                                })""").toString());
    }
}
