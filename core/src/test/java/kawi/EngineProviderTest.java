package kawi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The public package knows nothing of what is behind it but that there is a provider. */
class EngineProviderTest {

    @Test
    void thePublicPackageRefersToNoOtherOfOurs() throws IOException {
        Pattern other = Pattern.compile("\\bkawi\\.(?!core\\b)[a-z]+\\b\\.");
        try (Stream<Path> sources = Files.list(Path.of("src/main/java/kawi"))) {
            List<String> found = sources.filter(file -> file.toString().endsWith(".java"))
                    .flatMap(file -> read(file)
                            .lines()
                            .filter(line -> other.matcher(line).find())
                            .map(line -> file.getFileName() + ": " + line.strip()))
                    .toList();
            assertEquals(List.of(), found);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Loads the public package itself and finds no resources. */
    private static final class Bare extends ClassLoader {
        Bare() {
            super(null); // the platform's loader finds classes of all modules, those of Kawi included
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            String file = name.substring(name.lastIndexOf('.') + 1) + ".class";
            if (!name.startsWith("kawi.")) {
                return Class.forName(name, false, Bare.class.getClassLoader());
            }
            try (InputStream in = Objects.requireNonNull(Model.class.getResourceAsStream(file), file)) {
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }

        @Override
        protected Enumeration<URL> findResources(String name) {
            return Collections.emptyEnumeration();
        }
    }

    @Test
    void withoutAnEngineEachCallSaysWhatIsMissing() throws ReflectiveOperationException {
        var load = new Bare().loadClass("kawi.Model").getMethod("load", Path.class);
        for (int i = 0; i < 2; i++) {
            Throwable cause = assertThrows(InvocationTargetException.class, () -> load.invoke(null, Path.of("x")))
                    .getCause();
            assertInstanceOf(IllegalStateException.class, cause);
            assertEquals(
                    "finds no kawi.EngineProvider; a jar merged from several must keep the entries of META-INF/services",
                    String.valueOf(cause.getMessage()).replaceFirst(".*?(?=finds)", ""));
        }
    }

    @Test
    void theContextClassLoaderDoesNotMatter() {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(new Bare());
        try {
            assertEquals("t", Tool.of("t", "", () -> 1).name());
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @Test
    void aModelCanStandBehindAProxy() {
        Model proxy = (Model) Proxy.newProxyInstance(
                Model.class.getClassLoader(), new Class<?>[] {Model.class}, (self, method, arguments) -> "lazy");
        assertSame("lazy", proxy.name());
    }
}
