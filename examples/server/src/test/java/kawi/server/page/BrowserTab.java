package kawi.server.page;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A tab of a browser. Input is that of a keyboard and a mouse, so that what cannot be reached by them is not found. */
final class BrowserTab implements AutoCloseable {

    private static final long TIMEOUT_SECONDS = 60;
    private static final long POLL_MILLIS = 20;

    private final WebSocket socket;
    private final AtomicInteger commands = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();

    BrowserTab(HttpClient client, URI address) {
        socket = client.newWebSocketBuilder()
                .buildAsync(address, new Receiver())
                .orTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .join();
        for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
            send(domain + ".enable", Map.of());
        }
    }

    /** Puts the pieces of a message together. */
    private final class Receiver implements WebSocket.Listener {

        private final StringBuilder text = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                receive(JsonMapper.shared().readTree(text.toString()));
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }
    }

    private void receive(JsonNode message) {
        if (message.has("id")) {
            CompletableFuture<JsonNode> answer =
                    waiting.remove(message.get("id").intValue());
            if (answer == null) {
                return;
            }
            if (message.has("error")) {
                answer.completeExceptionally(
                        new IllegalStateException(message.get("error").toString()));
            } else {
                answer.complete(message.get("result"));
            }
            return;
        }
        JsonNode parameters = message.path("params");
        switch (message.path("method").asString("")) {
            case "Runtime.exceptionThrown" -> complaints.add(parameters.toString());
            case "Log.entryAdded" -> {
                if (parameters.at("/entry/level").asString("").equals("error")) {
                    complaints.add(parameters.at("/entry").toString());
                }
            }
            case "Network.requestWillBeSent" ->
                requests.add(parameters.at("/request/url").asString());
            default -> {}
        }
    }

    /** Sends a command of the protocol and returns its result. */
    JsonNode send(String method, Map<String, ?> parameters) {
        int id = commands.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        waiting.put(id, answer);
        String text = JsonMapper.shared().writeValueAsString(Map.of("id", id, "method", method, "params", parameters));
        socket.sendText(text, true).join();
        return answer.orTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS).join();
    }

    void open(URI address) {
        send("Page.navigate", Map.of("url", address.toString()));
        await("document.readyState === 'complete' && location.href === '%s'".formatted(address));
    }

    /** Returns the value of an expression in JavaScript, or of the promise that it returns. */
    JsonNode evaluate(String expression) {
        JsonNode answer = send(
                "Runtime.evaluate",
                Map.of("expression", expression, "awaitPromise", true, "returnByValue", true, "userGesture", true));
        if (answer.has("exceptionDetails")) {
            throw new IllegalStateException(expression + ": " + answer.get("exceptionDetails"));
        }
        return answer.path("result").path("value");
    }

    String text(String selector) {
        return evaluate("[...document.querySelectorAll('%s')].map(node => node.textContent).join('|')"
                        .formatted(selector))
                .asString();
    }

    /** Waits until an expression is true. */
    void await(String expression) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
        while (!evaluate("Boolean(" + expression + ")").asBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("this did not become true: %s%non the page: %s%ncomplaints: %s"
                        .formatted(
                                expression, evaluate("document.body.innerText").asString(), complaints));
            }
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Waits until the text of the selected elements contains a text. */
    void awaitText(String selector, String text) {
        await("[...document.querySelectorAll('%s')].map(node => node.textContent).join('|').includes(%s)"
                .formatted(selector, JsonMapper.shared().writeValueAsString(text)));
    }

    void click(String selector) {
        await("document.querySelector('%s') && !document.querySelector('%s').disabled".formatted(selector, selector));
        JsonNode box = evaluate("""
                (() => {
                  const node = document.querySelector('%s');
                  node.scrollIntoView({ block: 'center' });
                  const box = node.getBoundingClientRect();
                  const point = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
                  const hit = document.elementFromPoint(point.x, point.y);
                  return { ...point, hit: node === hit || node.contains(hit) || hit?.contains(node) };
                })()
                """.formatted(selector));
        if (!box.path("hit").asBoolean()) {
            throw new AssertionError(selector + " is covered by something else: " + box);
        }
        for (String type : List.of("mousePressed", "mouseReleased")) {
            send(
                    "Input.dispatchMouseEvent",
                    Map.of(
                            "type",
                            type,
                            "x",
                            box.get("x").doubleValue(),
                            "y",
                            box.get("y").doubleValue(),
                            "button",
                            "left",
                            "clickCount",
                            1));
        }
    }

    void type(String text) {
        send("Input.insertText", Map.of("text", text));
    }

    /** Presses and releases a key, such as {@code Enter}. */
    void press(String key) {
        press(key, 0);
    }

    void pressWithShift(String key) {
        press(key, 8);
    }

    private void press(String key, int modifiers) {
        int code = switch (key) {
            case "Enter" -> 13;
            case "Escape" -> 27;
            case "Tab" -> 9;
            case " " -> 32;
            default -> throw new IllegalArgumentException(key);
        };
        String text = switch (key) {
            case "Enter" -> "\r";
            case " " -> " ";
            default -> "";
        };
        for (String type : List.of("keyDown", "keyUp")) {
            send(
                    "Input.dispatchKeyEvent",
                    Map.of(
                            "type", type,
                            "key", key,
                            "code", key.equals(" ") ? "Space" : key,
                            "windowsVirtualKeyCode", code,
                            "modifiers", modifiers,
                            "text", type.equals("keyDown") ? text : ""));
        }
    }

    /** Returns exceptions of scripts, and what the browser reports as errors, such as violations of the policy. */
    List<String> complaints() {
        return complaints;
    }

    /** Returns the addresses of all requests. */
    List<String> requests() {
        return requests;
    }

    @Override
    public void close() {
        send("Page.close", Map.of());
        socket.abort();
    }
}
