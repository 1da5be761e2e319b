package kawi.server.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The page in a real browser, in front of a server whose answers are those of the test. */
class PageTest {

    private static final long TIMEOUT_SECONDS = 60;

    @SuppressWarnings("NullAway.Init")
    private static Chromium browser;

    @SuppressWarnings("NullAway.Init")
    private ChatStub server;

    @SuppressWarnings("NullAway.Init")
    private BrowserTab tab;

    @BeforeAll
    static void startBrowser() throws IOException {
        Optional<Path> program = Chromium.find();
        if (program.isEmpty()) {
            System.err.println("THE PAGE IS NOT TESTED: " + Chromium.ABSENT);
        }
        Assumptions.assumeTrue(program.isPresent(), Chromium.ABSENT);
        browser = Chromium.start(program.orElseThrow());
    }

    @AfterAll
    static void stopBrowser() throws IOException {
        if (browser != null) {
            browser.close();
        }
    }

    @BeforeEach
    void open() throws IOException, InterruptedException {
        server = new ChatStub();
        tab = browser.tab();
        tab.open(server.address());
        tab.awaitText("#model", "stub-1");
    }

    @AfterEach
    void close() {
        if (tab != null) {
            tab.evaluate("localStorage.clear()");
            tab.close();
        }
        server.close();
    }

    private void ask(String text) {
        tab.evaluate("document.getElementById('message').focus()");
        tab.type(text);
        tab.press("Enter");
    }

    private void awaitAnswers(int count) {
        tab.await("document.querySelectorAll('article.assistant[aria-busy=false]').length === " + count);
    }

    private void assertNoComplaints() {
        assertEquals(List.of(), tab.complaints());
    }

    @Test
    void loadsNothingFromElsewhereAndNamesTheModel() {
        assertTrue(tab.evaluate("document.title").asString().startsWith("stub-1"));
        assertTrue(tab.requests().size() >= 4, tab.requests().toString());
        assertTrue(
                tab.requests().stream()
                        .allMatch(request -> request.startsWith(server.address().toString())),
                tab.requests().toString());
        assertNoComplaints();
    }

    @Test
    void imagesAreDroppedOnThePage() {
        String drop = """
                {
                  const files = new DataTransfer();
                  files.items.add(new File(["GIF89a"], "a.gif", { type: "image/gif" }));
                  files.items.add(new File(["text"], "b.txt", { type: "text/plain" }));
                  files.items.add(new File(["GIF87a"], "c.gif", { type: "image/gif" }));
                  document.dispatchEvent(new DragEvent("drop", { dataTransfer: files, cancelable: true }));
                }
                """;
        tab.evaluate(drop);
        assertTrue(tab.evaluate("document.getElementById('attach').hidden").booleanValue());
        server.seeImages();
        tab.open(server.address());
        tab.awaitText("#model", "stub-1");
        tab.await("!document.getElementById('attach').hidden");
        tab.evaluate(drop);
        tab.await("document.querySelectorAll('#images button').length === 2");
        tab.evaluate("document.querySelector('#images button:last-child').click()");
        assertEquals("a.gif ×", tab.text("#images"));
        server.answer("A picture.");
        ask("What is this?");
        awaitAnswers(1);
        JsonNode content = server.requests().getFirst().at("/messages/0/content");
        assertEquals(2, content.size());
        assertEquals(
                "data:image/gif;base64,R0lGODlh", content.at("/0/image_url/url").stringValue());
        assertEquals("What is this?", content.at("/1/text").stringValue());
        assertEquals("[a.gif]\nWhat is this?", tab.text("article.user"));
        assertTrue(tab.evaluate("document.getElementById('images').hidden").booleanValue());
        assertNoComplaints();
    }

