package kawi.hub;

import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.LongConsumer;
import kawi.MemoryPlan;
import kawi.ModelFileException;
import kawi.Progress;
import kawi.files.Excerpt;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Downloads models from a Hugging Face hub into the cache. */
public final class Hub {

    private static final Logger LOG = LoggerFactory.getLogger(Hub.class);

    /** Disk space that is left free for other purposes. */
    private static final long RESERVE = 16L << 20;

    private final HubEnvironment environment;
    private final DownloadPolicy policy;
    private final HubCache cache;
    private final Selector selector;

    /** Selects the files of a repository that a reference stands for. */
    @FunctionalInterface
    private interface Selector {

        /**
         * Selects the files.
         *
         * @param names all files of the repository, or those of them in the cache
         */
        ModelSelection select(HubReference reference, List<String> names);
    }

    /** A hub; no request is made yet. */
    public Hub(HubEnvironment environment) {
        this(environment, DownloadPolicy.USUAL, (link, target) -> Files.createSymbolicLink(link, target));
    }

    Hub(HubEnvironment environment, DownloadPolicy policy, HubCache.Linker linker) {
        this(environment, policy, new HubCache(environment.cache(), linker), ModelSelection::of);
    }

    private Hub(HubEnvironment environment, DownloadPolicy policy, HubCache cache, Selector selector) {
        this.environment = environment;
        this.policy = policy;
        this.cache = cache;
        this.selector = selector;
    }

    /** The same hub, whose references stand for vision towers: the {@code mmproj} files of GGUF repositories. */
    public Hub ofVision() {
        return new Hub(environment, policy, cache, ModelSelection::vision);
    }

    /**
     * A model on this machine.
     *
     * @param path its GGUF file, or its folder
     * @param commit of the repository
     * @param files all files that belong to it, by their paths in the repository
     * @param downloaded bytes that had to be fetched for it
     */
    public record LocalModel(Path path, String commit, List<String> files, long downloaded) {}

    /**
     * Downloads a model unless it is in the cache.
     *
     * @param progress called with the number of bytes downloaded, on this thread
     * @throws ModelFileException if the model is not available
     * @throws CancellationException if the thread is interrupted; the part that was downloaded is kept
     */
    public LocalModel fetch(HubReference reference, Progress progress) {
        try {
            LocalModel pinned = pinned(reference);
            if (pinned != null) {
                return pinned;
            }
            return environment.offline() ? offline(reference) : online(reference, progress);
        } catch (InterruptedException | ClosedByInterruptException e) {
            Thread.currentThread().interrupt();
            CancellationException cancelled = new CancellationException(
                    "the download of %s was interrupted; the next attempt resumes it".formatted(reference));
            cancelled.initCause(e);
            throw cancelled;
        } catch (InvalidPathException e) {
            throw new ModelFileException(
                    "%s cannot be downloaded: the file name %s is not valid on this system (%s); a UTF-8 locale may allow it"
                            .formatted(reference, Excerpt.of(e.getInput()), e.getReason()),
                    e);
        } catch (IOException e) {
            throw new ModelFileException(
                    "%s cannot be fetched: %s; the cache is %s".formatted(reference, reason(e), cache.root()), e);
        }
    }

    private LocalModel offline(HubReference reference) throws IOException {
        String found;
        try {
            LocalModel local = cached(reference);
            if (local != null) {
                return local;
            }
            found = "%s is not in the cache %s".formatted(reference, cache.root());
        } catch (ModelFileException e) {
            found = "in the cache %s, %s".formatted(cache.root(), e.getMessage());
        }
        throw new ModelFileException(
                "%s, and Kawi is offline; download it once without HF_HUB_OFFLINE and similar settings, for example with: kawi pull %s"
                        .formatted(found, reference));
    }

    /**
     * The model in the cache, or null.
     *
     * @throws ModelFileException if the cache has the repository, but not this model
     */
    private @Nullable LocalModel cached(HubReference reference) throws IOException {
        String commit = cache.commit(reference);
        if (commit == null) {
            return null;
        }
        Path snapshot = cache.snapshot(reference, commit);
        List<String> names = cache.files(snapshot);
        ModelSelection selection = selector.select(reference, names);
        boolean complete = selection.gguf() != null || Shards.areComplete(snapshot, names);
        return complete ? local(snapshot, commit, selection, 0) : null;
    }

