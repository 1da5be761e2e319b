package kawi;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import kawi.architecture.Blueprint;
import kawi.architecture.Decoder;
import kawi.architecture.SequenceState;
import kawi.checkpoint.Checkpoint;
import kawi.compute.Compute;
import kawi.constraint.Grammar;
import kawi.constraint.TokenTrie;
import kawi.hub.HubReference;
import kawi.kernels.KvFormat;
import kawi.kernels.WorkerPool;
import kawi.template.ChatTemplate;
import kawi.tokenizer.Tokenizer;
import kawi.tokenizer.TokenizerException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A language model, loaded and ready to answer.
 *
 * {@snippet :
 *    try (Model model = Model.load(Path.of("Qwen3.5-0.8B-Q4_K_M.gguf"))) {
 *        System.out.println(model.generate("Why is the sky blue?").text());
 *
 *        model.prompt("Write a haiku about rain").temperature(0.8).seed(7).stream().forEach(System.out::print);
 *    }
 * }
 *
 * <p>A model may be used by any number of threads at once, virtual ones included; each {@link Prompt} run and each
 * {@link Sequence} has a state of its own, and all share the model's worker threads. {@link #close()} waits for steps under way, then
 * frees all memory, files and threads; whatever is used afterwards says so in an {@link IllegalStateException}.
 */
