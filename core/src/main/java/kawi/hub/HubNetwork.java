package kawi.hub;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import kawi.ModelFileException;
import org.jspecify.annotations.Nullable;

/**
 * How hosts are reached: through which proxies, and with which certificates.
 *
 * <p>If the system properties of the JVM ({@code http.proxyHost} and others) or the default {@link ProxySelector}
 * select a proxy for an address, it is used. Otherwise the variables {@code http_proxy} or {@code https_proxy}, after
 * the scheme of the address, or {@code all_proxy}, and {@code no_proxy} do, as in the Python client: names in lower
 * case come before names in capitals, and an empty value means no proxy.
 */
public final class HubNetwork {

    private final Map<String, String> variables;
    private final NoProxy excluded;
    private final TrustedCertificates certificates;

    private HubNetwork(Map<String, String> variables) {
        this.variables = Map.copyOf(variables);
        this.excluded = NoProxy.parse(value("no_proxy"));
        this.certificates = TrustedCertificates.of(variables);
    }

    static HubNetwork of(Map<String, String> variables) {
        return new HubNetwork(variables);
    }

    private String name(String variable) {
        // A server that runs a program through CGI sets HTTP_PROXY from the header "Proxy" of a stranger's request.
        boolean stranger = variable.equals("http_proxy") && variables.containsKey("REQUEST_METHOD");
        return variables.containsKey(variable) || stranger ? variable : variable.toUpperCase(Locale.ROOT);
    }

    private String value(String variable) {
        return variables.getOrDefault(name(variable), "").strip();
    }

    /**
     * The proxy for an address, or null.
     *
     * @throws ModelFileException if it is not a proxy that can be used
     */
    @Nullable HttpProxy proxy(URI address) {
        String scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
        HttpProxy selected = ofProperties(address, scheme);
        if (selected != null || !System.getProperty(scheme + ".proxyHost", "").isEmpty()) {
            return selected;
        }
        int port = address.getPort() >= 0 ? address.getPort() : scheme.equals("https") ? 443 : 80;
        if (address.getHost() == null || excluded.contains(address.getHost(), port)) {
            return null;
        }
        for (String variable : List.of(scheme + "_proxy", "all_proxy")) {
            if (variables.containsKey(name(variable))) {
                String value = value(variable);
                return value.isEmpty()
                        ? null
                        : HttpProxy.parse(value, name(variable)).checked();
            }
        }
        return null;
    }

    private static @Nullable HttpProxy ofProperties(URI address, String scheme) {
        ProxySelector selector = ProxySelector.getDefault();
        for (Proxy proxy : selector == null ? List.<Proxy>of() : selector.select(address)) {
            if (proxy.type() == Proxy.Type.HTTP && proxy.address() instanceof InetSocketAddress at) {
                String user = System.getProperty(scheme + ".proxyUser", "");
                String password = System.getProperty(scheme + ".proxyPassword", "");
                boolean named = !System.getProperty(scheme + ".proxyHost", "").isEmpty();
                return new HttpProxy(
                        "http",
                        at.getHostString(),
                        at.getPort(),
                        user.isEmpty() ? null : new PasswordAuthentication(user, password.toCharArray()),
                        named ? scheme + ".proxyHost" : "the default ProxySelector");
            }
        }
        return null;
    }

    /**
     * The proxy for an address, for users.
     *
     * @throws ModelFileException if it is not a proxy that can be used
     */
    public Optional<String> describe(URI address) {
        return Optional.ofNullable(proxy(address)).map(HttpProxy::toString);
    }

    /** A phrase for messages about an address: the proxy and what selects it, or nothing. */
    String way(URI address) {
        HttpProxy proxy;
        try {
            proxy = proxy(address);
        } catch (ModelFileException e) {
            return "";
        }
        return proxy == null ? "" : " through the proxy %s (%s)".formatted(proxy, proxy.source());
    }

    TrustedCertificates certificates() {
        return certificates;
    }

    /** Applies the proxies and the certificates to a client. */
    HttpClient.Builder apply(HttpClient.Builder client) {
        client.proxy(new Selector());
        certificates.context().ifPresent(client::sslContext);
        return client;
    }

    private final class Selector extends ProxySelector {

        @Override
        public List<Proxy> select(URI address) {
            HttpProxy proxy = proxy(address);
            return List.of(
                    proxy == null
                            ? Proxy.NO_PROXY
                            : new Proxy(
                                    Proxy.Type.HTTP, InetSocketAddress.createUnresolved(proxy.host(), proxy.port())));
        }

        @Override
        public void connectFailed(URI address, SocketAddress proxy, IOException failure) {
            // The request reports it.
        }
    }
}
