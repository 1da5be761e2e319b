package kawi.engine;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import kawi.ImageUse;
import kawi.MemoryPlan;
import kawi.ModelFile;
import kawi.ModelFileException;
import kawi.Part;
import kawi.Sampling;
import kawi.architecture.Blueprint;
import kawi.architecture.RequestedScaling;
import kawi.architecture.registry.Architectures;
import kawi.architecture.vision.VisionFile;
import kawi.checkpoint.Checkpoint;
import kawi.checkpoint.GgufCheckpoint;
import kawi.dialect.Dialects;
import kawi.kernels.KvFormats;
import kawi.template.ChatTemplate;
import kawi.template.TemplateException;
import kawi.tokenizer.Tokenizer;
import kawi.tokenizer.TokenizerException;
import kawi.vision.ImagePreparation;
import kawi.vision.TokenLimits;
import org.jspecify.annotations.Nullable;

/** A checkpoint that is inspected but not run. Parts that take time to read are read when they are first needed. */
final class CheckpointFile implements ModelFile {

    private final Checkpoint checkpoint;
    private final VisionLocation location;
    private volatile @Nullable Blueprint blueprint;

    CheckpointFile(Path path) {
        checkpoint = Checkpoint.open(path);
        location = new VisionLocation(null, path);
    }

    @Override
    public String name() {
        return checkpoint.name();
    }

    @Override
    public String layout() {
        return checkpoint.layout();
    }

    @Override
    public String architecture() {
        return checkpoint.architecture();
    }

    @Override
    public boolean untrained() {
        return checkpoint.untrained();
    }

    // Not locked, because weights may be decoded by code of the program.
    private Blueprint blueprint() {
        Blueprint read = blueprint;
        if (read == null) {
            read = Architectures.read(checkpoint);
            blueprint = read;
        }
        return read;
    }

    @Override
    public String family() {
        return blueprint().family();
    }

    @Override
    public Optional<String> problem() {
        try {
            blueprint();
            return Optional.empty();
        } catch (ModelFileException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public long parameters() {
        return blueprint().parameters();
    }

    @Override
    public int contextLength() {
        return blueprint().contextLength();
    }

    @Override
    public int contextLength(String ropeScaling) {
        RequestedScaling scaling = RequestedScaling.of(ropeScaling);
        return scaling == null ? contextLength() : blueprint().scaled(scaling).contextLength();
    }

    @Override
    public Map<String, Object> sizes() {
        return blueprint().sizes();
    }

    @Override
    public List<String> unusedParts() {
        return blueprint().unusedParts();
    }

    /** Applies a function to the vision tower, which is opened for it. */
    private <T> T vision(Function<VisionFile, T> function) {
        try (Arena arena = Arena.ofShared();
                VisionFile file = isTower()
                        ? VisionFile.of(checkpoint)
                        : location.open(checkpoint, blueprint().hiddenSize(), arena, "an image is given")) {
            return function.apply(file);
        }
    }

    private boolean seesImages() {
        return isTower() || location.present(checkpoint, blueprint().hiddenSize());
    }

    /** Whether the file is a vision tower without a text model. */
    private boolean isTower() {
        return checkpoint instanceof GgufCheckpoint && VisionFile.present(checkpoint);
    }

    @Override
    public Map<String, Object> visionSizes() {
        return seesImages() ? vision(file -> file.config().sizes()) : Map.of();
    }

    @Override
    public ImageUse imageUse(Part media) {
        return vision(file -> new ImagePreparation(file.patchShape())
                .plan(media, "the image", TokenLimits.DEFAULT)
                .use());
    }

    @Override
    public List<TensorInfo> tensors() {
        return checkpoint.tensorNames().stream().map(checkpoint::describe).toList();
    }

    private synchronized @Nullable Tokenizer ownTokenizer() {
        try {
            return checkpoint.tokenizer();
        } catch (TokenizerException e) {
            throw new ModelFileException(e.getMessage(), e);
        }
    }

    @Override
    public Optional<kawi.Tokenizer> tokenizer() {
        return Optional.ofNullable(ownTokenizer()).map(ModelTokenizer::new);
    }

    @Override
    public Optional<String> chatTemplate() {
        Optional<String> source = checkpoint.chatTemplates().source();
        if (source.isPresent()) {
            try {
                ChatTemplate.parse(checkpoint.name(), source.get());
            } catch (TemplateException e) {
                throw new ModelFileException(String.valueOf(e.getMessage()), e);
            }
        }
        return source;
    }

    @Override
    public Set<Integer> endTokens() {
        return endTokens(
                checkpoint,
                ownTokenizer(),
                Dialects.known()
                        .of(family(), checkpoint.chatTemplates().sourceForTools())
                        .endTokens());
    }

    /**
     * The ids of the tokens that end an answer.
     *
     * @param ofDialect the texts of the end tokens of the model's dialect, in addition to those declared in its files
     */
    static Set<Integer> endTokens(Checkpoint checkpoint, @Nullable Tokenizer tokenizer, List<String> ofDialect) {
        Set<Integer> ids = new TreeSet<>(checkpoint.endTokens(tokenizer));
        if (tokenizer != null) {
            for (String token : ofDialect) {
                tokenizer.id(token).ifPresent(ids::add);
            }
        }
        return ids;
    }

    @Override
    public Optional<Sampling> sampling() {
        return checkpoint.sampling();
    }

    @Override
    public String keysAndValues() {
        return blueprint().usualKvFormat().toString();
    }

    @Override
    public MemoryPlan memoryPlan(int contextLength, String keysAndValues) {
        if (contextLength < 1) {
            throw new IllegalArgumentException("contextLength is %d; it must be positive".formatted(contextLength));
        }
        KvFormats format = KvFormats.of(keysAndValues, blueprint().usualKvFormat());
        long vision = seesImages() ? vision(file -> VisionInput.bytes(file, TokenLimits.DEFAULT)) : 0;
        return CheckpointLoader.plan(blueprint(), format, contextLength, vision);
    }

    @Override
    public void close() {
        checkpoint.close();
    }

    @Override
    public String toString() {
        return "%s (%s, %s)".formatted(name(), layout(), architecture());
    }
}
