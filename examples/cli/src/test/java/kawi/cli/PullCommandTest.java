package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code pull}, {@code list} and hub references as models, against a hub on this machine that has the demo model. */
@Timeout(60)
class PullCommandTest {

    private static final String MODEL = "hf:kawi/demo:Q8_0";

    @TempDir
    Path home;

    private final LocalHub hub;
    private final byte[] demo;

    PullCommandTest() throws IOException {
        hub = new LocalHub();
        demo = hub.demo();
    }

    @AfterEach
    void close() {
        hub.close();
    }

    private Map<String, String> environment() {
        return Map.of("HF_ENDPOINT", hub.address(), "HF_HOME", home.toString());
    }

    private Path expected(Path cache) {
        return cache.resolve("models--kawi--demo/snapshots")
                .resolve(LocalHub.COMMIT)
                .resolve("demo-Q8_0.gguf");
    }

    @Test
    void printsThePathAndNothingElse() throws IOException {
        Cli.Outcome outcome = Cli.withEnvironment(environment(), "pull", MODEL);
        assertEquals(expected(home.resolve("hub")) + System.lineSeparator(), outcome.result());
        assertEquals("", outcome.err());
        assertArrayEquals(demo, Files.readAllBytes(expected(home.resolve("hub"))));
    }

    @Test
    void aPersonSeesHowFarItIs() {
        hub.delay(400);
        Cli.Outcome outcome = Cli.watched(environment(), "pull", MODEL);
        assertEquals(expected(home.resolve("hub")) + System.lineSeparator(), outcome.result());
        List<String> lines = Arrays.asList(outcome.err().strip().split("\r\033\\[K", -1));
        assertTrue(
                lines.stream().anyMatch(line -> line.startsWith("demo-Q8_0.gguf") && line.contains("% [#")),
                outcome.err());
        assertTrue(lines.stream().allMatch(line -> line.length() < 80), outcome.err());
        assertTrue(lines.getLast().contains("MiB in "), outcome.err());
    }

    @Test
    void describesInJson() {
        Path cache = home.resolve("elsewhere");
        JsonNode first = Cli.withEnvironment(environment(), "pull", "--json", "--cache", cache, MODEL)
                .json();
        assertEquals(expected(cache).toString(), first.get("path").asString());
        assertEquals(LocalHub.COMMIT, first.get("commit").asString());
        assertEquals("kawi/demo", first.get("repository").asString());
        assertEquals("[\"demo-Q8_0.gguf\"]", first.get("files").toString());
        assertEquals(demo.length, first.get("downloaded_bytes").longValue());
        hub.close();
        JsonNode second = Cli.withEnvironment(environment(), "pull", "--json", "--offline", "--cache", cache, MODEL)
                .json();
        assertEquals(0, second.get("downloaded_bytes").longValue());
    }

    @Test
    void theCacheIsListed() {
        assertEquals(
                "[]",
                Cli.withEnvironment(environment(), "list", "--json").json().toString());
        Cli.Outcome empty = Cli.withEnvironment(environment(), "list");
        assertEquals("", empty.result());
        assertTrue(empty.err().contains("kawi pull"), empty.err());

        Cli.withEnvironment(environment(), "pull", MODEL).result();

        String reference = "hf:kawi/demo/demo-Q8_0.gguf";
        Cli.Outcome list = Cli.withEnvironment(environment(), "list");
        List<String> lines = list.result().lines().toList();
        assertTrue(lines.getFirst().matches("REFERENCE +SIZE  MODIFIED"), list.out());
        assertTrue(
                lines.get(1).matches(reference + " +\\d\\.\\d MiB  20\\d\\d-\\d\\d-\\d\\d \\d\\d:\\d\\d"), list.out());
        assertTrue(list.err().matches("\\d\\.\\d MiB in " + home.resolve("hub") + "\\R"), list.err());
        JsonNode listed =
                Cli.withEnvironment(environment(), "list", "--json").json().get(0);
        assertEquals(reference, listed.get("reference").asString());
        assertEquals(demo.length, listed.get("bytes").longValue());
        assertEquals(
                expected(home.resolve("hub")).toString(), listed.get("path").asString());
        assertEquals(
                listed.get("path").asString(),
                Cli.withEnvironment(environment(), "pull", "--offline", reference)
                        .result()
                        .strip());
    }

