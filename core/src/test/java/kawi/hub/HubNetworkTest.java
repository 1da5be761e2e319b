package kawi.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.PasswordAuthentication;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import kawi.ModelFileException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HubNetworkTest {

    private static String proxy(String address, Map<String, String> variables) {
        return String.valueOf(HubNetwork.of(variables).proxy(URI.create(address)));
    }

    @Test
    void theSchemeSelectsTheVariable() {
        Map<String, String> all = Map.of("http_proxy", "h:1", "https_proxy", "s:2", "all_proxy", "a:3");
        assertEquals("http://h:1", proxy("http://x.test", all));
        assertEquals("http://s:2", proxy("https://x.test", all));
        assertEquals("http://a:3", proxy("https://x.test", Map.of("http_proxy", "h:1", "ALL_PROXY", "a:3")));
        assertEquals("null", proxy("https://x.test", Map.of("http_proxy", "h:1")));
        assertEquals("null", proxy("https://x.test", Map.of()));
    }

    @Test
    void lowerCaseComesFirstAndEmptyMeansNone() {
        assertEquals("http://low:80", proxy("http://x.test", Map.of("http_proxy", "low", "HTTP_PROXY", "cap")));
        assertEquals("http://cap:80", proxy("http://x.test", Map.of("HTTP_PROXY", "cap")));
        assertEquals("null", proxy("http://x.test", Map.of("http_proxy", "", "HTTP_PROXY", "cap")));
        assertEquals("null", proxy("http://x.test", Map.of("http_proxy", " ", "all_proxy", "a")));
        assertEquals("http://cap:80", proxy("https://x.test", Map.of("HTTPS_PROXY", "cap", "REQUEST_METHOD", "GET")));
        assertEquals("null", proxy("http://x.test", Map.of("HTTP_PROXY", "cap", "REQUEST_METHOD", "GET")));
    }

    @ParameterizedTest
    @CsvSource({
        "proxy, http://proxy:80",
        "proxy:3128, http://proxy:3128",
        "http://proxy, http://proxy:80",
        "HTTP://Proxy:8080/, http://Proxy:8080",
        "http://me:pw@proxy:8080/x?y, http://proxy:8080",
        "http://me:p@ss@proxy:8080, http://proxy:8080",
        "http://[::1]:8080, http://[::1]:8080",
        "[fe80::1], http://[fe80::1]:80",
        "'  http://proxy:1 ', http://proxy:1"
    })
    void addressesHaveManyForms(String value, String address) {
        assertEquals(address, proxy("http://x.test", Map.of("http_proxy", value)));
    }

    @ParameterizedTest
    @CsvSource({
        "http://me:pw@p, me, pw",
        "me@p, me, ''",
        "http://me%40work:a%3Ab%25@p, me@work, a:b%",
        "http://me:p@ss@p, me, p@ss",
        "http://me:a+b/c#d?e@p, me, a+b/c#d?e",
        "http://me:100%@p, me, 100%",
        "http://domain%5Cme:pw@p, domain\\me, pw"
    })
    void credentialsAreDecoded(String value, String user, String password) {
        HttpProxy proxy = HttpProxy.parse(value, "http_proxy");
        PasswordAuthentication credentials = Objects.requireNonNull(proxy.credentials());
        assertEquals(user, credentials.getUserName());
        assertEquals(password, new String(credentials.getPassword()));
        assertEquals("p", proxy.host());
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://", "http://me:hunter2@", "proxy:99999", "http://pro xy:1", "proxy:port"})
    void whatIsNoAddressIsRefusedWithoutThePassword(String value) {
        String complaint = String.valueOf(assertThrows(
                        ModelFileException.class, () -> proxy("http://x.test", Map.of("http_proxy", value)))
                .getMessage());
        assertTrue(complaint.startsWith("http_proxy is not the address of a proxy"), complaint);
        assertFalse(complaint.contains("hunter2"), complaint);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "*                      | http://any.test           | true",
                "example.com            | https://example.com       | true",
                "example.com            | https://hub.example.com   | true",
                "example.com            | https://notexample.com    | false",
                ".example.com           | https://hub.example.com   | true",
                ".example.com           | https://example.com       | true",
                "*.example.com          | https://hub.example.com   | true",
                "EXAMPLE.com            | https://Hub.Example.COM   | true",
                "example.com.           | https://example.com       | true",
                "example.com:443        | https://example.com       | true",
                "example.com:8080       | https://example.com       | false",
                "example.com:8080       | http://a.example.com:8080 | true",
                "a, b ,c.test           | http://c.test             | true",
                "a b c.test             | http://c.test             | true",
                "10.1.2.3               | http://10.1.2.3           | true",
                "10.1.2.3               | http://10.1.2.30          | false",
                "10.1.2.3:81            | http://10.1.2.3:81        | true",
                "10.1.2.3:81            | http://10.1.2.3           | false",
                "10.0.0.0/8             | http://10.255.0.1         | true",
                "10.0.0.0/8             | http://11.0.0.1           | false",
                "10.1.128.0/17          | http://10.1.127.255       | false",
                "10.1.128.0/17          | http://10.1.200.1         | true",
                "0.0.0.0/0              | http://8.8.8.8            | true",
                "10.0.0.0/8             | http://ten.test           | false",
                "10.0.0.0/99            | http://10.0.0.1           | false",
                "::1                    | http://[::1]:8080         | true",
                "[::1]:8080             | http://[::1]:8080         | true",
                "[::1]:8080             | http://[::1]:81           | false",
                "fd00::/8               | http://[fd12:3456::1]     | true",
                "fd00::/8               | http://[fe80::1]          | false",
                "localhost,127.0.0.1    | http://localhost:9000     | true",
                "localhost              | http://127.0.0.1          | false",
                "''                     | http://x.test             | false",
                "','                    | http://x.test             | false"
            })
    void hostsAreExcluded(String excluded, String address, boolean direct) {
        for (String variable : new String[] {"no_proxy", "NO_PROXY"}) {
            Map<String, String> variables = Map.of("all_proxy", "p:1", variable, excluded);
            assertEquals(direct ? "null" : "http://p:1", proxy(address, variables));
        }
    }

    @Test
    void aTokenDoesNotLeaveTheMachineUnencrypted() {
        Map<String, String> remote =
                Map.of("HF_ENDPOINT", "http://127.0.0.1:80", "HF_TOKEN", "hf_x", "http_proxy", "proxy.test:3128");
        assertNull(HubEnvironment.of(remote).tokenFor(URI.create("http://127.0.0.1:80/x")));
        Map<String, String> here =
                Map.of("HF_ENDPOINT", "http://127.0.0.1:80", "HF_TOKEN", "hf_x", "http_proxy", "localhost:3128");
        assertEquals("hf_x", HubEnvironment.of(here).tokenFor(URI.create("http://127.0.0.1:80/x")));
    }

    @Test
    void tokensAndTheOfflineModeFollowThePythonClient(@TempDir Path home) throws Exception {
        Files.writeString(home.resolve("token"), "hf_file\n");
        Map<String, String> stored = Map.of("HF_HOME", home.toString());
        assertEquals("hf_file", HubEnvironment.of(stored).token());
        assertEquals(
                "hf_old",
                HubEnvironment.of(Map.of("HF_HOME", home.toString(), "HUGGING_FACE_HUB_TOKEN", "hf_old"))
                        .token());
        assertNull(HubEnvironment.of(Map.of("HF_HOME", home.toString(), "HF_HUB_DISABLE_IMPLICIT_TOKEN", "1"))
                .token());
        assertTrue(HubEnvironment.of(Map.of("TRANSFORMERS_OFFLINE", "1")).offline());
        assertFalse(HubEnvironment.of(Map.of("TRANSFORMERS_OFFLINE", "1", "HF_HUB_OFFLINE", "0"))
                .offline());
    }
}
