package kawi.hub;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import kawi.ModelFileException;
import org.jspecify.annotations.Nullable;

/**
 * Removes a model from the cache. What is removed depends on the reference:
 *
 * <pre>
 *    hf:OWNER/NAME             the repository: all revisions, and downloads that are not complete
 *    hf:OWNER/NAME@REVISION    this revision, and other names of the same commit
 *    hf:OWNER/NAME/FILE.gguf   the file in all revisions, or in one if it is given; the same with a quantization
 * </pre>
 *
 * A blob is removed once no snapshot links to it. Nothing is removed while one of the blobs is being downloaded.
 */
final class CacheRemoval {

    private final HubCache cache;
    private final HubReference reference;
    private final Path repository;
    private final Path blobs;
    private int files;
    private long bytes;

    private CacheRemoval(HubCache cache, HubReference reference) {
        this.cache = cache;
        this.reference = reference;
        this.repository = cache.repository(reference);
        this.blobs = repository.resolve("blobs");
    }

    /**
     * Removes a model.
     *
     * @throws ModelFileException if it is not in the cache, or is being downloaded
     */
    static CachedModels.Removed of(HubEnvironment environment, HubReference reference) {
        HubCache cache = new HubCache(environment.cache(), (link, target) -> {});
        try {
            return new CacheRemoval(cache, reference).run();
        } catch (IOException e) {
            throw new ModelFileException(
                    "%s cannot be removed from the cache %s: %s".formatted(reference, cache.root(), e.getMessage()), e);
        }
    }

    private CachedModels.Removed run() throws IOException {
        boolean whole = reference.file() == null && reference.quantization() == null;
        List<Path> chosen = new ArrayList<>();
        List<String> commits = new ArrayList<>();
        for (String commit : cache.snapshots(repository).keySet()) {
            if (reference.revision() == null || commit.equals(cache.commit(reference))) {
                commits.add(commit);
                chosen.addAll(chosen(cache.snapshot(reference, commit), whole));
            }
        }
        Set<Path> unused = new HashSet<>();
        boolean everything = whole && reference.revision() == null;
        if (everything) {
            unused.addAll(contents(blobs));
        }
        if (chosen.isEmpty() && unused.isEmpty() && !(whole && !commits.isEmpty())) {
            throw new ModelFileException("%s is not in the cache %s".formatted(reference, cache.root()));
        }
        for (Path file : chosen) {
            Path blob = blob(file);
            if (blob != null) {
                unused.add(blob);
            }
        }
        Set<Path> removed = new HashSet<>(chosen);
        for (Path file : contents(repository.resolve("snapshots"))) {
            Path blob = removed.contains(file) ? null : blob(file);
            if (blob != null) {
                unused.remove(blob);
            }
        }
        List<BlobLock> locks = new ArrayList<>();
        try {
            for (Path blob : unused) {
                lock(blob, locks);
            }
            for (Path file : chosen) {
                delete(file, !Files.isSymbolicLink(file));
            }
            cache.forgetEmpty(repository);
            for (Path blob : unused) {
                boolean incomplete = isIncomplete(blob);
                delete(blob, true);
                files -= incomplete ? 0 : 1; // the link was counted
            }
        } finally {
            for (BlobLock lock : locks) {
                lock.close();
            }
        }
        deleteEmptyFolders();
        return new CachedModels.Removed(Math.max(0, files), bytes);
    }

    /** The files of a snapshot that the reference means. */
    private List<Path> chosen(Path snapshot, boolean whole) throws IOException {
        if (whole) {
            return contents(snapshot);
        }
        try {
            List<String> names =
                    ModelSelection.of(reference, cache.files(snapshot)).files();
            return names.stream().map(snapshot::resolve).toList();
        } catch (ModelFileException e) {
            return List.of(); // not in this revision
        }
    }

    /** The blob that a file of a snapshot links to, or null. */
    private @Nullable Path blob(Path file) throws IOException {
        if (!Files.isSymbolicLink(file)) {
            return null;
        }
        Path target = file.resolveSibling(Files.readSymbolicLink(file)).normalize();
        boolean inside = blobs.normalize().equals(target.getParent());
        return inside && Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS) ? target : null;
    }

    private void lock(Path blob, List<BlobLock> locks) throws IOException {
        String etag = blob.getFileName().toString().replaceFirst("\\..*", "");
        Path file = cache.lock(reference, etag);
        if (Files.exists(file)) {
            BlobLock lock = BlobLock.tryTake(file);
            if (lock == null) {
                throw new ModelFileException("%s is being downloaded by another process or thread; remove it after that"
                        .formatted(reference));
            }
            locks.add(lock);
        }
    }

    static boolean isIncomplete(Path blob) {
        return blob.getFileName().toString().endsWith(".incomplete");
    }

    private void delete(Path file, boolean counted) throws IOException {
        long size = counted ? Files.size(file) : 0;
        if (Files.deleteIfExists(file)) {
            files++;
            bytes += size;
        }
    }

    /** Files and links below a folder. */
    private static List<Path> contents(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> paths = Files.walk(folder)) {
            return paths.filter(path -> !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
                    .sorted()
                    .toList();
        }
    }

    /** Removes folders without files, the repository itself included. */
    private void deleteEmptyFolders() throws IOException {
        List<Path> folders;
        try (Stream<Path> paths = Files.walk(repository)) {
            folders = paths.filter(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
                    .sorted(Comparator.reverseOrder())
                    .toList();
        }
        for (Path folder : folders) {
            try {
                Files.delete(folder);
            } catch (DirectoryNotEmptyException e) {
                // It is still used.
            }
        }
    }
}