    /** The model in the cache, if the reference names a commit and can only mean this model. */
    private @Nullable LocalModel pinned(HubReference reference) throws IOException {
        if (!HubReference.isCommit(reference.revisionOrDefault())) {
            return null;
        }
        try {
            LocalModel found = cached(reference);
            // Which GGUF file is the default depends on files that may be missing in the cache.
            boolean certain = reference.file() != null
                    || reference.quantization() != null
                    || (found != null && Files.isDirectory(found.path()));
            return certain ? found : null;
        } catch (ModelFileException e) {
            return null;
        }
    }

    /** The model in the cache, or null. */
    private @Nullable LocalModel anyCached(HubReference reference) throws IOException {
        try {
            return cached(reference);
        } catch (ModelFileException e) {
            return null;
        }
    }

    private static LocalModel local(Path snapshot, String commit, ModelSelection selection, long downloaded) {
        return new LocalModel(
                selection.gguf() == null ? snapshot : snapshot.resolve(selection.gguf()),
                commit,
                selection.files(),
                downloaded);
    }

    private LocalModel online(HubReference reference, Progress progress) throws IOException, InterruptedException {
        if (environment.withholdsToken()) {
            LOG.warn(
                    "the token for the hub is not sent to {}, because http does not encrypt it; give HF_ENDPOINT an https address",
                    environment.endpoint());
        }
        try (HubHttp http = new HubHttp(environment, policy)) {
            HubApi api = new HubApi(http, policy, reference);
            Plan plan;
            try {
                plan = plan(api, reference);
            } catch (ClosedByInterruptException e) {
                throw e;
            } catch (IOException e) {
                LocalModel found = anyCached(reference);
                if (found == null) {
                    throw new ModelFileException(
                            "%s cannot be fetched: %s cannot be reached%s (%s), and the cache %s does not have it"
                                    .formatted(reference, environment.endpoint(), way(), reason(e), cache.root()),
                            e);
                }
                LOG.warn(
                        "{} cannot be reached{} ({}); using the copy of {} in the cache",
                        environment.endpoint(),
                        way(),
                        reason(e),
                        reference);
                return found;
            }
            long downloaded = download(http, api, reference, plan, progress);
            try {
                cache.remember(reference, plan.commit);
            } catch (FileSystemException e) {
                LOG.warn(
                        "{} cannot be recorded in the cache, so it will not be found offline: {}",
                        reference,
                        reason(e));
            }
            return local(cache.snapshot(reference, plan.commit), plan.commit, plan.selection, downloaded);
        }
    }

    /** The files to download and their commit. */
    private record Plan(String commit, ModelSelection selection, List<RemoteFile> files) {}

    private Plan plan(HubApi api, HubReference reference) throws IOException, InterruptedException {
        if (reference.file() != null) {
            HubApi.Found found = api.file(reference.revisionOrDefault(), reference.file());
            List<String> paths = ModelSelection.partsOf(reference.file());
            List<RemoteFile> files = new ArrayList<>();
            for (String path : paths) {
                files.add(
                        path.equals(reference.file())
                                ? found.file()
                                : api.file(found.commit(), path).file());
            }
            return new Plan(found.commit(), selector.select(reference, paths), files);
        }
        HubApi.Listing listing = api.listing();
        Map<String, @Nullable RemoteFile> known = listing.files();
        ModelSelection selection = selector.select(reference, List.copyOf(known.keySet()));
        List<RemoteFile> files = new ArrayList<>();
        for (String path : selection.files()) {
            RemoteFile file = known.get(RepositoryPath.check(path, "the hub"));
            files.add(file == null ? api.file(listing.commit(), path).file() : file);
        }
        return new Plan(listing.commit(), selection, files);
    }

    /** Downloads the missing files and returns the number of bytes downloaded. */
    private long download(HubHttp http, HubApi api, HubReference reference, Plan plan, Progress progress)
            throws IOException, InterruptedException {
        List<RemoteFile> missing = new ArrayList<>();
        for (RemoteFile file : plan.files) {
            if (!cache.has(reference, plan.commit, file)) {
                missing.add(file);
            }
        }
        if (missing.isEmpty()) {
            return 0;
        }
        Files.createDirectories(cache.root());
        long total = missing.stream().mapToLong(RemoteFile::size).sum();
        String subject =
                plan.selection.gguf() == null ? reference.repository() : RepositoryPath.name(plan.selection.gguf());
        long before = 0;
        long downloaded = 0;
        for (RemoteFile file : missing) {
            long offset = before;
            downloaded += blob(
                    http,
                    api,
                    reference,
                    plan.commit,
                    file,
                    total - offset,
                    done -> progress.update(new Progress.Step(Progress.Stage.DOWNLOAD, subject, offset + done, total)));
            cache.link(reference, plan.commit, file);
            before += file.size();
        }
        progress.update(new Progress.Step(Progress.Stage.DOWNLOAD, subject, total, total));
        LOG.info("fetched {}, {}, at commit {}", reference, MemoryPlan.bytes(downloaded), plan.commit);
        return downloaded;
    }

