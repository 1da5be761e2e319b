package kawi.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kawi.server.protocol.ApiResponse;
import org.jspecify.annotations.Nullable;

/**
 * The page at {@code /} and its files, which are resources of this module. A page that got in by mistake could do
 * little: its policy allows scripts and styles of this server only, none in the page itself, and no requests to others.
 */
final class Page {

    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
                    + "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    private static final Map<String, String> HEADERS = Map.of(
            "Content-Security-Policy",
            POLICY,
            "Referrer-Policy",
            "no-referrer",
            "Cross-Origin-Opener-Policy",
            "same-origin");

    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "svg", "image/svg+xml");

    private static final Pattern FILE = Pattern.compile("/([a-z-]+\\.(html|css|js|svg))");

    private final Map<String, ApiResponse.Complete> files = new ConcurrentHashMap<>();

    /** Returns the file at a path, empty if there is none. */
    Optional<ApiResponse.Complete> file(String path) {
        Matcher matcher = FILE.matcher(path.equals("/") ? "/index.html" : path);
        return matcher.matches()
                ? Optional.ofNullable(files.computeIfAbsent(matcher.group(1), name -> load(name, matcher.group(2))))
                : Optional.empty();
    }

    private static ApiResponse.@Nullable Complete load(String name, String extension) {
        try (InputStream in = Page.class.getResourceAsStream("page/" + name)) {
            return in == null
                    ? null
                    : new ApiResponse.Complete(
                            200, HEADERS, Objects.requireNonNull(TYPES.get(extension)), in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
