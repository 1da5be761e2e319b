package kawi.hub;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import kawi.files.SmallFile;
import kawi.files.StagedFile;
import org.jspecify.annotations.Nullable;

/**
 * The folders in which the Python client and Kawi keep downloaded files [1]:
 *
 * <pre>
 *    models--OWNER--NAME/
 *        blobs/ETAG                    the content
 *        refs/REVISION                 the commit of a branch or tag
 *        snapshots/COMMIT/PATH         a relative link to the blob, or the content itself if links are not supported
 *    .locks/models--OWNER--NAME/ETAG.lock
 * </pre>
 *
 * [1] huggingface.co/docs/huggingface_hub/guides/manage-cache
 */
final class HubCache {

    /** Model folders are flat or nearly so. */
    private static final int MAX_DEPTH = 8;

    private static final int MAX_REF_BYTES = 256;

    private final Path root;
    private final Linker linker;

    /** Creates symbolic links, if that is permitted. */
    @FunctionalInterface
    interface Linker {
        void link(Path link, Path target) throws IOException;
    }

    HubCache(Path root, Linker linker) {
        this.root = root;
        this.linker = linker;
    }

    Path root() {
        return root;
    }

    /** The folder of a repository; it may not exist. */
    Path repository(HubReference reference) {
        return root.resolve(folderName(reference));
    }

    private static String folderName(HubReference reference) {
        return "models--%s--%s".formatted(reference.owner(), reference.name());
    }

    Path blob(HubReference reference, RemoteFile file) {
        return repository(reference).resolve("blobs").resolve(file.etag());
    }

    Path lock(HubReference reference, RemoteFile file) {
        return lock(reference, file.etag());
    }

    Path lock(HubReference reference, String etag) {
        return root.resolve(".locks").resolve(folderName(reference)).resolve(etag + ".lock");
    }

    Path snapshot(HubReference reference, String commit) {
        return repository(reference).resolve("snapshots").resolve(commit);
    }

    /** The commit of a revision according to the cache, or null. */
    @Nullable String commit(HubReference reference) throws IOException {
        String revision = reference.revisionOrDefault();
        if (HubReference.isCommit(revision)) {
            return Files.isDirectory(snapshot(reference, revision)) ? revision : null;
        }
        Path ref = repository(reference).resolve("refs").resolve(revision);
        String commit = readRef(ref);
        return commit != null && Files.isDirectory(snapshot(reference, commit)) ? commit : null;
    }

    private static @Nullable String readRef(Path ref) throws IOException {
        if (!Files.isRegularFile(ref) || Files.size(ref) > MAX_REF_BYTES) {
            return null;
        }
        String commit = new String(SmallFile.read(ref, MAX_REF_BYTES), StandardCharsets.UTF_8).strip();
        return HubReference.isCommit(commit) ? commit : null;
    }

    /** Records the commit of a revision, once all requested files are present. */
    void remember(HubReference reference, String commit) throws IOException {
        String revision = reference.revisionOrDefault();
        if (revision.equals(commit)) {
            return;
        }
        Path ref = repository(reference).resolve("refs").resolve(revision);
        if (commit.equals(readRef(ref))) {
            return;
        }
        Files.createDirectories(ref.getParent());
        try (StagedFile staged = StagedFile.create(ref)) {
            staged.write(commit.getBytes(StandardCharsets.UTF_8));
            staged.commit();
        }
    }

    private static Path unique(Path path) {
        return path.resolveSibling(".%s.%016x"
                .formatted(path.getFileName(), ThreadLocalRandom.current().nextLong()));
    }

    /** Whether a snapshot has a file of this size. */
    boolean has(HubReference reference, String commit, RemoteFile file) throws IOException {
        Path path = snapshot(reference, commit).resolve(file.path());
        return Files.isRegularFile(path) && Files.size(path) == file.size();
    }

    /** Adds an existing blob to a snapshot. */
    void link(HubReference reference, String commit, RemoteFile file) throws IOException {
        Path blob = blob(reference, file);
        Path path = snapshot(reference, commit).resolve(file.path());
        Path folder = Objects.requireNonNull(path.getParent(), "inside the snapshot");
        Files.createDirectories(folder);
        Path staged = unique(path);
        try {
            try {
                linker.link(staged, folder.relativize(blob));
            } catch (UnsupportedOperationException | FileSystemException e) {
                // Windows allows symbolic links to administrators and developers only. A copy uses more space, but is
                // safe even if other snapshots link to the blob.
                Files.deleteIfExists(staged);
                Files.copy(blob, staged);
                try (FileChannel copy = FileChannel.open(staged, StandardOpenOption.WRITE)) {
                    copy.force(true);
                }
            }
            StagedFile.moveInto(staged, path);
        } finally {
            Files.deleteIfExists(staged);
        }
    }

    /** Paths of all files of a snapshot, with {@code /} between folders. */
    List<String> files(Path snapshot) throws IOException {
        return walk(snapshot, MAX_DEPTH).stream()
                .filter(Files::isRegularFile) // this excludes dangling links
                .map(path -> relative(snapshot, path))
                .toList();
    }

    /** The snapshots of a repository by commit, each with the revisions of that commit. */
    Map<String, List<String>> snapshots(Path repository) throws IOException {
        Map<String, List<String>> snapshots = new TreeMap<>();
        for (Path snapshot : folders(repository.resolve("snapshots"))) {
            String commit = snapshot.getFileName().toString();
            if (HubReference.isCommit(commit)) {
                snapshots.put(commit, revisions(repository.resolve("refs"), commit));
            }
        }
        return snapshots;
    }

    /** Removes the names of commits that have no files. */
    void forgetEmpty(Path repository) throws IOException {
        for (Path ref : walk(repository.resolve("refs"), MAX_DEPTH)) {
            String commit = readRef(ref);
            if (commit != null
                    && files(repository.resolve("snapshots").resolve(commit)).isEmpty()) {
                Files.delete(ref);
            }
        }
    }

    /** Files of a repository that take space: blobs, and files of snapshots that are no links. */
    List<Path> occupying(Path repository) throws IOException {
        return Stream.concat(
                        walk(repository.resolve("blobs"), 1).stream(),
                        walk(repository.resolve("snapshots"), MAX_DEPTH + 1).stream())
                .filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
                .toList();
    }

    private static List<String> revisions(Path refs, String commit) throws IOException {
        List<String> revisions = new ArrayList<>();
        for (Path ref : walk(refs, MAX_DEPTH)) {
            if (commit.equals(readRef(ref))) {
                revisions.add(relative(refs, ref));
            }
        }
        return List.copyOf(revisions);
    }

    /** Folders of model repositories. */
    List<Path> repositories() throws IOException {
        return folders(root).stream()
                .filter(path -> path.getFileName().toString().startsWith("models--"))
                .toList();
    }

    private static List<Path> folders(Path parent) throws IOException {
        return walk(parent, 1).stream()
                .filter(path -> Files.isDirectory(path) && !path.equals(parent))
                .toList();
    }

    /** A folder and everything below it, sorted; empty if it does not exist. */
    private static List<Path> walk(Path folder, int depth) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> paths = Files.walk(folder, depth)) {
            return paths.sorted().toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static String relative(Path folder, Path path) {
        return folder.relativize(path).toString().replace('\\', '/');
    }
}
