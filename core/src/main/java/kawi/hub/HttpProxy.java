package kawi.hub;

import java.net.InetAddress;
import java.net.PasswordAuthentication;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kawi.ModelFileException;
import org.jspecify.annotations.Nullable;

/**
 * A proxy.
 *
 * @param scheme the protocol that is spoken with the proxy: {@code http}; others are not supported
 * @param host a name or an address, without brackets
 * @param credentials the user and the password, or null
 * @param source the variable or the property that selects it
 */
record HttpProxy(
        String scheme, String host, int port, @Nullable PasswordAuthentication credentials, String source) {

    /** SCHEME://USER:PASSWORD@HOST:PORT/, of which only the host is required. The user can contain any character. */
    private static final Pattern FORM = Pattern.compile(
            "(?:([A-Za-z][A-Za-z0-9+.-]*)://)?(?:(.*)@)?(\\[[0-9A-Fa-f:.%]+]|[^\\s:@/?#\\[\\]]+)(?::(\\d{1,5}))?(?:[/?#].*)?");

    private static final int DEFAULT_PORT = 80;
    private static final int MAX_PORT = 65_535;

    /**
     * Parses the value of a variable.
     *
     * @throws ModelFileException if it is not an address; the message does not contain the value, which may contain a
     *     password
     */
    static HttpProxy parse(String value, String variable) {
        Matcher form = FORM.matcher(value.strip());
        int port = !form.matches() ? -1 : form.group(4) == null ? 0 : Integer.parseInt(form.group(4));
        if (port < 0 || port > MAX_PORT) {
            throw new ModelFileException(
                    "%s is not the address of a proxy; expected http://HOST:PORT or http://USER:PASSWORD@HOST:PORT"
                            .formatted(variable));
        }
        String scheme = form.group(1) == null ? "http" : form.group(1).toLowerCase(Locale.ROOT);
        String host = form.group(3).replaceAll("[\\[\\]]", "");
        return new HttpProxy(scheme, host, port == 0 ? DEFAULT_PORT : port, credentials(form.group(2)), variable);
    }

    private static @Nullable PasswordAuthentication credentials(@Nullable String user) {
        if (user == null) {
            return null;
        }
        int colon = user.indexOf(':');
        String name = colon < 0 ? user : user.substring(0, colon);
        String password = colon < 0 ? "" : user.substring(colon + 1);
        return new PasswordAuthentication(decoded(name), decoded(password).toCharArray());
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text; // a percent sign that stands for itself
        }
    }

    /** Checks that the proxy can be used. */
    HttpProxy checked() {
        if (scheme.equals("http")) {
            return this;
        }
        throw new ModelFileException(
                "%s selects the proxy %s, but only HTTP proxies are supported, not %s; name one in %s as http://HOST:PORT, or exclude the host in no_proxy"
                        .formatted(
                                source,
                                this,
                                scheme.startsWith("socks") ? "SOCKS" : scheme,
                                source.equalsIgnoreCase("all_proxy") ? "https_proxy" : source));
    }

    /**
     * The header {@code Proxy-Authorization}, or null. It is sent with every request: the client's own way of answering
     * a request for credentials also rejects replies of hubs.
     */
    @Nullable String authorization() {
        if (credentials == null) {
            return null;
        }
        String text = credentials.getUserName() + ":" + new String(credentials.getPassword());
        return "Basic " + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    boolean isLocal() {
        return isLocal(host);
    }

    /** Whether a host is {@code localhost} or a loopback address; other names are not resolved. */
    static boolean isLocal(String host) {
        try {
            return host.equalsIgnoreCase("localhost")
                    || InetAddress.ofLiteral(host.replaceAll("[\\[\\]]", "")).isLoopbackAddress();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** The address without the credentials. */
    @Override
    public String toString() {
        return "%s://%s:%d".formatted(scheme, host.contains(":") ? "[" + host + "]" : host, port);
    }
}
