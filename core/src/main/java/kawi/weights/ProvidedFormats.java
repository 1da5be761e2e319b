package kawi.weights;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import kawi.WeightFormat;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The weight formats that the program provides. They are looked for when one is first needed, by the thread that needs
 * it, so that programs and models without them pay nothing. One that cannot be used is logged, and is part of the
 * message about a type that no other format has. Used by one thread at a time.
 */
public final class ProvidedFormats {

    private static final Logger LOG = LoggerFactory.getLogger(WeightFormat.class);

    /** More entries that cannot be read are not formats. */
    private static final int MAX_FAILURES = 100;

    private @Nullable List<ProvidedFormat> found;
    private final List<String> problems = new ArrayList<>();

    /**
     * The format with a number in the type field of GGUF tensors.
     *
     * @param unknown the sentence that says that Kawi does not know the type
     * @throws IllegalArgumentException if there is none; the message begins with {@code unknown}
     */
    public ProvidedFormat ofGgufType(int type, String unknown) {
        return find(format -> format.ggufType().isPresent() && format.ggufType().getAsInt() == type, unknown);
    }

    /** The format with a {@code dtype} of safetensors files; parameters and exception as for {@link #ofGgufType}. */
    public ProvidedFormat ofSafetensors(String dtype, String unknown) {
        if (ProvidedFormat.OWN_DTYPES.contains(dtype)) {
            throw new IllegalArgumentException(unknown);
        }
        return find(format -> dtype.equals(format.dtype()), unknown);
    }

    /** The format with a name, ignoring case; parameters and exception as for {@link #ofGgufType}. */
    public ProvidedFormat named(String name, String unknown) {
        return find(format -> format.name().equalsIgnoreCase(name), unknown);
    }

    private ProvidedFormat find(Predicate<ProvidedFormat> wanted, String unknown) {
        if (found == null) {
            found = discover();
        }
        return found.stream()
                .filter(wanted)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        problems.isEmpty() ? unknown : unknown + "; " + String.join("; ", problems)));
    }

    private List<ProvidedFormat> discover() {
        List<ProvidedFormat> formats = new ArrayList<>();
        Set<String> classes = new LinkedHashSet<>();
        Stream.of(
                        Optional.ofNullable(Thread.currentThread().getContextClassLoader()),
                        Optional.ofNullable(ProvidedFormats.class.getClassLoader()))
                .flatMap(Optional::stream)
                .distinct()
                .forEach(loader -> discover(loader, classes, formats));
        refuseAll(formats, format -> format.name().toUpperCase(Locale.ROOT), "have the name");
        refuseAll(
                formats,
                format -> format.ggufType().isEmpty() ? null : format.ggufType().getAsInt(),
                "are for GGUF type");
        refuseAll(formats, ProvidedFormat::dtype, "are for the safetensors type");
        problems.forEach(problem -> LOG.warn("{}", problem));
        return formats;
    }

    private void discover(ClassLoader loader, Set<String> classes, List<ProvidedFormat> formats) {
        Iterator<ServiceLoader.Provider<WeightFormat>> providers =
                ServiceLoader.load(WeightFormat.class, loader).stream().iterator();
        for (int failures = 0; failures < MAX_FAILURES; ) {
            ServiceLoader.Provider<WeightFormat> provider;
            try {
                if (!providers.hasNext()) {
                    return;
                }
                provider = providers.next();
            } catch (ServiceConfigurationError e) {
                failures++;
                problem("a weight format cannot be found: %s".formatted(e.getMessage()));
                continue;
            }
            String name = provider.type().getName();
            if (classes.add(name)) {
                add(name, provider, formats);
            }
        }
    }

    private void add(String name, ServiceLoader.Provider<WeightFormat> provider, List<ProvidedFormat> formats) {
        try {
            formats.add(new ProvidedFormat(provider.get()));
        } catch (VirtualMachineError e) {
            throw e;
        } catch (IllegalArgumentException e) {
            problem("the weight format %s is not used: %s".formatted(name, e.getMessage()));
        } catch (RuntimeException | Error e) {
            Throwable cause = e instanceof ServiceConfigurationError && e.getCause() != null ? e.getCause() : e;
            problem("the weight format %s is not used: it cannot be created: %s".formatted(name, cause));
        }
    }

    private void problem(String sentence) {
        if (!problems.contains(sentence)) {
            problems.add(sentence);
        }
    }

    /** Removes the formats that have a property in common. */
    private void refuseAll(
            List<ProvidedFormat> formats, Function<ProvidedFormat, @Nullable Object> property, String what) {
        Map<Object, List<ProvidedFormat>> byProperty = new LinkedHashMap<>();
        for (ProvidedFormat format : formats) {
            Object value = property.apply(format);
            if (value != null) {
                byProperty.computeIfAbsent(value, _ -> new ArrayList<>()).add(format);
            }
        }
        byProperty.forEach((value, same) -> {
            if (same.size() > 1) {
                formats.removeAll(same);
                problem("the weight formats %s are not used: they %s %s"
                        .formatted(
                                String.join(
                                        " and ",
                                        same.stream()
                                                .map(ProvidedFormat::provider)
                                                .toList()),
                                what,
                                value));
            }
        });
    }
}
