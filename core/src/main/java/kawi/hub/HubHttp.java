package kawi.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import kawi.ModelFileException;
import org.jspecify.annotations.Nullable;

/**
 * Requests to a hub and to the targets of its redirects. Redirects are followed here and not by the HTTP client,
 * because the token is sent to the endpoint's own origin only ({@link HubEnvironment#tokenFor}), and because the hub
 * sends headers about a file that the last server in the chain does not send.
 */
final class HubHttp implements AutoCloseable {

    private static final Duration MAX_CONNECT_TIME = Duration.ofSeconds(10);
    private static final int MAX_REDIRECTS = 8;
    private static final int PROXY_AUTHENTICATION_REQUIRED = 407;

    /** The property that lists the kinds of credentials that are not sent to a proxy of https addresses. */
    private static final String TUNNELING = "jdk.http.auth.tunneling.disabledSchemes";

    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final Set<Integer> RETRYABLE = Set.of(408, 425, 429, 500, 502, 503, 504);

    private final HubEnvironment environment;
    private final DownloadPolicy policy;
    private final HttpClient client;

    HubHttp(HubEnvironment environment, DownloadPolicy policy) {
        this.environment = environment;
        this.policy = policy;
        // HTTP/2 would use a single connection for all parts that are downloaded at the same time.
        this.client = environment
                .network()
                .apply(HttpClient.newBuilder())
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(policy.silence().compareTo(MAX_CONNECT_TIME) < 0 ? policy.silence() : MAX_CONNECT_TIME)
                .build();
    }

    /** An address of the endpoint. */
    URI address(String path) {
        return URI.create(environment.endpoint() + path);
    }

    /**
     * Sends one request and returns the response, which may be a redirect.
     *
     * @throws Backoff.Unavailable if the server is temporarily unavailable
     */
    private <T> HttpResponse<T> exchange(
            String method, URI address, @Nullable String range, HttpResponse.BodyHandler<T> handler)
            throws IOException, InterruptedException {
        HttpProxy proxy = environment.network().proxy(address);
        HttpRequest.Builder request = HttpRequest.newBuilder(address)
                .method(method, HttpRequest.BodyPublishers.noBody())
                .header("User-Agent", "kawi")
                // Sizes and ranges are those of the file itself.
                .header("Accept-Encoding", "identity");
        String token = environment.tokenFor(address);
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        if (range != null) {
            request.header("Range", range);
        }
        String authorization = proxy == null ? null : proxy.authorization();
        if (authorization != null) {
            request.header("Proxy-Authorization", authorization);
        }
        HttpResponse<T> response = await(client.sendAsync(request.build(), handler), address);
        if (response.statusCode() == PROXY_AUTHENTICATION_REQUIRED) {
            close(response);
            throw new ModelFileException(credentialsRequired(proxy, address));
        }
        if (RETRYABLE.contains(response.statusCode())) {
            close(response);
            throw new Backoff.Unavailable(
                    "%s answers %s%s"
                            .formatted(
                                    address.getHost(),
                                    meaning(response.statusCode()),
                                    environment.network().way(address)),
                    wait(response.headers()));
        }
        return response;
    }

    private static String credentialsRequired(@Nullable HttpProxy proxy, URI address) {
        if (proxy == null) {
            return "%s asks for credentials of a proxy (status 407), but no proxy is selected"
                    .formatted(address.getHost());
        }
        if (proxy.credentials() == null) {
            return "the proxy %s asks for credentials (status 407); give them in %s as http://USER:PASSWORD@HOST:PORT"
                    .formatted(proxy, proxy.source());
        }
        boolean withheld = "https".equalsIgnoreCase(address.getScheme())
                && !System.getProperty(TUNNELING, "Basic").isEmpty();
        return withheld
                ? "the proxy %s asks for credentials (status 407), which this JVM does not send to proxies of https addresses; start it with -D%s="
                        .formatted(proxy, TUNNELING)
                : "the proxy %s does not accept the credentials in %s (status 407)".formatted(proxy, proxy.source());
    }

    /**
     * Waits for a response, as far as its handler reads it. The timeout of an {@code HttpRequest} covers the headers in
     * some JDKs and the body as well in others; here it covers the whole of a document and the headers of a file.
     */
    private <T> HttpResponse<T> await(CompletableFuture<HttpResponse<T>> answer, URI address)
            throws IOException, InterruptedException {
        try {
            return answer.get(policy.silence().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new HttpTimeoutException("%s did not respond in time".formatted(address.getHost()));
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException failure -> throw failure;
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case null, default -> throw new IOException("%s did not respond".formatted(address), e);
            }
        } finally {
            answer.cancel(true);
        }
    }

    /** Requests the content of a file, following redirects; the caller closes the body. */
    HttpResponse<InputStream> get(URI address, @Nullable String range) throws IOException, InterruptedException {
        URI at = address;
        for (int i = 0; i <= MAX_REDIRECTS; i++) {
            HttpResponse<InputStream> response = exchange("GET", at, range, HttpResponse.BodyHandlers.ofInputStream());
            if (!isRedirect(response)) {
                return response;
            }
            response.body().close();
            at = next(at, response);
        }
        throw new IOException("%s redirects more than %d times".formatted(address, MAX_REDIRECTS));
    }

    /** Requests the headers of a file, without following redirects. */
    HttpResponse<Void> head(URI address) throws IOException, InterruptedException {
        return exchange("HEAD", address, null, HttpResponse.BodyHandlers.discarding());
    }