    @Test
    void textAppearsAsItArrives() throws Exception {
        CountDownLatch seen = new CountDownLatch(1);
        server.answer(events -> {
            events.delta(Map.of("role", "assistant", "content", ""));
            events.text("A **fo");
            assertTrue(seen.await(TIMEOUT_SECONDS, TimeUnit.SECONDS));
            events.text("x** lost").text(" a kite.").finish("stop", 5);
        });
        ask("Tell me a story.");
        tab.awaitText(".assistant .text", "A **fo");
        assertEquals("Stop", tab.text("#send"));
        seen.countDown();
        awaitAnswers(1);
        assertEquals("A fox lost a kite.", tab.text(".assistant .text"));
        assertEquals("fox", tab.text(".assistant .text strong"));
        String figures = tab.text(".figures");
        assertTrue(figures.matches("5 tokens · [0-9.]+ tokens/s · first after [0-9.]+ s"), figures);
        assertEquals("Send", tab.text("#send"));

        JsonNode request = server.requests().getFirst();
        assertEquals("stub-1", request.get("model").asString());
        assertTrue(request.get("stream").asBoolean());
        assertTrue(request.at("/stream_options/include_usage").asBoolean());
        assertEquals("[{\"role\":\"user\",\"content\":\"Tell me a story.\"}]", messages(0));
        assertFalse(request.has("temperature") || request.has("tools") || request.has("chat_template_kwargs"));
        assertNoComplaints();
    }

    private String messages(int request) {
        return server.requests().get(request).get("messages").toString();
    }

    @Test
    void piecesOfTheStreamMayBeCutAnywhere() {
        String stream = "data: {\"choices\":[{\"delta\":{\"content\":\"caf\u00e9 \"}}]}\r\n\r\n: comment\r\r"
                + "data: {\"choices\":[{\"delta\":\ndata: {\"content\":\"au lait \uD83E\uDD8A\"}}]}\n\n"
                + "data: [DONE]\n\n";
        server.answer(events -> {
            for (int i = 0; i < stream.length(); i++) {
                int end = Character.isHighSurrogate(stream.charAt(i)) ? i + 2 : i + 1;
                events.raw(stream.substring(i, end));
                i = end - 1;
            }
        });
        ask("What do you drink?");
        awaitAnswers(1);
        assertEquals("café au lait \uD83E\uDD8A", tab.text(".assistant .text"));
    }

    @Test
    void thoughtsAreApartAndGoBackToTheModel() {
        server.answer(events -> events.thought("Hmm. ")
                .thought("Foxes fly kites.")
                .text("A kite.")
                .finish("stop", 8));
        ask("What does a fox lose?");
        awaitAnswers(1);
        assertEquals("A kite.", tab.text(".assistant .text"));
        assertEquals("Hmm. Foxes fly kites.", tab.text(".thought .body"));
        assertTrue(tab.text(".thought summary").matches("Thought for [0-9.]+ s"));
        assertFalse(tab.evaluate("document.querySelector('.thought').open").asBoolean());
        tab.click(".thought summary");
        tab.await("document.querySelector('.thought').open");

        server.answer("Red.");
        ask("And its colour?");
        awaitAnswers(2);
        assertEquals(
                "Hmm. Foxes fly kites.",
                server.requests().get(1).at("/messages/1/reasoning_content").asString());
        assertEquals(
                "A kite.", server.requests().get(1).at("/messages/1/content").asString());
        assertEquals(3, server.requests().get(1).get("messages").size());
        assertNoComplaints();
    }

    @ParameterizedTest
    @ValueSource(strings = {"click", "Escape"})
    void anAnswerCanBeStopped(String how) throws Exception {
        CompletableFuture<Boolean> left = new CompletableFuture<>();
        server.answer(events -> {
            try {
                while (true) {
                    events.text("on and ");
                    Thread.sleep(5);
                }
            } finally {
                left.complete(true);
            }
        });
        ask("Go on.");
        tab.awaitText(".assistant .text", "on and on and");
        if (how.equals("click")) {
            tab.click("#send");
        } else {
            tab.press(how);
        }
        assertTrue(left.get(TIMEOUT_SECONDS, TimeUnit.SECONDS), "the server notices");
        awaitAnswers(1);
        assertTrue(tab.text(".figures").matches("about \\d+ tokens .* · stopped"), tab.text(".figures"));
        assertEquals("", tab.text(".failure"));

        server.answer("Enough.");
        ask("Enough?");
        awaitAnswers(2);
        assertTrue(server.requests().get(1).at("/messages/1/content").asString().startsWith("on and on and"));
        assertEquals("Enough.", tab.text(".assistant:last-child .text"));
        assertNoComplaints();
    }

    @Test
    void theLastAnswerCanBeGeneratedAgain() {
        server.answer("First.");
        ask("One?");
        awaitAnswers(1);
        server.answer("Second.");
        ask("Two?");
        awaitAnswers(2);
        assertEquals("Copy|Copy|Regenerate", tab.text(".foot button"));
        server.answer("Third.");
        tab.click(".regenerate");
        tab.awaitText(".assistant:last-child .text", "Third.");
        awaitAnswers(2);
        assertEquals(messages(1), messages(2));
        assertEquals("First.|Third.", tab.text(".assistant .text"));
    }

