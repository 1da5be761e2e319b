package kawi.engine;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.BiFunction;
import java.util.function.Function;
import kawi.Concurrency;
import kawi.MemoryPlan;
import kawi.ModelFileException;
import kawi.ModelLoader;
import kawi.Progress;
import kawi.Sampling;
import kawi.Speculation;
import kawi.architecture.Blueprint;
import kawi.architecture.RequestedScaling;
import kawi.architecture.registry.Architectures;
import kawi.architecture.vision.VisionFile;
import kawi.checkpoint.Checkpoint;
import kawi.compute.Compute;
import kawi.compute.Counters;
import kawi.compute.TierChoice;
import kawi.compute.WarmUp;
import kawi.dialect.Dialects;
import kawi.flight.Flight;
import kawi.flight.LoadEvent;
import kawi.hub.Hub;
import kawi.hub.HubEnvironment;
import kawi.hub.HubReference;
import kawi.kernels.KvFormat;
import kawi.kernels.KvFormats;
import kawi.kernels.WorkerPool;
import kawi.quantize.FormatPlan;
import kawi.quantize.ImportanceCollector;
import kawi.quantize.QuantizedBlueprint;
import kawi.template.TemplateException;
import kawi.vision.TokenLimits;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Loads a model from the checkpoint that a source opens. */
final class CheckpointLoader implements ModelLoader {

    private static final Logger LOG = LoggerFactory.getLogger(ModelLoader.class);

    /** The factor to which the published models are said to work. */
    private static final int USUAL_EXTENSION = 4;

    private final BiFunction<Arena, CheckpointLoader, Checkpoint> source;
    private int threads = Runtime.getRuntime().availableProcessors();
    private int contextLength;
    private @Nullable RequestedScaling ropeScaling;
    private @Nullable String kernels;
    private String keysAndValues = "auto";
    private @Nullable FormatPlan quantization;
    private @Nullable Path importance;
    private @Nullable ImportanceCollector observer;
    private long prefixCache = 256L << 20;
    private long snapshotBytes = 2L << 30;
    private Concurrency concurrency = Concurrency.defaults();
    private @Nullable String chatTemplate;
    private final Map<String, @Nullable Object> templateVariables = new LinkedHashMap<>();
    private @Nullable Sampling sampling;
    private Speculation speculation = Speculation.auto();
    private Dialects dialects = Dialects.known();
    private boolean offline;
    private boolean profile;
    private Progress progress = step -> {};
    private @Nullable Function<Arena, VisionFile> vision;
    private boolean visionLoaded;
    private TokenLimits imageTokens = TokenLimits.DEFAULT;
    private long imageCache = 256L << 20;

    /** The file or folder of the model, if it is in one. */
    private @Nullable Path path;

    /**
     * @param source opens the checkpoint according to the options of the loader; memory other than that of files may be
     *     allocated from the model's arena
     */
    CheckpointLoader(BiFunction<Arena, CheckpointLoader, Checkpoint> source) {
        this.source = source;
    }

    @Override
    public CheckpointLoader threads(int threads) {
        if (threads < 1 || threads > 1024) {
            throw new IllegalArgumentException("threads is %d; it must be between 1 and 1024".formatted(threads));
        }
        this.threads = threads;
        return this;
    }

    @Override
    public CheckpointLoader kernels(String tier) {
        TierChoice.checkName(Objects.requireNonNull(tier, "tier"));
        this.kernels = tier;
        return this;
    }

    @Override
    public CheckpointLoader keysAndValues(String format) {
        KvFormats.of(format, KvFormat.F32);
        this.keysAndValues = format;
        return this;
    }

    @Override
    public CheckpointLoader quantize(String format) {
        this.quantization = FormatPlan.of(format, Map.of());
        this.importance = null;
        return this;
    }

    @Override
    public CheckpointLoader quantize(String format, Path importance) {
        this.quantization = FormatPlan.of(format, Map.of());
        this.importance = Objects.requireNonNull(importance, "importance");
        return this;
    }

