package kawi.server;

import com.sun.net.httpserver.Headers;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Decides who may use the server.
 *
 * <p>A server that listens on a loopback address is still within reach of every page that a browser on the same machine
 * shows, in two ways. A page of another origin can send requests; such a request has an {@code Origin} or a
 * {@code Sec-Fetch-Site} header, and is refused unless its origin is allowed. Or the page's own host name can be made
 * to resolve to the loopback address after it was loaded (DNS rebinding), so that the requests have the same origin;
 * then their {@code Host} header has a name that is not the server's, and is refused.
 */
final class Access {

    private static final Pattern LOOPBACK =
            Pattern.compile("localhost|[a-z0-9-]+\\.localhost|127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}|\\[::1\\]");
    private static final Pattern AUTHORITY = Pattern.compile("(\\[[0-9a-f:.%a-z]+\\]|[^\\[\\]:@/\\s]+)(:\\d{1,5})?");
    private static final String BEARER = "bearer ";

    private final byte @Nullable [] key;
    private final Set<String> origins;
    private final Optional<Set<String>> hosts;

    /**
     * Creates the rules.
     *
     * @param key the key that requests must have, or null
     * @param origins the other origins whose requests are allowed; {@code *} allows all
     * @param hosts the names besides those of the loopback address that the server may be addressed by; empty if it
     *     may be addressed by any
     */
    Access(@Nullable String key, Set<String> origins, Optional<Set<String>> hosts) {
        this.key = key == null ? null : key.getBytes(StandardCharsets.UTF_8);
        this.origins = Set.copyOf(origins);
        this.hosts = hosts.map(Set::copyOf);
    }

    /** Checks how the server is addressed. */
    void checkHost(String protocol, Headers headers) throws Refusal {
        List<String> values = headers.getOrDefault("Host", List.of());
        // Requests of HTTP/1.0 may have none; browsers do not send such requests.
        if (values.size() > 1 || (values.isEmpty() && !protocol.equalsIgnoreCase("HTTP/1.0"))) {
            throw new Refusal(400, null, "the request has %d Host headers, expected one".formatted(values.size()));
        }
        if (hosts.isEmpty()) {
            return;
        }
        if (!values.isEmpty() && !isHost(host(values.getFirst()), hosts.get())) {
            throw new Refusal(
                    403,
                    "host_not_allowed",
                    "the request is addressed to a host name that this server does not have; it accepts localhost");
        }
    }

    private static String host(String authority) {
        var matcher = AUTHORITY.matcher(authority.toLowerCase(Locale.ROOT));
        return matcher.matches() ? matcher.group(1) : "";
    }

    private static boolean isHost(String host, Set<String> others) {
        return LOOPBACK.matcher(host).matches() || others.contains(host);
    }

    /**
     * Checks where a request of a browser comes from.
     *
     * @return the headers that the response must have
     */
    Map<String, String> checkOrigin(Headers headers) throws Refusal {
        String origin = headers.getFirst("Origin");
        if (origin == null) {
            String site = headers.getFirst("Sec-Fetch-Site");
            boolean navigation = "navigate".equals(headers.getFirst("Sec-Fetch-Mode"));
            if (site != null && !site.equals("same-origin") && !site.equals("none") && !navigation) {
                throw otherOrigin();
            }
            return Map.of();
        }
        if (origins.contains("*")) {
            return Map.of("Access-Control-Allow-Origin", "*", "Access-Control-Expose-Headers", "X-Request-Id");
        }
        if (origins.contains(origin)) {
            return Map.of(
                    "Access-Control-Allow-Origin",
                    origin,
                    "Access-Control-Expose-Headers",
                    "X-Request-Id",
                    "Vary",
                    "Origin");
        }
        String host = headers.getFirst("Host");
        if (host == null || !host.equalsIgnoreCase(authority(origin))) {
            throw otherOrigin();
        }
        return Map.of();
    }

    private static @Nullable String authority(String origin) {
        try {
            return new URI(origin).getRawAuthority();
        } catch (URISyntaxException e) {
            return null;
        }
    }

    private static Refusal otherOrigin() {
        return new Refusal(
                403,
                "origin_not_allowed",
                "the request comes from a page of another origin, which this server does not allow");
    }

    /** Returns whether requests must have a key. */
    boolean hasKey() {
        return key != null;
    }

    /** Checks the key, in a time that does not depend on where it differs. */
    void checkKey(Headers headers) throws Refusal {
        if (key == null) {
            return;
        }
        String value = headers.getFirst("Authorization");
        if (value == null) {
            throw unauthorized("the request has no API key; send it as \"Authorization: Bearer KEY\"");
        }
        boolean bearer = value.regionMatches(true, 0, BEARER, 0, BEARER.length());
        byte[] given = bearer ? value.substring(BEARER.length()).strip().getBytes(StandardCharsets.UTF_8) : new byte[0];
        if (!MessageDigest.isEqual(given, key)) {
            throw unauthorized("the API key of the request is not the one of this server");
        }
    }

    private static Refusal unauthorized(String message) {
        return new Refusal(401, "invalid_api_key", message, Map.of("WWW-Authenticate", "Bearer"));
    }
}