    @Test
    void aNewConversationBeginsEmpty() {
        server.answer("First.");
        ask("One?");
        awaitAnswers(1);
        tab.click("#clear");
        tab.await("document.querySelectorAll('article').length === 0");
        assertTrue(tab.evaluate("document.activeElement.id === 'message'").asBoolean());
        server.answer("Second.");
        ask("Two?");
        awaitAnswers(1);
        assertEquals("[{\"role\":\"user\",\"content\":\"Two?\"}]", messages(1));
    }

    @Test
    void clearingStopsTheAnswer() throws Exception {
        CompletableFuture<Boolean> left = new CompletableFuture<>();
        server.answer(events -> {
            try {
                while (true) {
                    events.text("on and ");
                    Thread.sleep(5);
                }
            } finally {
                left.complete(true);
            }
        });
        ask("Go on.");
        tab.awaitText(".assistant .text", "on and on and");
        tab.click("#clear");
        assertTrue(left.get(TIMEOUT_SECONDS, TimeUnit.SECONDS));
        tab.awaitText("#send", "Send");
        server.answer("Fresh.");
        ask("Anew.");
        awaitAnswers(1);
        assertEquals("Fresh.", tab.text(".assistant .text"));
        assertEquals("[{\"role\":\"user\",\"content\":\"Anew.\"}]", messages(1));
    }

    @Test
    void toolsRunOnThePageAndAreShown() {
        tab.click("#open-settings");
        tab.click("#tool-calculator");
        tab.click("#tool-clock");
        tab.click("#close-settings");
        server.answer(events -> {
            events.text("Let me compute.");
            events.delta(Map.of("tool_calls", List.of(call(0, "call_1", "calculator", "{\"expres"))));
            events.delta(Map.of(
                    "tool_calls",
                    List.of(Map.of("index", 0, "function", Map.of("arguments", "sion\": \"2 * (3 + 4) ^ 2 - -1\"}")))));
            events.delta(Map.of("tool_calls", List.of(call(1, "call_2", "clock", "{}"))));
            events.delta(Map.of("tool_calls", List.of(call(2, "call_3", "calculator", "{\"expression\": \"2 *\"}"))));
            events.finish("tool_calls", 20);
        });
        server.answer("It is 99.");
        ask("Compute.");
        awaitAnswers(1);
        assertEquals("Let me compute.|It is 99.", tab.text(".assistant .text"));
        assertTrue(
                tab.text(".tool summary").startsWith("Tool calculator → 99|Tool clock → "), tab.text(".tool summary"));
        assertTrue(tab.text(".tool .body").contains("Result: 99"), tab.text(".tool .body"));

        JsonNode first = server.requests().getFirst();
        assertEquals(2, first.get("tools").size());
        JsonNode second = server.requests().get(1).get("messages");
        assertEquals(5, second.size(), second.toString());
        assertEquals(
                "{\"expression\": \"2 * (3 + 4) ^ 2 - -1\"}",
                second.at("/1/tool_calls/0/function/arguments").asString());
        assertEquals("call_1", second.at("/2/tool_call_id").asString());
        assertEquals("tool", second.at("/2/role").asString());
        assertEquals("99", second.at("/2/content").asString());
        assertTrue(second.at("/3/content").asString().matches(".*\\d\\d:\\d\\d:\\d\\d.*"), second.toString());
        assertEquals(
                "Error: the expression is not complete", second.at("/4/content").asString());
        assertTrue(tab.text(".figures").startsWith("23 tokens"), tab.text(".figures"));
        assertNoComplaints();
    }

    private static Map<String, Object> call(int index, String id, String name, String arguments) {
        return Map.of(
                "index", index, "id", id, "type", "function", "function", Map.of("name", name, "arguments", arguments));
    }

    @Test
    void aModelThatOnlyCallsToolsIsStopped() {
        tab.click("#open-settings");
        tab.click("#tool-clock");
        tab.click("#close-settings");
        for (int i = 0; i < 8; i++) {
            server.answer(events -> {
                events.delta(Map.of("tool_calls", List.of(call(0, "call", "clock", "{}"))));
                events.finish("tool_calls", 5);
            });
        }
        ask("What time is it?");
        awaitAnswers(1);
        assertEquals(8, server.requests().size());
        assertEquals("The model has called tools 8 times without an answer.", tab.text(".failure"));
    }