    /** Sets a collector of the inputs of all products, under the names of GGUF files. */
    CheckpointLoader observer(ImportanceCollector collector) {
        this.observer = collector;
        return this;
    }

    @Override
    public CheckpointLoader contextLength(int tokens) {
        if (tokens < 1) {
            throw new IllegalArgumentException("contextLength is %d; it must be positive".formatted(tokens));
        }
        this.contextLength = tokens;
        return this;
    }

    @Override
    public CheckpointLoader ropeScaling(String scaling) {
        this.ropeScaling = RequestedScaling.of(Objects.requireNonNull(scaling, "scaling"));
        return this;
    }

    @Override
    public CheckpointLoader prefixCache(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("prefixCache is %d bytes; it must not be negative".formatted(bytes));
        }
        this.prefixCache = bytes;
        return this;
    }

    @Override
    public CheckpointLoader snapshotBytes(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("snapshotBytes is %d; it must not be negative".formatted(bytes));
        }
        this.snapshotBytes = bytes;
        return this;
    }

    @Override
    public CheckpointLoader concurrency(Concurrency limits) {
        this.concurrency = Objects.requireNonNull(limits, "limits");
        return this;
    }

    @Override
    public CheckpointLoader chatTemplate(String jinja) {
        this.chatTemplate = Objects.requireNonNull(jinja, "jinja");
        return this;
    }

    @Override
    public CheckpointLoader templateVariable(String name, @Nullable Object value) {
        templateVariables.put(TemplateVariable.checkName(name), TemplateVariable.copy(name, value));
        return this;
    }

    @Override
    public CheckpointLoader speculation(Speculation speculation) {
        this.speculation = Objects.requireNonNull(speculation, "speculation");
        return this;
    }

    @Override
    public CheckpointLoader sampling(Sampling sampling) {
        this.sampling = Objects.requireNonNull(sampling, "sampling");
        return this;
    }

    /** Sets the dialects to choose from; all known dialects by default. */
    CheckpointLoader dialects(Dialects dialects) {
        this.dialects = dialects;
        return this;
    }

    @Override
    public CheckpointLoader offline(boolean offline) {
        this.offline = offline;
        return this;
    }

    @Override
    public CheckpointLoader profile(boolean counted) {
        this.profile = counted;
        return this;
    }

    @Override
    public CheckpointLoader progress(Progress progress) {
        this.progress = Objects.requireNonNull(progress, "progress");
        return this;
    }

    @Override
    public CheckpointLoader vision(Path file) {
        Objects.requireNonNull(file, "file");
        this.vision = arena -> VisionFile.open(file);
        return this;
    }

    @Override
    public CheckpointLoader vision(byte[] gguf, String name) {
        Objects.requireNonNull(gguf, "gguf");
        Objects.requireNonNull(name, "name");
        this.vision = arena -> VisionFile.of(Checkpoint.of(gguf, name, arena));
        return this;
    }

    @Override
    public CheckpointLoader vision(String reference) {
        if (!HubReference.isOne(Objects.requireNonNull(reference, "reference"))) {
            return vision(Path.of(reference));
        }
        HubReference parsed = HubReference.parse(reference);
        this.vision = arena ->
                VisionFile.open(hub().ofVision().fetch(parsed, progress).path());
        return this;
    }

    private VisionLocation location() {
        return new VisionLocation(vision, path);
    }

    @Override
    public CheckpointLoader loadVision(boolean now) {
        this.visionLoaded = now;
        return this;
    }

    @Override
    public CheckpointLoader imageTokens(int least, int most) {
        this.imageTokens = imageTokens.withImages(least, most);
        return this;
    }

    @Override
    public CheckpointLoader videoTokens(int most) {
        this.imageTokens = imageTokens.withFilms(most);
        return this;
    }

    @Override
    public CheckpointLoader imageCache(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("imageCache is %d bytes; it must not be negative".formatted(bytes));
        }
        this.imageCache = bytes;
        return this;
    }

    /** Opens the file or folder of a model. */
    Checkpoint open(Path file) {
        path = file;
        return Checkpoint.open(file);
    }

    @Override
    public LoadedModel load() {
        long started = System.nanoTime();
        LoadEvent event = Flight.load();
        if (TierChoice.mayFail(kernels)) {
            // Before anything is opened or downloaded, because a tier that is not available is an error.
            chooseTier();
        } else {
            // Examining the CPU for the first time takes as long as reading the head of a large file.
            Thread.ofPlatform().name("kawi-tier").daemon().start(this::chooseTier);
        }
        Arena arena = Arena.ofShared();
        WorkerPool pool = new WorkerPool(Math.min(threads, Runtime.getRuntime().availableProcessors()));
        Checkpoint checkpoint = null;
        TextAssets text = null;
        LoadedModel model = null;
        try {
            checkpoint = source.apply(arena, this);
            text = new TextAssets(checkpoint, chatTemplate, Collections.unmodifiableMap(templateVariables));
            if (chatTemplate != null) {
                checkTemplate(text);
            }
            Blueprint blueprint = converted(scaled(Architectures.read(checkpoint)));
            int length = blueprint.contextLength();
            if (contextLength > length) {
                throw new IllegalArgumentException("contextLength is %d, but %s was made for at most %d tokens%s"
                        .formatted(contextLength, checkpoint.name(), length, extension(blueprint)));
            }
            KvFormats kvFormat = KvFormats.of(keysAndValues, blueprint.usualKvFormat());
            if (sampling != null) {
                checkTokens(sampling, blueprint.vocabularySize());
            }
            checkMemory(checkpoint.name(), blueprint, kvFormat);
            int used = contextLength > 0 ? contextLength : length;
            Concurrency limits = limits(
                    plan(blueprint, kvFormat, used, 0),
                    plan(blueprint, kvFormat, 1, 0).keysAndValues());
            LoadProgress loading = new LoadProgress(progress, checkpoint.name(), blueprint.weightBytes());
            TierChoice tier = chooseTier().forModel(kernels, blueprint.weightBytes());
            Compute compute = new Compute(tier.kernels(arena), pool, loading, profile ? new Counters(threads) : null);
            if (observer != null) {
                compute.observe(observer);
            }
            try (@Nullable WarmUp _ = tier.compiles(blueprint.weightBytes()) ? compute.warmUp(kvFormat) : null) {
                model = new LoadedModel(
                        checkpoint,
                        text,
                        dialects,
                        blueprint,
                        arena,
                        pool,
                        compute,
                        kvFormat,
                        used,
                        limits,
                        prefixCache,
                        snapshotBytes,
                        sampling,
                        speculation,
                        new VisionInput.Options(location(), imageTokens, imageCache));
            }
            if (visionLoaded) {
                model.vision().load();
            } else if (vision != null) {
                model.vision().require("the loader has one");
            }
            checkpoint.checkUnchanged();
            loading.end();
            report(model, blueprint, started, event);
            return model;
        } catch (RuntimeException | Error e) {
            if (model != null) {
                model.close();
                throw e;
            }
            pool.close();
            if (text != null) {
                text.settle();
            }
            if (checkpoint != null) {
                checkpoint.close();
            }
            arena.close();
            throw e;
        }
    }

    private Blueprint scaled(Blueprint blueprint) {
        return ropeScaling == null ? blueprint : blueprint.scaled(ropeScaling);
    }

    /** What the user can do to have a longer context than the model was made for. */
    private String extension(Blueprint blueprint) {
        int factor = Math.ceilDiv(contextLength, blueprint.contextLength());
        return ropeScaling == null
                        && factor <= USUAL_EXTENSION
                        && blueprint.sizes().containsKey("rope_theta")
                ? "; ropeScaling yarn:%d extends it".formatted(factor)
                : "";
    }

    private Blueprint converted(Blueprint original) {
        if (observer != null) {
            return ImportanceCollector.named(original);
        }
        return quantization == null ? original : QuantizedBlueprint.of(original, quantization, importance);
    }

    private TierChoice chooseTier() {
        return kernels == null ? TierChoice.chosen() : TierChoice.choose(kernels);
    }

    private static void report(LoadedModel model, Blueprint blueprint, long started, @Nullable LoadEvent event) {
        if (event != null) {
            event.commit(
                    model.name(),
                    blueprint.weightBytes(),
                    model.parameters(),
                    model.kernels(),
                    model.keysAndValues(),
                    model.threads());
        }
        if (LOG.isInfoEnabled()) {
            LOG.info(
                    "{}: {} parameters in {}, loaded in {} ms; {} kernels, {} threads",
                    model.name(),
                    model.parameters(),
                    MemoryPlan.bytes(blueprint.weightBytes()),
                    (System.nanoTime() - started) / 1_000_000,
                    model.kernels(),
                    model.threads());
        }
    }

    /** Downloads the missing files of a model from a hub and returns its path. */
    Path fetch(HubReference reference) {
        return hub().fetch(reference, progress).path();
    }

    private Hub hub() {
        return new Hub(HubEnvironment.ofProcess().offline(offline));
    }

    /** @param vision the memory of the vision tower, if it is known already */
    static MemoryPlan plan(Blueprint blueprint, KvFormats kvFormat, int contextLength, long vision) {
        Blueprint.StateSize state = blueprint.stateSize(contextLength, kvFormat);
        return new MemoryPlan(blueprint.weightBytes(), state.recurrent(), state.keysAndValues(), vision, contextLength);
    }

    /**
     * Completes the limits of concurrency. The default of keys and values is half of the memory that the weights leave,
     * or what all answers need if the machine's memory is not known.
     *
     * @param page the memory of the keys and values of a sequence of one page, which is the least that it can have
     */
    private Concurrency limits(MemoryPlan plan, long page) {
        OptionalLong given = concurrency.keyValueBytes();
        if (given.isPresent()) {
            if (given.getAsLong() < page) {
                throw new IllegalArgumentException(
                        "keyValueBytes is %s; the keys and values of a sequence take at least %s"
                                .formatted(MemoryPlan.bytes(given.getAsLong()), MemoryPlan.bytes(page)));
            }
            return concurrency;
        }
        OptionalLong machine = MachineMemory.bytes();
        long free = machine.isPresent()
                ? (machine.getAsLong() - plan.weights()) / 2
                : Math.multiplyExact(plan.keysAndValues(), (long) concurrency.sequences());
        return concurrency.keyValueBytes(Math.max(Math.max(1, page), free));
    }

    private static void checkTemplate(TextAssets text) {
        try {
            text.template();
        } catch (TemplateException e) {
            throw new IllegalArgumentException(
                    "the template given to ModelLoader.chatTemplate cannot be used: " + e.getMessage(), e);
        }
    }

    private static void checkTokens(Sampling sampling, int vocabulary) {
        for (int token : sampling.logitBias().keySet()) {
            if (token >= vocabulary) {
                throw new IllegalArgumentException(
                        "logitBias in ModelLoader.sampling has the token id %d; ids of this model are between 0 and %d"
                                .formatted(token, vocabulary - 1));
            }
        }
    }

    /**
     * Rejects a model that does not fit into the memory of the machine, before the system ends the process. Keys and
     * values count as far as a context length is given, because they are allocated as sequences grow.
     */
    private void checkMemory(String name, Blueprint blueprint, KvFormats kvFormat) {
        OptionalLong machine = MachineMemory.bytes();
        if (machine.isPresent()) {
            new MemoryCheck((formats, length) -> plan(blueprint, formats, length, 0), machine.getAsLong())
                    .refusal(name, kvFormat, Math.max(1, contextLength))
                    .ifPresent(reason -> {
                        throw new ModelFileException(reason);
                    });
        }
    }
}
