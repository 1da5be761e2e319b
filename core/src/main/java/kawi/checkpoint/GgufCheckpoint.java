package kawi.checkpoint;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import kawi.ModelFileException;
import kawi.Sampling;
import kawi.gguf.GgufFile;
import kawi.gguf.Metadata;
import kawi.quant.Tensor;
import kawi.tokenizer.GgufStrings;
import kawi.tokenizer.Tokenizer;
import org.jspecify.annotations.Nullable;

/** A model in a single GGUF file. */
public final class GgufCheckpoint implements Checkpoint {

    private final GgufFile file;
    private @Nullable Tokenizer tokenizer;

    /** Owns the file and closes it. */
    GgufCheckpoint(GgufFile file) {
        this.file = file;
        try {
            if (metadata().optionalInteger("split.count", 0, Integer.MAX_VALUE).orElse(1) > 1) {
                throw new ModelFileException(
                        "%s is one part of a model that was split over several files; join them first (llama-gguf-split --merge)"
                                .formatted(file.name()));
            }
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** Keys and values of the file's header. */
    public Metadata metadata() {
        return file.metadata();
    }

    @Override
    public String name() {
        return file.name();
    }

    @Override
    public String layout() {
        return "GGUF v" + file.version();
    }

    @Override
    public String architecture() {
        return metadata().string("general.architecture");
    }

    @Override
    public Set<String> tensorNames() {
        return file.tensorNames();
    }

    @Override
    public boolean hasTensor(String name) {
        return file.hasTensor(name);
    }

    @Override
    public Tensor tensor(String name) {
        return file.tensor(name);
    }

    @Override
    public synchronized @Nullable Tokenizer tokenizer() {
        if (tokenizer == null && metadata().has("tokenizer.ggml.tokens")) {
            GgufStrings tokens = metadata().packedStrings("tokenizer.ggml.tokens");
            tokenizer = Tokenizer.fromGguf(
                    name(),
                    metadata().optionalString("tokenizer.ggml.model").orElse("gpt2"),
                    metadata().optionalString("tokenizer.ggml.pre").orElse("default"),
                    tokens,
                    tokenTypes(tokens.count()),
                    metadata().packedStrings("tokenizer.ggml.merges"));
        }
        return tokenizer;
    }

    /** The types of the tokens; all are normal if the file has no types. */
    private int[] tokenTypes(int tokens) {
        if (metadata().has("tokenizer.ggml.token_type")) {
            return metadata().ints("tokenizer.ggml.token_type");
        }
        int[] types = new int[tokens];
        Arrays.fill(types, 1);
        return types;
    }

    @Override
    public Optional<String> chatTemplate() {
        return metadata().optionalString("tokenizer.chat_template");
    }

    @Override
    public Set<Integer> endTokens(@Nullable Tokenizer tokenizer) {
        Set<Integer> ids = new TreeSet<>();
        for (String key : List.of("tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id")) {
            metadata().optionalInteger(key, 0, Integer.MAX_VALUE).ifPresent(ids::add);
        }
        return ids;
    }

    @Override
    public Optional<Sampling> sampling() {
        Metadata m = metadata();
        if (m.keys().stream().noneMatch(key -> key.startsWith("general.sampling."))) {
            return Optional.empty();
        }
        Sampling sampling = Sampling.defaults();
        try {
            if (m.has("general.sampling.temp")) {
                sampling = sampling.temperature(m.floating("general.sampling.temp"));
            }
            if (m.has("general.sampling.top_k")) {
                sampling = sampling.topK(m.integer("general.sampling.top_k", 0, Integer.MAX_VALUE));
            }
            if (m.has("general.sampling.top_p")) {
                sampling = sampling.topP(m.floating("general.sampling.top_p"));
            }
            if (m.has("general.sampling.min_p")) {
                sampling = sampling.minP(m.floating("general.sampling.min_p"));
            }
        } catch (IllegalArgumentException e) {
            throw new ModelFileException("%s: general.sampling: %s".formatted(name(), e.getMessage()), e);
        }
        return Optional.of(sampling);
    }

    @Override
    public void checkUnchanged() {
        file.checkUnchanged();
    }

    @Override
    public void close() {
        file.close();
    }
}
