package kawi.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import kawi.ModelFileException;
import kawi.hub.CachedModels.Removed;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheRemovalTest {

    private static final String FIRST = "1".repeat(40);
    private static final String SECOND = "2".repeat(40);

    @TempDir
    Path cache;

    private Path repository() {
        return cache.resolve("models--owner--model");
    }

    private HubEnvironment environment() {
        return HubEnvironment.of(Map.of("HF_HUB_CACHE", cache.toString()));
    }

    private void file(String commit, String name, String blob, int size) throws IOException {
        Path content = repository().resolve("blobs").resolve(blob);
        Files.createDirectories(content.getParent());
        if (!Files.exists(content)) {
            Files.write(content, new byte[size]);
        }
        Path snapshot = repository().resolve("snapshots").resolve(commit);
        Files.createDirectories(snapshot);
        Files.createSymbolicLink(snapshot.resolve(name), snapshot.relativize(content));
    }

    private void ref(String name, String commit) throws IOException {
        Path ref = repository().resolve("refs").resolve(name);
        Files.createDirectories(ref.getParent());
        Files.writeString(ref, commit);
    }

    /** Two revisions that share a file, and a download that is not complete. */
    private void fill() throws IOException {
        file(FIRST, "m-Q4_0.gguf", "a".repeat(64), 1000);
        file(FIRST, "m-Q8_0.gguf", "b".repeat(64), 2000);
        file(SECOND, "m-Q4_0.gguf", "a".repeat(64), 1000);
        file(SECOND, "m-Q8_0.gguf", "c".repeat(64), 3000);
        ref("v1", FIRST);
        ref("main", SECOND);
        ref("refs/pr/1", SECOND);
        Files.write(repository().resolve("blobs/" + "d".repeat(64) + ".kawi.incomplete"), new byte[500]);
    }

    private Removed remove(String reference) {
        return CachedModels.remove(environment(), HubReference.parse(reference));
    }

    private List<String> references() {
        return CachedModels.in(environment()).stream()
                .map(CachedModels.CachedModel::reference)
                .toList();
    }

    private List<String> blobs() throws IOException {
        try (Stream<Path> files = Files.list(repository().resolve("blobs"))) {
            return files.map(file -> file.getFileName().toString().substring(0, 1))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void aRepositoryIsRemovedWithAllItsRevisions() throws IOException {
        fill();
        assertEquals(6500, CachedModels.bytes(environment()));
        assertEquals(new Removed(5, 6500), remove("hf:owner/model"));
        assertFalse(Files.exists(repository()));
        assertEquals(0, CachedModels.bytes(environment()));
    }

    @Test
    void aRevisionLeavesWhatOthersShare() throws IOException {
        fill();
        assertEquals(new Removed(2, 3000), remove("hf:owner/model@main"));
        assertEquals(List.of("a", "b", "d"), blobs());
        assertEquals(List.of("hf:owner/model/m-Q4_0.gguf@v1", "hf:owner/model/m-Q8_0.gguf@v1"), references());
        assertFalse(Files.exists(repository().resolve("refs/main")));
        assertFalse(Files.exists(repository().resolve("refs/refs/pr/1")));
        assertTrue(Files.exists(repository().resolve("refs/v1")));
        assertEquals(new Removed(2, 3000), remove("hf:owner/model@" + FIRST));
        assertEquals(List.of("d"), blobs());
    }

    @Test
    void aFileIsRemovedFromAllRevisionsOrFromOne() throws IOException {
        fill();
        assertEquals(new Removed(1, 0), remove("hf:owner/model:Q4_0@v1"));
        assertEquals(List.of("a", "b", "c", "d"), blobs());
        assertEquals(new Removed(1, 1000), remove("hf:owner/model/m-Q4_0.gguf"));
        assertEquals(List.of("b", "c", "d"), blobs());
        assertEquals(new Removed(2, 5000), remove("hf:owner/model:Q8_0"));
        assertEquals(List.of("d"), blobs());
        assertEquals(1, CachedModels.partialIn(environment()).size());
        assertEquals(new Removed(1, 500), remove("hf:owner/model"));
        assertFalse(Files.exists(repository()));
    }

    @Test
    void copiesTakeSpaceThemselves() throws IOException {
        Path copy = repository().resolve("snapshots").resolve(FIRST).resolve("m-Q4_0.gguf");
        Files.createDirectories(copy.getParent());
        Files.write(copy, new byte[700]);
        assertEquals(new Removed(1, 700), remove("hf:owner/model"));
    }

    @Test
    void nothingOutsideTheCacheIsTouched() throws IOException {
        Path outside = Files.write(cache.resolve("precious.gguf"), new byte[10]);
        Path link = repository().resolve("snapshots").resolve(FIRST).resolve("m-Q4_0.gguf");
        Files.createDirectories(link.getParent());
        Files.createSymbolicLink(link, outside);
        assertEquals(new Removed(1, 0), remove("hf:owner/model"));
        assertTrue(Files.exists(outside));
    }

    @Test
    void whatIsNotThereIsASentence() throws IOException {
        for (String reference : new String[] {"hf:owner/model", "hf:owner/model@main", "hf:owner/model:Q4_0"}) {
            String complaint = String.valueOf(assertThrows(ModelFileException.class, () -> remove(reference))
                    .getMessage());
            assertEquals("%s is not in the cache %s".formatted(reference, cache), complaint);
        }
        fill();
        assertThrows(ModelFileException.class, () -> remove("hf:owner/model@v9"));
        assertThrows(ModelFileException.class, () -> remove("hf:owner/model:Q5_0"));
        assertEquals(4, references().size());
    }

    @Test
    void aDownloadIsNotDisturbed() throws IOException {
        fill();
        Path lock = cache.resolve(".locks/models--owner--model/" + "d".repeat(64) + ".lock");
        Files.createDirectories(lock.getParent());
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var _ = channel.lock()) {
            String complaint = String.valueOf(assertThrows(ModelFileException.class, () -> remove("hf:owner/model"))
                    .getMessage());
            assertTrue(complaint.contains("is being downloaded"), complaint);
            assertEquals(4, references().size());
            assertEquals(new Removed(2, 3000), remove("hf:owner/model@main"));
        }
        remove("hf:owner/model");
        assertTrue(Files.exists(lock), "two processes could hold a lock whose file was deleted");
    }
}