    /** Downloads a blob unless it is present, and returns the number of bytes downloaded. */
    private long blob(
            HubHttp http,
            HubApi api,
            HubReference reference,
            String commit,
            RemoteFile file,
            long needed,
            LongConsumer progress)
            throws IOException, InterruptedException {
        Path blob = cache.blob(reference, file);
        Files.createDirectories(blob.getParent());
        try (BlobLock _ = BlobLock.take(cache.lock(reference, file), file.path())) {
            if (Files.isRegularFile(blob) && Files.size(blob) == file.size()) {
                return 0;
            }
            boolean begun = Files.exists(PartFile.of(blob));
            if (!begun) {
                checkSpace(reference, needed);
            }
            try (PartFile content = PartFile.open(blob, file.size(), policy.partBytes())) {
                long there = content.done();
                if (begun) {
                    checkSpace(reference, needed - there);
                }
                for (int attempt = 1; ; attempt++) {
                    BlobDigest digest = new BlobDigest(file, content);
                    Download download =
                            new Download(http, policy, reference, file, api.location(commit, file.path()), content);
                    try {
                        download.run(digest, done -> progress.accept(Math.min(done, file.size() - 1)));
                    } catch (ClosedByInterruptException e) {
                        throw e;
                    } catch (IOException e) {
                        throw new ModelFileException(
                                "%s: the download of %s%s stopped at %s of %s: %s; the next attempt resumes there"
                                        .formatted(
                                                reference,
                                                file.path(),
                                                way(),
                                                MemoryPlan.bytes(content.done()),
                                                MemoryPlan.bytes(file.size()),
                                                reason(e)),
                                e);
                    }
                    String found = digest.found(file.size());
                    if (found == null) {
                        LOG.warn(
                                "the content of {} was not verified: {} names it \"{}\", which is no hash",
                                file.path(),
                                environment.endpoint(),
                                file.etag());
                    }
                    if (found == null || found.equals(digest.expected())) {
                        break;
                    }
                    content.restart();
                    there = 0;
                    if (attempt == 2) {
                        throw new ModelFileException(
                                "%s: %s was downloaded twice with the wrong content: its hash is %s, but %s was expected; the content was discarded"
                                        .formatted(reference, file.path(), found, digest.expected()));
                    }
                    LOG.warn("{} was downloaded with the wrong content; downloading it again", file.path());
                }
                content.finish(blob);
                return file.size() - there;
            }
        }
    }

    private void checkSpace(HubReference reference, long needed) throws IOException {
        long free = Files.getFileStore(cache.root()).getUsableSpace();
        if (needed > 0 && needed > free - RESERVE) {
            throw new ModelFileException(
                    "%s needs %s more in %s, but the disk has %s free; free some space, or set HF_HUB_CACHE to another folder"
                            .formatted(reference, MemoryPlan.bytes(needed), cache.root(), MemoryPlan.bytes(free)));
        }
    }

    /** The proxy of the hub, for messages. */
    private String way() {
        return environment.network().way(environment.endpoint());
    }

    private String reason(IOException e) {
        String rejection = environment.network().certificates().rejection(e);
        if (rejection != null) {
            return rejection;
        }
        return switch (e) {
            case HttpConnectTimeoutException timeout -> "connection timed out";
            case HttpTimeoutException timeout -> "response timed out";
            case ConnectException unknown when hasCause(e, UnresolvedAddressException.class) -> "unknown host";
            case ConnectException refused -> "connection refused";
            case IOException tunnel
            when String.valueOf(e.getMessage()).startsWith("Tunnel failed, got: ") ->
                "the proxy answers with status "
                        + String.valueOf(e.getMessage()).replaceAll("\\D", "");
            case AccessDeniedException denied -> "access to %s is denied".formatted(denied.getFile());
            default -> e.getMessage() == null ? e.toString() : e.getMessage();
        };
    }

    private static boolean hasCause(Throwable thrown, Class<? extends Throwable> kind) {
        for (Throwable cause = thrown.getCause(); cause != null; cause = cause.getCause()) {
            if (kind.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }
}
