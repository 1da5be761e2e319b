package kawi.engine;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import kawi.MemoryPlan;
import kawi.ModelFile;
import kawi.ModelFileException;
import kawi.Sampling;
import kawi.architecture.Blueprint;
import kawi.architecture.registry.Architectures;
import kawi.checkpoint.Checkpoint;
import kawi.dialect.Dialects;
import kawi.kernels.KvFormat;
import kawi.template.ChatTemplate;
import kawi.template.TemplateException;
import kawi.tokenizer.Tokenizer;
import kawi.tokenizer.TokenizerException;
import org.jspecify.annotations.Nullable;

/** A checkpoint that is inspected but not run. Parts that take time to read are read when they are first needed. */
final class CheckpointFile implements ModelFile {

    private final Checkpoint checkpoint;
    private @Nullable Blueprint blueprint;

    CheckpointFile(Path path) {
        checkpoint = Checkpoint.open(path);
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

    private synchronized Blueprint blueprint() {
        if (blueprint == null) {
            blueprint = Architectures.read(checkpoint);
        }
        return blueprint;
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
    public Map<String, Object> sizes() {
        return blueprint().sizes();
    }

    @Override
    public List<String> unusedParts() {
        return blueprint().unusedParts();
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
        KvFormat format = KvFormat.of(keysAndValues, blueprint().usualKvFormat());
        return CheckpointLoader.plan(blueprint(), format, contextLength);
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