    /** Requests a document of at most {@code maxBytes} bytes, following redirects. */
    HttpResponse<byte[]> document(URI address, int maxBytes) throws IOException, InterruptedException {
        URI at = address;
        for (int i = 0; i <= MAX_REDIRECTS; i++) {
            HttpResponse<byte[]> response = exchange(
                    "GET",
                    at,
                    null,
                    HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), maxBytes));
            if (!isRedirect(response)) {
                return response;
            }
            at = next(at, response);
        }
        throw new IOException("%s redirects more than %d times".formatted(address, MAX_REDIRECTS));
    }

    /** Whether another attempt would fail in the same way: a certificate or a proxy rejects the request. */
    boolean isFinal(IOException failure) {
        return environment.network().certificates().rejection(failure) != null
                || String.valueOf(failure.getMessage()).matches("Tunnel failed, got: 4\\d\\d");
    }

    static boolean isRedirect(HttpResponse<?> response) {
        return REDIRECTS.contains(response.statusCode());
    }

    /** The target of a redirect. */
    static URI next(URI from, HttpResponse<?> response) throws IOException {
        String location = response.headers().firstValue("Location").orElse("");
        URI to;
        try {
            to = from.resolve(URI.create(location));
        } catch (IllegalArgumentException e) {
            throw new IOException("%s redirects to an invalid address".formatted(from.getHost()), e);
        }
        boolean secure = "https".equalsIgnoreCase(to.getScheme());
        boolean web = secure || "http".equalsIgnoreCase(to.getScheme());
        if (location.isEmpty()
                || !web
                || to.getHost() == null
                || (!secure && "https".equalsIgnoreCase(from.getScheme()))) {
            throw new IOException(
                    "%s redirects to an address that Kawi does not follow: it has no host, is not HTTP, or is not encrypted"
                            .formatted(from.getHost()));
        }
        return to;
    }

    private static void close(HttpResponse<?> response) throws IOException {
        if (response.body() instanceof InputStream body) {
            body.close();
        }
    }

    private static Duration wait(HttpHeaders headers) {
        String value = headers.firstValue("Retry-After").orElse("").strip();
        if (value.matches("\\d{1,9}")) {
            return Duration.ofSeconds(Integer.parseInt(value));
        }
        try {
            return Duration.between(
                    Instant.now(),
                    ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME.withLocale(Locale.ROOT))
                            .toInstant());
        } catch (DateTimeParseException e) {
            return Duration.ZERO;
        }
    }

    private static String meaning(int status) {
        return status == 429 ? "that there are too many requests (429)" : "with status " + status;
    }

    /** A path with the characters escaped that are not allowed in an address. */
    static String escaped(String path) {
        StringBuilder out = new StringBuilder();
        for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            if (c < 0x80 && (Character.isLetterOrDigit(c) || "/-._~".indexOf(c) >= 0)) {
                out.append(c);
            } else {
                out.append("%%%02X".formatted((int) c));
            }
        }
        return out.toString();
    }

    /** The exception for a status that retrying does not change; the message names the remedy. */
    ModelFileException refusal(HubReference reference, HttpResponse<?> response) {
        int status = response.statusCode();
        String code = response.headers().firstValue("X-Error-Code").orElse("");
        String repository = reference.repository();
        String page = environment.endpoint() + "/" + repository;
        if (environment.withholdsToken() && (status == 401 || status == 403)) {
            return new ModelFileException(
                    "%s cannot be fetched: %s asks for a token, but the one there is was not sent, because http does not encrypt it; give HF_ENDPOINT an https address (status %d)"
                            .formatted(reference, environment.endpoint(), status));
        }
        String credentials = environment.token() == null
                ? "give a token in HF_TOKEN (%s/settings/tokens makes one)".formatted(environment.endpoint())
                : "make sure that the token in HF_TOKEN may read it";
        String sentence;
        if (code.equals("GatedRepo")) {
            sentence = "the model is gated: accept its conditions at %s, then %s".formatted(page, credentials);
        } else if (status == 401 && environment.token() != null) {
            sentence =
                    "the hub does not accept the token in HF_TOKEN, or there is no repository %s: make a new token, or correct the spelling"
                            .formatted(repository);
        } else if (status == 401 || code.equals("RepoNotFound")) {
            sentence = "there is no public repository %s: correct the spelling, or, if it is private or gated, %s"
                    .formatted(repository, credentials);
        } else if (status == 403) {
            sentence = "access is forbidden: if the model is gated, accept its conditions at %s, then %s"
                    .formatted(page, credentials);
        } else if (code.equals("RevisionNotFound")) {
            sentence = "the repository has no revision %s; %s/tree/main shows its branches and tags"
                    .formatted(reference.revisionOrDefault(), page);
        } else if (status == 404) {
            sentence = "there is no such %s: correct the spelling; %s should show it%s"
                    .formatted(
                            reference.file() == null ? "repository or revision" : "file, repository or revision",
                            page,
                            environment.token() == null ? ", and a private model needs a token in HF_TOKEN" : "");
        } else {
            sentence = "the hub answers with status " + status;
        }
        return new ModelFileException("%s cannot be fetched: %s (status %d)".formatted(reference, sentence, status));
    }

    @Override
    public void close() {
        client.shutdownNow();
        client.close();
    }
}
