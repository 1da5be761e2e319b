package kawi.engine;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import kawi.ModelFileException;
import kawi.ModelHub;
import kawi.Progress;
import kawi.hub.CachedModels;
import kawi.hub.Hub;
import kawi.hub.HubEnvironment;
import kawi.hub.HubReference;

/** The hub selected by environment variables. */
record EnvironmentHub(HubEnvironment environment) implements ModelHub {

    @Override
    public ModelHub cache(Path folder) {
        return new EnvironmentHub(environment.withCache(folder));
    }

    @Override
    public ModelHub offline(boolean offline) {
        return new EnvironmentHub(environment.offline(offline));
    }

    @Override
    public URI endpoint() {
        return environment.endpoint();
    }

    @Override
    public Path cache() {
        return environment.cache();
    }

    @Override
    public boolean isOffline() {
        return environment.offline();
    }

    @Override
    public LocalModel fetch(String reference, Progress progress) {
        HubReference parsed = parse(reference);
        Hub.LocalModel found = new Hub(environment).fetch(parsed, progress);
        return new LocalModel(found.path(), parsed.repository(), found.commit(), found.files(), found.downloaded());
    }

    private static HubReference parse(String reference) {
        try {
            return HubReference.parse(reference);
        } catch (ModelFileException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    @Override
    public List<CachedModel> list() {
        return CachedModels.in(environment).stream()
                .map(model -> new CachedModel(model.reference(), model.bytes(), model.modified(), model.path()))
                .toList();
    }

    @Override
    public List<PartialDownload> partialDownloads() {
        return CachedModels.partialIn(environment).stream()
                .map(it -> new PartialDownload(it.reference(), it.bytes(), it.modified(), it.path()))
                .toList();
    }

    @Override
    public long cachedBytes() {
        return CachedModels.bytes(environment);
    }

    @Override
    public Removal remove(String reference) {
        CachedModels.Removed removed = CachedModels.remove(environment, parse(reference));
        return new Removal(removed.files(), removed.bytes());
    }

    @Override
    public Optional<String> proxy() {
        return environment.network().describe(environment.endpoint());
    }

    @Override
    public String toString() {
        return environment.toString();
    }
}