    @Test
    void settingsArePartOfTheRequestAndTheKeyIsForgottenWithTheTab() {
        server.requireKey("s3cret");
        tab.open(URI.create(server.address() + "?again"));
        tab.await("document.getElementById('settings').open && document.activeElement.id === 'api-key'");
        tab.type("s3cret");
        tab.press("Enter");
        tab.await("!document.getElementById('settings').open");
        tab.awaitText("#model", "stub-1");

        tab.click("#open-settings");
        tab.click("#system");
        tab.type("You are terse.");
        tab.click("#temperature");
        tab.type("0.5");
        tab.click("#max-tokens");
        tab.type("33");
        tab.evaluate("""
                (() => {
                  const thinking = document.getElementById('thinking');
                  thinking.value = 'off';
                  thinking.dispatchEvent(new Event('input'));
                })()""");
        tab.press("Escape");
        tab.await("!document.getElementById('settings').open");
        server.answer("Yes.");
        ask("Well?");
        awaitAnswers(1);
        JsonNode request = server.requests().getFirst();
        assertEquals("You are terse.", request.at("/messages/0/content").asString());
        assertEquals("system", request.at("/messages/0/role").asString());
        assertEquals(0.5, request.get("temperature").doubleValue());
        assertEquals(33, request.get("max_tokens").intValue());
        assertFalse(request.at("/chat_template_kwargs/enable_thinking").asBoolean(true));
        assertFalse(tab.evaluate("JSON.stringify(localStorage)").asString().contains("s3cret"));
        assertTrue(tab.evaluate("JSON.stringify(sessionStorage)").asString().contains("s3cret"));

        tab.open(server.address());
        tab.awaitText("#model", "stub-1");
        assertEquals(
                "You are terse.",
                tab.evaluate("document.getElementById('system').value").asString());
        assertEquals(
                "off", tab.evaluate("document.getElementById('thinking').value").asString());
    }

    @Test
    void aMessageMayBeSentBeforeTheModelIsKnown() {
        CountDownLatch known = new CountDownLatch(1);
        server.holdModels(known);
        tab.open(URI.create(server.address() + "?again"));
        server.answer("Yes.");
        ask("Are you there?");
        tab.awaitText("#send", "Stop");
        assertEquals(0, server.requests().size());
        known.countDown();
        awaitAnswers(1);
        assertEquals("Yes.", tab.text(".assistant .text"));
        assertEquals("stub-1", server.requests().getFirst().get("model").asString());
    }

    @Test
    void failuresAreSentences() {
        server.answer(events -> events.refuse(429, "Too many requests are waiting.", Map.of("Retry-After", "7")));
        ask("One?");
        awaitAnswers(1);
        assertEquals("Too many requests are waiting. Try again in 7 s.", tab.text(".failure"));

        server.answer(events -> events.text("A fo").event(Map.of("error", Map.of("message", "The answer failed."))));
        tab.click(".regenerate");
        tab.awaitText(".failure", "The answer failed.");
        awaitAnswers(1);
        assertEquals("A fo", tab.text(".assistant .text"));

        server.answer(events -> events.text("A fox"));
        tab.click(".regenerate");
        tab.awaitText(".failure", "The connection ended before the answer did.");
        awaitAnswers(1);

        server.answer("A fox.");
        tab.click(".regenerate");
        tab.awaitText(".assistant .text", "A fox.");
        awaitAnswers(1);
        assertEquals("", tab.text(".failure"));
        assertEquals(messages(0), messages(3));

        server.close();
        ask("Still there?");
        awaitAnswers(2);
        assertEquals("The server cannot be reached.", tab.text(".failure"));
    }

    @Test
    void keysSendAndBeginLines() {
        server.answer("Yes.");
        tab.await("document.activeElement.id === 'message'");
        tab.type("one");
        tab.pressWithShift("Enter");
        tab.type("two");
        assertEquals(0, server.requests().size());
        tab.press("Enter");
        awaitAnswers(1);
        assertEquals("[{\"role\":\"user\",\"content\":\"one\\ntwo\"}]", messages(0));
        assertEquals(
                "", tab.evaluate("document.getElementById('message').value").asString());
        tab.press("Enter");
        assertEquals(1, server.requests().size());
        tab.press("Tab");
        assertEquals(1, server.requests().size());
    }

