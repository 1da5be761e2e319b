package kawi.server.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import kawi.Message;
import kawi.Model;
import kawi.demo.DemoModel;
import kawi.scripted.ScriptedModel;
import kawi.server.Server;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The page in a real browser, served by the real server in front of a real model. */
class ServedPageTest {

    private static final long TIMEOUT_SECONDS = 60;

    @SuppressWarnings("NullAway.Init")
    private static Chromium browser;

    @SuppressWarnings("NullAway.Init")
    private static Model demo;

    @SuppressWarnings("NullAway.Init")
    private BrowserTab tab;

    @BeforeAll
    static void start() throws IOException {
        Optional<Path> program = Chromium.find();
        Assumptions.assumeTrue(program.isPresent(), Chromium.ABSENT);
        browser = Chromium.start(program.orElseThrow());
        demo = DemoModel.load();
    }

    @AfterAll
    static void stop() throws IOException {
        if (browser != null) {
            browser.close();
            demo.close();
        }
    }

    @AfterEach
    void close() {
        if (tab != null) {
            tab.evaluate("localStorage.clear()");
            tab.close();
        }
    }

    private void open(Server server) throws IOException, InterruptedException {
        tab = browser.tab();
        tab.open(URI.create(server.uri() + "/"));
    }

    private void ask(String text) {
        tab.evaluate("document.getElementById('message').focus()");
        tab.type(text);
        tab.press("Enter");
    }

    private void awaitAnswers(int count) {
        tab.await("document.querySelectorAll('article.assistant[aria-busy=false]').length === " + count);
    }

    @Test
    void aConversationWithAModel() throws Exception {
        try (Server server = Server.builder().model("demo", demo).start()) {
            open(server);
            tab.awaitText("#model", "demo");
            tab.click("#open-settings");
            tab.click("#temperature");
            tab.type("0");
            tab.click("#max-tokens");
            tab.type("60");
            tab.click("#close-settings");
            ask("Tell me a story about a fox who lost a kite.");
            awaitAnswers(1);
            Message question = Message.user("Tell me a story about a fox who lost a kite.");
            var reply =
                    demo.prompt(List.of(question)).temperature(0).maxTokens(60).generate();
            assertEquals(words(reply.text()), words(tab.text(".assistant .text")));
            assertTrue(tab.text(".figures").startsWith("60 tokens · "), tab.text(".figures"));
            assertTrue(tab.text(".figures").endsWith("cut off at the limit"), tab.text(".figures"));

            ask("Who found it?");
            awaitAnswers(2);
            var second = demo.prompt(List.of(question, reply.message(), Message.user("Who found it?")))
                    .temperature(0)
                    .maxTokens(60)
                    .generate();
            assertEquals(words(second.text()), words(tab.text(".assistant:last-child .text")));
            assertEquals(List.of(), tab.complaints());
            assertTrue(
                    tab.requests().stream()
                            .allMatch(request -> request.startsWith(server.uri().toString())),
                    tab.requests().toString());
        }
    }

    private static String words(String text) {
        return text.replaceAll("\\s+", "");
    }

    @Test
    void aToolIsCalledAndTheModelGoesOn() throws Exception {
        Model scripted = ScriptedModel.of(
                demo,
                prompt -> prompt.contains("<tool_response>")
                        ? "It is **99**, <img src=x onerror=alert(1)> says the tool."
                        : ScriptedModel.call("calculator", Map.of("expression", "9 * 11")));
        try (Server server = Server.builder().model("scripted", scripted).start()) {
            open(server);
            tab.click("#open-settings");
            tab.click("#tool-calculator");
            tab.click("#close-settings");
            ask("What is 9 * 11?");
            awaitAnswers(1);
            assertEquals("Tool calculator → 99", tab.text(".tool summary"));
            assertEquals("It is 99, <img src=x onerror=alert(1)> says the tool.", tab.text(".assistant .text"));
            assertEquals("99", tab.text(".assistant .text strong"));
            assertEquals(List.of(), tab.complaints());
        }
    }

    @Test
    void thoughtsAreApart() throws Exception {
        Model scripted = ScriptedModel.of(demo, prompt -> "<think>\nFoxes fly kites.\n</think>\n\nA kite.");
        try (Server server = Server.builder().model("scripted", scripted).start()) {
            open(server);
            ask("What did the fox lose?");
            awaitAnswers(1);
            assertEquals("A kite.", tab.text(".assistant .text"));
            assertEquals("Foxes fly kites.", tab.text(".thought .body"));
        }
    }

    @Test
    void stoppingFreesTheModel() throws Exception {
        Model longWinded = ScriptedModel.of(demo, prompt -> "and then he went on ".repeat(180));
        try (Server server = Server.builder().model("long-winded", longWinded).start()) {
            open(server);
            ask("Go on.");
            tab.awaitText(".assistant .text", "and then he went on");
            tab.press("Escape");
            awaitAnswers(1);
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
            while (demo.memoryUse().sequences() > 0 && System.nanoTime() < end) {
                Thread.sleep(10);
            }
            assertEquals(0, demo.memoryUse().sequences());
            assertEquals("", tab.text(".failure"));
        }
    }

    @Test
    void aKeyIsAskedFor() throws Exception {
        try (Server server =
                Server.builder().model("demo", demo).apiKey("s3cret").start()) {
            open(server);
            tab.await("document.getElementById('settings').open && document.activeElement.id === 'api-key'");
            tab.type("wrong");
            tab.press("Enter");
            tab.awaitText("#model", "an API key is required");
            tab.await("document.getElementById('settings').open");
            tab.evaluate("document.getElementById('api-key').select()");
            tab.type("s3cret");
            tab.press("Enter");
            tab.awaitText("#model", "demo");
            ask("Hello");
            awaitAnswers(1);
            assertEquals("", tab.text(".failure"));
        }
    }
}
