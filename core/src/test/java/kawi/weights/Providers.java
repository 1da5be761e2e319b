package kawi.weights;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import kawi.WeightFormat;
import org.jspecify.annotations.Nullable;

/**
 * A class loader that has its own copies of the classes of {@code example} and provides some of them as weight formats,
 * like that of a plug-in: they are found on a class path and are part of no named module, wherever the tests are.
 */
final class Providers extends ClassLoader {

    private final Path services;

    Providers(Path folder, Class<?>... classes) {
        this(folder, Arrays.stream(classes).map(Class::getName).toList());
    }

    Providers(Path folder, List<String> names) {
        super(Providers.class.getClassLoader());
        try {
            this.services = Files.writeString(
                    folder.resolve("services-" + UUID.randomUUID()),
                    names.stream().collect(Collectors.joining("\n")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Calls with this loader as the context class loader. */
    <T> T call(Callable<T> callable) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(this);
        try {
            return callable.call();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            if (loaded != null) {
                return loaded;
            }
            return name.startsWith("example.") ? findClass(name) : super.loadClass(name, resolve);
        }
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        try (@Nullable InputStream in = Providers.class.getResourceAsStream("/" + name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            byte[] bytes = in.readAllBytes();
            return defineClass(name, bytes, 0, bytes.length);
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
        return Objects.equals(name, "META-INF/services/" + WeightFormat.class.getName())
                ? Collections.enumeration(List.of(url()))
                : super.getResources(name);
    }

    private URL url() throws MalformedURLException {
        return services.toUri().toURL();
    }
}
