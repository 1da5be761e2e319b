package kawi.hub;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import kawi.ModelFileException;
import kawi.files.SmallFile;
import org.jspecify.annotations.Nullable;

/**
 * The certificates by which servers are recognized. The variables {@code REQUESTS_CA_BUNDLE}, {@code CURL_CA_BUNDLE},
 * {@code SSL_CERT_FILE} and {@code SSL_CERT_DIR}, of which the first that is set counts, name a file with certificates
 * in PEM form, or a folder of such files, which replaces the certificates of the JDK. If the system property
 * {@code javax.net.ssl.trustStore} is set, it comes first.
 */
final class TrustedCertificates {

    private static final String PROPERTY = "javax.net.ssl.trustStore";
    private static final List<String> VARIABLES =
            List.of("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR");

    private static final Pattern CERTIFICATE =
            Pattern.compile("-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\\s]*)-----END CERTIFICATE-----");

    private static final int MAX_BYTES = 16 << 20;
    private static final int MAX_FILES = 2000;

    private final String variable;
    private final @Nullable Path path;

    private TrustedCertificates(String variable, @Nullable Path path) {
        this.variable = variable;
        this.path = path;
    }

    static TrustedCertificates of(Map<String, String> variables) {
        for (String variable : VARIABLES) {
            String value = variables.getOrDefault(variable, "").strip();
            if (!value.isEmpty() && System.getProperty(PROPERTY, "").isEmpty()) {
                return new TrustedCertificates(variable, Path.of(value));
            }
        }
        return new TrustedCertificates("", null);
    }

    /**
     * The context for connections; empty for that of the JDK.
     *
     * @throws ModelFileException if the certificates cannot be read
     */
    Optional<SSLContext> context() {
        if (path == null) {
            return Optional.empty();
        }
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (Path file : files(path)) {
                add(file, store);
            }
            if (store.size() == 0) {
                throw new ModelFileException(
                        "%s names %s, which contains no certificate in PEM form".formatted(variable, path));
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return Optional.of(context);
        } catch (IOException e) {
            throw new ModelFileException(
                    "%s names %s, which cannot be read: %s"
                            .formatted(variable, path, Files.exists(path) ? e.getMessage() : "it does not exist"),
                    e);
        } catch (GeneralSecurityException e) {
            throw new ModelFileException(
                    "%s names %s, whose certificates cannot be used: %s".formatted(variable, path, e.getMessage()), e);
        }
    }

    private static List<Path> files(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            return List.of(path);
        }
        try (Stream<Path> files = Files.list(path)) {
            return files.filter(Files::isRegularFile).sorted().limit(MAX_FILES).toList();
        }
    }

    private static void add(Path file, KeyStore store) throws IOException, GeneralSecurityException {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        // Comments between the certificates are common.
        Matcher found = CERTIFICATE.matcher(new String(SmallFile.read(file, MAX_BYTES), StandardCharsets.ISO_8859_1));
        while (found.find()) {
            byte[] encoded;
            try {
                encoded = Base64.getMimeDecoder().decode(found.group(1));
            } catch (IllegalArgumentException e) {
                throw new CertificateException("a certificate in %s is damaged".formatted(file), e);
            }
            store.setCertificateEntry(
                    String.valueOf(store.size()), factory.generateCertificate(new ByteArrayInputStream(encoded)));
        }
    }

    /** A sentence about a server whose certificate was rejected; null if the failure has another cause. */
    @Nullable String rejection(Throwable failure) {
        Throwable innermost = failure;
        boolean rejected = false;
        boolean unknown = false;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            rejected |= cause instanceof CertificateException;
            unknown |= cause instanceof CertPathBuilderException;
            innermost = cause;
        }
        if (!rejected) {
            return null;
        }
        if (!unknown) {
            return "its certificate is not valid: " + innermost.getMessage();
        }
        return "its certificate is not trusted by %s; if a proxy or a firewall replaces certificates, name a PEM file with the certificate of its authority in SSL_CERT_FILE, or a key store in -D%s"
                .formatted(
                        path != null
                                ? "those in %s (%s)".formatted(path, variable)
                                : System.getProperty(PROPERTY, "").isEmpty()
                                        ? "those of the JDK"
                                        : "those in %s (-D%s)".formatted(System.getProperty(PROPERTY), PROPERTY),
                        PROPERTY);
    }
}
