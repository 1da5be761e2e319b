package kawi.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import kawi.ModelFileException;
import kawi.files.ChildJvm;
import kawi.hub.Hub.LocalModel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Downloads through proxies, and from servers with certificates of one's own making. */
@Timeout(60)
class HubProxyTest {

    private static final HubReference MODEL = HubReference.parse("hf:owner/model/model-Q4_0.gguf");
    private static final byte[] WEIGHTS = LocalHub.bytes(100_003, 3);

    /** A certificate for the host hub.test, and the key store of its server. */
    @TempDir
    static Path keys;

    @TempDir
    Path cache;

    private final LocalHub local = new LocalHub();
    private final List<LocalProxy> servers = new ArrayList<>();

    HubProxyTest() {
        local.files.put("model-Q4_0.gguf", WEIGHTS);
        local.withoutStore = true;
    }

    @BeforeAll
    static void createCertificate() throws IOException, InterruptedException {
        keytool(
                "-genkeypair -alias hub -keyalg EC -dname CN=hub.test -ext SAN=dns:hub.test -validity 30 -storetype PKCS12 -keystore STORE -storepass changeit");
        keytool("-exportcert -rfc -alias hub -keystore STORE -storepass changeit -file PEM");
    }

    private static void keytool(String line) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        for (String word : line.split(" ", -1)) {
            command.add(
                    word.equals("STORE")
                            ? keys.resolve("hub.p12").toString()
                            : word.equals("PEM") ? pem().toString() : word);
        }
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
    }

    private static Path pem() {
        return keys.resolve("hub.pem");
    }

    @AfterEach
    void close() {
        local.close();
        servers.forEach(LocalProxy::close);
    }

    private LocalProxy proxyTo(int port) {
        LocalProxy proxy = LocalProxy.to(port);
        servers.add(proxy);
        return proxy;
    }

    private int hubPort() {
        return URI.create(local.hub.address()).getPort();
    }

    /** A proxy for https://hub.test. */
    private LocalProxy proxyToTls() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keys.resolve("hub.p12"))) {
            store.load(in, "changeit".toCharArray());
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, "changeit".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        LocalProxy tls = LocalProxy.decrypting(context.getServerSocketFactory(), hubPort());
        servers.add(tls);
        return proxyTo(tls.port());
    }

    private static String address(LocalProxy proxy) {
        return "http://127.0.0.1:" + proxy.port();
    }

    private LocalModel fetch(String endpoint, String... variables) {
        Map<String, String> all =
                new LinkedHashMap<>(Map.of("HF_ENDPOINT", endpoint, "HF_HUB_CACHE", cache.toString()));
        for (int i = 0; i < variables.length; i += 2) {
            all.put(variables[i], variables[i + 1]);
        }
        return new Hub(HubEnvironment.of(all), local.policy(), (link, target) -> Files.createSymbolicLink(link, target))
                .fetch(MODEL, step -> {});
    }

    private String refusal(String endpoint, String... variables) {
        return String.valueOf(assertThrows(ModelFileException.class, () -> fetch(endpoint, variables))
                .getMessage());
    }

    private static void assertFetched(LocalModel model) throws IOException {
        assertArrayEquals(WEIGHTS, Files.readAllBytes(model.path()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"})
    void aProxyIsUsed(String variable) throws IOException {
        LocalProxy proxy = proxyTo(hubPort());
        assertFetched(fetch("http://hub.invalid", variable, address(proxy)));
        assertTrue(
                proxy.requests.getFirst().contains(" http://hub.invalid/owner/model/resolve/main/"),
                proxy.requests.toString());
    }

    @Test
    void aMirrorMayHaveAPath() throws IOException {
        LocalProxy proxy = proxyTo(hubPort());
        String complaint = refusal("http://hub.invalid/mirrors/hf/", "http_proxy", address(proxy));
        assertTrue(
                proxy.requests.getFirst().startsWith("HEAD http://hub.invalid/mirrors/hf/owner/model/resolve/main/"),
                proxy.requests.toString());
        assertTrue(complaint.contains("http://hub.invalid/mirrors/hf/owner/model should show it"), complaint);
    }

    @Test
    void credentialsAreSentToTheProxy() throws IOException {
        LocalProxy proxy = proxyTo(hubPort());
        proxy.requiredCredentials = "me@work:s:e cret%";
        String at = "127.0.0.1:" + proxy.port();
        assertFetched(fetch("http://hub.invalid", "http_proxy", "http://me%40work:s:e%20cret%25@" + at));
        CachedModels.remove(HubEnvironment.of(Map.of("HF_HUB_CACHE", cache.toString())), MODEL);
        assertTrue(refusal("http://hub.invalid", "http_proxy", "http://" + at)
                .contains(
                        "the proxy http://%s asks for credentials (status 407); give them in http_proxy as http://USER:PASSWORD@HOST:PORT"
                                .formatted(at)));
        String wrong = refusal("http://hub.invalid", "http_proxy", "http://me:hunter2@" + at);
        assertTrue(wrong.contains("http_proxy"), wrong);
        assertFalse(wrong.contains("hunter2"), wrong);
    }

    @Test
    void excludedHostsAreReachedDirectly() throws IOException {
        assertFetched(
                fetch(local.hub.address(), "http_proxy", "http://127.0.0.1:1", "no_proxy", "example.com, 127.0.0.0/8"));
    }

    @Test
    void failuresNameTheProxy() {
        String complaint = refusal("http://hub.invalid", "HTTP_PROXY", "http://me:hunter2@127.0.0.1:1");
        assertTrue(
                complaint.contains(
                        "http://hub.invalid cannot be reached through the proxy http://127.0.0.1:1 (HTTP_PROXY) (connection refused)"),
                complaint);
        assertFalse(complaint.contains("hunter2"), complaint);
    }

    @Test
    void otherProxiesAreRefused() {
        assertTrue(
                refusal("http://hub.invalid", "all_proxy", "socks5h://127.0.0.1:1080")
                        .contains(
                                "all_proxy selects the proxy socks5h://127.0.0.1:1080, but only HTTP proxies are supported, not SOCKS"));
        assertTrue(refusal("https://hub.invalid", "https_proxy", "https://proxy.test")
                .contains("only HTTP proxies are supported, not https"));
    }

    @Test
    void httpsGoesThroughATunnel() throws Exception {
        LocalProxy proxy = proxyToTls();
        assertFetched(fetch("https://hub.test", "https_proxy", address(proxy), "SSL_CERT_FILE", pem().toString()));
        assertEquals("CONNECT hub.test:443 HTTP/1.1", proxy.requests.getFirst());
    }

    @ParameterizedTest
    @ValueSource(strings = {"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"})
    void certificatesComeFromABundle(String variable) throws Exception {
        Path bundle = Files.writeString(
                cache.resolve("bundle.pem"),
                "# Comment\n\n" + Files.readString(pem()) + "\ntrailing text\n" + Files.readString(pem()));
        assertFetched(fetch("https://hub.test", "https_proxy", address(proxyToTls()), variable, bundle.toString()));
    }

    @Test
    void aFolderOfCertificatesIsRead() throws Exception {
        assertFetched(fetch("https://hub.test", "https_proxy", address(proxyToTls()), "SSL_CERT_DIR", keys.toString()));
    }

    @Test
    void anUnknownCertificateIsExplained() throws Exception {
        LocalProxy proxy = proxyToTls();
        String complaint = refusal("https://hub.test", "https_proxy", address(proxy));
        assertTrue(
                complaint.contains("https://hub.test cannot be reached through the proxy " + address(proxy)
                        + " (https_proxy) (its certificate is not trusted by those of the JDK; if a proxy"),
                complaint);
        assertTrue(complaint.contains("SSL_CERT_FILE") && complaint.contains("-Djavax.net.ssl.trustStore"), complaint);
        assertEquals(1, proxy.requests.size(), "one attempt is enough");
        String wrongName =
                refusal("https://other.test", "https_proxy", address(proxy), "SSL_CERT_FILE", pem().toString());
        assertTrue(wrongName.contains("its certificate is not valid: "), wrongName);
    }

    @Test
    void bundlesThatCannotBeUsedAreNamed() throws IOException {
        assertTrue(refusal("https://hub.test", "SSL_CERT_FILE", "/no/such.pem")
                .contains("SSL_CERT_FILE names /no/such.pem, which cannot be read: it does not exist"));
        Path empty = Files.writeString(cache.resolve("empty.pem"), "nothing");
        assertTrue(refusal("https://hub.test", "REQUESTS_CA_BUNDLE", empty.toString())
                .contains("which contains no certificate in PEM form"));
    }

    @Test
    void aTunnelThatIsRefusedIsReportedAtOnce() throws Exception {
        LocalProxy proxy = proxyToTls();
        proxy.refusal = 403;
        String complaint = refusal("https://hub.test", "https_proxy", address(proxy));
        assertTrue(complaint.contains("the proxy answers with status 403"), complaint);
        assertEquals(1, proxy.requests.size());
    }

    /** Fetches the model in a JVM of its own: the arguments are HubEnvironment's variables. */
    public static void main(String[] arguments) {
        Map<String, String> variables = new LinkedHashMap<>();
        for (int i = 0; i < arguments.length; i += 2) {
            variables.put(arguments[i], arguments[i + 1]);
        }
        try (LocalHub unused = new LocalHub()) {
            new Hub(
                            HubEnvironment.of(variables),
                            unused.policy(),
                            (link, target) -> Files.createSymbolicLink(link, target))
                    .fetch(MODEL, step -> {});
        } catch (ModelFileException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }

    private String child(List<String> options, String... variables) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(options);
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-cp", ChildJvm.classPath(), HubProxyTest.class.getName()));
        command.addAll(List.of("HF_HUB_CACHE", cache.toString()));
        command.addAll(List.of(variables));
        Process process = new ProcessBuilder(ChildJvm.command(command))
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() + " " + output;
    }

    @Test
    void credentialsForTunnelsNeedTheJvm() throws Exception {
        LocalProxy proxy = proxyToTls();
        proxy.requiredCredentials = "me:secret";
        String[] variables = {
            "HF_ENDPOINT",
            "https://hub.test",
            "SSL_CERT_FILE",
            pem().toString(),
            "https_proxy",
            "http://me:secret@127.0.0.1:" + proxy.port()
        };
        String refused = child(List.of(), variables);
        assertTrue(
                refused.startsWith("1 ")
                        && refused.contains("start it with -Djdk.http.auth.tunneling.disabledSchemes="),
                refused);
        assertFalse(refused.contains("secret"), refused);
        String fetched = child(List.of("-Djdk.http.auth.tunneling.disabledSchemes="), variables);
        assertTrue(fetched.startsWith("0 "), fetched);
        assertTrue(local.hub.requests.stream()
                .allMatch(request -> request.header("Proxy-Authorization").isEmpty()));
        assertTrue(Files.isDirectory(cache.resolve("models--owner--model")));
    }

    @Test
    void systemPropertiesComeFirst() throws Exception {
        LocalProxy proxy = proxyTo(hubPort());
        proxy.requiredCredentials = "me:secret";
        String[] variables = {"HF_ENDPOINT", "http://hub.invalid", "http_proxy", "http://127.0.0.1:1"};
        List<String> options = List.of(
                "-Dhttp.proxyHost=127.0.0.1",
                "-Dhttp.proxyPort=" + proxy.port(),
                "-Dhttp.proxyUser=me",
                "-Dhttp.proxyPassword=secret");
        String fetched = child(options, variables);
        assertTrue(fetched.startsWith("0 "), fetched);
        String direct = child(
                List.of("-Dhttp.proxyHost=127.0.0.1", "-Dhttp.proxyPort=1", "-Dhttp.nonProxyHosts=127.*"),
                "HF_ENDPOINT",
                local.hub.address(),
                "http_proxy",
                "http://127.0.0.1:1");
        assertTrue(direct.startsWith("0 "), direct);
    }

    /** A process with a trust store of the JVM, beside a file of certificates that does not exist. */
    private String childTrusting(Path trustStore, LocalProxy proxy) throws Exception {
        return child(
                List.of("-Djavax.net.ssl.trustStore=" + trustStore, "-Djavax.net.ssl.trustStorePassword=changeit"),
                "HF_ENDPOINT",
                "https://hub.test",
                "SSL_CERT_FILE",
                "/no/such.pem",
                "https_proxy",
                address(proxy));
    }

    @Test
    void aTrustStoreOfTheJvmComesFirst() throws Exception {
        LocalProxy proxy = proxyToTls();
        String fetched = childTrusting(keys.resolve("trust.p12"), proxy);
        assertTrue(fetched.startsWith("1 ") && !fetched.contains("/no/such.pem"), fetched);
        KeyStore trust = KeyStore.getInstance("PKCS12");
        trust.load(null, null);
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keys.resolve("hub.p12"))) {
            store.load(in, "changeit".toCharArray());
        }
        trust.setCertificateEntry("hub", store.getCertificate("hub"));
        try (var out = Files.newOutputStream(cache.resolve("trust.p12"))) {
            trust.store(out, "changeit".toCharArray());
        }
        String trusted = childTrusting(cache.resolve("trust.p12"), proxy);
        assertTrue(trusted.startsWith("0 "), trusted);
    }
}
