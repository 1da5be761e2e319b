package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import kawi.CacheStats;
import kawi.Chat;
import kawi.GenerationStats;
import kawi.Model;
import kawi.ModelLoader;
import kawi.Reply;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Flight Recorder hears is what the statistics say. */
class FlightTest {

    private static final String FOX = "Tell me a story about a fox who lost a kite.";

    @TempDir
    Path folder;

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(FlightTest.class.getResourceAsStream("/kawi/" + name), name)) {
            return in.readAllBytes();
        }
    }

    private List<RecordedEvent> events(Consumer<Model> work, ModelLoader loader) throws IOException {
        Path file = folder.resolve("kawi.jfr");
        try (Recording recording = new Recording()) {
            recording.setDestination(file);
            recording.start();
            try (Model model = loader.load()) {
                work.accept(model);
            }
            recording.stop();
        }
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().startsWith("kawi."))
                .toList();
    }

    private static List<RecordedEvent> named(List<RecordedEvent> events, String name) {
        return events.stream()
                .filter(event -> event.getEventType().getName().equals("kawi." + name))
                .toList();
    }

    private static ModelLoader loader() throws IOException {
        return Model.loader(resource("demo/demo-q8_0.gguf"), "demo-q8_0.gguf")
                .chatTemplate(new String(resource("thinking-and-tools.jinja"), StandardCharsets.UTF_8));
    }

    @Test
    void anAnswerIsLoadingPrefillAndDecode() throws IOException {
        Reply[] reply = new Reply[1];
        List<RecordedEvent> events = events(
                model -> reply[0] =
                        model.prompt(FOX).temperature(0).maxTokens(20).generate(),
                loader().threads(2).kernels("scalar"));

        RecordedEvent load = named(events, "Load").getFirst();
        assertEquals("demo-q8_0.gguf", load.getString("model"));
        assertEquals("scalar", load.getString("kernels"));
        assertEquals(Math.min(2, Runtime.getRuntime().availableProcessors()), load.getInt("threads"));
        assertTrue(load.getLong("weights") > 2_000_000, load::toString);
        assertTrue(load.getDuration().isPositive());

        GenerationStats stats = reply[0].stats();
        RecordedEvent prefill = named(events, "Prefill").getFirst();
        assertEquals(stats.promptTokens(), prefill.getInt("promptTokens"));
        assertEquals(stats.prefilledTokens(), prefill.getInt("prefilledTokens"));
        assertEquals(0, prefill.getInt("reusedTokens"));
        assertFalse(prefill.getBoolean("readAhead"));

        RecordedEvent decode = named(events, "Decode").getFirst();
        assertEquals(20, decode.getInt("generatedTokens"));
        assertEquals(19, decode.getInt("steps") + decode.getInt("acceptedTokens"));
        assertTrue(decode.getInt("guessedTokens") >= decode.getInt("acceptedTokens"));
        assertEquals(0, decode.getInt("thinkingTokens"));
        assertEquals("MAX_TOKENS", decode.getString("finishReason"));
        assertEquals(stats.tokensPerSecond(), decode.getDouble("tokensPerSecond"));
        assertTrue(decode.getDuration().compareTo(stats.decode()) >= 0, decode::toString);
        assertEquals(List.of("Kawi"), decode.getEventType().getCategoryNames());
    }

    @Test
    void eachImageThatIsEncodedIsAnEvent() throws IOException {
        List<RecordedEvent> events = events(
                model -> {
                    for (int i = 0; i < 2; i++) {
                        model.prompt("?")
                                .image(VisionModel.picture(1, 3, 2))
                                .image(VisionModel.picture(2, 1, 1))
                                .maxTokens(1)
                                .generate();
                    }
                },
                VisionModel.in(folder).loader());
        List<RecordedEvent> encoded = named(events, "Encode");
        assertEquals(2, encoded.size());
        assertEquals("tiny.gguf", encoded.getFirst().getString("model"));
        assertEquals(96, encoded.getFirst().getInt("width"));
        assertEquals(64, encoded.getFirst().getInt("height"));
        assertEquals(6, encoded.getFirst().getInt("tokens"));
        assertTrue(encoded.getFirst().getDuration().isPositive());
    }

    @Test
    void aConversationKeepsAndFindsStates() throws IOException {
        Reply[] second = new Reply[1];
        CacheStats[] kept = new CacheStats[2];
        List<RecordedEvent> events = events(
                model -> {
                    try (Chat chat = model.chat()
                            .system("You are terse.")
                            .temperature(0)
                            .maxTokens(10)
                            .open()) {
                        chat.send(FOX);
                        second[0] = chat.send("What is the name of the fox?");
                        chat.rewind(0);
                        kept[0] = chat.snapshots();
                        kept[1] = model.prefixCache();
                    }
                },
                loader());

        List<RecordedEvent> prefills = named(events, "Prefill").stream()
                .filter(event -> !event.getBoolean("readAhead"))
                .toList();
        assertEquals(second[0].stats().prefilledTokens(), prefills.get(1).getInt("prefilledTokens"));
        assertEquals(second[0].stats().reusedTokens(), prefills.get(1).getInt("reusedTokens"));
        assertTrue(named(events, "Prefill").size() > prefills.size(), "an answer is read ahead");

        List<RecordedEvent> snapshots = named(events, "Snapshot");
        assertEquals(kept[0].entries(), count(snapshots, "chat"));
        assertEquals(kept[1].entries(), count(snapshots, "prefixCache"));
        assertEquals(
                kept[0].bytes(),
                snapshots.stream()
                        .filter(event -> event.getString("store").equals("chat"))
                        .mapToLong(event -> event.getLong("bytes"))
                        .sum());

        List<RecordedEvent> cache = named(events, "Cache");
        assertEquals(kept[0].hits() + kept[1].hits(), outcomes(cache, "HIT"));
        assertEquals(kept[0].misses() + kept[1].misses(), outcomes(cache, "MISS"));
        assertEquals(0, outcomes(cache, "EVICTION"));
    }

    @Test
    void whatIsGivenUpIsSeen() throws IOException {
        CacheStats[] stats = new CacheStats[1];
        List<RecordedEvent> events = events(
                model -> {
                    try (Chat chat = model.chat().maxTokens(4).snapshotBytes(1).open()) {
                        chat.send(FOX);
                        chat.send("And then?");
                        chat.rewind(0);
                        stats[0] = chat.snapshots();
                    }
                },
                loader());
        List<RecordedEvent> evictions = named(events, "Cache").stream()
                .filter(event -> event.getString("outcome").equals("EVICTION"))
                .toList();
        assertTrue(stats[0].evictions() > 0);
        assertEquals(stats[0].evictions(), evictions.size());
        for (RecordedEvent eviction : evictions) {
            assertEquals("chat", eviction.getString("store"));
            assertTrue(eviction.getInt("tokens") > 0);
            assertEquals(0, eviction.getInt("entries"));
            assertEquals(1, eviction.getLong("budget"));
        }
    }

    private static long count(List<RecordedEvent> events, String store) {
        return events.stream()
                .filter(event -> event.getString("store").equals(store))
                .count();
    }

    private static long outcomes(List<RecordedEvent> events, String outcome) {
        return events.stream()
                .filter(event -> event.getString("outcome").equals(outcome))
                .count();
    }
}
