package kawi;

import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/** Finds the engine when it is first needed. */
final class Engine {

    private static volatile @Nullable EngineProvider found;

    private Engine() {}

    /** @throws IllegalStateException if there is no engine */
    static EngineProvider provider() {
        EngineProvider known = found;
        if (known == null) {
            ClassLoader loader = EngineProvider.class.getClassLoader();
            known = ServiceLoader.load(EngineProvider.class, loader)
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException(
                            "%s finds no %s; a jar merged from several must keep the entries of META-INF/services"
                                    .formatted(loader, EngineProvider.class.getName())));
            found = known;
        }
        return known;
    }
}
