package kawi.hub;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import kawi.ModelFileException;
import kawi.files.Excerpt;
import kawi.files.SmallFile;
import org.jspecify.annotations.Nullable;

/**
 * The location of the hub and of the cache, from the environment variables of the Python client: {@code HF_ENDPOINT};
 * {@code HF_HUB_CACHE}, else {@code HF_HOME/hub}, else {@code XDG_CACHE_HOME/huggingface/hub}, else {@code
 * ~/.cache/huggingface/hub}; {@code HF_TOKEN}, else the file {@code HF_TOKEN_PATH} or {@code HF_HOME/token}; {@code
 * HF_HUB_OFFLINE}, else {@code TRANSFORMERS_OFFLINE}. {@link HubNetwork} explains the variables for proxies and
 * certificates.
 *
 * @param endpoint the hub's address, without a slash at its end
 * @param cache the folder that contains a folder for each repository
 * @param token the access token of the user; see {@link #tokenFor}
 * @param offline whether to use the cache only
 * @param network how hosts are reached
 */
public record HubEnvironment(
        URI endpoint, Path cache, @Nullable String token, boolean offline, HubNetwork network) {

    private static final String DEFAULT_ENDPOINT = "https://huggingface.co";
    private static final Set<String> TRUE = Set.of("1", "on", "yes", "true");
    private static final int MAX_TOKEN_LENGTH = 4096;

    /** The environment of this process. */
    public static HubEnvironment ofProcess() {
        return of(System.getenv());
    }

    /**
     * An environment.
     *
     * @throws ModelFileException if the value of a variable is invalid
     */
    public static HubEnvironment of(Map<String, String> variables) {
        Path user = Path.of(System.getProperty("user.home", ""));
        Path caches = folder(variables, "XDG_CACHE_HOME", user.resolve(".cache"), user);
        Path home = folder(variables, "HF_HOME", caches.resolve("huggingface"), user);
        Path legacy = folder(variables, "HUGGINGFACE_HUB_CACHE", home.resolve("hub"), user);
        Path cache = folder(variables, "HF_HUB_CACHE", legacy, user);
        String offline = variables.getOrDefault("HF_HUB_OFFLINE", "");
        if (offline.isEmpty()) {
            offline = variables.getOrDefault("TRANSFORMERS_OFFLINE", "");
        }
        return new HubEnvironment(
                endpoint(variables),
                cache.toAbsolutePath(),
                token(variables, folder(variables, "HF_TOKEN_PATH", home.resolve("token"), user)),
                isTrue(offline),
                HubNetwork.of(variables));
    }

    private static boolean isTrue(String value) {
        return TRUE.contains(value.toLowerCase(Locale.ROOT));
    }

    private static Path folder(Map<String, String> variables, String name, Path otherwise, Path user) {
        String value = variables.getOrDefault(name, "");
        try {
            if (value.equals("~") || value.startsWith("~/")) {
                return user.resolve(value.substring(Math.min(2, value.length())));
            }
            return value.isBlank() ? otherwise : Path.of(value);
        } catch (InvalidPathException e) {
            throw new ModelFileException("%s is \"%s\", which is not a path".formatted(name, Excerpt.of(value)), e);
        }
    }

    private static URI endpoint(Map<String, String> variables) {
        String value = variables.getOrDefault("HF_ENDPOINT", "").strip();
        if (value.isEmpty()) {
            value = DEFAULT_ENDPOINT;
        }
        while (value.endsWith("/")) {
            value = value.substring(0, value.length() - 1);
        }
        try {
            URI uri = new URI(value);
            boolean web = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            if (web
                    && uri.getHost() != null
                    && uri.getUserInfo() == null
                    && uri.getQuery() == null
                    && uri.getFragment() == null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // Reported below.
        }
        throw new ModelFileException(
                "HF_ENDPOINT is \"%s\"; expected an address such as %s".formatted(Excerpt.of(value), DEFAULT_ENDPOINT));
    }

    private static @Nullable String token(Map<String, String> variables, Path file) {
        if (isTrue(variables.getOrDefault("HF_HUB_DISABLE_IMPLICIT_TOKEN", ""))) {
            return null;
        }
        String token = variables.getOrDefault("HF_TOKEN", "").strip();
        String source = "HF_TOKEN";
        if (token.isEmpty()) {
            token = variables.getOrDefault("HUGGING_FACE_HUB_TOKEN", "").strip();
        }
        if (token.isEmpty() && Files.isRegularFile(file)) {
            source = file.toString();
            try {
                token = new String(SmallFile.read(file, MAX_TOKEN_LENGTH), StandardCharsets.UTF_8).strip();
            } catch (IOException e) {
                throw new ModelFileException(
                        "the token for the hub cannot be read from %s: %s".formatted(file, e.getMessage()), e);
            }
        }
        if (token.isEmpty()) {
            return null;
        }
        // The token itself stays out of the message.
        if (token.length() > MAX_TOKEN_LENGTH || token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
            throw new ModelFileException(source + " is not a token: it contains blanks or characters outside ASCII");
        }
        return token;
    }

    /**
     * The token for a request to {@code address}, or null. The token is sent to the endpoint only, over https or to a
     * loopback address, so that it cannot be read in transit.
     */
    @Nullable String tokenFor(URI address) {
        return isOfEndpoint(address) && isConfidential(address) ? token : null;
    }

    /** Whether there is a token that is not sent to the endpoint, because it could be read in transit. */
    boolean withholdsToken() {
        return token != null && !isConfidential(endpoint);
    }

    private boolean isOfEndpoint(URI address) {
        return endpoint.getScheme().equalsIgnoreCase(address.getScheme())
                && endpoint.getHost().equalsIgnoreCase(address.getHost())
                && port(endpoint) == port(address);
    }

    private static int port(URI address) {
        return address.getPort() >= 0 ? address.getPort() : "https".equalsIgnoreCase(address.getScheme()) ? 443 : 80;
    }

    private boolean isConfidential(URI address) {
        if ("https".equalsIgnoreCase(address.getScheme())) {
            return true;
        }
        HttpProxy proxy = network.proxy(address);
        return HttpProxy.isLocal(address.getHost()) && (proxy == null || proxy.isLocal());
    }

    /** A copy with another folder for the cache. */
    public HubEnvironment withCache(Path folder) {
        return new HubEnvironment(endpoint, folder.toAbsolutePath(), token, offline, network);
    }

    /** A copy that is offline if this one is or {@code wanted} is true. */
    public HubEnvironment offline(boolean wanted) {
        return new HubEnvironment(endpoint, cache, token, offline || wanted, network);
    }

    @Override
    public String toString() {
        return "%s%s, cache %s, %s token%s"
                .formatted(
                        endpoint,
                        network.way(endpoint),
                        cache,
                        token == null ? "no" : "with a",
                        offline ? ", offline" : "");
    }
}