    @Test
    void whatIsRemovedIsGone() throws IOException {
        Cli.withEnvironment(environment(), "pull", MODEL).result();
        Cli.Outcome removed = Cli.withEnvironment(environment(), "rm", MODEL);
        assertTrue(removed.result().matches(MODEL + ": 1 file removed, \\d\\.\\d MiB freed\\R"), removed.out());
        assertEquals(
                "[]",
                Cli.withEnvironment(environment(), "list", "--json").json().toString());
        assertTrue(
                Cli.withEnvironment(environment(), "remove", MODEL).complaint(1).contains("is not in the cache"));
        assertTrue(Cli.withEnvironment(environment(), "remove", "kawi/demo")
                .complaint(2)
                .contains("expected hf:"));

        Cli.withEnvironment(environment(), "pull", MODEL).result();
        JsonNode both = Cli.withEnvironment(environment(), "remove", "--json", "hf:kawi/demo")
                .json();
        assertEquals(demo.length, both.get(0).get("bytes").longValue());

        Path partial = home.resolve("hub/models--kawi--demo/blobs/0123.incomplete");
        Files.createDirectories(partial.getParent());
        Files.write(partial, new byte[2048]);
        Cli.Outcome list = Cli.withEnvironment(environment(), "ls");
        assertTrue(list.result().contains("hf:kawi/demo (incomplete download)     2.0 KiB"), list.out());
        Cli.withEnvironment(environment(), "rm", "hf:kawi/demo").result();
        assertFalse(Files.exists(partial));
    }

    @Test
    void theProxyIsNamed() {
        Map<String, String> environment = Map.of(
                "HF_ENDPOINT",
                "http://hub.invalid",
                "HF_HOME",
                home.toString(),
                "http_proxy",
                "http://me:secret@127.0.0.1:" + hub.port());
        hub.delay(400);
        Cli.Outcome outcome = Cli.watched(environment, "pull", MODEL);
        assertEquals(expected(home.resolve("hub")) + System.lineSeparator(), outcome.result());
        String proxy = hub.address();
        assertTrue(outcome.err().contains(", via " + proxy), outcome.err());
        assertTrue(outcome.err().strip().endsWith(" through the proxy " + proxy), outcome.err());
        assertFalse(outcome.err().contains("secret"), outcome.err());
        String doctor = Cli.withEnvironment(environment, "doctor").result();
        assertTrue(doctor.contains("through the proxy " + proxy), doctor);
    }

    @Test
    void everyCommandTakesAReference() {
        JsonNode answer = Cli.withEnvironment(
                        environment(), "run", "-m", MODEL, "--json", "-n", "2", "--seed", "1", "Tell me")
                .json();
        JsonNode same = Cli.run("run", "-m", Cli.DEMO, "--json", "-n", "2", "--seed", "1", "Tell me")
                .json();
        assertEquals(same.get("tokens").toString(), answer.get("tokens").toString());
        assertEquals(
                "qwen35",
                Cli.withEnvironment(environment(), "inspect", "--json", MODEL)
                        .json()
                        .get("architecture")
                        .asString());
        assertEquals(
                Cli.run("tokenize", "-m", Cli.DEMO, "a kite").result(),
                Cli.withEnvironment(environment(), "tokenize", "-m", MODEL, "a kite")
                        .result());
    }

    @Test
    void failuresAreSentencesWithTheirExitCodes() {
        assertTrue(Cli.withEnvironment(environment(), "pull", "kawi/demo")
                .complaint(2)
                .contains("expected hf:OWNER/REPOSITORY"));
        assertTrue(Cli.withEnvironment(environment(), "run", "-m", "hf:demo", "hello")
                .complaint(2)
                .contains("expected hf:OWNER"));
        assertEquals(2, Cli.withEnvironment(environment(), "pull").code());
        assertTrue(Cli.withEnvironment(environment(), "pull", "hf:kawi/none")
                .complaint(1)
                .contains("correct the spelling"));
        assertTrue(Cli.withEnvironment(environment(), "pull", "--offline", MODEL)
                .complaint(1)
                .contains("is not in the cache"));
        assertTrue(Cli.withEnvironment(environment(), "pull", "hf:kawi/demo:Q4_0")
                .complaint(1)
                .contains("it has demo-Q8_0.gguf"));
    }
}