public final class Model implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Model.class);

    private static final int MOST_GRAMMARS = 32;

    private final String name;
    private final Checkpoint checkpoint;
    private final TextSide text;
    private final Blueprint blueprint;
    private final Arena arena;
    private final WorkerPool pool;
    private final Compute compute;
    private final KvFormat kvFormat;
    private final Decoder decoder;
    private final int contextLength;
    private final @Nullable Sampling ownSampling;
    private final SnapshotStore snapshots;
    private final @Nullable Tokenizer tokenizer;
    private @Nullable TokenTrie tokenTrie;
    private @Nullable String fingerprint;

    /** Least recently used first. */
    private final Map<String, Grammar> grammars = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Grammar> eldest) {
            return size() > MOST_GRAMMARS;
        }
    };

    /** Why there is no tokenizer. */
    private final String withoutTokenizer;

    private final Set<Integer> endTokens;
    private final BitSet forbidden = new BitSet();
    private final Set<Sequence> open = ConcurrentHashMap.newKeySet();
    private final Set<SnapshotStore> stores = ConcurrentHashMap.newKeySet();

    /** Steps of sequences hold it for reading; closing takes it for writing. */
    private final ReentrantReadWriteLock lifetime = new ReentrantReadWriteLock();

    private volatile boolean closed;

    Model(
            Checkpoint checkpoint,
            TextSide text,
            Blueprint blueprint,
            Arena arena,
            WorkerPool pool,
            Compute compute,
            KvFormat kvFormat,
            int contextLength,
            long prefixCacheBytes,
            @Nullable Sampling sampling) {
        this.name = checkpoint.name();
        this.checkpoint = checkpoint;
        this.text = text;
        this.blueprint = blueprint;
        this.arena = arena;
        this.pool = pool;
        this.compute = compute;
        this.kvFormat = kvFormat;
        this.contextLength = contextLength;
        this.decoder = blueprint.bind(compute, kvFormat, arena);
        Tokenizer found = null;
        String problem = name + " has no tokenizer";
        try {
            found = text.tokenizer().orElse(null);
        } catch (TokenizerException e) {
            problem = String.valueOf(e.getMessage());
            LOG.warn("{}; only token ids can be given to this model", problem);
        }
        this.tokenizer = found;
        this.withoutTokenizer = problem;
        this.snapshots = newSnapshots("prefixCache", prefixCacheBytes);
        this.ownSampling = sampling != null ? sampling : checkpoint.sampling().orElse(null);
        Set<Integer> ends = new TreeSet<>(checkpoint.endTokens(tokenizer));
        if (tokenizer != null) {
            for (String token : blueprint.endTokens()) {
                tokenizer.id(token).ifPresent(ends::add);
            }
            int known = tokenizer.vocabularySize();
            int rows = blueprint.vocabularySize();
            forbidden.or(tokenizer.unusedIds());
            forbidden.set(Math.min(known, rows), rows);
            forbidden.clear(rows, Math.max(known, rows));
        }
        this.endTokens = Set.copyOf(ends);
    }

    /**
     * Loads a model with default settings.
     *
     * @param path a GGUF file or a Hugging Face folder
     * @throws ModelFileException if it cannot be used
     */
    public static Model load(Path path) {
        return loader(path).load();
    }

    /** Prepares to load a model with settings of one's own. */
    public static ModelLoader loader(Path path) {
        return new ModelLoader((arena, loader) -> Checkpoint.open(path));
    }

    /**
     * Loads a model with default settings, see {@link #loader(String)}.
     *
     * @throws ModelFileException if it cannot be had or used
     */
    public static Model load(String reference) {
        return loader(reference).load();
    }

    /**
     * Prepares to load a model from a path, or from a Hugging Face hub. What comes from a hub is kept in the cache that the Python client uses, and only
     * what is missing there is fetched, when {@link ModelLoader#load} is called.
     *
     * <p>The environment variables {@code HF_HOME}, {@code HF_HUB_CACHE}, {@code HF_TOKEN}, {@code HF_ENDPOINT} and {@code HF_HUB_OFFLINE} mean what they mean
     * everywhere.
     *
     * @param reference {@code hf:OWNER/REPOSITORY}, the model in it whichever way it is there; {@code hf:OWNER/REPOSITORY:Q4_K_M}, its GGUF file of that
     *     quantization; {@code hf:OWNER/REPOSITORY/FILE.gguf}; each with {@code @REVISION} for a branch, tag or commit other than main. Anything that does
     *     not begin with {@code hf:} is the path of a file or folder
     * @throws ModelFileException if it begins with {@code hf:} and is not one of these
     */
    public static ModelLoader loader(String reference) {
        if (!HubReference.isOne(reference)) {
            return loader(Path.of(reference));
        }
        HubReference parsed = HubReference.parse(reference);
        return new ModelLoader((arena, loader) -> Checkpoint.open(loader.fetch(parsed)));
    }

    /**
     * Prepares to load a GGUF file that is already in memory, such as a resource in a jar.
     *
     * @param gguf the whole file; copied when the model is loaded
     * @param name for messages
     */
    public static ModelLoader loader(byte[] gguf, String name) {
        return new ModelLoader((arena, loader) -> Checkpoint.of(gguf, name, arena));
    }

    /** Answers a message with default options: {@code prompt(message).generate()}. */
    public Reply generate(String message) {
        return prompt(message).generate();
    }

    /**
     * Prepares an answer to a user's message. Where the model has a chat template it is applied, see {@link Prompt#raw()}. Special tokens
     * spelled out in the message are ordinary text.
     */
    public Prompt prompt(String message) {
        return new Prompt(this, message);
    }

    /** Prepares to continue a sequence of token ids. */
    public Prompt prompt(int... ids) {
        return new Prompt(this, ids);
    }

    /**
     * Prepares a conversation.
     *
     * {@snippet :
     *    try (Chat chat = model.chat().system("You are terse.").open()) {
     *        System.out.println(chat.send("Who was Kartini?").text());
     *        System.out.println(chat.send("When was she born?").text());
     *    }
     * }
     *
     * @throws IllegalStateException if the model has no tokenizer or no chat template
     */
    public ChatBuilder chat() {
        return new ChatBuilder(this);
    }

    /** A new, empty sequence for work on the level of tokens and logits. */
    public Sequence newSequence() {
        enter();
        try {
            Sequence sequence = new Sequence(this, decoder.newSequence());
            open.add(sequence);
            return sequence;
        } finally {
            leave();
        }
    }

    /** File or folder the model came from. */
    public String name() {
        return name;
    }

    /** The tokenizer, unless the model has none or one that Kawi cannot use. */
    public Optional<Tokenizer> tokenizer() {
        return Optional.ofNullable(tokenizer);
    }

    /** Logits per token; rows past the tokenizer's vocabulary are padding. */
    public int vocabularySize() {
        return decoder.vocabularySize();
    }

    /** The longest possible sequence, in tokens: the model's own limit or the loader's. */
    public int contextLength() {
        return contextLength;
    }

    /** Weights of the text model. */
    public long parameters() {
        return blueprint.parameters();
    }

    /** Tokens that end an answer. */
    public Set<Integer> endTokens() {
        return endTokens;
    }

    /**
     * The sampling options that prompts start from: the loader's, else the model file's, else, in a conversation, what the model's makers
     * recommend ({@link SamplingPreset#THINKING} or {@link SamplingPreset#NON_THINKING}, here the latter), else
     * {@link Prompt#DEFAULT_SAMPLING}. Penalties among them do not apply where the temperature is set to 0.
     */
    public Sampling sampling() {
        return samplingFor(template().isPresent(), false);
    }

    Sampling samplingFor(boolean chat, boolean thinking) {
        if (ownSampling != null) {
            return ownSampling;
        }
        SamplingPreset preset = thinking ? SamplingPreset.THINKING : SamplingPreset.NON_THINKING;
        return chat && SamplingPreset.appliesTo(parameters())
                ? preset.forQwen35(parameters())
                : Prompt.DEFAULT_SAMPLING;
    }

    /** How the beginnings of texts that prompts and conversations share have been kept, see {@link ModelLoader#prefixCache}. */
    public CacheStats prefixCache() {
        return snapshots.stats();
    }

    /** Memory of the weights and of one sequence of {@link #contextLength} tokens. */
    public MemoryPlan memoryPlan() {
        return ModelLoader.plan(blueprint, kvFormat, contextLength);
    }

    /** The kernel tier in use: {@code scalar}, {@code vector} or {@code assembled}. */
    public String kernels() {
        return compute.tier();
    }

    /** How sequences remember keys and values: {@code f16} or {@code f32}. */
    public String keysAndValues() {
        return kvFormat.toString();
    }

    /** Threads that compute, the caller's included. */
    public int threads() {
        return pool.threads();
    }

    @Override
    public void close() {
        if (lifetime.getReadHoldCount() > 0) {
            throw new IllegalStateException("model " + name + " cannot be closed from inside one of its own steps");
        }
        lifetime.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                open.forEach(Sequence::release);
                open.clear();
                pool.close();
                text.settle();
                arena.close();
                checkpoint.close();
            }
        } finally {
            lifetime.writeLock().unlock();
        }
        // Not while holding the lock: who keeps a state holds the store and then asks for the model.
        stores.forEach(SnapshotStore::release);
        stores.clear();
    }

    @Override
    public String toString() {
        return "%s (%s, %s)".formatted(name, blueprint.family(), memoryPlan());
    }

    Decoder decoder() {
        return decoder;
    }

    SnapshotStore snapshots() {
        return snapshots;
    }

    /** A store of states of this model, which goes when the model does. */
    SnapshotStore newSnapshots(String name, long budget) {
        SnapshotStore store = new SnapshotStore(name, budget, stores::remove);
        stores.add(store);
        return store;
    }

    /** The state of an empty sequence, outside of any; the caller closes it. */
    SequenceState newState() {
        enter();
        try {
            return decoder.newSequence();
        } finally {
            leave();
        }
    }

    /** The token that begins a message in a conversation. */
    OptionalInt messageStart() {
        return tokenizer == null ? OptionalInt.empty() : tokenizer.id(blueprint.messageStart());
    }

    /** Texts of the tokens that end an answer. */
    List<String> endTexts() {
        Tokenizer known = requireTokenizer();
        return endTokens.stream()
                .filter(id -> id >= 0 && id < known.vocabularySize())
                .map(known::text)
                .toList();
    }

    /** Whether models of this size are known to repeat themselves. */
    boolean looping() {
        return SamplingPreset.isSmall(parameters());
    }

    /** The bytes of all tokens, for grammars. */
    synchronized TokenTrie tokenTrie() {
        if (tokenTrie == null) {
            tokenTrie = new TokenTrie(requireTokenizer());
        }
        return tokenTrie;
    }

    /** A compiled grammar, which remembers what it allows; a few are kept for those who ask for the same again. */
    Grammar grammar(String form, Supplier<Grammar> compiler) {
        synchronized (grammars) {
            Grammar known = grammars.get(form);
            if (known != null) {
                return known;
            }
        }
        Grammar compiled = compiler.get();
        synchronized (grammars) {
            grammars.put(form, compiled);
            return compiled;
        }
    }

    /** Tells this model's weights from others': a digest of the sizes and of a sample of every tensor. */
    synchronized String fingerprint() {
        if (fingerprint == null) {
            enter();
            try {
                fingerprint = Fingerprint.of(checkpoint, blueprint);
            } finally {
                leave();
            }
        }
        return fingerprint;
    }

    /** The tokenizer, for those who cannot do without. */
    Tokenizer requireTokenizer() {
        if (tokenizer == null) {
            throw new IllegalStateException(withoutTokenizer + "; only token ids can be given to this model");
        }
        return tokenizer;
    }

    /** The chat template; one that we cannot read spoils nothing else. */
    Optional<ChatTemplate> template() {
        return text.template();
    }

    /** Ids that have no meaning and must not be generated. */
    BitSet forbidden() {
        return forbidden;
    }

    /** Keeps the model open until {@link #leave}. */
    void enter() {
        lifetime.readLock().lock();
        if (closed) {
            leave();
            throw new IllegalStateException("model " + name + " is closed");
        }
    }

    void leave() {
        lifetime.readLock().unlock();
    }

    void forget(Sequence sequence) {
        open.remove(sequence);
    }
}
