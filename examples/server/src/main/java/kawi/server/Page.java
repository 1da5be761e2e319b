package kawi.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kawi.server.protocol.ApiResponse;

/**
 * The page at {@code /}: the resource {@code index.html}, if there is one. Its content security policy allows the
 * scripts and styles that it contains, by their digests, and requests to this server, and nothing else.
 */
final class Page {

    private static final Pattern SCRIPT = Pattern.compile("<script[^>]*>(.*?)</script>", Pattern.DOTALL);
    private static final Pattern STYLE = Pattern.compile("<style[^>]*>(.*?)</style>", Pattern.DOTALL);

    private final ApiResponse.Complete response;

    private Page(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        String policy =
                "default-src 'none'; script-src %s; style-src %s; img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
                        .formatted(digests(SCRIPT, text), digests(STYLE, text));
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Security-Policy", policy);
        headers.put("X-Frame-Options", "DENY");
        headers.put("Referrer-Policy", "no-referrer");
        response = new ApiResponse.Complete(200, headers, "text/html; charset=utf-8", bytes);
    }

    /** Returns the page; empty if the resource does not exist. */
    static Optional<Page> load() {
        try (InputStream in = Page.class.getResourceAsStream("index.html")) {
            return in == null ? Optional.empty() : Optional.of(new Page(in.readAllBytes()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ApiResponse.Complete response() {
        return response;
    }

    private static String digests(Pattern element, String text) {
        StringBuilder sources = new StringBuilder();
        Matcher matcher = element.matcher(text);
        while (matcher.find()) {
            try {
                byte[] digest = MessageDigest.getInstance("SHA-256")
                        .digest(matcher.group(1).getBytes(StandardCharsets.UTF_8));
                sources.append(" 'sha256-")
                        .append(Base64.getEncoder().encodeToString(digest))
                        .append('\'');
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("SHA-256 is not available, which every JDK must have", e);
            }
        }
        return sources.isEmpty() ? "'none'" : sources.substring(1);
    }
}
