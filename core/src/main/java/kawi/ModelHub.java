package kawi;

import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A Hugging Face hub and the local cache of its files, which is shared with the Python client.
 * {@link Model#load(String)} downloads what is missing by itself; use this interface to download a model in advance, or
 * to list the models in the cache and remove them.
 *
 * {@snippet :
 *    ModelHub hub = ModelHub.fromEnvironment();
 *    Path path = hub.fetch("hf:Qwen/Qwen3.5-0.8B", step -> {}).path();
 *    hub.list().forEach(model -> System.out.println(model.reference()));
 * }
 *
 * <p>Instances are immutable and safe for use by multiple threads. No connection is made before {@link #fetch}.
 */
public interface ModelHub {

    /**
     * The hub and the cache that the environment variables of this process select.
     *
     * @throws ModelFileException if a variable has an invalid value
     */
    static ModelHub fromEnvironment() {
        return fromEnvironment(System.getenv());
    }

    /**
     * The hub and the cache that the given environment variables select: {@code HF_ENDPOINT}, {@code HF_HUB_CACHE},
     * {@code HF_HOME}, {@code HF_TOKEN} and {@code HF_HUB_OFFLINE}, with the meaning they have for the Python client.
     * So have {@code http_proxy}, {@code https_proxy}, {@code all_proxy} and {@code no_proxy}, in lower case or
     * capitals, if the system properties of the JVM select no proxy; and {@code REQUESTS_CA_BUNDLE},
     * {@code CURL_CA_BUNDLE} and {@code SSL_CERT_FILE}, if {@code javax.net.ssl.trustStore} is not set.
     *
     * @throws ModelFileException if a variable has an invalid value
     */
    static ModelHub fromEnvironment(Map<String, String> variables) {
        return Engine.provider().hub(variables);
    }

    /** Whether {@code model} refers to a hub, that is, begins with {@code hf:}, rather than being a path. */
    static boolean isReference(String model) {
        return model.startsWith("hf:");
    }

    /** Returns a hub with another folder for its cache. */
    ModelHub cache(Path folder);

    /** Returns a hub that, if {@code offline} is true, uses only the cache; otherwise the environment decides. */
    ModelHub offline(boolean offline);

    /** The address of the hub, without a trailing slash. */
    URI endpoint();

    /** The folder of the cache; it may not exist yet. */
    Path cache();

    /** Whether only the cache is used. */
    boolean isOffline();

    /**
     * Downloads the files of a model that are not in the cache. An interrupted download is resumed by the next call.
     *
     * @param reference a reference as described in {@link Model#loader(String)}
     * @param progress is notified of the bytes downloaded, on the calling thread
     * @throws IllegalArgumentException if {@code reference} is malformed
     * @throws ModelFileException if the model does not exist or cannot be downloaded
     * @throws java.util.concurrent.CancellationException if the thread is interrupted
     */
    LocalModel fetch(String reference, Progress progress);

    /**
     * The complete models in the cache, ordered by repository.
     *
     * @throws ModelFileException if the cache cannot be read
     */
    List<CachedModel> list();

    /**
     * The downloads in the cache that are not complete, those of other programs included. {@link #fetch} completes
     * them.
     *
     * @throws ModelFileException if the cache cannot be read
     */
    List<PartialDownload> partialDownloads();

    /**
     * The space that models take in the cache, in bytes. Files that several revisions share count once.
     *
     * @throws ModelFileException if the cache cannot be read
     */
    long cachedBytes();

    /**
     * Removes a model from the cache: for {@code hf:OWNER/REPOSITORY}, all its revisions and incomplete downloads; with
     * {@code @REVISION}, that revision, and other names of the same commit; with a file or a quantization, that file.
     * Files that another revision shares are kept for it.
     *
     * @throws IllegalArgumentException if {@code reference} is malformed
     * @throws ModelFileException if the cache does not have the model, or it is being downloaded
     */
    Removal remove(String reference);

    /**
     * The proxy through which the hub is reached, as an address without credentials.
     *
     * @throws ModelFileException if a proxy is selected that is not supported
     */
    Optional<String> proxy();

    /**
     * A model that has been fetched.
     *
     * @param path the GGUF file, the first one of a model in several, or the Hugging Face folder
     * @param repository the repository it belongs to: {@code OWNER/NAME}
     * @param commit the commit of the repository, in hexadecimal
     * @param files the paths of the model's files in the repository
     * @param downloadedBytes the number of bytes that were downloaded; 0 if all files were in the cache
     */
    record LocalModel(Path path, String repository, String commit, List<String> files, long downloadedBytes) {

        /** Creates a value with an unmodifiable copy of {@code files}. */
        public LocalModel {
            files = List.copyOf(files);
        }
    }

    /**
     * A model in the cache.
     *
     * @param reference a reference with which the model can be loaded, also offline
     * @param bytes the size of its files, in bytes
     * @param modified when the last of its files was downloaded
     * @param path the GGUF file, the first one of a model in several, or the Hugging Face folder
     */
    record CachedModel(String reference, long bytes, Instant modified, Path path) {}

    /**
     * A download that is not complete.
     *
     * @param reference the repository, as {@code hf:OWNER/REPOSITORY}
     * @param bytes the space that it takes, in bytes
     * @param modified when data was last added to it
     * @param path the file
     */
    record PartialDownload(String reference, long bytes, Instant modified, Path path) {}

    /**
     * What {@link #remove} has removed.
     *
     * @param files the number of files, incomplete downloads included
     * @param bytes the space that this has freed, in bytes
     */
    record Removal(int files, long bytes) {}
}
