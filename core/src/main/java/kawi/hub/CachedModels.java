package kawi.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
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
     * @param modified when the last of its files was downloaded
     * @param path its GGUF file, the first one if it is in several, or its folder
     */
    public record CachedModel(String reference, long bytes, Instant modified, Path path) {}

    /**
     * A download that is not complete.
     *
     * @param reference of its repository
     * @param bytes the space that it takes
     */
    public record PartialDownload(String reference, long bytes, Instant modified, Path path) {}

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
            throw unreadable(environment, e);
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
            models.add(model(reference + revision, snapshot, folder, snapshot));
        }
        List<String> files = names.stream().filter(ModelSelection::isModel).toList();
        for (String name : ModelSelection.firstParts(files)) {
            List<String> parts = ModelSelection.partsOf(name);
            if (names.containsAll(parts)) {
                models.add(
                        model("%s/%s%s".formatted(reference, name, revision), snapshot, parts, snapshot.resolve(name)));
            }
        }
    }

    private static CachedModel model(String reference, Path snapshot, List<String> names, Path path)
            throws IOException {
        long bytes = 0;
        Instant modified = Instant.EPOCH;
        for (String name : names) {
            Path file = snapshot.resolve(name);
            bytes += Files.size(file);
            Instant time = Files.getLastModifiedTime(file).toInstant();
            modified = time.isAfter(modified) ? time : modified;
        }
        return new CachedModel(reference, bytes, modified, path);
    }

    /**
     * The downloads that were begun and are not complete, those of other programs included.
     *
     * @throws ModelFileException if the cache cannot be read
     */
    public static List<PartialDownload> partialIn(HubEnvironment environment) {
        HubCache cache = new HubCache(environment.cache(), (link, target) -> {});
        List<PartialDownload> partial = new ArrayList<>();
        try {
            for (Path repository : cache.repositories()) {
                String[] parts = repository.getFileName().toString().split("--", -1);
                for (Path file : parts.length == 3 ? cache.occupying(repository) : List.<Path>of()) {
                    if (CacheRemoval.isIncomplete(file)) {
                        partial.add(new PartialDownload(
                                "hf:" + parts[1] + "/" + parts[2],
                                Files.size(file),
                                Files.getLastModifiedTime(file).toInstant(),
                                file));
                    }
                }
            }
        } catch (IOException e) {
            throw unreadable(environment, e);
        }
        return List.copyOf(partial);
    }

    /**
     * The space that all models take, in bytes. Blobs that several revisions share count once.
     *
     * @throws ModelFileException if the cache cannot be read
     */
    public static long bytes(HubEnvironment environment) {
        HubCache cache = new HubCache(environment.cache(), (link, target) -> {});
        long bytes = 0;
        try {
            for (Path repository : cache.repositories()) {
                for (Path file : cache.occupying(repository)) {
                    bytes += Files.size(file);
                }
            }
        } catch (IOException e) {
            throw unreadable(environment, e);
        }
        return bytes;
    }

    private static ModelFileException unreadable(HubEnvironment environment, IOException e) {
        return new ModelFileException(
                "the cache %s cannot be read: %s".formatted(environment.cache(), e.getMessage()), e);
    }

    /**
     * What was removed.
     *
     * @param files the number of files, incomplete downloads included
     * @param bytes the space that is free now
     */
    public record Removed(int files, long bytes) {}

    /**
     * Removes a model; {@link CacheRemoval} explains what belongs to it.
     *
     * @throws ModelFileException if it is not in the cache, or is being downloaded
     */
    public static Removed remove(HubEnvironment environment, HubReference reference) {
        return CacheRemoval.of(environment, reference);
    }
}
