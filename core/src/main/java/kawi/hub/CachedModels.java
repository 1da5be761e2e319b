package kawi.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kawi.ModelFileException;

/** The models in the cache, including those that other programs downloaded. */
public final class CachedModels {

    private CachedModels() {}

    /**
     * A model in the cache.
     *
     * @param reference the reference that loads it, also offline
     * @param bytes the size of all its files
     * @param path its GGUF file, the first one if it is in several, or its folder
     */
    public record CachedModel(String reference, long bytes, Path path) {}

    /**
     * All models, by repository.
     *
     * @throws ModelFileException if the cache cannot be read
     */
    public static List<CachedModel> in(HubEnvironment environment) {
        HubCache cache = new HubCache(environment.cache(), (link, target) -> {});
        List<CachedModel> models = new ArrayList<>();
        try {
            for (Path repository : cache.repositories()) {
                String[] parts = repository.getFileName().toString().split("--", -1);
                if (parts.length == 3) {
                    for (Map.Entry<String, List<String>> snapshot :
                            cache.snapshots(repository).entrySet()) {
                        collect(
                                cache,
                                repository,
                                "hf:" + parts[1] + "/" + parts[2],
                                snapshot.getKey(),
                                snapshot.getValue(),
                                models);
                    }
                }
            }
        } catch (IOException e) {
            throw new ModelFileException(
                    "the cache %s cannot be read: %s".formatted(environment.cache(), e.getMessage()), e);
        }
        return List.copyOf(models);
    }

    private static void collect(
            HubCache cache,
            Path repository,
            String reference,
            String commit,
            List<String> revisions,
            List<CachedModel> models)
            throws IOException {
        Path snapshot = repository.resolve("snapshots").resolve(commit);
        List<String> names = cache.files(snapshot);
        String revision = revisions.contains("main") ? "" : "@" + (revisions.isEmpty() ? commit : revisions.getFirst());
        List<String> folder = ModelSelection.folder(names);
        if (!folder.isEmpty() && Shards.areComplete(snapshot, names)) {
            models.add(new CachedModel(reference + revision, bytes(snapshot, folder), snapshot));
        }
        List<String> files = names.stream().filter(ModelSelection::isModel).toList();
        for (String name : ModelSelection.firstParts(files)) {
            List<String> parts = ModelSelection.partsOf(name);
            if (names.containsAll(parts)) {
                models.add(new CachedModel(
                        "%s/%s%s".formatted(reference, name, revision),
                        bytes(snapshot, parts),
                        snapshot.resolve(name)));
            }
        }
    }

    private static long bytes(Path snapshot, List<String> names) throws IOException {
        long sum = 0;
        for (String name : names) {
            sum += Files.size(snapshot.resolve(name));
        }
        return sum;
    }
}