    @Test
    void everyControlHasANameAndCanBeReachedWithTheKeyboard() {
        server.answer(
                events -> events.thought("Hm.").text("```java\nint i;\n```").finish("stop", 9));
        ask("Code?");
        awaitAnswers(1);
        JsonNode nodes = tab.send("Accessibility.getFullAXTree", Map.of()).get("nodes");
        int controls = 0;
        for (JsonNode node : nodes) {
            String role = node.at("/role/value").asString("");
            if (List.of("button", "textbox", "combobox", "checkbox", "spinbutton", "link", "article")
                            .contains(role)
                    && !node.path("ignored").asBoolean()) {
                controls++;
                assertFalse(node.at("/name/value").asString("").isBlank(), node.toString());
            }
        }
        assertTrue(controls >= 8, nodes.toString());

        tab.evaluate("document.activeElement.blur()");
        StringBuilder order = new StringBuilder();
        for (int i = 0; i < 12; i++) {
            tab.press("Tab");
            order.append(tab.evaluate("document.activeElement.id || document.activeElement.textContent")
                            .asString())
                    .append(' ');
        }
        for (String each : List.of("clear", "open-settings", "scroller", "Copy", "Regenerate", "message")) {
            assertTrue(order.indexOf(each) >= 0, each + " is not among " + order);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"light", "dark"})
    void textHasContrast(String scheme) {
        tab.send(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
        server.answer(events -> events.thought("Hm.")
                .text("Text with `code` and [a link](https://example.org).\n\n> quoted\n\n```\ncode\n```")
                .finish("length", 9));
        ask("Look");
        awaitAnswers(1);
        JsonNode poor = tab.evaluate("""
                (() => {
                  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
                  const rgb = (color) => {
                    canvas.clearRect(0, 0, 1, 1);
                    canvas.fillStyle = color;
                    canvas.fillRect(0, 0, 1, 1);
                    return [...canvas.getImageData(0, 0, 1, 1).data];
                  };
                  const luminance = (color) => color.slice(0, 3)
                    .map((c) => c / 255)
                    .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
                    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
                  const ground = (node) => {
                    for (; node; node = node.parentElement) {
                      const color = rgb(getComputedStyle(node).backgroundColor);
                      if (color[3] === 255) {
                        return color;
                      }
                    }
                    return [255, 255, 255, 255];
                  };
                  return [...document.querySelectorAll('header *, main *, #composer *')]
                    .filter((node) => node.checkVisibility() && !node.disabled
                      && [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim()))
                    .map((node) => {
                      const [a, b] = [luminance(rgb(getComputedStyle(node).color)), luminance(ground(node))];
                      return [node.outerHTML, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
                    })
                    .filter(([, contrast]) => !(contrast >= 4.5));
                })()""");
        assertEquals("[]", poor.toString());
        String ground =
                tab.evaluate("getComputedStyle(document.body).backgroundColor").asString();
        assertEquals(scheme.equals("dark") ? "rgb(23, 21, 19)" : "rgb(253, 252, 250)", ground);
    }

    @Test
    void fitsASmallScreen() {
        tab.send(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", 320, "height", 568, "deviceScaleFactor", 2, "mobile", true));
        server.answer("```\n" + "x".repeat(300) + "\n```\n\n" + "y".repeat(300) + "\n\n|a|b|\n|-|-|\n|"
                + "z".repeat(200) + "|b|\n\n" + "line\n\n".repeat(60));
        ask("w".repeat(300));
        awaitAnswers(1);
        assertEquals(320, tab.evaluate("document.documentElement.scrollWidth").intValue());
        assertTrue(tab.evaluate("scroller.scrollWidth <= scroller.clientWidth").asBoolean());
        assertTrue(tab.evaluate("scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 40")
                .asBoolean());
        for (String control : List.of("#send", "#message", "#open-settings", "#clear")) {
            assertTrue(tab.evaluate("""
                                    (() => {
                                      const box = document.querySelector('%s').getBoundingClientRect();
                                      return box.left >= 0 && box.right <= 320 && box.top >= 0 && box.bottom <= 568;
                                    })()""".formatted(control)).asBoolean(), control);
        }
        tab.click("#open-settings");
        tab.click("#close-settings");
    }
}
